"""A question with a field to type in, and a list that follows from what is typed."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ScreenResultType
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from ssmm_tui.screens.base import Question
from ssmm_tui.widgets.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.text import Text
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from ssmm_tui.session import Session


class ListQuestion(Question[ScreenResultType], Generic[ScreenResultType]):
    """The field keeps the focus; the arrow keys move through the list, Enter answers."""

    DEFAULT_CSS = """
    ListQuestion OptionList { height: auto; max-height: 34vh; margin: 1 0; scrollbar-size-vertical: 1; }
    ListQuestion #answer { min-height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", priority=True, show=False),
        Binding("down", "move(1)", priority=True, show=False),
    ]
    title_text = ""
    placeholder = ""
    keys: Sequence[str] = ()
    """What each key does, for the lines at the end."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._ids: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self.title_text, classes="dialog-title", markup=False)
            yield self.field()
            choices = Options(compact=True)
            choices.can_focus = False
            yield choices
            yield Static(id="answer", markup=False)
            yield Static("\n".join(self.keys), classes="hint", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Enter  Accept", variant="primary", id="accept", compact=True)
                yield Button("Esc  Back", id="back", compact=True)

    def field(self) -> Input:
        """The field to type in."""
        return Input(placeholder=self.placeholder, compact=True)

    @abstractmethod
    def rows(self) -> Iterable[tuple[str, Text]]:
        """The list: what each row stands for, and how it is shown."""

    @abstractmethod
    def answer_text(self) -> str:
        """What Enter answers now, or why it does not."""

    @abstractmethod
    def action_accept(self) -> None:
        """Answer, if there can be an answer."""

    @abstractmethod
    def pick(self, row: str) -> None:
        """A row was clicked."""

    def on_mount(self) -> None:
        self.draw()

    def draw(self) -> None:
        """Show what follows from the state now; the highlight stays on its row where that is still there."""
        stood, rows = self.highlighted, list(self.rows())
        self._ids = [row for row, _ in rows]
        choices = self.query_one(OptionList)
        choices.set_options(Option(text) for _, text in rows)
        choices.display = bool(rows)
        choices.highlighted = self._ids.index(stood) if stood in self._ids else 0 if rows else None
        self._lay_out_answer()

    @property
    def typed(self) -> str:
        return self.query_one(Input).value

    @property
    def highlighted(self) -> str:
        """What the highlighted row stands for; empty where there is none."""
        at = self.query_one(OptionList).highlighted
        return self._ids[at] if at is not None and at < len(self._ids) else ""

    def highlight(self, row: str) -> None:
        """Put the highlight on a row, if it is there."""
        if row in self._ids:
            self.query_one(OptionList).highlighted = self._ids.index(row)

    def action_move(self, rows: int) -> None:
        choices = self.query_one(OptionList)
        choices.action_cursor_down() if rows > 0 else choices.action_cursor_up()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._lay_out_answer()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_index < len(self._ids):  # the list may have become shorter since it was clicked
            self.pick(self._ids[event.option_index])

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.action_accept() if event.button.id == "accept" else self.action_turn_away()

    def _lay_out_answer(self) -> None:
        said = self.answer_text()
        self.query_one("#answer", Static).update(said)
        self.query_one("#answer").set_class(said.startswith("✗"), "problem")
