"""Every command: declared once, there where it says it is, and under the key that a person gave it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from ssmm_core.settings import Settings
from ssmm_tui import commands
from ssmm_tui.app import SsmmApp
from ssmm_tui.commands import GROUPS, Command, display_key
from ssmm_tui.preferences import Preferences
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.screens.changed import ChangedQuestion
from ssmm_tui.screens.compare import CompareScreen
from ssmm_tui.screens.duplicates import DuplicatesScreen
from ssmm_tui.screens.editor import Editor
from ssmm_tui.screens.environment import EnvironmentScreen
from ssmm_tui.screens.help import sections
from ssmm_tui.screens.plan import PlanScreen
from ssmm_tui.session import Connected
from ssmm_tui.widgets.history import History
from ssmm_tui.widgets.matrix_table import MatrixTable
from ssmm_tui.widgets.parameter_table import ParameterTable
from tests.support.tui import running

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore

CARRIERS: dict[str, tuple[type, ...]] = {
    "Everywhere": (SsmmApp,),
    "Filter": (BrowseScreen, DuplicatesScreen, EnvironmentScreen),
    "Browse": (BrowseScreen,),
    "Rows": (ParameterTable,),
    "History": (History,),
    "Duplicates": (DuplicatesScreen,),
    "Environment": (EnvironmentScreen,),
    "Matrix": (MatrixTable,),
    "Editor": (Editor, ChangedQuestion),
    "Compare": (CompareScreen,),
    "Plan": (PlanScreen,),
}
ALL = [command for group in GROUPS.values() for command in group]
KEPT_FREE = {f"ctrl+{key}" for key in ("b", "c", "d", "q", "s", "z", "w", "u", "p", "backslash", "v", "y", "o", "a")}
"""What tmux, screen, terminals and shells take for themselves, and the palette."""


@pytest.mark.parametrize("group", GROUPS)
def test_every_command_has_an_action_where_it_is_carried(group: str) -> None:
    for command in GROUPS[group]:
        method = f"action_{command.action.partition('(')[0]}"
        assert any(hasattr(carrier, method) for carrier in CARRIERS[group]), command.id
        for carrier in CARRIERS[group]:
            bound = {binding.id for one in carrier.__mro__ for binding in vars(one).get("BINDINGS", []) if hasattr(binding, "id")}
            assert command.id in bound or len(CARRIERS[group]) > 1, (carrier, command.id)


def test_every_group_of_the_module_is_in_the_help() -> None:
    declared = [one for one in vars(commands).values() if isinstance(one, tuple) and one and isinstance(one[0], Command)]
    assert {command.id for group in declared for command in group} == {command.id for command in ALL}


def test_ids_are_unique_and_every_command_explains_itself() -> None:
    assert len({command.id for command in ALL}) == len(ALL)
    assert all(command.help and command.label for command in ALL)


def test_no_key_is_one_that_a_terminal_or_multiplexer_takes() -> None:
    taken = {command.id: command.key for command in ALL if KEPT_FREE & set(command.key.split(","))}
    assert taken == {}


@pytest.mark.parametrize(
    ("command", "shown"), [("help", "?"), ("filter", "/"), ("reload", "^r"), ("last-column", "$"), ("mark", "Space"), ("back", "Esc")]
)
def test_a_key_is_shown_as_it_is_pressed(command: str, shown: str) -> None:
    assert display_key(command, {}) == shown


async def test_help_names_every_command_with_its_key(team: MemoryStore) -> None:
    async with running(team, size=(140, 140)) as ui:
        await ui.loaded()
        told = [(key, meaning.plain) for _title, lines in sections(ui.app.session) for key, meaning in lines]
        assert [command.id for command in ALL if (display_key(command.id, {}), f"{command.help}  [{command.id}]") not in told] == []
        await ui.press("question_mark")
        await ui.sees(*GROUPS, *(command.help[:40] for command in ALL))


@pytest.mark.parametrize("mode", ["1", "2", "3"])
async def test_the_footer_fits_at_80_columns_as_far_as_help_and_palette(team: MemoryStore, mode: str) -> None:
    async with running(team, size=(80, 24)) as ui:
        await ui.loaded()
        await ui.press(mode)
        await ui.rests()
        assert "? Help" in ui.text.splitlines()[-1]
        assert "palette" in ui.text.splitlines()[-1]


# Keys of one's own


async def test_a_new_key_works_and_the_old_one_does_nothing(team: MemoryStore) -> None:
    keys = {"reveal": "f6", "columns": "x", "help": "f1", "down": "f7"}
    async with running(team, size=(180, 45), preferences=Preferences(keys=keys, reveal_seconds=3600)) as ui:
        await ui.loaded()
        browser = ui.app.screen
        assert isinstance(browser, BrowseScreen)
        await ui.sees("f6 shows it for a while")
        await ui.press("f6")
        await ui.until(lambda: browser.reveal.shown, "a value")
        await ui.press("f6")
        await ui.until(lambda: browser.reveal.shown is None, "no value")
        await ui.press("f7")
        assert browser.table.cursor == 1
        await ui.press("question_mark", "j")
        await ui.rests()
        assert ui.app.screen is browser
        assert browser.table.cursor == 1
        last = ui.text.splitlines()[-1]
        assert "f6 Reveal" in last
        assert "f1 Help" in last
        await ui.press("x")
        await ui.sees("Space shows or hides")


async def test_new_keys_are_in_the_help(team: MemoryStore) -> None:
    async with running(team, preferences=Preferences(keys={"reveal": "f6", "filter": "full_stop"})) as ui:
        await ui.loaded()
        shown = {meaning.plain.split()[-1]: key for _title, lines in sections(ui.app.session) for key, meaning in lines}
        assert shown["[reveal]"] == "f6"
        assert shown["[filter]"] == "."
        await ui.sees(". fuzzy, or app:billing")
        await ui.press("full_stop", "j", "w", "t")
        await ui.sees("1 of 122")


async def test_exchanged_keys_are_exchanged(team: MemoryStore) -> None:
    async with running(team, preferences=Preferences(keys={"reveal": "y", "copy-value": "x"})) as ui:
        await ui.loaded()
        await ui.press("x")
        await ui.hears("Copied the value of")
        assert isinstance(ui.app.screen, BrowseScreen)
        assert ui.app.screen.reveal.shown is None


# At any moment

KEYS = sorted({key for command in ALL for key in command.key.split(",")} - {"q"})


@pytest.mark.parametrize("mode", ["1", "2", "3"])
async def test_no_key_does_harm_before_anything_is_read(team: MemoryStore, mode: str) -> None:
    wait = threading.Event()

    def connecting() -> Connected:
        assert wait.wait(60)
        return Connected(team, Settings(prefix="/demo-team", write_rate=None))

    async with running(None, connect=connecting) as ui:
        await ui.press(mode)
        for key in KEYS:
            if key not in "123":
                await ui.press(key)
                await ui.pilot.pause()
        await ui.press("escape", "escape", "escape", "1")
        wait.set()
        await ui.loaded()
        assert ui.app.crashed is None


@pytest.mark.parametrize("mode", ["1", "2", "3"])
async def test_no_key_does_harm_where_there_is_nothing(team: MemoryStore, mode: str) -> None:
    async with running(team, root="/nobody") as ui:
        await ui.loaded()
        await ui.press(mode)
        for key in KEYS:
            if key not in "123":
                await ui.press(key, "escape")
                await ui.pilot.pause()
        assert ui.app.crashed is None
    assert not {"put", "delete", "add_tags", "remove_tags"} & set(team.calls)
