"""Tags of marked rows: what each row carries, what is wished for, and what is written of it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmm_core.errors import AccessDenied
from ssmm_core.operations.tagging import TagStep
from ssmm_tui.screens.tag_editor import TagEditor
from ssmm_tui.tag_changes import TagChanges
from tests.support.tui import SIZES, pictured, running

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui

AUTH, WEB, MAILER = "/demo-team/auth/jwt-signing-key", "/demo-team/web/csrf-secret", "/demo-team/mailer/smtp-host"
NAMES = (AUTH, WEB, MAILER)
DENIED = AccessDenied("ssm:ListTagsForResource is denied", action="ssm:ListTagsForResource", resource="*")


def tags(team: MemoryStore, name: str) -> dict[str, str]:
    return team.tags(name, budget=team.budget())


async def edit_tags(ui: Ui, *names: str) -> None:
    """Mark parameters and press the key that edits their tags."""
    await ui.mark(*names)
    await ui.press("t")
    await ui.until(lambda: isinstance(ui.app.screen, TagEditor), "the tag editor")
    await ui.sees("Tags of", "env=prod")


@pictured
async def test_the_list_says_how_many_rows_carry_a_tag_and_what_becomes_of_it(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await edit_tags(ui, *NAMES)
        await ui.sees("Tags of 3 parameters", "[x] env=prod", "all 3", "[-] owner=platform", "1 of 3", "[ ] owner=payments", "in the team")
        await ui.press("down", "space", "tab")
        await ui.type("env=dev")
        await ui.press("enter")
        await ui.type("shard=true")
        await ui.sees("+ will be added", "~ will be replaced", "shard=true is close to shared=true")
        await ui.keeps_picture(f"tags-{size}-{theme}")


async def test_a_space_removes_a_tag_that_is_on_all_rows(team: MemoryStore) -> None:
    async with running(team) as ui:
        await edit_tags(ui, *NAMES)
        await ui.press("space")
        await ui.sees("- will be removed")
        await ui.carry_out()
        await ui.sees(f"✓ ~ {AUTH}", f"✓ ~ {WEB}", f"✓ ~ {MAILER}")
    assert ["env" in tags(team, name) for name in NAMES] == [False, False, False]
    assert tags(team, AUTH)["owner"] == "platform"


async def test_spaces_go_round_from_add_to_remove_to_leaving_it(team: MemoryStore) -> None:
    async with running(team) as ui:
        await edit_tags(ui, AUTH, WEB)
        await ui.press("down", "space")
        await ui.sees("+ will be added", "~ will be replaced")
        await ui.press("space")
        await ui.sees_no("+ will be added")
        await ui.sees("- will be removed")
        await ui.press("space", "f2")
        await ui.sees_no("- will be removed")
        await ui.sees("Nothing is to change yet")
    assert "add_tags" not in team.calls


async def test_what_is_typed_is_added_to_all_rows_and_told_before_what_it_changes(team: MemoryStore) -> None:
    async with running(team) as ui:
        await edit_tags(ui, *NAMES)
        await ui.press("tab")
        await ui.type("owner=core")
        await ui.sees("changes owner from platform on 1, storefront on 1 of 3")
        await ui.press("enter")
        await ui.sees("[+] owner=core", "new in the team + will be added", "~ will be replaced")
        await ui.carry_out()
    assert [tags(team, name)["owner"] for name in NAMES] == ["core"] * 3


async def test_letters_typed_on_the_list_begin_a_tag(team: MemoryStore) -> None:
    async with running(team) as ui:
        await edit_tags(ui, MAILER)
        await ui.type("kind=queue job")
        await ui.press("enter")
        await ui.sees("[+] kind=queue job")
        await ui.carry_out()
    assert tags(team, MAILER)["kind"] == "queue job"


async def test_a_tag_in_use_is_completed(team: MemoryStore) -> None:
    async with running(team) as ui:
        await edit_tags(ui, MAILER)
        await ui.press("tab")
        await ui.type("owner=s")
        await ui.sees("completes; in use: owner=storefront")
        await ui.press("right", "enter")
        await ui.carry_out()
    assert tags(team, MAILER)["owner"] == "storefront"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("app=web", "the tag app is reserved"),
        ("aws:x=1", "the tag aws:x is reserved"),
        ("owner=a,b", "has characters that a tag cannot hold"),
        ("=x", "1 to 128 are allowed"),
    ],
)
async def test_a_tag_that_cannot_be_set_is_refused_as_it_is_typed(team: MemoryStore, typed: str, reason: str) -> None:
    async with running(team) as ui:
        await edit_tags(ui, AUTH)
        await ui.press("tab")
        await ui.type(typed)
        await ui.sees("✗", reason)
        await ui.press("enter", "f2")
        await ui.sees(reason)
        assert isinstance(ui.app.screen, TagEditor)
        await ui.press("ctrl+u")
        await ui.sees_no(reason)
    assert "add_tags" not in team.calls


async def test_half_a_tag_is_not_lost_on_the_way_to_the_plan(team: MemoryStore) -> None:
    async with running(team) as ui:
        await edit_tags(ui, AUTH)
        await ui.press("tab")
        await ui.type("team")
        await ui.press("f2")
        await ui.sees("Write it as key=value")
        await ui.type("=core")
        await ui.carry_out()
    assert tags(team, AUTH)["team"] == "core"


async def test_the_button_reviews_too(team: MemoryStore) -> None:
    async with running(team) as ui:
        await edit_tags(ui, AUTH)
        await ui.press("space", "tab", "tab", "enter")
        await ui.sees("carries it out")


async def test_tags_that_were_not_read_yet_are_read_first(team: MemoryStore) -> None:
    team.refuse["all_tags"] = DENIED
    async with running(team) as ui:
        await ui.loaded()
        await ui.until(lambda: ui.app.session.team.entries[AUTH].tags is not None, "tags of the rows in sight")
        hold = team.hold["tags"] = threading.Event()
        ui.app.session.team.marked.update((AUTH, WEB))
        await ui.press("t")
        await ui.sees("reading tags…")
        hold.set()
        await ui.sees("[x] env=prod", "[-] owner=storefront")


async def test_where_tags_may_not_be_read_the_reason_is_told_and_nothing_asked(team: MemoryStore) -> None:
    team.refuse |= {"all_tags": DENIED, "tags": DENIED}
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("t")
        await ui.sees("ssm:ListTagsForResource is denied")
        assert not isinstance(ui.app.screen, TagEditor)


async def test_a_plan_that_is_refused_leads_back_to_what_was_wished(team: MemoryStore) -> None:
    async with running(team) as ui:
        await edit_tags(ui, AUTH)
        await ui.press("tab")
        await ui.type("team=core")
        team.refuse["tags"] = DENIED
        await ui.press("f2")
        await ui.sees("ssm:ListTagsForResource is denied")
        await ui.press("escape")
        await ui.sees("[+] team=core", "+ will be added")
        team.refuse.clear()
        await ui.carry_out()
    assert tags(team, AUTH)["team"] == "core"


async def test_turning_away_writes_nothing(team: MemoryStore) -> None:
    async with running(team) as ui:
        await edit_tags(ui, AUTH)
        await ui.press("space", "escape")
        await ui.sees_no("Tags of")
    assert {"add_tags", "remove_tags"}.isdisjoint(team.calls)


# The rules behind it

KEYS, VALUES = st.sampled_from(["env", "owner", "tier"]), st.sampled_from(["a", "b", "c"])
ROWS = st.lists(st.dictionaries(KEYS, VALUES), min_size=1, max_size=5)


@given(ROWS, st.tuples(KEYS, VALUES))
def test_turning_a_tag_shows_only_what_would_change_something_and_comes_round(rows: list[dict[str, str]], tag: tuple[str, str]) -> None:
    changes = TagChanges(rows, {tag: 1}, {})
    seen = []
    for _ in range(3):
        changes.turn(tag)
        if not changes.wishes:
            break
        edit = changes.edit
        after = [TagStep("x", row, edit.add, edit.remove).after(row) for row in rows]
        assert after != rows
        assert {row.get(tag[0]) for row in after} == {tag[1] if changes.wish(tag) == "add" else None}
        seen.append(changes.wish(tag))
    assert not changes.wishes
    carried = {row.get(tag[0]) == tag[1] for row in rows}
    assert seen == [*(["add"] if False in carried else []), *(["remove"] if True in carried else [])]


@given(ROWS, KEYS, VALUES)
def test_what_is_taken_in_is_listed_and_what_it_changes_marked(rows: list[dict[str, str]], key: str, value: str) -> None:
    changes = TagChanges(rows, {}, {})
    changes.take(key, value)
    others = {row[key] for row in rows if row.get(key, value) != value}
    assert (key, value) in changes.tags
    assert bool(changes.edit.add) is any(row.get(key) != value for row in rows)
    assert {other for one, other in changes.tags if one == key and changes.wish((one, other)) == "change"} == others


def test_a_wish_that_somebody_else_fulfilled_meanwhile_turns_like_a_tag_that_stands() -> None:
    changes = TagChanges([{"env": "prod"}], {}, {"env": "prod"})
    changes.turn(("env", "prod"))
    assert changes.wishes == {"env": None}


def test_slips_that_a_few_rows_carry_are_not_offered_to_others() -> None:
    known = {("env", "prod"): 90, ("shared", "true"): 4, ("Shared", "True"): 1, ("shard", "true"): 1}
    assert TagChanges([{}], known, {}).tags == [("env", "prod"), ("shared", "true")]


def test_tags_that_nobody_may_set_are_shown_where_they_stand_and_app_is_left_out() -> None:
    changes = TagChanges([{"aws:stack": "x", "app": "web", "env": "prod"}], {}, {})
    assert changes.tags == [("env", "prod"), ("aws:stack", "x")]
