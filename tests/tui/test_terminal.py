"""From end to end: a real process in a real terminal, on the demonstration server."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
TOKEN = "made-up-jwt-key-000000000000000000001"


@pytest.fixture
def terminal(scrubbed: Path) -> Iterator[Terminal]:
    """`ssmm-tui --demo` on a screen of 120 x 40."""
    command = [sys.executable, "-m", "ssmm_tui", "--demo"]
    started = Terminal(command, size=(120, 40), environment=dict(os.environ), directory=str(scrubbed))
    yield started
    started.stop()


def test_a_person_filters_reveals_copies_tags_undoes_and_leaves(terminal: Terminal) -> None:
    terminal.sees("/demo-team", "auth/database-url", "billing-api")
    terminal.press("/")
    terminal.type("jwt")
    terminal.sees("1 of 122", "auth/jwt-signing-key")
    terminal.press("Enter")
    assert TOKEN not in terminal.screen
    terminal.press("x")
    terminal.sees(TOKEN)
    terminal.press("x")
    terminal.sees_no(TOKEN)
    terminal.press("y")
    terminal.until(lambda: TOKEN in terminal.copied, "the value in the terminal's clipboard")
    terminal.sees("Copied the value of /demo-team/auth/jwt-signing-key")
    assert terminal.tmux("list-buffers") == ""
    terminal.press("s")
    terminal.sees("shared=true", "carries it out")
    terminal.press("Enter")
    terminal.sees("1 done")
    terminal.press("Escape")
    terminal.sees("◆ auth/jwt-signing-key")
    terminal.press("u")
    terminal.sees("Undo", "carries it out")
    terminal.press("Enter")
    terminal.sees("1 done")
    terminal.press("Escape")
    terminal.sees("q Quit", "  auth/jwt-signing-key")
    terminal.sees_no("◆ auth/jwt-signing-key")
    terminal.press("q")
    terminal.ended()
    assert TOKEN not in terminal.copied[-1:]


def test_nothing_of_the_demonstration_remains(scrubbed: Path) -> None:
    temporary = scrubbed / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "ssmm_tui", "--demo"]
    terminal = Terminal(command, size=(120, 40), environment=environment, directory=str(scrubbed))
    try:
        terminal.sees("122", "auth/db-host")
        terminal.press("d")
        terminal.sees("Delete 1 parameter", "carries it out")
        terminal.press("Enter")
        terminal.sees("1 done", "backup")
        assert len(list(temporary.glob("ssmm-demo-*/backups/*.json"))) == 1
        terminal.press("Escape")
        terminal.sees("/demo-team  121")
        terminal.press("q")
        terminal.ended()
    finally:
        terminal.stop()
    assert list(temporary.iterdir()) == []
    assert list((scrubbed.parent / "home").iterdir()) == []
