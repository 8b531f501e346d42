"""Promoting: one shared parameter of several, what it means for each app, and every way that it can go wrong half way."""

from __future__ import annotations

from typing import Literal

import pytest

from ssmm_core.catalogue import Entry, entry_of
from ssmm_core.changes import Access, promotion
from ssmm_core.changes.promotion import PromotionChange
from ssmm_core.errors import ConflictError, NotFound, SettingsError
from ssmm_core.operations import backup
from tests.changes.conftest import applied, carry_out, errors, picture, statuses
from tests.conftest import REGION, ROOT, Ssm
from tests.support.faults import Faults

WEB, API, JOB, SHARED = (f"{ROOT}/{app}/db-url" for app in ("web", "api", "job", "shared"))


@pytest.fixture
def team(ssm: Ssm) -> Ssm:
    """Two apps with one value, one with another, one without."""
    ssm.put(WEB, "made-up", tags={"app": "web", "owner": "us"}, Description="for tests")
    ssm.put(API, "made-up")
    ssm.put(JOB, "other-made-up")
    ssm.put(f"{ROOT}/mail/host", "mail.internal", "String")
    return ssm


def catalogue(access: Access, *, tags: bool = True) -> list[Entry]:
    store, budget = access.store, access.store.budget()
    return [entry_of(one, ROOT, store.tags(one.name, budget=budget) if tags else None) for one in store.describe(path=ROOT, budget=budget)]


def promote(access: Access, *names: str, how: Literal["move", "tag"] = "move", keep: str = WEB, tags: bool = True) -> PromotionChange:
    return promotion.plan(access, names, keep=keep, how=how, root=ROOT, everything=catalogue(access, tags=tags))


def kinds(change: PromotionChange) -> dict[tuple[str, bool], str]:
    return {(one.app, one.tagged): one.kind for one in change.impacts}


def test_moving_equal_values_needs_one_key_and_undo_brings_all_back(access: Access, team: Ssm) -> None:
    before = picture(team)
    change = promote(access, WEB, API)
    assert change.title == f"Promote DB_URL: {SHARED} for 2 parameters"
    assert [(line.sign, line.name) for line in change.lines] == [("+", SHARED), ("-", WEB), ("-", API)]
    same, gains = dict.fromkeys([("web", False), ("web", True), ("api", False), ("api", True)], "same"), "gains"
    assert kinds(change) == same | {("mail", False): gains, ("mail", True): gains}
    assert (change.confirmation, change.reasons) == ("", ())
    applied(change)
    assert team.names() == [JOB, f"{ROOT}/mail/host", SHARED]
    assert (team.value(SHARED), team.describe(SHARED)["Description"]) == ("made-up", "for tests")
    assert team.tags(SHARED) == {"app": "shared", "owner": "us"}
    assert {one.name for one in backup.read(change.backup, region=REGION)} == {WEB, API}
    after = picture(team)
    undo = applied(change.undo())
    assert picture(team) == before
    applied(undo.undo())
    assert picture(team) == after


def test_another_value_must_be_confirmed_by_typing_and_says_why(access: Access, team: Ssm) -> None:
    change = promote(access, WEB, JOB)
    assert kinds(change)["job", False] == "other value"
    assert change.confirmation == "promote DB_URL"
    assert change.reasons == tuple(
        f"job receives another value of DB_URL in the delivery {delivery} --include-tag shared=true: from {SHARED}, not {JOB}"
        for delivery in ("without", "with")
    )


def test_a_tag_instead_leaves_the_delivery_without_it_short(access: Access, team: Ssm) -> None:
    before = picture(team)
    change = promote(access, WEB, API, how="tag")
    assert [(line.sign, line.name, line.what) for line in change.lines] == [
        ("~", WEB, "tag shared=true added"),
        ("-", API, "SecureString, version 1"),
    ]
    assert kinds(change) == {("api", False): "loses", ("api", True): "same", ("mail", True): "gains"}
    assert change.confirmation == "promote DB_URL"
    assert change.reasons == ("api loses DB_URL in the delivery without --include-tag shared=true",)
    applied(change)
    assert team.tags(WEB)["shared"] == "true"
    assert {one.name for one in backup.read(change.backup, region=REGION)} == {WEB, API}
    applied(change.undo())
    assert picture(team) == before


def test_one_that_is_tagged_already_only_lets_the_others_go(access: Access, team: Ssm) -> None:
    team.client.add_tags_to_resource(ResourceType="Parameter", ResourceId=WEB, Tags=[{"Key": "shared", "Value": "true"}])
    change = promote(access, WEB, API, how="tag")
    assert [line.sign for line in change.lines] == ["=", "-"]
    applied(change)
    assert team.names(f"{ROOT}/api") == []


def test_a_shared_one_with_another_value_is_a_conflict(access: Access, team: Ssm) -> None:
    team.put(SHARED, "theirs")
    with pytest.raises(ConflictError, match=f"something else stands at {SHARED}"):
        promote(access, WEB, API)


def test_a_shared_one_that_is_kept_lets_the_others_go(access: Access, team: Ssm) -> None:
    team.put(SHARED, "made-up")
    change = promote(access, WEB, API, keep=SHARED)
    assert [line.sign for line in change.lines] == ["=", "-", "-"]
    assert set(kinds(change).values()) == {"same"}
    applied(change)
    assert SHARED in team.names()
    assert WEB not in team.names()


def test_a_shared_one_with_the_same_value_only_gets_its_tags(access: Access, team: Ssm) -> None:
    team.put(SHARED, "made-up", Description="for tests")
    change = promote(access, WEB, API)
    assert change.lines[0].what == "tag app=shared added; tag owner=us added"
    applied(change)
    assert team.get(SHARED)["Version"] == 1


def test_a_denied_write_deletes_nothing(faulty: Access, team: Ssm, faults: Faults) -> None:
    change = promote(faulty, WEB, API)
    faults.deny("PutParameter", times=1)
    outcome = carry_out(change)
    assert statuses(outcome) == {"shared/db-url": "failed", "api/db-url": "undone", "web/db-url": "undone"}
    assert change.undo() is None
    applied(change.retry(outcome))
    assert team.names() == [JOB, f"{ROOT}/mail/host", SHARED]


def test_a_shared_one_that_somebody_changes_right_away_deletes_nothing(faulty: Access, team: Ssm, faults: Faults) -> None:
    change = promote(faulty, WEB, API)
    faults.meanwhile("GetParameters", lambda: team.put(SHARED, "theirs"), skip=3)
    outcome = carry_out(change)
    assert statuses(outcome) == {"shared/db-url": "done", "api/db-url": "failed", "web/db-url": "failed"}
    assert set(errors(outcome)) == {f"{SHARED} no longer holds what must stand first"}
    assert team.value(WEB) == team.value(API) == "made-up"


def test_a_tag_that_somebody_takes_away_right_after_deletes_nothing(faulty: Access, team: Ssm, faults: Faults) -> None:
    change = promote(faulty, WEB, API, how="tag")
    untag = {"ResourceType": "Parameter", "ResourceId": WEB, "TagKeys": ["shared"]}
    faults.meanwhile("ListTagsForResource", lambda: team.client.remove_tags_from_resource(**untag), skip=3)
    outcome = carry_out(change)
    assert statuses(outcome) == {"web/db-url": "done", "api/db-url": "failed"}
    assert errors(outcome) == [f"{WEB} no longer carries shared=true"]


@pytest.mark.parametrize("how", ["move", "tag"])
def test_one_that_somebody_tagged_since_stays(access: Access, team: Ssm, how: Literal["move", "tag"]) -> None:
    change = promote(access, WEB, API, JOB, how=how)
    team.client.add_tags_to_resource(ResourceType="Parameter", ResourceId=API, Tags=[{"Key": "rotation", "Value": "weekly"}])
    outcome = carry_out(change)
    assert errors(outcome) == [f"the tags of {API} changed since they were looked at"]
    assert team.tags(API)["rotation"] == "weekly"


def test_one_that_somebody_changed_since_stays_and_the_others_go(access: Access, team: Ssm) -> None:
    change = promote(access, WEB, API, JOB)
    team.put(JOB, "theirs")
    outcome = carry_out(change)
    assert statuses(outcome) == {"shared/db-url": "done", "api/db-url": "done", "job/db-url": "failed", "web/db-url": "done"}
    assert team.value(JOB) == "theirs"
    retry = change.retry(outcome)
    assert [(line.sign, line.name) for line in retry.lines] == [("=", SHARED), ("-", JOB)]
    assert retry.confirmation == "promote DB_URL"


def test_denied_deletions_are_completed_by_a_retry_or_taken_back(faulty: Access, team: Ssm, faults: Faults) -> None:
    before = picture(team)
    change = promote(faulty, WEB, API)
    faults.deny("DeleteParameters", times=1)
    outcome = carry_out(change)
    assert statuses(outcome) == {"shared/db-url": "done", "api/db-url": "failed", "web/db-url": "failed"}
    assert [(line.sign, line.name) for line in change.retry(outcome).lines] == [("=", SHARED), ("-", WEB), ("-", API)]
    applied(change.undo())
    assert picture(team) == before


def test_undo_keeps_the_shared_one_while_something_could_not_be_put_back(faulty: Access, team: Ssm, faults: Faults) -> None:
    change = promote(faulty, WEB, API)
    applied(change)
    faults.refuse("PutParameter", "AccessDeniedException", times=1, when=lambda body: body["Name"] == API)
    undo = change.undo()
    assert undo is not None
    outcome = carry_out(undo)
    assert statuses(outcome) == {"web/db-url": "done", "api/db-url": "failed", "shared/db-url": "undone"}
    assert team.value(SHARED) == "made-up"
    applied(undo.retry(outcome))
    assert SHARED not in team.names()
    assert team.value(API) == "made-up"


def test_tags_that_the_catalogue_does_not_know_are_read_or_said_to_be_missing(faulty: Access, team: Ssm, faults: Faults) -> None:
    team.client.add_tags_to_resource(ResourceType="Parameter", ResourceId=JOB, Tags=[{"Key": "shared", "Value": "true"}])
    change = promote(faulty, WEB, API, tags=False)
    assert kinds(change)["api", True] == "other value"
    assert ("mail", True) not in kinds(change)
    entries = catalogue(faulty, tags=False)
    faults.refuse("ListTagsForResource", "AccessDeniedException", when=lambda body: body["ResourceId"] == JOB)
    blind = promotion.plan(faulty, [WEB, API], keep=WEB, how="move", root=ROOT, everything=entries)
    assert "is not fully known" in blind.warnings[0]
    assert kinds(blind)["mail", True] == "gains"


def test_a_value_that_may_not_be_read_counts_as_another_one(faulty: Access, team: Ssm, faults: Faults) -> None:
    team.put(f"{ROOT}/shared/db_url", "made-up")
    entries = catalogue(faulty)
    faults.refuse("GetParameters", "AccessDeniedException", when=lambda body: f"{ROOT}/shared/db_url" in body["Names"])
    change = promotion.plan(faulty, [WEB, API], keep=WEB, how="move", root=ROOT, everything=entries)
    assert kinds(change)["mail", False] == "other value"
    assert "count as different" in change.warnings[0]


def test_what_is_gone_or_outside_is_refused(access: Access, team: Ssm) -> None:
    with pytest.raises(NotFound, match="/myteam/web/gone"):
        promote(access, WEB, f"{ROOT}/web/gone")
    for outside in ("/elsewhere/web/db-url", f"{ROOT}/db-url"):
        with pytest.raises(SettingsError, match="belongs to no app"):
            promote(access, WEB, outside)
