"""A defect of ours ends the program with its kind and place, and nothing of what it had in hand."""

from __future__ import annotations

import base64
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

SENTINEL = "s3ntinel-in-a-message"
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[P_^].*?\x1b\\|[@-Z\\^_=>])")
PATIENCE = 60.0

PROGRAM = """
import sys
from ssmm_core.settings import Settings
from ssmm_tui import __main__
from ssmm_tui.session import Connected
from tests.support.memory import demo_store

value = {sentinel!r}

def fails(*arguments, **named):
    secret = value
    raise RuntimeError(secret)

def connect(options, given):
    return Connected(demo_store(1_795_000_000.0), Settings(prefix="/demo-team", write_rate=None))

__main__.connect = connect
{patch}
sys.exit(__main__.main(["--prefix", "/demo-team"]))
"""
DEFECTS = {
    "in a thread of a flow": "import ssmm_core.operations.catalogue as one; one.load = fails",
    "in a flow": "from ssmm_tui.team import Team as one; one.settle_tags = fails",
    "in a message handler": "from ssmm_tui.screens.browse import BrowseScreen as one; one.on_parameter_table_highlighted = fails",
    "while drawing": "from ssmm_tui.widgets.status_line import StatusLine as one; one.render = fails",
    "while connecting": "__main__.connect = fails",
}


def ran(patch: str, *, keys: Sequence[tuple[str, str]] = (), environment: dict[str, str] | None = None) -> tuple[int, str]:
    """The exit code and everything that was written to its terminal. Of `keys`, each is pressed once the text before it came there."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(sentinel=SENTINEL, patch=patch)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "TERM": "xterm-256color", **(environment or {})},
        start_new_session=True,
    )
    os.close(slave)
    written, waiting, end = "", list(keys), time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if not select.select([master], [], [], 1)[0]:
            continue
        try:
            content = os.read(master, 65536)
        except OSError:  # the last writer has closed it
            break
        written += content.decode(errors="replace")
        if waiting and waiting[0][0] in ESCAPES.sub("", written):
            os.write(master, waiting.pop(0)[1].encode())
    os.close(master)
    if process.poll() is None:
        process.kill()
    return process.wait(PATIENCE), written


@pytest.mark.parametrize("patch", DEFECTS.values(), ids=DEFECTS.keys())
def test_one_line_says_kind_and_place(patch: str) -> None:
    code, raw = ran(patch)
    written = ESCAPES.sub("", raw)
    told = [line for line in written.splitlines() if "internal error" in line]
    assert code == 1, written[-2000:]
    assert len(told) == 1
    assert re.search(r"Error: internal error: RuntimeError at <string>:\d+ in fails\. This is a defect of ssmm", told[0])
    assert SENTINEL not in written
    assert "Traceback" not in written
    assert "locals" not in written


def test_a_copied_value_is_taken_back_after_a_defect_too() -> None:
    """By OSC 52, which Textual writes no more by then."""
    patch = "from ssmm_tui.screens.browse import BrowseScreen as one; one.action_mark = fails"
    code, written = ran(patch, keys=[("122", "y"), ("Copied", " ")], environment={"SSH_TTY": "/dev/made-up", "TMUX": ""})
    assert code == 1
    copied, cleared = re.findall(r"\x1b\]52;c;([^\a]*)\a", written)
    assert base64.b64decode(copied)
    assert base64.b64decode(cleared) == b" "
    assert "internal error: RuntimeError" in written


def test_textual_is_kept_from_logging_keys_and_texts(tmp_path: Path) -> None:
    log = tmp_path / "textual.log"
    code, _written = ran("", keys=[("122", "q")], environment={"TEXTUAL_LOG": str(log), "TEXTUAL": "debug,devtools"})
    assert code == 0
    assert not log.exists()
