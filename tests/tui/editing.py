"""What the tests of the editor and of what comes after it share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from ssmm_tui.screens.browse import BrowseScreen
from tests.support.memory import MemoryStore

if TYPE_CHECKING:
    from tests.support.tui import Ui

NAME = "/demo-team/web/api-token"
SENTINEL = "sentinel-7f3a-made-up"
TAGS = {"app": "web", "env": "prod"}


def one_parameter(value: str = SENTINEL) -> MemoryStore:
    """A team with one parameter, and another app."""
    store = MemoryStore()
    store.seed("/demo-team/worker/log-path", "/var/log/made-up", "String", {"app": "worker", "shared": "true"})
    store.seed(NAME, value, tags=TAGS)
    return store


async def edit(ui: Ui, name: str = NAME) -> None:
    """Open the editor on a parameter."""
    await ui.loaded()
    browser = ui.app.screen
    assert isinstance(browser, BrowseScreen)
    browser.go_to(name)
    await ui.press("e")
    await ui.sees("Edit version", "bytes")


async def paste(ui: Ui, text: str) -> None:
    """What a terminal sends when a person pastes."""
    ui.app.post_message(events.Paste(text))
    await ui.pilot.pause()


async def blur(ui: Ui) -> None:
    """The terminal loses focus."""
    ui.app.post_message(events.AppBlur())
    await ui.pilot.pause()


async def carry_out(ui: Ui) -> None:
    """From the editor through the plan, which must go well."""
    await ui.press("f2")
    await ui.sees("1 step.")
    await ui.press("enter")
    await ui.sees("1 done.")
    await ui.press("escape")


def stored(store: MemoryStore, name: str = NAME) -> str:
    """The newest value, without noting that it was asked for."""
    value = store._kept[name].versions[-1].value
    assert value is not None
    return value.reveal()


def is_nowhere(ui: Ui, *secrets: str) -> bool:
    """Whether none of these can be read off the screen or its picture."""
    return not any(secret in ui.text or secret in ui.svg for secret in secrets)
