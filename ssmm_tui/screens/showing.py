"""Show and copy the value of one parameter: the only places where browsing decrypts."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from textual.message import Message

from ssmm_core.errors import NotFound
from ssmm_core.secret import SecretValue
from ssmm_tui.reveal import Reveal
from ssmm_tui.screens.base import SsmmScreen
from ssmm_tui.workers import in_thread

if TYPE_CHECKING:
    from ssmm_core.catalogue import Entry
    from ssmm_tui.session import Session


class Showing(SsmmScreen[None]):
    """A screen with one parameter under its cursor."""

    class CopyWanted(Message):
        """A text is to be copied; `what` names it. A value `passes`: it is taken back after a while."""

        def __init__(self, value: SecretValue, what: str, *, passes: bool = True) -> None:
            super().__init__()
            self.value = value
            self.what = what
            self.passes = passes

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.reveal = Reveal(self, session.preferences.reveal_seconds, self.draw_reveal)

    @property
    @abstractmethod
    def entry(self) -> Entry | None:
        """The parameter under the cursor."""

    @abstractmethod
    def draw_reveal(self) -> None:
        """A value came to the screen, or went."""

    @property
    def revealed(self) -> SecretValue | None:
        """The value of the parameter under the cursor, while a person asked to see it."""
        shown, entry = self.reveal.shown, self.entry
        return shown[1] if shown is not None and entry is not None and shown[0] == entry.name else None

    def action_reveal(self) -> None:
        entry = self.entry
        if self.reveal.shown is not None:
            self.reveal.hide()
        elif entry is not None:
            self.begin(self.reveal.show(entry.name, entry.version, lambda: self._read_value(entry.name)), "reveal")

    def action_copy_value(self) -> None:
        if entry := self.entry:
            self.begin(self._copy(entry), "copy")

    async def _copy(self, entry: Entry) -> None:
        value = await in_thread(lambda: self._read_value(entry.name))
        self.post_message(self.CopyWanted(value, f"the value of {entry.name}"))

    def action_copy_name(self) -> None:
        if entry := self.entry:
            self.post_message(self.CopyWanted(SecretValue(entry.name), f"the name {entry.name}", passes=False))

    def _read_value(self, name: str) -> SecretValue:
        store = self.session.store
        found = store.get([name], decrypt=True, budget=store.budget()).get(name)
        if found is None or found.value is None:
            raise NotFound(f"{name} is gone", hint="Read everything again.")
        return found.value

    def on_screen_suspend(self) -> None:
        self.reveal.hide()
