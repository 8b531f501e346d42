"""Drive the terminal UI as a person does: press keys, wait for what should appear, read the screen, keep its picture."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from textual import events
from textual._context import visible_screen_stack
from textual.widgets import Input, TextArea

from ssmm_core.settings import Settings
from ssmm_core.store.demo_team import ROOT
from ssmm_tui.app import SsmmApp
from ssmm_tui.preferences import Preferences
from ssmm_tui.session import Connected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from textual.pilot import Pilot

    from ssmm_core.store import ParameterStore

Test = TypeVar("Test")
NOW = 1_795_000_000.0
"""2026-11-18, the day on which every picture is drawn."""
PATIENCE = 500
"""Turns of the event loop, of a hundredth of a second, before what should appear counts as missing."""
RESTS = 12
"""Turns without a change after which nothing more is expected."""
SIZES = {"80x24": (80, 24), "140x45": (140, 45)}
THEMES = ("ssmm-dark", "ssmm-light")
PICTURES = Path(__file__).parent.parent / "tui" / "pictures"
KEYS = {" ": "space", "/": "slash", ":": "colon", "=": "equals_sign", "*": "asterisk", ">": "greater_than_sign", "-": "minus",
        ".": "full_stop", ",": "comma", "_": "underscore", "?": "question_mark", "@": "at", "!": "exclamation_mark"}  # fmt: skip


class Ui:
    """A running terminal UI."""

    def __init__(self, app: SsmmApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys by Textual's names for them."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type a text, as fast as a terminal hands it over."""
        for char in text:
            self.app.post_message(events.Key(KEYS.get(char, char), char))
        await self.pilot.pause()

    async def until(self, holds: Callable[[], object], what: str = "") -> None:
        """Wait until something holds."""
        for _ in range(PATIENCE):
            if holds():
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"this never came: {what or holds}\n{self.text}")

    async def sees(self, *texts: str) -> None:
        """Wait until all these texts are on the screen."""
        await self.until(lambda: all(text in self.text for text in texts), f"{texts} on the screen")

    async def sees_no(self, *texts: str) -> None:
        """Wait until none of these texts is on the screen."""
        await self.until(lambda: not any(text in self.text for text in texts), f"{texts} gone from the screen")

    async def hears(self, *texts: str) -> None:
        """Wait until notifications say all these texts."""
        await self.until(lambda: all(text in self.told for text in texts), f"{texts} told")

    async def loaded(self) -> None:
        """Wait until everything was read and drawn."""
        await self.until(lambda: not self.app.session.loading, "the whole catalogue")
        await self.pilot.pause()

    async def mark(self, *names: str) -> None:
        """Mark parameters, whatever is in sight."""
        await self.loaded()
        self.app.session.team.marked.update(names)
        self.app.changed()
        await self.sees(f"{len(names)} marked", "app:billing")

    async def carry_out(self) -> None:
        """From a form through its plan, which must go well."""
        await self.press("f2")
        await self.sees("carries it out")
        await self.press("enter")
        await self.sees("done")

    async def rests(self) -> None:
        """Wait until the screen stays as it is: what a screen reads or lays out a little later has come."""
        before, quiet = "", 0
        for _ in range(PATIENCE):
            now = self.text
            quiet = quiet + 1 if now == before else 0
            if quiet >= RESTS:
                return
            before = now
            await self.pilot.pause(0.01)
        raise AssertionError(f"this never rests\n{self.text}")

    @property
    def told(self) -> str:
        """What notifications say at present; tests do not draw them."""
        return "\n".join(f"{one.title}: {one.message}" for one in self.app._notifications)

    @property
    def text(self) -> str:
        """What is on the screen, as text."""
        visible_screen_stack.set(self.app._background_screens)  # else a question is drawn on nothing, and the drawing kept
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    @property
    def svg(self) -> str:
        """What is on the screen, as a picture that is the same whenever it is drawn."""
        for field in self.app.screen.query("Input, TextArea").results(Input | TextArea):
            field.cursor_blink = False
        return re.sub(r"terminal-\d+", "terminal", self.app.export_screenshot(title="ssmm"))

    async def keeps_picture(self, name: str) -> None:
        """Compare the screen with its stored picture. With DRAW_PICTURES=1 in the environment it is stored instead: then look at it."""
        await self.pilot.pause()
        path = PICTURES / f"{name}.svg"
        drawn = self.svg
        if os.environ.get("DRAW_PICTURES"):
            path.write_text(drawn, encoding="utf-8")
            return
        assert path.exists(), f"there is no picture {path}; DRAW_PICTURES=1 draws it"
        if drawn != path.read_text(encoding="utf-8"):
            Path(f"{name}.svg").write_text(drawn, encoding="utf-8")  # in the test's own directory
            lines = difflib.unified_diff(words(path.read_text(encoding="utf-8")), words(drawn), "stored", "drawn", lineterm="", n=1)
            raise AssertionError(f"{name} looks different; it is drawn in {Path.cwd()}\n" + "\n".join(lines))


@contextlib.asynccontextmanager
async def running(
    store: ParameterStore | None,
    *,
    size: tuple[int, int] = (140, 45),
    root: str = ROOT,
    theme: str = "ssmm-dark",
    preferences: Preferences | None = None,
    read_only: bool = False,
    environ: Mapping[str, str] | None = None,
    connect: Callable[[], Connected] | None = None,
    clock: Callable[[], float] = lambda: NOW,
) -> AsyncIterator[Ui]:
    """The terminal UI on a store, or on what `connect` gives; copying goes to the terminal unless `environ` says otherwise."""
    chosen = preferences or Preferences()
    settings = Settings(prefix=root, write_rate=None, state_directory=str(Path.cwd() / "state"))
    app = SsmmApp(
        root,
        connect or (lambda: Connected(store, settings)),  # type: ignore[arg-type]
        Preferences(**{**vars(chosen), "theme": chosen.theme or theme}),
        environ={"SSH_TTY": "/dev/made-up"} if environ is None else environ,
        read_only=read_only,
        clock=clock,
    )
    async with app.run_test(size=size) as pilot:
        yield Ui(app, pilot)
        app.exit()  # as a person leaves: whatever still runs then has nobody to tell


def pictured(test: Test) -> Test:
    """For a test that keeps a picture: one run for each `size` and `theme` that pictures are kept in."""
    in_themes = pytest.mark.parametrize("theme", THEMES)
    return in_themes(pytest.mark.parametrize("size", SIZES)(test))


def words(svg: str) -> list[str]:
    """The texts of a picture, which say more of a difference than coordinates do."""
    return [text.replace("&#160;", " ").rstrip() for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]
