"""A real terminal: tmux, with a client attached to it through a pseudo-terminal, whose bytes can be looked at."""

from __future__ import annotations

import base64
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PATIENCE = 60.0
"""Seconds before what should appear counts as missing."""
OSC_52 = re.compile(rb"\x1b\]52;[^;]*;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)")


class Terminal:
    """A program in tmux, on a screen of `size` columns and rows, with its own tmux server."""

    def __init__(self, command: Sequence[str], *, size: tuple[int, int], environment: Mapping[str, str], directory: str) -> None:
        self._tmux = ["tmux", "-S", os.path.join(directory, "tmux"), "-f", "/dev/null"]
        told = {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES")}  # the test runner's own
        self._environment = {**told, "TERM": "xterm-256color"}
        self._written = bytearray()
        self._master, slave = pty.openpty()
        columns, rows = size
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._client = subprocess.Popen(
            [*self._tmux, "new-session", "-x", str(columns), "-y", str(rows), *command, ";", "set", "status", "off"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=self._environment,
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names for them (`Enter`, `Escape`, `C-p`)."""
        self.tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self.tmux("send-keys", "-l", text)

    @property
    def screen(self) -> str:
        """What is on the screen; empty once the program has ended."""
        return self.tmux("capture-pane", "-p")

    @property
    def copied(self) -> list[str]:
        """What was sent to the outer terminal's clipboard, the latest last."""
        return [base64.b64decode(found).decode() for found in OSC_52.findall(bytes(self._written))]

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait until something holds."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"this never came: {what}\n{self.screen}")

    def sees(self, *texts: str) -> None:
        """Wait until all these texts are on the screen."""
        self.until(lambda: all(text in self.screen for text in texts), f"{texts} on the screen")

    def sees_no(self, text: str) -> None:
        """Wait until this text is gone from the screen."""
        self.until(lambda: text not in self.screen, f"{text} gone from the screen")

    def tmux(self, *arguments: str) -> str:
        """What a tmux command prints."""
        ended = subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, env=self._environment, check=False)
        return ended.stdout

    def ended(self) -> None:
        """Wait until the program has ended, and tmux with it."""
        self._client.wait(timeout=PATIENCE)

    def stop(self) -> None:
        """End whatever still runs."""
        self.tmux("kill-server")
        self._client.wait(timeout=PATIENCE)
        self._reader.join(timeout=PATIENCE)
        os.close(self._master)

    def _read(self) -> None:
        while True:
            try:
                content = os.read(self._master, 65536)
            except OSError:  # the last writer has closed it
                return
            if not content:
                return
            self._written += content
