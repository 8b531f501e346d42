"""Copy a value without showing it, and take it back: the way that works where this terminal is.

- locally pyperclip, which passes text on standard input and can read the clipboard back;
- inside tmux `load-buffer -w -`: its default passes no program's own escape sequence on (measured on tmux 3.3a);
- over SSH, or where there is no other way, the terminal's own escape sequence, OSC 52.
"""

from __future__ import annotations

import os
import subprocess
import threading
from typing import TYPE_CHECKING, Final, Protocol

from ssmm_core.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ssmm_core.secret import SecretValue

TMUX_SECONDS: Final = 5
BLANK: Final = " "
"""What clears a terminal's clipboard: tmux, here or before the terminal that SSH was called in, passes nothing on for an empty text."""


class Way(Protocol):
    """One way to the clipboard. `reads_back` says whether it can be seen what the clipboard holds now."""

    name: str
    reads_back: bool

    def write(self, text: str) -> None:
        """Put `text` there; empty text clears it."""

    def read(self) -> str:
        """What is there now."""


class Desktop:
    """The desktop's clipboard, through pyperclip."""

    name = "clipboard"
    reads_back = True

    def write(self, text: str) -> None:
        import pyperclip

        pyperclip.copy(text)
        if self.read() != text:  # the programs behind it are not asked how they ended
            raise CommandFailed("the clipboard did not take it", hint="Reveal the value instead.")

    def read(self) -> str:
        import pyperclip

        return str(pyperclip.paste())

    @staticmethod
    def is_there() -> bool:
        """Whether pyperclip finds a program or library that reaches a clipboard."""
        import pyperclip

        copy, _paste = pyperclip.determine_clipboard()
        return bool(copy)


class Tmux:
    """The terminal's clipboard, through the tmux that this runs in. Its buffer is deleted at once."""

    name = "terminal's clipboard, through tmux"
    reads_back = False

    def write(self, text: str) -> None:
        buffer = f"ssmm-{os.urandom(4).hex()}"
        command = ["tmux", "load-buffer", "-b", buffer, "-w", "-", ";", "delete-buffer", "-b", buffer]
        try:
            subprocess.run(command, input=(text or BLANK).encode(), capture_output=True, timeout=TMUX_SECONDS, check=True)
        except (OSError, subprocess.SubprocessError):
            raise CommandFailed("tmux load-buffer failed", hint="The value was not copied.") from None

    def read(self) -> str:
        raise CommandFailed("the terminal's clipboard cannot be read")


class Terminal:
    """The terminal's clipboard, by the escape sequence OSC 52, which `send` writes."""

    name = "terminal's clipboard (OSC 52)"
    reads_back = False

    def __init__(self, send: Callable[[str], None]) -> None:
        self._send = send

    def write(self, text: str) -> None:
        self._send(text or BLANK)

    def read(self) -> str:
        raise CommandFailed("the terminal's clipboard cannot be read")


def way(environ: Mapping[str, str], send: Callable[[str], None]) -> Way:
    """The way to the clipboard of the person who sits before this terminal."""
    if environ.get("TMUX"):
        return Tmux()
    remote = environ.get("SSH_TTY") or environ.get("SSH_CONNECTION")
    return Terminal(send) if remote or not Desktop.is_there() else Desktop()


class Clipboard:
    """What was copied, until it is cleared. Its calls may come from several threads; they wait for each other."""

    def __init__(self, choose: Callable[[], Way]) -> None:
        self._choose = choose
        self._way: Way | None = None
        self._held: list[SecretValue] = []
        self._is_closed = False
        self._lock = threading.Lock()

    @property
    def may_hold(self) -> bool:
        """Whether a value may be there that is to be taken back."""
        return bool(self._held)

    def copy(self, value: SecretValue, *, passes: bool = True) -> Way:
        """Put a value there; the way that was taken. One that `passes` is held, so that it can be taken back.

        Raises:
            CommandFailed: it could not be copied. It may be there all the same, and is held.
        """
        with self._lock:
            if self._is_closed:
                raise CommandFailed("the clipboard is left alone from now on", hint="This is about to end.")
            way = self._way = self._way or self._choose()
            if passes:
                self._held.append(value)
            _guarded(lambda: way.write(value.reveal()))
            self._held = [value] if passes else []
            return way

    def clear(self) -> bool:
        """Take it back: where the clipboard can be read only if it still holds the value, else always. Whether it was cleared.

        Raises:
            CommandFailed: it could not be cleared; it is held still.
        """
        with self._lock:
            return self._clear()

    def close(self) -> None:
        """Clear it for good, after what is being copied now; nothing is copied any more.

        Raises:
            CommandFailed: it could not be cleared.
        """
        with self._lock:
            self._is_closed = True
            self._clear()

    def _clear(self) -> bool:
        way = self._way
        if way is None or not self._held:
            return False
        theirs = way.reads_back and _guarded(way.read) not in [value.reveal() for value in self._held]
        if not theirs:
            _guarded(lambda: way.write(""))
        self._held = []
        return not theirs


def _guarded(act: Callable[[], object]) -> object:
    """What a clipboard's library raises may hold the text itself."""
    try:
        return act()
    except CommandFailed:
        raise
    except Exception:
        raise CommandFailed("the clipboard cannot be reached", hint="Reveal the value instead.") from None
