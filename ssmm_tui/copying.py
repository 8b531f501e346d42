"""What the app does when something is to be copied: in a thread, told without what it is, and taken back after its time."""

from __future__ import annotations

import base64
import sys
from typing import TYPE_CHECKING

from textual.app import App

from ssmm_core.errors import SsmmError
from ssmm_core.secret import SecretValue
from ssmm_core.visible import visible
from ssmm_tui.workers import in_thread, start

if TYPE_CHECKING:
    from textual.timer import Timer

    from ssmm_tui.screens.showing import Showing
    from ssmm_tui.session import Session


class CopyingApp(App[None], inherit_bindings=False):
    """An app whose clipboard is the session's."""

    session: Session

    def __init__(self) -> None:
        super().__init__()
        self._clearing: Timer | None = None

    def on_showing_copy_wanted(self, message: Showing.CopyWanted) -> None:
        self.copy(message.value, message.what, passes=message.passes)

    def copy_to_clipboard(self, text: str) -> None:
        """What Textual's own widgets copy goes the same way, and is taken back like a value."""
        self.copy(SecretValue(text), "the selection")

    def copy(self, value: SecretValue, what: str, *, passes: bool = True) -> None:
        """Copy in a thread; a value that `passes` is taken back after its time."""
        start(self, self._copy(value, what, passes=passes), name="copy", exclusive=True)

    async def _copy(self, value: SecretValue, what: str, *, passes: bool) -> None:
        clipboard, seconds = self.session.clipboard, self.session.preferences.clipboard_seconds
        try:
            taken = await in_thread(lambda: clipboard.copy(value, passes=passes))
        finally:
            self._clear_in(seconds)
        said = f"Copied {what} to the {taken.name}."
        if passes:
            said += f" It is cleared in {seconds:g} s{' if it still holds that' if taken.reads_back else ', whatever it holds then'}."
        self.notify(visible(said), markup=False)

    def _clear_in(self, seconds: float) -> None:
        if self._clearing is not None:
            self._clearing.stop()
        self._clearing = self.set_timer(seconds, self._clear_clipboard) if self.session.clipboard.may_hold else None

    def _clear_clipboard(self) -> None:
        start(self, self._clear(), name="clear the clipboard")

    async def _clear(self) -> None:
        try:
            cleared = await in_thread(self.session.clipboard.clear)
        except SsmmError as error:
            self._clear_in(self.session.preferences.clipboard_seconds)
            self.notify(f"{error.message}; it is tried again.", title="Still in the clipboard", severity="warning", markup=False)
            return
        if cleared:
            self.notify("The clipboard was cleared.", markup=False)

    def _send_to_terminal(self, text: str) -> None:
        """By OSC 52; once Textual has left the terminal, after a defect of ours, without it."""
        if self.is_running:
            super().copy_to_clipboard(text)
        elif sys.__stdout__ is not None:
            sys.__stdout__.write(f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a")
            sys.__stdout__.flush()
