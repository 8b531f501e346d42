"""The terminal UI's tests: pictures are drawn in one time zone, and with colours."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from textual.css.stylesheet import Stylesheet

from tests.support.memory import MemoryStore, demo_store
from tests.support.tui import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.css.model import RuleSet
    from textual.css.types import CSSLocation


@pytest.fixture(scope="session", autouse=True)
def styles_are_parsed_once() -> Iterator[None]:
    """Each test has an app of its own, for which Textual parses the same styles anew: an eighth of a test's time."""
    parse = Stylesheet._parse_rules
    known: dict[tuple[object, ...], list[RuleSet]] = {}

    def parse_once(self: Stylesheet, css: str, read_from: CSSLocation, *more: Any, **named: Any) -> list[RuleSet]:
        key = (css, read_from, more, tuple(sorted(named.items())), tuple(sorted(self._variables.items())))
        if key not in known:
            known[key] = parse(self, css, read_from, *more, **named)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture(autouse=True)
def plain_surroundings(scrubbed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """UTC and colours; and what waits for a person's eyes, or for more news, waits only a little."""
    for moment in ("app.TOGETHER_SECONDS", "screens.plan.LOOK_SECONDS", "sight.REST_SECONDS", "widgets.detail.SETTLE_SECONDS"):
        monkeypatch.setattr(f"ssmm_tui.{moment}", 0.02)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def team() -> MemoryStore:
    """The demonstration team, in memory."""
    return demo_store(NOW)
