"""Copying and moving single parameters: a source goes only while its verified copy holds."""

from __future__ import annotations

import pytest

from ssmm_core.changes import Access, transfer
from ssmm_core.errors import ConflictError, NotFound, SettingsError
from tests.changes.conftest import applied, carry_out, errors, picture, statuses
from tests.conftest import Ssm
from tests.support.faults import Faults

TOKEN, HOST = "/myteam/web/token", "/myteam/web/db-host"
TARGETS = {TOKEN: "/myteam/api/token", HOST: "/myteam/api/db/host"}


@pytest.fixture
def web(ssm: Ssm) -> Ssm:
    ssm.put(TOKEN, "made-up", tags={"app": "web", "owner": "us"}, Description="for tests")
    ssm.put(HOST, "db.internal", "String")
    return ssm


def test_a_copy_leaves_the_sources_and_undo_deletes_the_copies(access: Access, web: Ssm) -> None:
    before = picture(web)
    change = applied(transfer.plan(access, TARGETS, move=False))
    assert [(line.sign, line.name, line.what) for line in change.lines] == [
        ("+", "/myteam/api/token", f"SecureString, a copy of {TOKEN}"),
        ("+", "/myteam/api/db/host", f"String, a copy of {HOST}"),
    ]
    assert change.backup == ""
    assert web.tags("/myteam/api/token") == {"app": "api", "owner": "us"}
    assert picture(web).keys() == before.keys() | set(TARGETS.values())
    applied(change.undo())
    assert picture(web) == before


def test_undo_does_not_delete_a_copy_that_somebody_tagged_since(access: Access, web: Ssm) -> None:
    change = applied(transfer.plan(access, TARGETS, move=False))
    copy = TARGETS[TOKEN]
    web.client.add_tags_to_resource(ResourceType="Parameter", ResourceId=copy, Tags=[{"Key": "rotation", "Value": "weekly"}])
    undo = change.undo()
    assert undo is not None
    outcome = carry_out(undo)
    assert errors(outcome) == [f"the tags of {copy} changed since they were looked at"]
    assert web.names("/myteam/api") == [copy]


def test_a_move_deletes_the_sources_and_undo_moves_them_back(access: Access, web: Ssm) -> None:
    before = picture(web)
    change = applied(transfer.plan(access, TARGETS, move=True))
    assert [line.sign for line in change.lines] == ["+", "+", "-", "-"]
    assert change.backup
    assert change.written == TARGETS.keys() | set(TARGETS.values())
    after = picture(web)
    assert after.keys() == set(TARGETS.values())
    undo = applied(change.undo())
    assert picture(web) == before
    applied(undo.undo())
    assert picture(web) == after


def test_no_source_goes_where_a_copy_failed_and_a_retry_completes_the_move(faulty: Access, web: Ssm, faults: Faults) -> None:
    change = transfer.plan(faulty, TARGETS, move=True)
    faults.refuse("PutParameter", "AccessDeniedException", times=1, when=lambda body: body["Name"].endswith("/api/token"))
    outcome = carry_out(change)
    assert statuses(outcome) == {"api/token": "failed", "api/db/host": "done", "web/db-host": "undone", "web/token": "undone"}
    assert len(web.names("/myteam/web")) == 2
    applied(change.retry(outcome))
    assert web.names() == sorted(TARGETS.values())


def test_a_source_whose_copy_changed_before_it_would_go_stays(faulty: Access, web: Ssm, faults: Faults) -> None:
    change = transfer.plan(faulty, {TOKEN: TARGETS[TOKEN]}, move=True)
    faults.meanwhile("GetParameters", lambda: web.put(TARGETS[TOKEN], "theirs"), skip=3)
    outcome = carry_out(change)
    assert errors(outcome) == [f"{TARGETS[TOKEN]} no longer holds what {TOKEN} holds"]
    assert (web.value(TOKEN), web.value(TARGETS[TOKEN])) == ("made-up", "theirs")
    undo = change.undo()
    assert undo is not None
    assert statuses(carry_out(undo)) == {"api/token": "failed"}
    assert web.value(TARGETS[TOKEN]) == "theirs"


def test_a_source_that_somebody_tagged_since_stays(access: Access, web: Ssm) -> None:
    change = transfer.plan(access, TARGETS, move=True)
    tags = [{"Key": "rotation", "Value": "weekly"}]
    web.client.add_tags_to_resource(ResourceType="Parameter", ResourceId=TOKEN, Tags=tags)
    outcome = carry_out(change)
    assert errors(outcome) == [f"the tags of {TOKEN} changed since they were looked at"]
    assert web.tags(TOKEN)["rotation"] == "weekly"
    applied(change.retry(outcome))
    assert web.tags(TARGETS[TOKEN])["rotation"] == "weekly"


def test_what_is_not_carried_is_said(access: Access, web: Ssm) -> None:
    assert transfer.plan(access, TARGETS, move=False).warnings == ("labels and older versions are not carried",)
    assert transfer.plan(access, TARGETS, move=True).warnings == ("labels and older versions are not carried; the backup holds the labels",)


def test_a_copy_that_does_not_read_back_is_a_failure(faulty: Access, web: Ssm, faults: Faults) -> None:
    change = transfer.plan(faulty, {TOKEN: TARGETS[TOKEN]}, move=True)
    faults.meanwhile("GetParameters", lambda: web.put(TARGETS[TOKEN], "theirs"), skip=2)
    outcome = carry_out(change)
    assert errors(outcome) == [f"{TARGETS[TOKEN]} does not read back as {TOKEN}"]
    assert web.value(TOKEN) == "made-up"
    assert change.undo() is None


def test_a_source_that_changed_after_the_copy_stays(faulty: Access, web: Ssm, faults: Faults) -> None:
    change = transfer.plan(faulty, {TOKEN: TARGETS[TOKEN]}, move=True)
    faults.meanwhile("PutParameter", lambda: web.put(TOKEN, "theirs"))
    outcome = carry_out(change)
    assert statuses(outcome) == {"api/token": "done", "web/token": "failed"}
    assert web.value(TOKEN) == "theirs"


def test_denied_deletions_leave_verified_copies_that_a_retry_does_not_write_again(faulty: Access, web: Ssm, faults: Faults) -> None:
    before = picture(web)
    change = transfer.plan(faulty, TARGETS, move=True)
    faults.deny("DeleteParameters", times=1)
    outcome = carry_out(change)
    assert statuses(outcome) == {"api/token": "done", "api/db/host": "done", "web/db-host": "failed", "web/token": "failed"}
    retry = change.retry(outcome)
    assert [line.sign for line in retry.lines] == ["=", "=", "-", "-"]
    undo = change.undo()
    assert undo is not None
    assert [line.sign for line in undo.lines] == ["-", "-"]
    applied(undo)
    assert picture(web) == before


def test_something_else_at_the_target_is_replaced_only_when_asked_and_comes_back(access: Access, web: Ssm) -> None:
    web.put(TARGETS[TOKEN], "theirs", tags={"app": "api", "owner": "them"}, Description="theirs")
    before = picture(web)
    with pytest.raises(ConflictError):
        transfer.plan(access, TARGETS, move=False)
    change = applied(transfer.plan(access, TARGETS, move=True, overwrite=True))
    assert change.lines[0].what == f"differs from {TOKEN} in value, description, tags"
    assert web.value(TARGETS[TOKEN]) == "made-up"
    applied(change.undo())
    assert picture(web) == before


def test_a_target_that_holds_all_but_its_tags_gets_them(access: Access, web: Ssm) -> None:
    web.put(TARGETS[HOST], "db.internal", "String")
    before = picture(web)
    change = applied(transfer.plan(access, {HOST: TARGETS[HOST]}, move=True))
    assert [line.sign for line in change.lines] == ["~", "-"]
    assert web.get(TARGETS[HOST])["Version"] == 1
    assert web.tags(TARGETS[HOST]) == {"app": "api"}
    applied(change.undo())
    assert picture(web) == before


@pytest.mark.parametrize(
    "targets", [{TOKEN: "/myteam/api/x", HOST: "/myteam/api/x"}, {TOKEN: HOST, HOST: "/myteam/api/x"}, {TOKEN: TOKEN}]
)  # fmt: skip
def test_parameters_that_would_meet_are_refused(access: Access, web: Ssm, targets: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="would meet under one name"):
        transfer.plan(access, targets, move=True)


def test_a_source_that_is_gone_is_told(access: Access, web: Ssm) -> None:
    with pytest.raises(NotFound, match="/myteam/web/gone"):
        transfer.plan(access, {"/myteam/web/gone": "/myteam/api/gone"}, move=True)
