"""The command palette finds commands, apps and parameters; keys that are typed fast go where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.command import CommandPalette

from ssmm_tui.commands import GROUPS
from ssmm_tui.providers import likeness
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.screens.columns import ColumnsQuestion
from ssmm_tui.screens.duplicates import DuplicatesScreen
from ssmm_tui.screens.help import HelpScreen
from ssmm_tui.widgets.detail import DetailPane
from ssmm_tui.widgets.history import History
from ssmm_tui.widgets.namespace_tree import NamespaceTree
from tests.support.tui import SIZES, pictured, running

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui


async def searched(ui: Ui, query: str, *found: str) -> None:
    """Open the palette, search, and wait for what it finds."""
    await ui.press("ctrl+p")
    await ui.until(lambda: isinstance(ui.app.screen, CommandPalette), "the palette")
    await ui.type(query)
    await ui.sees(*found)
    await ui.rests()


async def browser_of(ui: Ui) -> BrowseScreen:
    await ui.until(lambda: isinstance(ui.app.screen, BrowseScreen), "the browser")
    assert isinstance(ui.app.screen, BrowseScreen)
    return ui.app.screen


@pictured
async def test_it_offers_every_command_with_its_key(team: MemoryStore, size: str, theme: str) -> None:
    async with running(team, size=SIZES[size], theme=theme) as ui:
        await ui.loaded()
        await searched(ui, "", "Mark  (Space)", "mark or unmark the row")
        await ui.keeps_picture(f"palette-{size}-{theme}")


async def test_a_command_is_found_by_what_it_does_and_called(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await searched(ui, "choose columns", "Columns  (c)")
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, ColumnsQuestion), "the columns")


@pytest.mark.parametrize(("query", "screen"), [("all keys", HelpScreen), ("stand in several", DuplicatesScreen)])
async def test_commands_of_everywhere_are_found(team: MemoryStore, query: str, screen: type) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await searched(ui, query, "  (")
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, screen))


async def test_an_app_is_found_and_opened(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await searched(ui, "support-bot", "go to this app")
        await ui.press("enter")
        browser = await browser_of(ui)
        await ui.until(lambda: {entry.app for entry in browser.table.rows} == {"support-bot"}, "the app's rows")
        node = browser.query_one(NamespaceTree).cursor_node
        assert node is not None
        assert node.data == "support-bot"


async def test_a_parameter_is_found_from_another_screen_and_gone_to(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("2")
        await ui.until(lambda: isinstance(ui.app.screen, DuplicatesScreen))
        await searched(ui, "jwtsign", "auth/jwt-signing-key", "go to this parameter")
        await ui.press("enter")
        browser = await browser_of(ui)
        await ui.until(lambda: browser.entry is not None and browser.entry.name == "/demo-team/auth/jwt-signing-key")


async def test_a_parameter_that_the_filter_hides_is_gone_to_all_the_same(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("slash")
        await ui.type("app:web")
        await ui.press("enter")
        await searched(ui, "jwtsign", "auth/jwt-signing-key")
        await ui.press("enter")
        browser = await browser_of(ui)
        await ui.until(lambda: browser.entry is not None and browser.entry.name == "/demo-team/auth/jwt-signing-key")
        assert ui.app.session.filter_text == ""


async def test_it_shows_no_value(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await searched(ui, "made-up-jwt")
        assert "made-up-jwt-key" not in ui.text
        assert not any("decrypted" in call for call in team.calls)


async def test_the_commands_of_the_widget_with_the_focus_are_found_too(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        browser = await browser_of(ui)
        await searched(ui, "last row", "Bottom  (")
        await ui.press("enter")
        await ui.until(lambda: browser.table.cursor == len(browser.table.rows) - 1, "the last row")
        browser.go_to("/demo-team/auth/jwt-signing-key")
        await browser.query_one(DetailPane).open("history")
        browser.query_one(History).focus()
        await ui.sees("v2")
        await searched(ui, "two chosen versions", "Compare  (c)")
        await ui.press("enter")
        await ui.hears("Choose two versions")


async def test_a_command_of_a_widget_without_the_focus_is_not_offered(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await searched(ui, "two chosen versions", "No matches found")


async def test_escape_leaves_it(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await searched(ui, "x")
        await ui.press("escape")
        await browser_of(ui)


# Fast fingers


async def test_what_follows_the_filter_key_belongs_to_the_filter(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("slash", "j", "w", "t")
        assert ui.app.session.filter_text == "jwt"
        await ui.sees("1 of 122")


async def test_what_follows_enter_belongs_to_the_rows(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("slash", "u", "r", "l", "enter", "j", "space")
        assert ui.app.session.filter_text == "url"
        await ui.until(lambda: len(ui.app.session.team.marked) == 1, "a marked row")


async def test_the_filter_key_is_a_letter_while_one_types_a_filter(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("slash", "d", "b", "slash", "q", "1", "question_mark")
        assert ui.app.session.filter_text == "db/q1?"


async def test_the_filter_stays_from_screen_to_screen(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("slash", "u", "r", "l", "enter", "2")
        await ui.until(lambda: isinstance(ui.app.screen, DuplicatesScreen))
        await ui.sees("url")
        assert ui.app.session.filter_text == "url"


COMMANDS = {command.id: command for commands in GROUPS.values() for command in commands}
NAMES = [("dele", "delete"), ("undo", "undo"), ("DUPLICATES", "duplicates"), ("copy name", "copy-name")]


def likeness_of(query: str, name: str) -> float:
    return likeness(query, COMMANDS[name].label, COMMANDS[name].help)


@pytest.mark.parametrize(("query", "best"), NAMES)
def test_a_command_is_found_by_its_name_before_any_other(query: str, best: str) -> None:
    others = [likeness_of(query, name) for name in COMMANDS if COMMANDS[name].label != COMMANDS[best].label]
    assert likeness_of(query, best) > max(others)


def test_letters_scattered_over_a_sentence_find_no_command() -> None:
    assert [name for name in COMMANDS if likeness_of("theme", name)] == []
    assert likeness_of("full name", "copy-name") > 0
    assert likeness_of(" ", "copy-name") == 0


async def test_the_theme_is_chosen_from_the_palette(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await searched(ui, "theme", "Theme")
        await ui.press("enter")
        await ui.sees("ssmm-contrast", "ssmm-light")
