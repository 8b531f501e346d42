"""Copying through a real terminal: what reaches the outer one, and that it is taken back."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.terminal import Terminal

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
TOKEN = "made-up-jwt-key-000000000000000000001"
Started = Callable[[Sequence[str]], Terminal]
PROGRAM = [sys.executable, "-m", "ssmm_tui", "--demo"]


@pytest.fixture
def started(scrubbed: Path) -> Iterator[Started]:
    """A terminal with the program in it; values stay in the clipboard for a second."""
    configuration = Path(os.environ["HOME"], ".config", "ssmm", "config.toml")
    configuration.parent.mkdir(parents=True)
    configuration.write_text("[tui]\nclipboard_seconds = 1\n")
    running: list[Terminal] = []

    def start(command: Sequence[str]) -> Terminal:
        running.append(Terminal(command, size=(120, 40), environment=dict(os.environ), directory=str(scrubbed)))
        return running[-1]

    yield start
    for terminal in running:
        terminal.stop()


def copy(terminal: Terminal) -> None:
    terminal.sees("auth/database-url")
    terminal.press("/")
    terminal.type("jwt")
    terminal.sees("1 of 122")
    terminal.press("Enter")
    terminal.press("y")
    terminal.until(lambda: TOKEN in terminal.copied, "the value in the outer terminal's clipboard")


def test_inside_tmux_it_passes_through_and_is_cleared_after_its_time(started: Started) -> None:
    terminal = started(PROGRAM)
    copy(terminal)
    terminal.sees("Copied the value")
    terminal.until(lambda: terminal.copied[-1] == " ", "the clearing")
    terminal.until(lambda: terminal.tmux("list-buffers") == "", "no buffer left")
    terminal.press("q")
    terminal.ended()
    assert terminal.copied == [TOKEN, " "]


def test_over_ssh_the_program_itself_writes_the_escape_sequence(started: Started) -> None:
    terminal = started(["env", "-u", "TMUX", "SSH_TTY=/dev/made-up", *PROGRAM])
    terminal.sees("auth/database-url")
    terminal.tmux("set-option", "-s", "set-clipboard", "on")  # or it would not pass it on
    copy(terminal)
    terminal.until(lambda: terminal.copied[-1] == " ", "the clearing")
    assert TOKEN not in terminal.screen
    terminal.press("q")
    terminal.ended()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_is_cleared_when_the_program_is_told_to_end(started: Started, number: signal.Signals) -> None:
    Path(os.environ["HOME"], ".config", "ssmm", "config.toml").write_text("[tui]\nclipboard_seconds = 600\n")
    terminal = started(PROGRAM)
    copy(terminal)
    os.kill(int(terminal.tmux("display-message", "-p", "#{pane_pid}")), number)
    terminal.ended()
    assert terminal.copied == [TOKEN, " "]
