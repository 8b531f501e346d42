"""Changing tags: what the plan says, what another writer does to it, and taking it back."""

from __future__ import annotations

import threading

import pytest

from ssmm_core.changes import Access, tags
from ssmm_core.errors import UsageError
from tests.changes.conftest import applied, carry_out, errors, picture, statuses
from tests.conftest import Ssm
from tests.support.faults import Faults

TOKEN, HOST = "/myteam/web/token", "/myteam/web/db-host"


@pytest.fixture
def web(ssm: Ssm) -> Ssm:
    ssm.put(TOKEN, "made-up", tags={"app": "web", "env": "dev", "old": "x"})
    ssm.put(HOST, "db.internal", "String", tags={"app": "web", "env": "prod"})
    return ssm


def test_the_lines_say_what_changes_on_each_and_what_stays(access: Access, web: Ssm) -> None:
    change = tags.plan(access, [TOKEN, HOST], add={"env": "prod", "owner": "us"}, remove=["old"])
    assert [(line.sign, line.name, line.what) for line in change.lines] == [
        ("~", TOKEN, "tag env=prod instead of dev; tag owner=us added; tag old removed"),
        ("~", HOST, "tag owner=us added"),
    ]
    assert change.title == "Tag 2 parameters"
    again = tags.plan(access, [HOST], add={"env": "prod"}, remove=[])
    assert again.is_empty
    assert [(line.sign, line.what) for line in again.lines] == [("=", "has these tags already")]
    assert statuses(carry_out(again)) == {"web/db-host": "unchanged"}
    assert again.undo() is None


def test_undo_puts_back_what_was_touched_and_leaves_what_somebody_added(access: Access, web: Ssm) -> None:
    before = picture(web)
    change = applied(tags.plan(access, [TOKEN, HOST], add={"env": "test", "owner": "us"}, remove=["old"]))
    assert web.tags(TOKEN) == {"app": "web", "env": "test", "owner": "us"}
    assert change.written == {TOKEN, HOST}
    web.client.add_tags_to_resource(ResourceType="Parameter", ResourceId=HOST, Tags=[{"Key": "theirs", "Value": "y"}])
    undo = applied(change.undo())
    assert web.tags(HOST) == {"app": "web", "env": "prod", "theirs": "y"}
    assert web.tags(TOKEN) == before[TOKEN]["tags"]
    applied(undo.undo())
    assert web.tags(TOKEN) == {"app": "web", "env": "test", "owner": "us"}


def test_undo_refuses_a_tag_that_somebody_changed_since(access: Access, web: Ssm) -> None:
    change = applied(tags.plan(access, [TOKEN, HOST], add={"env": "test"}, remove=[]))
    web.client.add_tags_to_resource(ResourceType="Parameter", ResourceId=TOKEN, Tags=[{"Key": "env", "Value": "theirs"}])
    undo = change.undo()
    assert undo is not None
    outcome = carry_out(undo)
    assert statuses(outcome) == {"web/token": "failed", "web/db-host": "done"}
    assert errors(outcome) == [f"the tag env of {TOKEN} changed since it was looked at"]
    assert web.tags(TOKEN)["env"] == "theirs"


def test_a_denied_half_is_told_completed_by_a_retry_and_taken_back_whole(faulty: Access, web: Ssm, faults: Faults) -> None:
    before = picture(web)
    change = tags.plan(faulty, [TOKEN], add={"env": "test"}, remove=["old"])
    faults.deny("AddTagsToResource", times=1)
    outcome = carry_out(change)
    assert statuses(outcome) == {"web/token": "failed"}
    assert "old" not in web.tags(TOKEN)
    retry = change.retry(outcome)
    assert [line.what for line in retry.lines] == ["tag env=test instead of dev"]
    undo = change.undo()
    assert undo is not None
    assert [line.what for line in undo.lines] == ["tag old=x added"]
    both = applied(retry).undo()
    assert both is not None
    assert [line.what for line in both.lines] == ["tag env=dev instead of test; tag old=x added"]
    applied(both)
    assert picture(web) == before


def test_what_another_writer_did_is_not_taken_for_ours(faulty: Access, web: Ssm, faults: Faults) -> None:
    change = tags.plan(faulty, [TOKEN], add={"env": "test"}, remove=[])
    theirs = {"ResourceType": "Parameter", "ResourceId": TOKEN, "Tags": [{"Key": "env", "Value": "test"}]}
    faults.meanwhile("ListTagsForResource", lambda: web.client.add_tags_to_resource(**theirs))
    assert statuses(carry_out(change)) == {"web/token": "failed"}
    assert change.undo() is None


def test_shared_is_added_until_all_have_it_and_then_removed(access: Access, web: Ssm) -> None:
    applied(tags.plan_shared(access, [TOKEN]))
    mixed = tags.plan_shared(access, [TOKEN, HOST])
    assert [line.sign for line in mixed.lines] == ["=", "~"]
    applied(mixed)
    applied(tags.plan_shared(access, [TOKEN, HOST]))
    assert "shared" not in web.tags(TOKEN) | web.tags(HOST)


def test_the_tag_app_is_reserved(access: Access, web: Ssm) -> None:
    with pytest.raises(UsageError, match="the tag app is reserved"):
        tags.plan(access, [TOKEN], add={"app": "other"}, remove=[])


def test_stop_ends_it_after_the_steps_under_way(access: Access, web: Ssm) -> None:
    change = tags.plan(access, [TOKEN, HOST], add={"env": "test"}, remove=[])
    stop = threading.Event()
    stop.set()
    outcome = change.apply(stop=stop)
    assert outcome.interrupted
    assert outcome.named("undone") == (TOKEN, HOST)
    assert change.undo() is None
    applied(change.retry(outcome))
    assert web.tags(HOST)["env"] == "test"
