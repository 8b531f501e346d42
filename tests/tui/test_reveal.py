"""A value is seen only by whoever asked for it, and not for long."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.widgets import Static

from ssmm_core.errors import AccessDenied
from ssmm_core.secret import MASK
from ssmm_tui.preferences import Preferences
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.widgets.detail import DetailPane
from tests.support.memory import MemoryStore
from tests.support.tui import running

if TYPE_CHECKING:
    from tests.support.tui import Ui

ROOT = "/demo-team"
SENTINEL = "s3ntinel"
"""Short enough for its column."""
TOKEN, OTHER = f"{ROOT}/web/api-token", f"{ROOT}/web/other-token"
PEM = "-----BEGIN PRIVATE KEY-----\nmade-up-line\n-----END PRIVATE KEY-----\n"
FOREVER = Preferences(reveal_seconds=3600)


@pytest.fixture
def few() -> MemoryStore:
    """A token with the sentinel, and another one."""
    store = MemoryStore()
    store.seed(TOKEN, SENTINEL)
    store.seed(OTHER, "made-up-other")
    return store


async def at(ui: Ui, name: str) -> BrowseScreen:
    """The browser, with the cursor on a parameter."""
    await ui.loaded()
    browser = ui.app.screen
    assert isinstance(browser, BrowseScreen)
    browser.go_to(name)
    await ui.until(lambda: browser.entry is not None and browser.entry.name == name)
    await ui.pilot.pause(0.1)
    return browser


async def revealed(ui: Ui, name: str = TOKEN, shown: str = SENTINEL) -> BrowseScreen:
    browser = await at(ui, name)
    await ui.press("x")
    await ui.sees(shown)
    return browser


async def test_a_value_is_masked_until_x_shows_it_in_the_row_and_in_the_value_tab(few: MemoryStore) -> None:
    async with running(few, preferences=FOREVER) as ui:
        await at(ui, TOKEN)
        await ui.sees(MASK, "x shows it for a while")
        assert "get decrypted" not in few.calls
        await ui.press("x")
        await ui.until(lambda: ui.text.count(SENTINEL) == 2, "the value twice")
        assert few.calls.count("get decrypted") == 1
        await ui.press("x")
        await ui.sees_no(SENTINEL)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (json.dumps({"de": 19, "at": [20]}), ["JSON, laid out to be read", '  "de": 19,', "    20"]),
        ('{"half": ', ['{"half": ']),
        (PEM, ["PEM: private key, 3 lines", "made-up-line"]),
        ("red\x1b[31m\x07", [r"red\x1b[31m\x07"]),
        ("[bold]no markup[/]", ["[bold]no markup[/]"]),
    ],
    ids=["json", "not json", "pem", "control characters", "markup"],
)
async def test_the_value_tab_lays_a_value_out(value: str, shown: list[str]) -> None:
    store = MemoryStore()
    store.seed(TOKEN, value)
    async with running(store, preferences=FOREVER) as ui:
        await at(ui, TOKEN)
        await ui.press("x")
        await ui.sees(*shown)


async def test_it_hides_after_its_time(few: MemoryStore) -> None:
    async with running(few, preferences=Preferences(reveal_seconds=0.5)) as ui:
        browser = await revealed(ui)
        await ui.sees_no(SENTINEL)
        assert browser.reveal.shown is None


async def test_it_hides_when_the_cursor_leaves_it(few: MemoryStore) -> None:
    async with running(few, preferences=FOREVER) as ui:
        await revealed(ui)
        await ui.press("j")
        await ui.sees_no(SENTINEL)
        await ui.press("k")
        await ui.pilot.pause(0.1)
        assert SENTINEL not in ui.text


async def test_it_hides_when_the_filter_takes_its_row_away(few: MemoryStore) -> None:
    async with running(few, preferences=FOREVER) as ui:
        await revealed(ui)
        await ui.press("slash", "o", "t", "h", "e", "r")
        await ui.sees("1 of 2")
        await ui.sees_no(SENTINEL)


async def test_it_hides_when_the_terminal_loses_focus(few: MemoryStore) -> None:
    async with running(few, preferences=FOREVER) as ui:
        await revealed(ui)
        ui.app.post_message(events.AppBlur())
        await ui.sees_no(SENTINEL)
        ui.app.post_message(events.AppFocus())
        await ui.pilot.pause()
        assert SENTINEL not in ui.text


@pytest.mark.parametrize("key", ["2", "3", "question_mark", "c", "ctrl+p", "n"])
async def test_it_hides_when_another_screen_opens(few: MemoryStore, key: str) -> None:
    async with running(few, preferences=FOREVER) as ui:
        browser = await revealed(ui)
        await ui.press(key)
        await ui.until(lambda: ui.app.screen is not browser)
        await ui.until(lambda: browser.reveal.shown is None)
        assert SENTINEL not in ui.svg


async def test_it_is_gone_from_a_tab_that_is_not_in_front(few: MemoryStore) -> None:
    async with running(few, preferences=FOREVER) as ui:
        browser = await revealed(ui)
        await browser.query_one(DetailPane).open("history")
        await ui.press("x")
        await ui.sees_no(SENTINEL)
        assert SENTINEL not in str(browser.query_one("#detail-text", Static).render())


async def test_a_value_that_arrives_after_the_cursor_moved_is_dropped(few: MemoryStore) -> None:
    hold = few.hold["get decrypted"] = threading.Event()
    async with running(few, preferences=FOREVER) as ui:
        browser = await at(ui, TOKEN)
        await ui.press("x")
        await ui.until(lambda: "get decrypted" in few.calls)
        await ui.press("j")
        hold.set()
        await ui.until(lambda: not any(worker.name == "reveal" for worker in ui.app.workers), "the end of the flow")
        assert browser.reveal.shown is None
        assert SENTINEL not in ui.text


async def test_a_value_that_arrives_while_nobody_looks_is_dropped(few: MemoryStore) -> None:
    hold = few.hold["get decrypted"] = threading.Event()
    async with running(few, preferences=FOREVER) as ui:
        browser = await at(ui, TOKEN)
        await ui.press("x")
        ui.app.post_message(events.AppBlur())
        await ui.until(lambda: not ui.app.app_focus)
        hold.set()
        await ui.until(lambda: not any(worker.name == "reveal" for worker in ui.app.workers), "the end of the flow")
        assert browser.reveal.shown is None


async def test_a_value_that_arrives_after_somebody_looked_away_and_back_is_dropped(few: MemoryStore) -> None:
    hold = few.hold["get decrypted"] = threading.Event()
    async with running(few) as ui:
        browser = await at(ui, TOKEN)
        await ui.press("x")
        await ui.until(lambda: "get decrypted" in few.calls, "reading")
        ui.app.post_message(events.AppBlur())
        await ui.until(lambda: not ui.app.app_focus, "the focus lost")
        ui.app.post_message(events.AppFocus())
        await ui.until(lambda: ui.app.app_focus, "the focus back")
        hold.set()
        await ui.rests()
        assert browser.reveal.shown is None
        assert SENTINEL not in ui.text


async def test_a_refusal_is_told_without_the_value(few: MemoryStore) -> None:
    few.refuse["get decrypted"] = AccessDenied("not allowed to kms:Decrypt on the key", action="kms:Decrypt", resource="*")
    async with running(few, preferences=FOREVER) as ui:
        browser = await at(ui, TOKEN)
        await ui.press("x")
        await ui.hears("Not done", "not allowed to kms:Decrypt")
        assert SENTINEL not in ui.told
        assert browser.reveal.shown is None
        few.refuse.clear()
        await ui.press("x")
        await ui.sees(SENTINEL)


async def test_a_parameter_that_is_gone_is_told(few: MemoryStore) -> None:
    async with running(few) as ui:
        await at(ui, TOKEN)
        few.drop(TOKEN)
        await ui.press("x")
        await ui.hears(f"{TOKEN} is gone")


async def test_a_string_is_shown_plainly_and_a_secret_stored_as_one_is_masked_and_marked(team: MemoryStore) -> None:
    async with running(team, preferences=FOREVER) as ui:
        await at(ui, f"{ROOT}/reports/db-port")
        await ui.sees("5432")
        browser = await at(ui, f"{ROOT}/reports/slack-token")
        await ui.sees("! This is ", "store it as a SecureString (e)")
        row = next(line for line in ui.text.splitlines() if " reports/slack-token" in line)
        assert "!" in row
        assert MASK in row
        assert "made-up-slack-token" not in ui.text
        assert browser.entry is not None
        assert browser.entry.finding
        await ui.press("x")
        await ui.sees("made-up-slack-token", "! This is ")
    assert team.calls.count("get decrypted") == 1


async def test_json_that_is_nested_too_deep_is_shown_as_it_is() -> None:
    store = MemoryStore()
    store.seed(TOKEN, "[" * 2000)
    async with running(store) as ui:
        await revealed(ui, shown="[" * 40)
        assert ui.app.crashed is None


async def test_a_value_goes_when_a_reload_brings_a_newer_version(few: MemoryStore) -> None:
    async with running(few) as ui:
        browser = await revealed(ui)
        few.seed(TOKEN, "made-up-and-newer")
        await ui.press("ctrl+r")
        await ui.until(lambda: browser.reveal.shown is None, "the value gone")
        await ui.sees_no(SENTINEL)
