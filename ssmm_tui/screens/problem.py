"""What stands in the way of seeing anything: what is missing, how to mend it, and a way to try again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from ssmm_core.visible import visible
from ssmm_tui.screens.base import LeftOnce

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ssmm_core.errors import SsmmError


class ProblemScreen(ModalScreen[bool], LeftOnce[bool]):
    """True: try again. False: leave."""

    BINDINGS: ClassVar[list[BindingType]] = [("r", "retry", "Retry"), ("q,escape", "leave", "Quit")]

    def __init__(self, error: SsmmError, doing: str) -> None:
        super().__init__()
        self._error = error
        self._doing = doing

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -error"):
            yield Static(f"Could not {self._doing}", classes="dialog-title", markup=False)
            yield Static(visible(self._error.message), markup=False, id="problem")
            if self._error.hint:
                yield Static(visible(self._error.hint), markup=False, id="remedy")
            with Horizontal(classes="buttons"):
                yield Button("r  Retry", variant="primary", id="retry", compact=True)
                yield Button("q  Quit", id="leave", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "retry")

    def action_retry(self) -> None:
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)
