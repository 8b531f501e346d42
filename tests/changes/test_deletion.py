"""Deleting: what must be typed, the backup before it, what another writer keeps, and taking it back."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ssmm_core.changes import Access, deletion
from ssmm_core.errors import AccessDenied, NotFound, SettingsError
from ssmm_core.operations import backup
from ssmm_core.operations.snapshot import Snapshot
from ssmm_core.secret import SecretValue
from tests.changes.conftest import applied, carry_out, errors, picture, statuses
from tests.conftest import REGION, Ssm
from tests.support.faults import Faults

TOKEN, HOST, OTHER = "/myteam/web/token", "/myteam/web/db-host", "/myteam/api/token"


@pytest.fixture
def web(ssm: Ssm) -> Ssm:
    ssm.put(TOKEN, "made-up", tags={"app": "web", "env": "dev"}, Description="for tests")
    ssm.client.label_parameter_version(Name=TOKEN, ParameterVersion=1, Labels=["stable"])
    ssm.put(HOST, "db.internal", "String")
    ssm.put(OTHER, "made-up-too")
    return ssm


def test_the_plan_decrypts_nothing_and_one_of_several_needs_no_typing(faulty: Access, web: Ssm, faults: Faults) -> None:
    change = deletion.plan(faulty, [TOKEN])
    assert [(line.sign, line.name, line.what) for line in change.lines] == [("-", TOKEN, "SecureString, version 1")]
    assert (change.title, change.confirmation) == ("Delete 1 parameter", "")
    assert not any(call.body.get("WithDecryption") for call in faults.calls)


def test_all_of_an_app_wants_its_name(access: Access, web: Ssm) -> None:
    change = deletion.plan(access, [TOKEN, HOST])
    assert (change.confirmation, change.reasons) == ("web", ("nothing is left of /myteam/web",))


def test_an_app_that_others_left_little_of_meanwhile_wants_its_name_too(access: Access, web: Ssm) -> None:
    web.client.delete_parameters(Names=[HOST])  # whatever a screen still shows
    assert deletion.plan(access, [TOKEN]).confirmation == "web"


def test_where_it_cannot_be_told_what_is_left_it_is_typed_as_well(faulty: Access, web: Ssm, faults: Faults) -> None:
    faults.deny("GetParametersByPath")
    change = deletion.plan(faulty, [TOKEN])
    assert change.confirmation == "web"
    assert "it cannot be told whether anything is left of /myteam/web: not allowed to ssm:GetParametersByPath" in change.reasons[0]


def test_all_of_several_apps_or_many_want_their_number(access: Access, web: Ssm) -> None:
    change = deletion.plan(access, [TOKEN, HOST, OTHER])
    assert change.confirmation == "delete 3"
    assert change.reasons == ("nothing is left of /myteam/api", "nothing is left of /myteam/web")
    for number in range(11):
        web.put(f"/myteam/batch/key-{number}", "made-up")
    many = [name for name in web.names("/myteam/batch") if not name.endswith("/key-0")] + [HOST]
    change = deletion.plan(access, many)
    assert (change.confirmation, change.reasons) == ("delete 11", ("11 parameters go at once",))


def test_a_private_backup_stands_before_anything_goes_and_undo_brings_all_back(faulty: Access, web: Ssm, faults: Faults) -> None:
    before = picture(web)
    change = deletion.plan(faulty, [TOKEN, HOST])
    held: list[list[str]] = []
    faults.meanwhile("DeleteParameters", lambda: held.append([one.name for one in backup.read(change.backup, region=REGION)]))
    applied(change)
    assert held == [[HOST, TOKEN]]
    assert stat.S_IMODE(Path(change.backup).stat().st_mode) == 0o600
    assert web.names() == [OTHER]
    assert change.written == {TOKEN, HOST}
    undo = change.undo()
    assert undo is not None
    assert any("30 s between deleting a name and creating it anew" in warning for warning in undo.warnings)
    assert [(line.sign, line.what) for line in undo.lines] == [("+", "as it was at version 1")] * 2
    applied(undo)
    assert picture(web) == before
    assert web.client.get_parameter_history(Name=TOKEN)["Parameters"][0]["Labels"] == ["stable"]
    applied(undo.undo())
    assert web.names() == [OTHER]


def test_without_a_backup_nothing_is_deleted(access: Access, web: Ssm, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    change = deletion.plan(access, [TOKEN])
    with pytest.raises(SettingsError):
        carry_out(change)
    assert web.value(TOKEN) == "made-up"
    assert change.undo() is None


def test_without_the_right_to_read_it_for_the_backup_nothing_is_deleted(faulty: Access, web: Ssm, faults: Faults) -> None:
    change = deletion.plan(faulty, [TOKEN])
    faults.deny("ListTagsForResource")
    with pytest.raises(AccessDenied):
        carry_out(change)
    assert web.value(TOKEN) == "made-up"


def test_what_somebody_changed_since_stays(access: Access, web: Ssm) -> None:
    change = deletion.plan(access, [TOKEN, HOST])
    web.put(TOKEN, "theirs")
    outcome = carry_out(change)
    assert statuses(outcome) == {"web/token": "failed", "web/db-host": "done"}
    assert web.names() == [OTHER, TOKEN]
    applied(change.retry(outcome))
    assert web.names() == [OTHER]


def test_a_denied_deletion_is_told_and_has_nothing_to_undo(faulty: Access, web: Ssm, faults: Faults) -> None:
    change = deletion.plan(faulty, [TOKEN])
    faults.deny("DeleteParameters")
    outcome = carry_out(change)
    assert "not allowed to ssm:DeleteParameters" in errors(outcome)[0]
    assert change.undo() is None
    assert not change.can_be_undone


def test_after_a_part_that_failed_undo_brings_back_only_what_went_and_a_retry_completes(faulty: Access, ssm: Ssm, faults: Faults) -> None:
    names = [f"/myteam/web/key-{number:02}" for number in range(14)]
    for name in names:
        ssm.put(name, f"made-up of {name}")
    change = deletion.plan(faulty, names)
    failing = ["on"]
    faults.refuse("DeleteParameters", "InternalServerError", status=500, when=lambda body: bool(failing) and names[13] in body["Names"])
    outcome = carry_out(change)
    failing.clear()
    assert [one.status for one in outcome.results] == ["done"] * 10 + ["failed"] * 4
    retry = change.retry(outcome)
    assert [line.name for line in retry.lines] == names[10:]
    assert retry.can_be_undone
    undo = change.undo()
    assert undo is not None
    assert [line.name for line in undo.lines] == names[:10]
    applied(undo)
    assert ssm.names() == names
    applied(deletion.plan(faulty, names))
    assert ssm.names() == []


def test_what_went_with_every_reply_lost_can_be_undone(faulty: Access, web: Ssm, faults: Faults) -> None:
    change = deletion.plan(faulty, [TOKEN])
    faults.lose_reply("DeleteParameters")
    faults.refuse("GetParameters", "InternalServerError", status=500, skip=2, times=2)
    outcome = carry_out(change)
    assert statuses(outcome) == {"web/token": "failed"}
    assert TOKEN not in web.names()
    applied(change.undo())
    assert web.value(TOKEN) == "made-up"


def test_what_somebody_else_deleted_is_not_ours_to_bring_back(access: Access, web: Ssm) -> None:
    change = deletion.plan(access, [TOKEN, HOST])
    web.client.delete_parameter(Name=TOKEN)
    applied(change)
    undo = applied(change.undo())
    assert [line.name for line in undo.lines] == [HOST]
    assert TOKEN not in web.names()


def test_a_name_that_somebody_created_again_is_not_written_over_by_undo(access: Access, web: Ssm) -> None:
    change = applied(deletion.plan(access, [TOKEN]))
    web.put(TOKEN, "theirs")
    undo = change.undo()
    assert undo is not None
    assert statuses(carry_out(undo)) == {"web/token": "failed"}
    assert web.value(TOKEN) == "theirs"


def test_older_versions_that_no_backup_holds_and_names_that_are_gone_are_said(access: Access, web: Ssm) -> None:
    web.put(TOKEN, "rotated")
    change = deletion.plan(access, [TOKEN, "/myteam/web/gone"])
    assert change.warnings == ("/myteam/web/gone is gone already", "the backup cannot hold the older versions of 1 of them")
    with pytest.raises(NotFound):
        deletion.plan(access, ["/myteam/web/gone"])


def test_a_backup_holds_what_no_utf_8_can(tmp_path: Path) -> None:
    half = Snapshot(TOKEN, SecretValue("half of a pair: \ud800"), "SecureString", 1, {"app": "wéb"}, description="\udc00")
    path = backup.write([half], state_directory=str(tmp_path / "state"), kind="delete", region=REGION)
    assert backup.read(path, region=REGION) == (half,)
    assert Path(path).read_text("ascii")
