"""The terminal UI's tests: pictures are drawn in one time zone, and with colours."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.support.memory import MemoryStore, demo_store
from tests.support.tui import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
