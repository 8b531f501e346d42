"""A sentinel stands for every secret value, old and new, and is nowhere but where somebody asked to see it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual import constants
from textual.message_pump import MessagePump
from textual.worker import Worker

from ssmm_tui.commands import GROUPS
from ssmm_tui.preferences import Preferences
from ssmm_tui.screens.browse import BrowseScreen
from ssmm_tui.widgets.detail import DetailPane
from ssmm_tui.widgets.history import History
from tests.support.memory import MemoryStore
from tests.support.tui import Ui, running

SENTINEL = "s3ntinel"
"""Short: no column and no dialog cuts it."""
LONG = Preferences(reveal_seconds=3600, clipboard_seconds=3600)
TOKEN = "/demo-team/web/api-token"
ASKS = {"reveal", "quit", "browse", "duplicates", "environment"}
"""Commands that show a value, or lead away."""


@pytest.fixture
def secrets() -> MemoryStore:
    """Three apps and the shared namespace, in which every secret is the sentinel."""
    store = MemoryStore()
    for app in ("mailer", "shared", "web", "worker"):
        for key in ("api-token", "db-url"):
            store.seed(f"/demo-team/{app}/{key}", f"{SENTINEL} older")
            store.seed(f"/demo-team/{app}/{key}", SENTINEL, tags={"env": "prod"} | ({"shared": "true"} if app == "worker" else {}))
        store.seed(f"/demo-team/{app}/slack-token", SENTINEL, "String")  # a finding
        store.seed(f"/demo-team/{app}/host", "plain.made-up", "String")
    store.mark(TOKEN, 1, ["stable"])
    return store


class Record:
    """Everything that is written, posted or started beside the screen."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    @property
    def leaks(self) -> list[str]:
        return [line for line in self.lines if SENTINEL in line]


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Record]:
    """Messages by their repr, workers by name and description, Python's log, and Textual's own."""
    kept = Record()
    post, make = MessagePump.post_message, Worker.__init__

    def noting(self: MessagePump, message: Any) -> bool:
        kept.lines.append(repr(message))
        return post(self, message)

    def making(self: Worker[object], *arguments: Any, **named: Any) -> None:
        make(self, *arguments, **named)
        kept.lines.append(f"{self.name} {self.group} {self.description} {self!r}")

    monkeypatch.setattr(MessagePump, "post_message", noting)
    monkeypatch.setattr(Worker, "__init__", making)
    log = tmp_path / "textual.log"
    monkeypatch.setattr(constants, "LOG_FILE", str(log))
    with caplog.at_level(logging.DEBUG):
        yield kept
    kept.lines += [entry.getMessage() for entry in caplog.records]
    kept.lines += log.read_text().splitlines()
    assert kept.leaks == []


async def is_silent(ui: Ui, after: str) -> None:
    """Once everything rests, the sentinel is neither on the screen nor said."""
    await ui.rests()
    assert SENTINEL not in ui.text, after
    assert SENTINEL not in ui.told, after


async def press(ui: Ui, *keys: str) -> None:
    """Press keys one by one, with a look after each."""
    for key in keys:
        await ui.press(key)
        await is_silent(ui, key)


async def back(ui: Ui) -> None:
    """Leave whatever is open."""
    for _ in range(4):
        if len(ui.app.screen_stack) > 1:
            assert SENTINEL not in ui.svg
            await press(ui, "escape")
    assert len(ui.app.screen_stack) == 1


async def at_token(ui: Ui) -> BrowseScreen:
    await ui.loaded()
    browser = ui.app.screen
    assert isinstance(browser, BrowseScreen)
    browser.go_to(TOKEN)
    await is_silent(ui, "start")
    return browser


def keys_of(group: str) -> list[str]:
    return [command.key.split(",")[0] for command in GROUPS[group] if command.id not in ASKS]


async def test_browsing(secrets: MemoryStore, record: Record) -> None:
    async with running(secrets, preferences=LONG) as ui:
        await at_token(ui)
        for key in (*keys_of("Rows"), *keys_of("Browse")):
            await press(ui, key)
            await back(ui)
        await press(ui, "slash", "u", "r", "l", "enter", "escape", "ctrl+r", "question_mark", "escape", "u")
    assert secrets.calls.count("get decrypted") == 2  # to copy, and to edit


@pytest.mark.parametrize("tab", ["value", "tags", "history", "layers", "metadata"])
async def test_the_tabs(secrets: MemoryStore, record: Record, tab: str) -> None:
    async with running(secrets, preferences=LONG) as ui:
        browser = await at_token(ui)
        for name in (TOKEN, "/demo-team/web/slack-token"):
            browser.go_to(name)
            await browser.query_one(DetailPane).open(tab)
            await is_silent(ui, tab)
    assert not any("decrypted" in call for call in secrets.calls)


async def test_history_and_comparing(secrets: MemoryStore, record: Record) -> None:
    async with running(secrets, preferences=LONG) as ui:
        browser = await at_token(ui)
        await browser.query_one(DetailPane).open("history")
        browser.query_one(History).focus()
        await press(ui, "space", "down", "space", "c")
        await back(ui)
        browser.query_one(History).focus()
        await press(ui, "end", "r")
        await ui.sees("carries it out")
        await press(ui, "enter")
        await ui.sees("1 done.")
        await press(ui, "u")
        await ui.sees("carries it out")
        await press(ui, "enter")
        await ui.sees("1 done.")
        await back(ui)


@pytest.mark.parametrize("key", ["s", "t", "d", "m", "e", "n", "i"])
async def test_what_writes_as_far_as_its_plan(secrets: MemoryStore, record: Record, key: str) -> None:
    async with running(secrets, preferences=LONG) as ui:
        await at_token(ui)
        await press(ui, key, "f2")
        if key == "d":
            await ui.sees("carries it out")
            await press(ui, "enter")
            await ui.sees("1 done.")
        await back(ui)
        await press(ui, "u", "enter")
        await back(ui)


async def test_duplicates(secrets: MemoryStore, record: Record) -> None:
    async with running(secrets, preferences=LONG) as ui:
        await at_token(ui)
        await press(ui, "2")
        for key in keys_of("Duplicates"):
            await press(ui, key)
            if len(ui.app.screen_stack) > 1 and key == "x":
                await press(ui, "y")
            await back(ui)
        await press(ui, "2", "tab", "l", "j", "space", "p", "f2")
        await back(ui)
    assert any("decrypted" in call for call in secrets.calls)


async def test_environment_and_matrix(secrets: MemoryStore, record: Record) -> None:
    async with running(secrets, preferences=LONG) as ui:
        await at_token(ui)
        for key in keys_of("Environment"):
            await press(ui, "3", key)
            if len(ui.app.screen_stack) > 1 and key == "x":
                await press(ui, "y")
            await back(ui)
        await press(ui, "3", "m", *keys_of("Matrix"), "j", "x")
        await back(ui)


async def test_the_palette(secrets: MemoryStore, record: Record) -> None:
    async with running(secrets, preferences=LONG) as ui:
        await at_token(ui)
        await press(ui, "ctrl+p", "t", "o", "k", "e", "n", "escape")


async def test_what_was_revealed_is_gone_from_messages_too(secrets: MemoryStore, record: Record) -> None:
    async with running(secrets, preferences=LONG) as ui:
        await at_token(ui)
        await ui.press("x")
        await ui.sees(SENTINEL)
        await press(ui, "x", "y")
