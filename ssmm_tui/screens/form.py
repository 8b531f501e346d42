"""A question with several fields, whose answer becomes a plan."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic

from textual.containers import Horizontal, Vertical
from textual.screen import ScreenResultType
from textual.widgets import Button, Static

from ssmm_core.visible import visible
from ssmm_tui.screens.base import Question

if TYPE_CHECKING:
    from typing import Self

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.visual import VisualType


class Form(Question[ScreenResultType], Generic[ScreenResultType]):
    """F2, or the button, goes on to the plan; whoever turns away from that finds what was typed, by `again`."""

    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]  # noqa: RUF012 - declared so by Textual
    BINDINGS: ClassVar[list[BindingType]] = [("f2", "review", "Review")]

    @abstractmethod
    def action_review(self) -> None:
        """Answer, or say what stands in the way."""

    @abstractmethod
    def again(self) -> Self:
        """The same question, as it was filled in when it was answered."""

    @property
    def is_touched(self) -> bool:
        """Whether there is more here than a person would type again without regret."""
        return False

    def action_turn_away(self) -> None:
        if self.is_touched:
            self.app.push_screen(LeaveQuestion(self.session), self._leave)
        else:
            self.dismiss(None)

    def _leave(self, may_be_lost: bool | None) -> None:
        if may_be_lost:
            self.dismiss(None)

    def on_mount(self) -> None:
        self.say("")

    def compose_end(self) -> ComposeResult:
        """What every form ends with: what is wrong, and the ways to go on."""
        yield Static(id="form-problem", classes="problem", markup=False)
        with Horizontal(classes="buttons"):
            yield Button("F2  Review", variant="primary", id="review", compact=True)
            yield Button("Esc  Back", id="back", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "review":
            self.action_review()
        else:
            self.action_turn_away()

    def say(self, problem: str) -> None:
        """Say what is wrong; nothing is where that is empty."""
        self.show("#form-problem", f"✗ {visible(problem)}" if problem else "")

    def show(self, where: str, text: VisualType) -> None:
        """Show a text in its place, which takes no room while there is none."""
        place = self.query_one(where, Static)
        place.update(text)
        place.display = bool(text)


class LeaveQuestion(Question[bool]):
    """True: what was changed may be lost."""

    BINDINGS: ClassVar[list[BindingType]] = [("d", "discard", "Discard")]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static("Leave without reviewing?", classes="dialog-title")
            yield Static("What you changed here is not stored, and would be lost.")
            with Horizontal(classes="buttons"):
                yield Button("Esc  Stay", variant="primary", id="stay", compact=True)
                yield Button("d  Discard", id="discard", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "discard")

    def action_discard(self) -> None:
        self.dismiss(True)
