"""The browser: rows, namespaces, filter, marks."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from textual import events

from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.screens.plan import PlanScreen
from ssmm_tui.widgets.detail import DetailPane
from ssmm_tui.widgets.history import History
from ssmm_tui.widgets.namespace_tree import LEGEND, NamespaceTree
from tests.support.tui import SIZES, pictured, running

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui


@pictured
async def test_the_browser_shows_the_whole_team(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await ui.loaded()
        await ui.sees("auth/database-url", "122", "billing-api", "db.demo")
        await ui.keeps_picture(f"browse-{size}-{theme}")


async def test_nothing_is_decrypted_to_browse(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.sees("5432")
        assert [call for call in team.calls if "decrypted" in call] == []


async def test_the_filter_narrows_as_one_types_and_is_kept_by_enter(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("slash")
        await ui.type("app:billing key:*url")
        await ui.sees("2 of 122", "billing-worker/database-url")
        await ui.press("enter")
        assert ui.app.session.filter_text == "app:billing key:*url"
        await ui.press("escape")
        await ui.sees("auth/database-url")
        assert ui.app.session.filter_text == ""


@pytest.mark.parametrize("mode", ["1", "2", "3"])
async def test_what_is_wrong_with_a_filter_can_be_read_to_its_end(team: MemoryStore, mode: str) -> None:
    async with running(team, size=(80, 24)) as ui:
        await ui.loaded()
        await ui.press(mode, "slash")
        await ui.type("foo:x modified:>soon")
        await ui.sees("✗ 'foo' is nothing to filter by: there are app, key, tag, type, is, modified")
        await ui.sees("✗ modified: wants an age such as >90d, or <7d; m, h, d, w and y are", "understood")
        await ui.press("escape")
        await ui.sees_no("✗")


async def test_the_filter_names_its_terms_before_one_types(team: MemoryStore) -> None:
    async with running(team, size=(80, 24)) as ui:
        await ui.loaded()
        await ui.sees("app:billing tag:env=prod type:secure is:finding")


@pytest.mark.parametrize("mode", ["1", "2", "3"])
async def test_the_screens_names_are_whole_at_80_columns(team: MemoryStore, mode: str) -> None:
    async with running(team, size=(80, 24)) as ui:
        await ui.loaded()
        await ui.press(mode)
        await ui.rests()
        assert all(name in ui.text.splitlines()[0] for name in ("1 Browse", "2 Duplicates", "3 Environment", "/demo-team"))


async def test_every_column_shows_that_the_rows_are_sorted_by_it(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        for title in ("Type ▲", "Value ▲", "Tags ▲", "Ver▲", "Changed ▲", "By ▲", "Key ▲"):
            await ui.press("o")
            await ui.sees(title)
        await ui.press("o", "o", "o", "o", "O")
        await ui.sees("Ver▼")


async def test_rows_are_sorted_by_columns_that_can_be_seen(team: MemoryStore) -> None:
    async with running(team, size=(80, 24)) as ui:
        await ui.loaded()
        for title in ("Value ▲", "Tags ▲", "Key ▲"):
            await ui.press("o")
            await ui.sees(title)


async def test_the_signs_in_the_tree_are_explained_where_they_are_shown(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.sees("◆1 ≠2", *LEGEND.split("\n"))


async def test_versions_have_the_time_of_day(team: MemoryStore) -> None:
    async with running(team, size=(80, 24)) as ui:
        await ui.loaded()
        browser = browser_of(ui)
        browser.go_to("/demo-team/auth/jwt-signing-key")
        await browser.query_one(DetailPane).open("history")
        await ui.sees("v2   2026-11-03 16:52  secure", "v1   2025-12-19 18:47  secure")
        assert browser.query_one(History).option_count == 2


# In the tree


def browser_of(ui: Ui) -> BrowseScreen:
    assert isinstance(ui.app.screen, BrowseScreen)
    return ui.app.screen


async def at_namespace(ui: Ui, path: str) -> BrowseScreen:
    """The tree has the focus, on one namespace."""
    await ui.loaded()
    browser = browser_of(ui)
    tree = browser.query_one(NamespaceTree)
    tree.focus()
    tree.go_to(path)
    await ui.until(lambda: tree.has_focus and tree.cursor_node is not None and tree.cursor_node.data == path, f"the tree at {path!r}")
    await ui.rests()
    return browser


async def test_in_the_tree_an_app_is_meant_whole_whatever_the_filter_hides(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("slash")
        await ui.type("smtp")
        await ui.press("enter")
        await at_namespace(ui, "mailer")
        await ui.press("d")
        await ui.sees("Delete 14 parameters", "nothing is left of /demo-team/mailer", "type  mailer  to go ahead")
        await ui.press("escape")
        await ui.press("t")
        await ui.sees("Tags of 14 parameters")
        await ui.press("escape")
        await ui.press("s")
        await ui.until(lambda: isinstance(ui.app.screen, PlanScreen), "a plan")
        await ui.sees("12 steps")
    assert "delete" not in team.calls


async def test_at_the_root_nothing_is_meant_and_that_is_said(team: MemoryStore) -> None:
    async with running(team) as ui:
        browser = await at_namespace(ui, "")
        await ui.press("d")
        await ui.hears("Choose a namespace below /demo-team, or mark rows")
        await ui.rests()
        assert ui.app.screen is browser


async def test_marks_count_before_the_namespace(team: MemoryStore) -> None:
    async with running(team) as ui:
        browser = await at_namespace(ui, "mailer")
        ui.app.session.team.marked.add("/demo-team/web/db-port")
        assert browser.chosen() == ("/demo-team/web/db-port",)


async def test_a_part_of_an_app_is_not_taken_for_another_that_begins_alike(team: MemoryStore) -> None:
    team.seed("/demo-team/web/nested/one", "made-up", "String")
    team.seed("/demo-team/web/nested-not/two", "made-up", "String")
    async with running(team) as ui:
        browser = await at_namespace(ui, "web/nested")
        assert browser.chosen() == ("/demo-team/web/nested/one",)


async def test_while_names_are_read_a_namespace_is_not_taken_for_whole(team: MemoryStore) -> None:
    async with running(team) as ui:
        browser = await at_namespace(ui, "mailer")
        ui.app.session.names_are_whole = False
        assert browser.chosen() == ()
        await ui.hears("Not all names are known yet")


# After a write


async def create(ui: Ui, key: str) -> None:
    """Fill in what is asked of a new parameter, and carry the plan out."""
    await ui.sees("New parameter")
    await ui.type(key)
    await ui.press("tab")
    await ui.type("made-up")
    await ui.carry_out()


async def test_the_cursor_goes_to_a_parameter_that_was_created(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        browser = browser_of(ui)
        await ui.press("slash")
        await ui.type("app:mailer")
        await ui.press("enter", "n")
        await create(ui, "ZONE_NAME")
        await ui.press("escape")
        await ui.until(lambda: browser.entry is not None and browser.entry.name == "/demo-team/mailer/zone-name", "the cursor there")
        assert ui.app.session.filter_text == "app:mailer"


async def test_a_created_parameter_takes_nothing_over_from_who_types_already(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        browser = browser_of(ui)
        browser.open_namespace("mailer")
        await ui.press("n")
        await create(ui, "ZONE_NAME")
        hold = team.hold["describe"] = threading.Event()
        await ui.press("escape", "slash")
        await ui.type("smt")
        hold.set()
        await ui.until(lambda: "/demo-team/mailer/zone-name" in ui.app.session.team.entries, "its row")
        await ui.type("p")
        await ui.until(lambda: ui.app.session.filter_text == "smtp", "all that was typed in the filter")


async def test_in_the_tree_a_key_right_behind_the_cursor_means_where_it_stands_now(team: MemoryStore) -> None:
    async with running(team) as ui:
        await at_namespace(ui, "auth")
        for key in ("j", "d"):
            ui.app.post_message(events.Key(key, key))
        await ui.sees("Delete 16 parameters", "nothing is left of /demo-team/billing-api")


async def test_the_cursor_stays_where_a_parameter_was_changed(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        browser = browser_of(ui)
        await ui.press("j", "j", "s")
        await ui.sees("carries it out")
        ui.app.session.team.marked.clear()
        await ui.press("enter")
        await ui.sees("1 done")
        await ui.press("escape")
        await ui.sees("◆ auth/db-port")
        assert browser.entry is not None
        assert browser.entry.name == "/demo-team/auth/db-port"
