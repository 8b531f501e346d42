"""`python -m tests.bench tui`: the terminal UI with 10,000 parameters in 200 apps, on a store that answers at once.

First paint and memory are measured in processes of their own, in turn with an empty Textual app; keys in one process.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = (140, 45)
KEYS = 60
RUNS = 7
HERE = [sys.executable, "-m", "tests.bench.tui"]


def main() -> None:
    empty, ours = [], []
    for number in range(RUNS + 1):
        for mode, found in (("empty", empty), ("first-paint", ours)):
            measured = _child(mode)
            if number:
                found.append(measured)
    base, first = (statistics.median(one["seconds"] for one in found) for found in (empty, ours))
    loaded = _child("keys")
    memory = loaded["mebibytes"] - statistics.median(one["mebibytes"] for one in empty)
    print(f"terminal UI, 10,000 parameters in 200 apps, {SIZE[0]}x{SIZE[1]}, medians; Python {sys.version.split()[0]}")
    took = f"{first * 1000:.0f} ms / {base * 1000:.0f} ms"
    print(f"{'first paint / an empty Textual app':62}{first / base:5.2f}  (at most 1.50; {took})")
    for what, milliseconds, most in (
        ("cursor key to painted", loaded["cursor"], 30),
        ("cursor key to painted, scrolling", loaded["page"], 30),
        ("filter keystroke to painted", loaded["filter"], 50),
        ("slowest key while 10,000 stream in", loaded["streaming"], 100),
    ):
        print(f"{what:62}{milliseconds:5.0f} ms  (at most {most} ms)")
    print(f"{'memory over the empty app':62}{memory:5.0f} MiB (at most 120 MiB)")


def _child(mode: str) -> dict[str, Any]:
    ended = subprocess.run([*HERE, mode], capture_output=True, text=True, check=True, env={**os.environ, "TEXTUAL_ANIMATIONS": "none"})
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tell(**found: object) -> None:
    sys.__stdout__.write(json.dumps({"mebibytes": _memory(), **found}) + "\n")
    sys.__stdout__.flush()


# Inside the processes that are measured


def _empty() -> None:
    began = time.perf_counter()
    from textual.app import App

    class Empty(App[None]):
        def on_mount(self) -> None:
            self.call_after_refresh(self.painted)

        def painted(self) -> None:
            self.took = time.perf_counter() - began
            self.exit()

    app = Empty()
    app.run(headless=True, size=SIZE)
    _tell(seconds=app.took)


def _first_paint() -> None:
    began = time.perf_counter()
    from ssmm_core.settings import Settings
    from ssmm_tui.app import SsmmApp
    from ssmm_tui.preferences import Preferences
    from ssmm_tui.screens.browse import BrowseScreen

    took: list[float] = []

    async def furnish(screen: BrowseScreen) -> None:  # what the first screen calls after its first paint
        took.append(time.perf_counter() - began)
        screen.app.set_timer(0.1, screen.app.exit)

    BrowseScreen.furnish = furnish  # type: ignore[method-assign]
    app = SsmmApp("/large", lambda: _nothing(Settings()), Preferences(), environ={})
    app.run(headless=True, size=SIZE)
    if app.crashed is not None:
        raise app.crashed
    _tell(seconds=took[0])


def _nothing(_settings: object) -> Any:
    raise AssertionError("nothing is connected before the first paint")


async def _keys() -> None:
    from ssmm_core.settings import Settings
    from ssmm_tui.app import SsmmApp
    from ssmm_tui.preferences import Preferences
    from ssmm_tui.session import Connected
    from ssmm_tui.widgets.parameter_table import ParameterTable
    from tests.support.memory import large_store

    store = large_store()
    store.hold["describe"] = answer = threading.Event()
    app = SsmmApp("/large", lambda: Connected(store, Settings(prefix="/large")), Preferences(), environ={})
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        answer.set()
        streaming = []
        while len(app.screen.query_one(ParameterTable).rows) < 10_000:
            streaming.append(await _painted(app, "down"))
        while app.session.loading:
            streaming.append(await _painted(app, "down"))
        await pilot.pause(0.5)
        cursor = [await _painted(app, "down") for _ in range(KEYS // 2)]
        page = [await _painted(app, "pagedown") for _ in range(KEYS // 2)]
        await pilot.press("slash")
        typed = []
        for word in ("database", "token", "app:app-1", "key-4 secret", "zzz"):
            keys = [{":": "colon", "-": "minus", " ": "space"}.get(char, char) for char in word]
            typed += [await _painted(app, key) for key in (*keys, *["backspace"] * len(keys))]
    sys.__stdout__.write(
        json.dumps(
            {
                "mebibytes": _memory(),
                "cursor": statistics.median(cursor) * 1000,
                "page": statistics.median(page) * 1000,
                "filter": statistics.median(typed) * 1000,
                "streaming": max(streaming) * 1000,
            }
        )
        + "\n"
    )


async def _painted(app: Any, key: str) -> float:
    """Seconds from a key to the moment when all that follows from it is painted."""
    from textual import events

    painted = asyncio.Event()
    began = time.perf_counter()
    app.post_message(events.Key(key, key if len(key) == 1 else {"space": " ", "colon": ":", "minus": "-"}.get(key)))

    def then() -> None:
        app.screen.call_after_refresh(painted.set)

    app.call_later(lambda: app.call_later(lambda: app.screen.call_later(then)))
    await painted.wait()
    return time.perf_counter() - began


MODES: dict[str, Callable[[], None]] = {"empty": _empty, "first-paint": _first_paint, "keys": lambda: asyncio.run(_keys())}

if __name__ == "__main__":
    MODES[sys.argv[1]]()
