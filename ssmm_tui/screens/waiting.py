"""What lies below a flow's questions: no key falls through to the screen below while one is closed and the next is not there yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from textual.screen import ModalScreen
from textual.widgets import Static

from ssmm_core.visible import visible
from ssmm_tui.screens.base import LeftOnce
from ssmm_tui.workers import GaveUp, in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

Result = TypeVar("Result")
QUIET_SECONDS: Final = 0.3
"""What takes no longer is not announced: a box that only flashes tells nothing."""


class Waiting(ModalScreen[None], LeftOnce[None]):
    """Invisible, until something takes long."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "give_up", "Back")]

    def __init__(self) -> None:
        super().__init__()
        self._given_up: asyncio.Event | None = None
        self._is_over = False

    def compose(self) -> ComposeResult:
        yield Static(id="waiting", markup=False)

    def on_mount(self) -> None:
        if not self.is_left:
            self.query_one("#waiting").display = False

    async def wait_for(self, work: Callable[[], Result], saying: str) -> Result:
        """What `work` returns or raises, done in a thread; Esc gives it up, and what it still brings is dropped.

        Raises:
            GaveUp: a person pressed Esc.
        """
        self._given_up = asyncio.Event()
        announcing = self.set_timer(QUIET_SECONDS, lambda: self._announce(saying))
        working, turning_away = asyncio.ensure_future(in_thread(work)), asyncio.ensure_future(self._given_up.wait())
        try:
            await asyncio.wait((working, turning_away), return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise GaveUp
            return working.result()
        finally:
            working.cancel()
            turning_away.cancel()
            announcing.stop()
            self._given_up = None
            if self.is_mounted:
                self.query_one("#waiting").display = False

    def end(self) -> None:
        """The flow has ended: go, or as soon as what lies above is gone."""
        self._is_over = True
        self.dismiss(None)

    def on_screen_resume(self) -> None:
        if self._is_over:
            self.dismiss(None)

    def _announce(self, saying: str) -> None:
        box = self.query_one("#waiting", Static)
        box.update(visible(f"{saying}…  Esc gives it up"))
        box.display = True

    def action_give_up(self) -> None:
        if self._given_up is not None:
            self._given_up.set()
