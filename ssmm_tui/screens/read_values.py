"""Before many values are decrypted at once, a person is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from ssmm_tui.screens.base import Question

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ssmm_tui.session import Session


class ReadValuesQuestion(Question[bool | None]):
    """True: go ahead. `count` is how many values are about to be decrypted."""

    BINDINGS: ClassVar[list[BindingType]] = [("y", "agree", "Read them")]

    def __init__(self, session: Session, count: int) -> None:
        super().__init__(session)
        self._count = count

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Read all values", classes="dialog-title")
            yield Static(f"Reads and decrypts all {self._count:,} values once; nothing is shown.", markup=False)
            yield Static("What is kept is which of them are equal. The decryption stands in AWS's audit log.", classes="hint")
            with Horizontal(classes="buttons"):
                yield Button("y  Read them", variant="primary", id="agree", compact=True)
                yield Button("Esc  Back", id="back", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(True if event.button.id == "agree" else None)

    def action_agree(self) -> None:
        self.dismiss(True)
