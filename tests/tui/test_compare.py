"""Two versions of one parameter compared."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ssmm_core.errors import KeyUnavailable
from ssmm_tui.preferences import Preferences
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.screens.compare import CompareScreen
from ssmm_tui.widgets.detail import DetailPane
from ssmm_tui.widgets.history import History
from tests.support.tui import NOW, SIZES, pictured, running
from tests.tui.editing import NAME, SENTINEL, blur, is_nowhere, one_parameter

if TYPE_CHECKING:
    from tests.support.memory import MemoryStore
    from tests.support.tui import Ui

OLDER = f'{{"host": "db.demo.internal", "password": "{SENTINEL}", "pool": [1, 2]}}'
NEWER = '{"host": "db.demo.internal","password": "another-made-up","pool": [1]}'


def two_versions(older: str = OLDER, newer: str = NEWER) -> MemoryStore:
    store = one_parameter(older)
    store.seed(NAME, newer, at=NOW - 3600, author="arn:aws:iam::123456789012:user/deploy")
    store.mark(NAME, 2, ["current"])
    return store


async def compare(ui: Ui, versions: tuple[int, int] = (1, 2)) -> None:
    await ui.loaded()
    ui.app.push_screen(CompareScreen(ui.app.session, NAME, versions))
    await ui.sees(f"Versions {versions[0]} and {versions[1]} of {NAME}")


@pictured
async def test_only_metadata_is_told_before_somebody_asks(size: str, theme: str) -> None:
    store = two_versions()
    async with running(store, size=SIZES[size], theme=theme) as ui:
        await compare(ui)
        await ui.sees("current", "deploy", "ada", "2026-11-18", "not compared", "x decrypts both values and compares them.", "Back")
        assert [call for call in store.calls if "decrypted" in call] == []
        await ui.keeps_picture(f"compare-{size}-{theme}")


@pictured
async def test_lines_that_differ_have_their_signs(size: str, theme: str) -> None:
    store = two_versions()
    async with running(store, size=SIZES[size], theme=theme) as ui:
        await compare(ui)
        await ui.press("x")
        await ui.sees(
            "The values differ. Both are JSON, and laid out alike here.",
            f'-   "password": "{SENTINEL}"',
            '+   "password": "another-made-up"',
        )
        assert store.calls.count("get_version decrypted") == 2
        await ui.keeps_picture(f"compare-values-{size}-{theme}")


async def test_equal_values_are_said_to_be_equal_and_not_shown() -> None:
    async with running(two_versions(SENTINEL, SENTINEL)) as ui:
        await compare(ui)
        await ui.press("x")
        await ui.sees("The values are the same.")
        assert is_nowhere(ui, SENTINEL)


async def test_the_same_key_hides_what_it_showed_and_the_verdict_stays() -> None:
    async with running(two_versions()) as ui:
        await compare(ui)
        await ui.press("x")
        await ui.sees(SENTINEL)
        await ui.press("x")
        await ui.until(lambda: is_nowhere(ui, SENTINEL, "another-made-up"))
        await ui.sees("differ")


async def test_values_hide_by_themselves() -> None:
    async with running(two_versions(), preferences=Preferences(reveal_seconds=0.2)) as ui:
        await compare(ui)
        await ui.press("x")
        await ui.sees("differ", "x decrypts both values")
        assert is_nowhere(ui, SENTINEL, "another-made-up")


async def test_values_hide_when_the_terminal_loses_focus() -> None:
    async with running(two_versions()) as ui:
        await compare(ui)
        await ui.press("x")
        await ui.sees(SENTINEL)
        await blur(ui)
        await ui.until(lambda: is_nowhere(ui, SENTINEL, "another-made-up"))


async def test_values_that_arrive_after_they_were_hidden_are_not_shown() -> None:
    store = two_versions()
    async with running(store) as ui:
        await compare(ui)
        store.hold["get_version"] = threading.Event()
        await ui.press("x")
        await ui.sees("reading both values…")
        await ui.press("x")
        store.hold.pop("get_version").set()
        await ui.until(lambda: store.calls.count("get_version decrypted") == 2)
        await ui.sees("differ")
        assert is_nowhere(ui, SENTINEL, "another-made-up")


async def test_a_value_that_cannot_be_decrypted_says_why_and_can_be_asked_for_again() -> None:
    store = two_versions()
    async with running(store) as ui:
        await compare(ui)
        store.refuse["get_version"] = KeyUnavailable("the KMS key is disabled")
        await ui.press("x")
        await ui.hears("the KMS key is disabled")
        await ui.sees("x decrypts both values")
        store.refuse.clear()
        await ui.press("x")
        await ui.sees(SENTINEL)


async def test_a_version_that_is_gone_is_told() -> None:
    async with running(two_versions()) as ui:
        await compare(ui, (1, 7))
        await ui.sees(f"version 7 of {NAME} is not kept any more")


async def test_a_value_cannot_steer_the_terminal() -> None:
    async with running(two_versions("a\x1b[31mb\r\n[bold]", "c")) as ui:
        await compare(ui)
        await ui.press("x")
        await ui.sees("- a\\x1b[31mb\\r", "- [bold]", "+ c")


async def test_leaving_leads_back_to_the_browser() -> None:
    async with running(two_versions()) as ui:
        await compare(ui)
        await ui.press("escape")
        await ui.until(lambda: isinstance(ui.app.screen, BrowseScreen))


async def test_two_versions_are_chosen_in_the_history() -> None:
    async with running(two_versions()) as ui:
        await ui.loaded()
        browser = ui.app.screen
        assert isinstance(browser, BrowseScreen)
        browser.go_to(NAME)
        await browser.query_one(DetailPane).open("history")
        await ui.sees("v2", "v1")
        browser.query_one(History).focus()
        await ui.press("down", "c")
        await ui.sees(f"Versions 1 and 2 of {NAME}")
