"""Who has the floor: one flow of questions and plans at a time, whatever keys come while one screen goes and the next is not there yet."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest
from textual import events

from ssmm_core.errors import AccessDenied
from ssmm_tui.screens import waiting
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.screens.editor import Editor
from ssmm_tui.screens.palette import Palette
from ssmm_tui.screens.plan import PlanScreen
from ssmm_tui.screens.waiting import Waiting
from tests.support.memory import MemoryStore
from tests.support.tui import KEYS, running
from tests.tui.editing import edit, one_parameter, paste, stored

if TYPE_CHECKING:
    from tests.support.tui import Ui

TYPED = "made-up-and-typed"
DENIED = AccessDenied("not allowed to kms:GenerateDataKey", action="kms:GenerateDataKey", resource="*")


def at_once(ui: Ui, *keys: str) -> None:
    """Keys that are all there before the first of them is answered."""
    names = {"escape": "\x1b", "enter": "\r"}
    for key in keys:
        ui.app.post_message(events.Key(KEYS.get(key, key), names.get(key, key if len(key) == 1 else None)))


def screens(ui: Ui) -> list[type]:
    return [type(screen) for screen in ui.app.screen_stack]


async def at_rest_in_the_browser(ui: Ui) -> None:
    await ui.rests()
    assert ui.app.crashed is None
    assert not ui.app._exit
    assert screens(ui) == [BrowseScreen]


async def reading_slowly(ui: Ui, store: MemoryStore) -> threading.Event:
    """A value is read to be edited, until the event is set."""
    await ui.loaded()
    hold = store.hold["get decrypted"] = threading.Event()
    await ui.press("e")
    await ui.sees("Esc gives it up")
    return hold


# While something is read


async def test_no_other_flow_begins_while_a_value_is_read_to_be_edited() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await ui.loaded()
        hold = store.hold["get decrypted"] = threading.Event()
        await ui.press("e", "s", "d", "q", "2")
        await ui.sees("Reading ", "Esc gives it up")
        hold.set()
        await ui.sees("Edit version")
        await ui.rests()
        assert screens(ui) == [BrowseScreen, Waiting, Editor]


async def test_what_takes_too_long_can_be_given_up_and_opens_nothing_later() -> None:
    store = one_parameter()
    async with running(store) as ui:
        hold = await reading_slowly(ui, store)
        await ui.press("escape")
        await ui.sees_no("Esc gives it up")
        hold.set()
        await at_rest_in_the_browser(ui)


async def test_giving_up_before_the_review_leads_back_to_what_was_typed() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await edit(ui)
        await paste(ui, TYPED)
        hold = store.hold["get decrypted"] = threading.Event()
        await ui.press("f2")
        await ui.sees("Esc gives it up")
        await ui.press("escape")
        await ui.sees("Edit version")
        hold.set()
        await ui.press("f2")
        await ui.sees("1 step.")
        await ui.press("enter")
        await ui.sees("1 done.")
    assert TYPED in stored(store)


async def test_what_is_read_at_once_is_not_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    announced: list[str] = []
    monkeypatch.setattr(waiting.Waiting, "_announce", lambda _self, saying: announced.append(saying))
    async with running(one_parameter()) as ui:
        await edit(ui)
        assert announced == []


# Between a form and its plan


@pytest.mark.parametrize("key", ["q", "d", "2", "escape", "enter", "f2"])
async def test_a_key_right_behind_a_form_reaches_nothing_below_it(key: str) -> None:
    store = one_parameter()
    async with running(store) as ui:
        await edit(ui)
        await paste(ui, TYPED)
        at_once(ui, "f2", key)
        await ui.rests()
        assert not ui.app._exit
        assert screens(ui)[:2] == [BrowseScreen, Waiting]
        if isinstance(ui.app.screen, PlanScreen):
            await ui.press("escape")
            await ui.sees("Edit version")
        await ui.press("f3")
        await ui.sees(TYPED)
    assert "put" not in store.calls


async def test_a_draft_whose_write_was_refused_comes_back() -> None:
    store = one_parameter()
    async with running(store) as ui:
        await edit(ui)
        await paste(ui, TYPED)
        await ui.press("f2")
        await ui.sees("1 step.")
        store.refuse["put"] = DENIED
        await ui.press("enter")
        await ui.sees("1 failed", DENIED.message)
        await ui.press("escape")
        await ui.sees("Edit version")
        store.refuse.clear()
        await ui.press("f2")
        await ui.sees("1 step.")
        await ui.press("enter")
        await ui.sees("1 done.")
    assert TYPED in stored(store)


# Keys that come twice


@pytest.mark.parametrize(
    ("mode", "opening"),
    [
        *(("1", key) for key in ("t", "s", "n", "i", "m", "d", "e", "c", "x", "u", "question_mark", "ctrl+p")),
        *(("2", key) for key in ("p", "x", "ctrl+p")),
        *(("3", key) for key in ("a", "t", "w", "m")),
    ],
)
async def test_keys_that_come_before_a_screen_is_there_or_after_it_went_do_no_harm(team: MemoryStore, mode: str, opening: str) -> None:
    async with running(team, size=(100, 30)) as ui:
        await ui.loaded()
        await ui.press(mode)
        at_once(ui, opening, "enter", "down", "f2", "escape", "escape", "escape")
        await ui.rests()
        at_once(ui, opening)
        await ui.rests()
        at_once(ui, "escape", "escape", "escape", "escape")
        await ui.rests()
        assert ui.app.crashed is None
        assert not ui.app._exit
    assert not {"put", "delete", "add_tags", "remove_tags"} & set(team.calls)


async def test_a_command_chosen_twice_in_the_palette_is_begun_once(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("ctrl+p")
        await ui.type("new")
        await ui.sees("create a parameter")
        at_once(ui, "enter", "enter")
        await ui.sees("New parameter")
        await ui.press("escape")
        await at_rest_in_the_browser(ui)


async def test_a_theme_chosen_twice_leaves_what_lies_below_it(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("n")
        await ui.sees("New parameter")
        await ui.press("ctrl+p")
        await ui.type("theme")
        await ui.press("enter")
        await ui.sees("Search for themes…")
        await ui.type("ssmm-light")
        await ui.sees("ssmm-light")
        at_once(ui, "enter", "enter")
        await ui.until(lambda: ui.app.theme == "ssmm-light", "the theme")
        await ui.rests()
        assert screens(ui) == [BrowseScreen, Waiting, Editor]


# The end


async def test_being_told_to_end_waits_for_the_requests_under_way_and_tells_what_was_done(team: MemoryStore) -> None:
    hold = team.hold["add_tags"] = threading.Event()
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("a", "s")
        await ui.sees("carries it out")
        await ui.press("enter")
        await ui.until(lambda: team.calls.count("add_tags") == 3, "requests under way")
        ui.app._end()
        await ui.sees("Stopping after the requests under way")
        assert not ui.app._exit
        hold.set()
        await ui.until(lambda: ui.app._exit, "the end")
        (told,) = ui.app._exit_renderables
    assert re.fullmatch(r"Tag \d+ parameters: 3 done, \d+ not begun\.", str(told))


async def test_told_twice_to_end_it_tells_its_account_once(team: MemoryStore) -> None:
    hold = team.hold["add_tags"] = threading.Event()
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("s")
        await ui.sees("carries it out")
        await ui.press("enter")
        await ui.until(lambda: "add_tags" in team.calls, "a request under way")
        ui.app._end()
        ui.app._end()
        hold.set()
        await ui.until(lambda: ui.app._exit, "the end")
        assert [str(told) for told in ui.app._exit_renderables] == ["Tag 1 parameter: 1 done."]


@pytest.mark.parametrize("keys", [("q", "d"), ("q", "e"), ("1", "2", "3", "q"), ("d", "q")])
async def test_keys_right_behind_the_one_that_leaves_begin_nothing(team: MemoryStore, keys: tuple[str, ...]) -> None:
    async with running(team) as ui:
        await ui.loaded()
        at_once(ui, *keys)
        await ui.rests()
        assert ui.app.crashed is None


# What else could come between


async def test_the_palette_does_not_open_over_what_is_awaited() -> None:
    store = one_parameter()
    async with running(store) as ui:
        hold = await reading_slowly(ui, store)
        await ui.press("ctrl+p")
        hold.set()
        await ui.sees("Edit version")
        await ui.press("escape")
        await at_rest_in_the_browser(ui)


async def test_what_lies_below_a_flow_goes_even_if_something_stands_over_it_when_it_ends(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        lowest = Waiting()
        ui.app.push_screen(lowest)
        ui.app.push_screen(Palette())
        lowest.end()
        await ui.rests()
        await ui.press("escape")
        await at_rest_in_the_browser(ui)


@pytest.mark.parametrize("opening", ["ctrl+p", "t", "c"])
@pytest.mark.parametrize("key", ["pageup", "pagedown"])
async def test_a_list_that_is_not_laid_out_yet_does_not_page(team: MemoryStore, opening: str, key: str) -> None:
    async with running(team) as ui:
        await ui.loaded()
        at_once(ui, opening, key, key)
        await ui.rests()
        assert ui.app.crashed is None


async def test_a_jump_is_dropped_where_a_question_was_begun_behind_it(team: MemoryStore) -> None:
    async with running(team) as ui:
        await ui.loaded()
        await ui.press("3")
        await ui.sees("Variable")
        at_once(ui, "enter", "a")
        await ui.rests()
        assert ui.app.current_mode == "environment"
        assert len(ui.app.screen_stack) == 3
        await ui.press("escape", "1")
        await at_rest_in_the_browser(ui)
