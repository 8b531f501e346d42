"""`migrate`: copy, look, then delete what was verified, and nothing else at any step."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli, Ssm
from tests.support.faults import Faults

OLD, NEW = "/old-team/app", "/myteam/web"
WRITES = {
    "PutParameter", "DeleteParameter", "DeleteParameters", "AddTagsToResource", "RemoveTagsFromResource", "LabelParameterVersion",
    "UnlabelParameterVersion",
}  # fmt: skip
EXPIRATION = '{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2099-01-01T00:00:00.000Z"}}'
UNCHANGED = '{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"20","Unit":"Days"}}'


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two attempts of each call instead of ten."""
    monkeypatch.setattr("ssmm_core.store.retry.ATTEMPTS", 2)


def written(faults: Faults) -> list[str]:
    """The operations seen that write, in their order."""
    return [call.operation for call in faults.calls if call.operation in WRITES]


def backups() -> list[Path]:
    return sorted(Path(os.environ["HOME"], ".local/state/ssmm/backups").glob("*"))


@pytest.fixture
def old(ssm: Ssm) -> Ssm:
    """Three parameters to move."""
    ssm.put(f"{OLD}/api-token", "made-up-token", tags={"app": "app", "owner": "backend"})
    ssm.put(f"{OLD}/db-host", "db.internal", "String")
    ssm.put(f"{OLD}/nested/key", "made-up-nested")
    return ssm


def test_the_first_step_copies_and_deletes_nothing(ssmm: Cli, old: Ssm) -> None:
    ran = ssmm("migrate", OLD, NEW)
    assert ran.code == 0
    assert "copied 3" in ran.err
    assert old.names(OLD) == [f"{OLD}/api-token", f"{OLD}/db-host", f"{OLD}/nested/key"]
    assert {name: old.value(name) for name in old.names(NEW)} == {
        f"{NEW}/api-token": "made-up-token",
        f"{NEW}/db-host": "db.internal",
        f"{NEW}/nested/key": "made-up-nested",
    }
    assert backups() == []


def test_the_plan_names_sources_and_targets_but_no_value(ssmm: Cli, old: Ssm) -> None:
    ran = ssmm("migrate", OLD, NEW)
    assert [line.split() for line in ran.lines[1:]] == [
        ["copy", f"{OLD}/{key}", f"{NEW}/{key}"] for key in ("api-token", "db-host", "nested/key")
    ]
    assert "made-up" not in ran.out + ran.err
    assert "db.internal" not in ran.out + ran.err


def test_everything_around_the_value_is_carried(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(
        f"{OLD}/token",
        "made-up" * 700,
        tags={"app": "app", "owner": "backend"},
        Description="for tests",
        KeyId="alias/ours",
        Tier="Advanced",
        AllowedPattern="(made-up)+",
    )
    ssm.put(f"{OLD}/hosts", "a,b", "StringList")
    ssm.put(f"{OLD}/ami-name", "ami-12345678", "String", DataType="aws:ec2:image")
    assert ssmm("migrate", OLD, NEW).code == 0
    told = ssm.describe(f"{NEW}/token")
    assert (told["Type"], told["Tier"], told["KeyId"]) == ("SecureString", "Advanced", "alias/ours")
    assert (told["Description"], told["AllowedPattern"]) == ("for tests", "(made-up)+")
    assert ssm.tags(f"{NEW}/token") == {"app": "web", "owner": "backend"}
    assert ssm.get(f"{NEW}/hosts")["Type"] == "StringList"
    assert ssm.get(f"{NEW}/ami-name")["DataType"] == "aws:ec2:image"


def test_the_app_tag_becomes_the_new_app(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put("/old-team/one/a", "made-up", tags={"app": "one"})
    ssm.put("/old-team/two/b", "made-up", tags={"app": "two"})
    assert ssmm("migrate", "/old-team", "/myteam").code == 0
    assert ssm.tags("/myteam/one/a") == {"app": "one"}
    assert ssm.tags("/myteam/two/b") == {"app": "two"}
    assert ssmm("migrate", "/old-team/one", "/elsewhere/uno").code == 0
    assert ssm.tags("/elsewhere/uno/a") == {"app": "uno"}


def policies_as_the_service_answers(_request: dict[str, Any], answer: dict[str, Any]) -> None:
    for one in answer["Parameters"]:
        one["Policies"] = [{"PolicyText": text, "PolicyType": json.loads(text)["Type"]} for text in (EXPIRATION, UNCHANGED)]


def test_policies_are_carried(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(f"{OLD}/token", "made-up", Tier="Advanced")
    faults.change("DescribeParameters", policies_as_the_service_answers)
    assert ssmm("migrate", OLD, NEW).code == 0
    (sent,) = [call.body for call in faults.calls if call.operation == "PutParameter"]
    assert json.loads(sent["Policies"]) == [json.loads(EXPIRATION), json.loads(UNCHANGED)]


def test_a_copy_that_lacks_the_policies_is_not_verified(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    def only_the_source(request: dict[str, Any], answer: dict[str, Any]) -> None:
        sources = [one for one in answer["Parameters"] if one["Name"].startswith(OLD)]
        policies_as_the_service_answers(request, {"Parameters": sources})

    ssm.put(f"{OLD}/token", "made-up", Tier="Advanced")
    ssm.put(f"{NEW}/token", "made-up", Tier="Advanced", tags={"app": "web"})
    faults.change("DescribeParameters", only_the_source)
    ran = ssmm("migrate", OLD, NEW, "--delete-old", "--confirm")
    assert ran.code == 78
    assert "(policies)" in ran.err
    assert ssm.names(OLD) == [f"{OLD}/token"]


def test_a_flag_gives_the_copies_another_key_or_tier(ssmm: Cli, old: Ssm) -> None:
    assert ssmm("migrate", OLD, NEW, "--kms-key-id", "alias/new", "--advanced").code == 0
    told = old.describe(f"{NEW}/api-token")
    assert (told["KeyId"], told["Tier"]) == ("alias/new", "Advanced")
    assert old.describe(f"{OLD}/api-token")["Tier"] == "Standard"


def test_later_steps_leave_the_key_and_tier_that_the_first_was_asked_for(ssmm: Cli, old: Ssm) -> None:
    assert ssmm("migrate", OLD, NEW, "--kms-key-id", "alias/new", "--advanced").code == 0
    assert ssmm("migrate", OLD, NEW, "--delete-old", "--confirm").code == 0
    told = old.describe(f"{NEW}/api-token")
    assert (told["KeyId"], told["Tier"], told["Version"]) == ("alias/new", "Advanced", 1)


def test_a_dry_run_writes_nothing_anywhere(ssmm: Cli, old: Ssm, faults: Faults) -> None:
    ran = ssmm("migrate", OLD, NEW, "--dry-run")
    assert ran.code == 0
    assert f"{NEW}/api-token" in ran.out
    assert written(faults) == []
    assert backups() == []


def test_every_copy_is_read_back_and_compared(ssmm: Cli, old: Ssm, faults: Faults) -> None:
    def garbled(request: dict[str, Any], answer: dict[str, Any]) -> None:
        for one in answer["Parameters"]:
            if one["Name"] == f"{NEW}/db-host":
                one["Value"] = "something else"

    faults.change("GetParameters", garbled)
    ran = ssmm("migrate", OLD, NEW)
    assert ran.code == 1
    assert f"{NEW}/db-host does not read back as {OLD}/db-host. Its source stays" in ran.err
    assert "something else" not in ran.out + ran.err


def test_delete_old_alone_writes_nothing_but_the_private_backup(ssmm: Cli, old: Ssm, faults: Faults) -> None:
    assert ssmm("migrate", OLD, NEW).code == 0
    faults.calls.clear()
    ran = ssmm("migrate", OLD, NEW, "--delete-old")
    assert ran.code == 0
    assert written(faults) == []
    (path,) = backups()
    assert f"backup in {path}" in ran.err
    assert "would delete 3" in ran.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one["name"] for one in json.loads(path.read_text())["parameters"]] == old.names(OLD)


def test_delete_old_before_anything_was_copied_copies_nothing_either(ssmm: Cli, old: Ssm, faults: Faults) -> None:
    ran = ssmm("migrate", OLD, NEW, "--delete-old")
    assert written(faults) == []
    assert "would delete 0" in ran.err
    assert "3 not verified would stay" in ran.err
    assert old.names(NEW) == []


def test_delete_old_with_confirm_deletes_the_sources_after_a_backup(ssmm: Cli, old: Ssm, faults: Faults) -> None:
    assert ssmm("migrate", OLD, NEW).code == 0
    seen: list[int] = []
    faults.meanwhile("DeleteParameters", lambda: seen.append(len(backups())))
    ran = ssmm("migrate", OLD, NEW, "--delete-old", "--confirm")
    assert ran.code == 0
    assert seen == [1]
    assert "deleted 3" in ran.err
    assert old.names(OLD) == []
    assert len(old.names(NEW)) == 3


def test_a_copy_that_failed_keeps_every_source(ssmm: Cli, old: Ssm, faults: Faults) -> None:
    assert ssmm("migrate", OLD, NEW).code == 0
    old.client.delete_parameter(Name=f"{NEW}/db-host")
    faults.calls.clear()
    faults.deny("PutParameter")
    ran = ssmm("migrate", OLD, NEW, "--delete-old", "--confirm")
    assert ran.code == 77
    assert written(faults) == ["PutParameter"]
    assert len(old.names(OLD)) == 3


def test_only_what_was_verified_is_deleted_and_the_rest_is_said_to_stay(ssmm: Cli, old: Ssm, faults: Faults) -> None:
    assert ssmm("migrate", OLD, NEW).code == 0
    untag = {"ResourceType": "Parameter", "ResourceId": f"{NEW}/api-token", "TagKeys": ["owner"]}
    faults.meanwhile("DescribeParameters", lambda: old.client.remove_tags_from_resource(**untag), skip=2)
    ran = ssmm("migrate", OLD, NEW, "--delete-old", "--confirm")
    assert old.names(OLD) == [f"{OLD}/api-token"]
    assert ran.code == 1
    assert f"{OLD}/api-token" in ran.err


def test_a_source_that_changed_since_it_was_verified_stays(ssmm: Cli, old: Ssm, faults: Faults) -> None:
    assert ssmm("migrate", OLD, NEW).code == 0
    faults.meanwhile("GetParameterHistory", lambda: old.put(f"{OLD}/db-host", "rotated", "String"))
    ran = ssmm("migrate", OLD, NEW, "--delete-old", "--confirm")
    assert ran.code == 1
    assert f"{OLD}/db-host has become version 2" in ran.err
    assert old.names(OLD) == [f"{OLD}/db-host"]


def test_the_backup_of_the_sources_can_be_restored(ssmm: Cli, old: Ssm) -> None:
    ran = ssmm("migrate", OLD, NEW, "--delete-old", "--confirm", "--json")
    path = json.loads(ran.out)["backup"]
    os.utime(path, (1, 1))
    assert ssmm("restore", path).code == 0
    assert old.value(f"{OLD}/nested/key") == "made-up-nested"
    assert old.tags(f"{OLD}/api-token") == {"app": "app", "owner": "backend"}


def test_after_an_interrupted_copy_it_completes_and_writes_nothing_twice(ssmm: Cli, ssm: Ssm, faults: Faults, impatient: None) -> None:
    for number in range(6):
        ssm.put(f"{OLD}/key-{number}", f"made-up-{number}")
    failing = ["on"]
    faults.refuse("PutParameter", "InternalServerError", status=500, when=lambda body: bool(failing) and body["Name"] > f"{NEW}/key-1")
    first = ssmm("migrate", OLD, NEW)
    assert first.code == 75
    assert "copied 2, " in first.err
    assert all(f"{NEW}/key-{number}" in first.err for number in range(2, 6))
    assert ssm.names(NEW) == [f"{NEW}/key-0", f"{NEW}/key-1"]
    failing.clear()
    assert ssmm("migrate", OLD, NEW).code == 0
    assert [ssm.value(name) for name in ssm.names(NEW)] == [f"made-up-{number}" for number in range(6)]
    assert {ssm.get(name)["Version"] for name in ssm.names(NEW)} == {1}
    assert len(ssm.names(OLD)) == 6


def test_a_value_copied_without_its_tags_is_completed(ssmm: Cli, old: Ssm, faults: Faults) -> None:
    assert ssmm("migrate", OLD, NEW).code == 0
    old.client.remove_tags_from_resource(ResourceType="Parameter", ResourceId=f"{NEW}/api-token", TagKeys=["owner", "app"])
    faults.calls.clear()
    ran = ssmm("migrate", OLD, NEW)
    assert ran.code == 0
    assert written(faults) == ["AddTagsToResource"]
    assert old.tags(f"{NEW}/api-token") == {"app": "web", "owner": "backend"}


def test_a_lost_reply_is_settled_by_reading_back(ssmm: Cli, old: Ssm, faults: Faults) -> None:
    faults.lose_reply("PutParameter")
    ran = ssmm("migrate", OLD, NEW)
    assert ran.code == 0, ran.err
    assert {old.get(name)["Version"] for name in old.names(NEW)} == {1}


def test_after_an_interrupted_deletion_it_completes(ssmm: Cli, ssm: Ssm, faults: Faults, impatient: None) -> None:
    for number in range(14):
        ssm.put(f"{OLD}/key-{number:02}", f"made-up-{number}")
    assert ssmm("migrate", OLD, NEW).code == 0
    failing = ["on"]
    last = f"{OLD}/key-13"
    faults.refuse("DeleteParameters", "InternalServerError", status=500, when=lambda body: bool(failing) and last in body["Names"])
    first = ssmm("migrate", OLD, NEW, "--delete-old", "--confirm")
    assert first.code == 75
    assert last in first.err
    failing.clear()
    assert ssm.names(OLD) == [f"{OLD}/key-{number}" for number in range(10, 14)]
    second = ssmm("migrate", OLD, NEW, "--delete-old", "--confirm")
    assert second.code == 0, second.err
    assert ssm.names(OLD) == []
    assert {ssm.get(name)["Version"] for name in ssm.names(NEW)} == {1}
    assert len(ssm.names(NEW)) == 14


def test_a_different_value_at_the_target_is_not_overwritten_unasked(ssmm: Cli, old: Ssm, faults: Faults) -> None:
    old.put(f"{NEW}/db-host", "theirs", "String")
    ran = ssmm("migrate", OLD, NEW)
    assert ran.code == 78
    assert f"{NEW}/db-host" in ran.err
    assert "--overwrite" in ran.err
    assert "theirs" not in ran.out + ran.err
    assert written(faults) == []


def test_overwrite_replaces_a_different_value_at_the_target(ssmm: Cli, old: Ssm) -> None:
    old.put(f"{NEW}/db-host", "theirs", "String", tags={"owner": "them"})
    ran = ssmm("migrate", OLD, NEW, "--overwrite")
    assert ran.code == 0
    assert old.value(f"{NEW}/db-host") == "db.internal"
    assert old.tags(f"{NEW}/db-host") == {"app": "web", "owner": "them"}


def test_a_target_that_changed_since_the_plan_is_not_overwritten(ssmm: Cli, old: Ssm, faults: Faults) -> None:
    faults.meanwhile("PutParameter", lambda: old.put(f"{NEW}/api-token", "theirs"))
    ran = ssmm("migrate", OLD, NEW)
    assert ran.code == 1
    assert old.value(f"{NEW}/api-token") == "theirs"


@pytest.mark.parametrize(
    ("source", "target"),
    [(OLD, OLD), (OLD, f"{OLD}/deeper"), (OLD, f"{OLD}/"), (f"{OLD}/nested", OLD), ("/old-team/app/nested", "/old-team")],
)
def test_paths_that_overlap_are_refused_as_such(ssmm: Cli, old: Ssm, faults: Faults, source: str, target: str) -> None:
    ran = ssmm("migrate", source, target)
    assert ran.code == 78
    assert "there is nothing" not in ran.err
    assert source in ran.err
    assert target.rstrip("/") in ran.err
    assert written(faults) == []


def test_a_path_that_merely_begins_alike_does_not_overlap(ssmm: Cli, old: Ssm) -> None:
    assert ssmm("migrate", OLD, f"{OLD}-2").code == 0
    assert len(old.names(f"{OLD}-2")) == 3


def test_nothing_below_the_source_is_not_found(ssmm: Cli, ssm: Ssm) -> None:
    ran = ssmm("migrate", OLD, NEW)
    assert ran.code == 78
    assert f"there is nothing below {OLD}" in ran.err


def test_metadata_that_may_not_be_read_stops_it_before_anything_is_lost(ssmm: Cli, old: Ssm, faults: Faults) -> None:
    faults.deny("DescribeParameters")
    ran = ssmm("migrate", OLD, NEW)
    assert ran.code == 77
    assert "ssm:DescribeParameters" in ran.err
    assert written(faults) == []


def test_it_needs_no_configured_prefix(ssmm: Cli, old: Ssm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSMM_PREFIX_ROOT")
    assert ssmm("migrate", OLD, NEW).code == 0
    assert old.tags(f"{NEW}/db-host") == {"app": "web"}
