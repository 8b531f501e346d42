"""`restore`: what `delete` took away stands again, whole."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli, Ssm
from tests.support.faults import Faults

TOKEN = "/myteam/my-app/api-token"
EXPIRATION = '{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2099-01-01T00:00:00.000Z"}}'


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two attempts of each call instead of ten."""
    monkeypatch.setattr("ssmm_core.store.retry.ATTEMPTS", 2)


def delete_everything(ssmm: Cli) -> str:
    """Delete the app; the path of the backup, made to look old enough for the names to be free again."""
    said = json.loads(ssmm("delete", "my-app", "-r", "-y", "--json").out)
    path = str(said["backup"])
    long_ago = time.time() - 60
    os.utime(path, (long_ago, long_ago))
    return path


def test_everything_around_the_value_comes_back_with_it(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(
        TOKEN,
        "made-up\nwith lines\n",
        tags={"app": "my-app", "owner": "backend"},
        Description="for tests",
        KeyId="alias/ours",
        Tier="Advanced",
        AllowedPattern="(?s)made.*",
    )
    ssm.client.label_parameter_version(Name=TOKEN, ParameterVersion=1, Labels=["stable", "blessed"])
    ssm.put("/myteam/my-app/ami-name", "ami-12345678", "String", DataType="aws:ec2:image")
    ssm.put("/myteam/my-app/hosts", "a,b", "StringList")
    before = {name: about(ssm, name) for name in ssm.names()}
    path = delete_everything(ssmm)
    assert ssm.names() == []
    ran = ssmm("restore", path)
    assert ran.code == 0, ran.err
    assert "restored 3" in ran.err
    assert {name: about(ssm, name) for name in ssm.names()} == before


def about(ssm: Ssm, name: str) -> dict[str, Any]:
    """All that a restore can bring back."""
    told = ssm.describe(name)
    parameter = ssm.get(name)
    history = ssm.client.get_parameter_history(Name=name)["Parameters"]
    fields = ("Type", "Tier", "KeyId", "DataType", "AllowedPattern", "Description")
    return {
        "Value": parameter["Value"],
        "DataType": parameter["DataType"],
        "tags": ssm.tags(name),
        "labels": sorted(history[-1].get("Labels", [])),
        **{field: told.get(field) for field in fields if field != "DataType"},
    }


def test_policies_come_back(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    def as_the_service_answers(_request: dict[str, Any], answer: dict[str, Any]) -> None:
        for one in answer["Parameters"]:
            one["Policies"] = [{"PolicyText": EXPIRATION, "PolicyType": "Expiration", "PolicyStatus": "Pending"}]

    ssm.put(TOKEN, "made-up", Tier="Advanced")
    faults.change("DescribeParameters", as_the_service_answers)
    assert ssmm("restore", delete_everything(ssmm)).code == 0
    (sent,) = [call.body for call in faults.calls if call.operation == "PutParameter"]
    assert json.loads(sent["Policies"]) == [json.loads(EXPIRATION)]
    assert sent["Tier"] == "Advanced"


def test_nothing_is_asked(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up")
    path = delete_everything(ssmm)
    ran = ssmm.process("restore", path)
    assert ran.code == 0, ran.err
    assert ssm.value(TOKEN) == "made-up"


def test_it_waits_as_long_as_the_service_asks_for_and_says_so(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up")
    path = delete_everything(ssmm)
    almost = time.time() - 29
    os.utime(path, (almost, almost))
    started = time.monotonic()
    ran = ssmm("restore", path)
    assert ran.code == 0
    assert "waiting 1 s: Parameter Store asks for 30 s between deleting a name and creating it anew" in ran.err
    assert time.monotonic() - started > 0.5
    assert ssm.value(TOKEN) == "made-up"


def test_a_backup_counts_from_the_end_of_the_deletion(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up")
    home = Path(os.environ["HOME"])

    def long_ago() -> None:
        for path in home.rglob("*.json"):
            os.utime(path, (1, 1))

    faults.meanwhile("DeleteParameters", long_ago)
    path = json.loads(ssmm("delete", "api-token", "-y", "--json").out)["backup"]
    assert time.time() - Path(path).stat().st_mtime < 20


def test_nothing_waits_where_nothing_is_to_be_created(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up")
    path = delete_everything(ssmm)
    ssm.put(TOKEN, "made-up")
    os.utime(path)
    ran = ssmm("restore", path)
    assert ran.code == 0
    assert "waiting" not in ran.err


def test_another_value_that_stands_there_again_is_not_overwritten_unasked(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "ours")
    ssm.put("/myteam/my-app/other", "made-up")
    path = delete_everything(ssmm)
    ssm.put(TOKEN, "theirs")
    ran = ssmm("restore", path)
    assert ran.code == 78
    assert TOKEN in ran.err
    assert "--overwrite" in ran.err
    assert ssm.names() == [TOKEN]
    assert ssmm("restore", path, "--overwrite").code == 0
    assert ssm.value(TOKEN) == "ours"
    assert ssm.value("/myteam/my-app/other") == "made-up"


def test_what_is_lacking_around_a_value_that_stands_again_comes_back_too(ssmm: Cli, ssm: Ssm) -> None:
    ssm.put(TOKEN, "made-up", tags={"owner": "backend"}, Description="for tests", Tier="Advanced")
    path = delete_everything(ssmm)
    ssm.put(TOKEN, "made-up")
    assert ssmm("restore", path).code == 0
    assert ssm.tags(TOKEN) == {"owner": "backend"}
    told = ssm.describe(TOKEN)
    assert (told.get("Description"), told["Tier"]) == ("for tests", "Advanced")


def test_after_an_interruption_it_completes(ssmm: Cli, ssm: Ssm, faults: Faults, impatient: None) -> None:
    for number in range(5):
        ssm.put(f"/myteam/my-app/key-{number}", f"made-up-{number}", tags={"app": "my-app"})
        ssm.client.label_parameter_version(Name=f"/myteam/my-app/key-{number}", ParameterVersion=1, Labels=["stable"])
    path = delete_everything(ssmm)
    failing = ["on"]
    faults.refuse(
        "PutParameter", "InternalServerError", status=500, when=lambda body: bool(failing) and body["Name"] > "/myteam/my-app/key-1"
    )
    first = ssmm("restore", path)
    assert first.code == 75
    assert len(ssm.names()) == 2
    failing.clear()
    assert ssmm("restore", path).code == 0
    assert [ssm.value(name) for name in ssm.names()] == [f"made-up-{number}" for number in range(5)]
    assert {ssm.get(name)["Version"] for name in ssm.names()} == {1}
    labels = [ssm.client.get_parameter_history(Name=name)["Parameters"][0]["Labels"] for name in ssm.names()]
    assert labels == [["stable"]] * 5


def test_one_that_is_refused_does_not_stop_the_others(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    for key in ("a", "b", "c"):
        ssm.put(f"/myteam/my-app/{key}", "made-up")
    path = delete_everything(ssmm)
    faults.refuse("PutParameter", "AccessDeniedException", when=lambda body: body["Name"].endswith("/b"))
    ran = ssmm("restore", path)
    assert ran.code == 1
    assert "not allowed to ssm:PutParameter on /myteam/my-app/b" in ran.err
    assert "restored 2, 1 failed" in ran.err
    assert ssm.names() == ["/myteam/my-app/a", "/myteam/my-app/c"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[1]",
        '{"format": "ssmm-backup", "version": 2, "parameters": []}',
        '{"format": "ssmm-backup", "version": 1, "parameters": [{"name": "/x"}]}',
    ],
)
def test_a_file_that_is_no_backup_is_refused(ssmm: Cli, endpoint: str, content: str) -> None:
    Path("some.json").write_text(content)
    ran = ssmm("restore", "some.json")
    assert ran.code == 78
    assert ran.err == "Error: some.json is not a backup of ssmm. Name a file that `ssmm delete` or `ssmm migrate` wrote.\n"


def test_a_label_that_the_service_does_not_take_is_no_silent_failure(ssmm: Cli, ssm: Ssm, faults: Faults) -> None:
    ssm.put(TOKEN, "made-up")
    ssm.client.label_parameter_version(Name=TOKEN, ParameterVersion=1, Labels=["stable"])
    path = delete_everything(ssmm)
    faults.reply("LabelParameterVersion", {"InvalidLabels": ["stable"], "ParameterVersion": 1})
    ran = ssmm("restore", path)
    assert ran.code != 0
    assert f"does not take the label stable for {TOKEN}" in ran.err
