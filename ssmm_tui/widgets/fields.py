"""The parts of a form: a label beside what is filled in, and a choice between a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType


class Field(Horizontal):
    """One line of a form, with a note below what is filled in where there is something to say of it."""

    DEFAULT_CSS = """
    Field { height: auto; width: 1fr; }
    Field > .field-label { width: 10; height: 1; }
    Field > Vertical { height: auto; width: 1fr; }
    """

    def __init__(self, label: str, field: Widget, note: Widget | None = None, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._label = label
        self._field = field
        self._note = note

    def on_descendant_focus(self) -> None:
        self.add_class("-active")

    def on_descendant_blur(self) -> None:
        self.remove_class("-active")

    def compose(self) -> ComposeResult:
        yield Static(self._label, classes="field-label", markup=False)
        if self._note is None:
            yield self._field
        else:
            yield Vertical(self._field, self._note)


class Choice(Widget, can_focus=True):
    """A few words of which one is chosen; the one that is says so by its sign."""

    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("space,right,l", "turn(1)", "Next"), ("left,h", "turn(-1)", "Previous")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"choice--chosen"}

    chosen = reactive("", init=False)

    class Changed(Message):
        """Another word is chosen now."""

    def __init__(self, words: Mapping[str, str], chosen: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        """`words` are shown, by what `chosen` then is."""
        super().__init__(id=id)
        self._words = words
        self.set_reactive(Choice.chosen, chosen)

    def render(self) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis")
        for answer, words in self._words.items():
            style = self.get_component_rich_style("choice--chosen", partial=True) if answer == self.chosen else ""
            text.append(self._label(answer, words), style).append(" " * 3)
        return text

    def action_turn(self, steps: int) -> None:
        answers = list(self._words)
        self.chosen = answers[(answers.index(self.chosen) + steps) % len(answers)]

    def watch_chosen(self) -> None:
        self.post_message(self.Changed())

    def on_click(self, event: events.Click) -> None:
        end = 0
        for answer, words in self._words.items():
            end += len(self._label(answer, words)) + 3
            if event.x < end:
                self.chosen = answer
                return

    def _label(self, answer: str, words: str) -> str:
        return f"({'•' if answer == self.chosen else ' '}) {words}"
