"""A field of several lines for a value: masked until somebody asks to see it, and exact to the byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from rich.segment import Segment
from rich.text import Text
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import DocumentNavigator, WrappedDocument

from ssmm_core.secret import MASK, SecretValue
from ssmm_tui.exact_document import ExactDocument
from ssmm_tui.glimpse import Glimpse

if TYPE_CHECKING:
    from textual import events
    from textual.geometry import Offset

BLIND_ACTIONS: Final = frozenset({"delete_left", "delete_right", "copy", "cut", "paste", "undo", "redo"})
"""What can be done to a value that is masked; `copy` and `cut` then do nothing."""


class SecretArea(TextArea):
    """Masked, it draws the same whatever it holds, and its cursor cannot be moved.

    A value that nobody edited is wholly selected whenever it is masked, so that what is typed or pasted then takes its place instead of
    mixing with it unseen. What is shown is masked again after `seconds` without a key, and when the terminal loses focus.
    """

    DEFAULT_CSS = """
    SecretArea { border: none; padding: 0 1; }
    SecretArea.-masked { overflow: hidden hidden; }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    class Toggled(Message):
        """The value was shown, or masked again."""

    def __init__(self, value: SecretValue, seconds: float, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id, placeholder=placeholder, compact=True, classes="-masked", highlight_cursor_line=False)
        self._loaded = value
        self._glimpse = Glimpse(self, seconds, self._show_or_mask)
        self.document = ExactDocument(value.reveal())
        self.wrapped_document = WrappedDocument(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)

    def on_mount(self) -> None:
        self.select_all()

    @property
    def value(self) -> SecretValue:
        """What it holds now."""
        return SecretValue(self.text)

    @property
    def is_edited(self) -> bool:
        """Whether it holds something else than what it was given."""
        return self.value != self._loaded

    @property
    def is_shown(self) -> bool:
        return self._glimpse.is_on

    def toggle(self) -> None:
        """Show the value, or mask it."""
        self._glimpse.toggle()

    def mask(self) -> None:
        self._glimpse.hide()

    def _show_or_mask(self) -> None:
        self.set_class(not self.is_shown, "-masked")
        if not self.is_edited:
            self.move_cursor((0, 0)) if self.is_shown else self.select_all()
        self.refresh(layout=True)
        self.post_message(self.Toggled())

    def on_text_area_changed(self) -> None:
        self._glimpse.prolong()

    def on_text_area_selection_changed(self) -> None:
        self._glimpse.prolong()

    # Drawing

    def render_line(self, y: int) -> Strip:
        if self.is_shown or not self.text:
            return super().render_line(y)
        style = self.rich_style
        if y:
            return Strip.blank(self.size.width, style)
        cursor = self.get_component_rich_style("text-area--cursor") if self.has_focus else style
        return Strip([Segment(MASK, style), Segment(" ", cursor)]).adjust_cell_length(self.size.width, style)

    def get_line(self, line_index: int) -> Text:
        return Text("".join(map(_drawn, self.document.get_line(line_index))), end="", no_wrap=True)

    @property
    def cursor_screen_offset(self) -> Offset:
        return super().cursor_screen_offset if self.is_shown else self.content_region.offset

    # What must not be done to a masked value

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_shown and action not in BLIND_ACTIONS:
            return False
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        if self.is_shown:
            super().action_copy()

    def action_cut(self) -> None:
        if self.is_shown:
            super().action_cut()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if not self.is_shown:
            event.prevent_default()

    # Pasting

    def action_paste(self) -> None:
        if self.app.clipboard:  # else it would delete what is selected
            super().action_paste()

    def on_paste(self, event: events.Paste) -> None:
        r"""Terminals that turn the line breaks of what they paste into `\r` (xterm, GNOME's, tmux) send no `\n` at all; the others change
        nothing."""
        event.prevent_default()
        event.stop()
        text = event.text if "\n" in event.text else event.text.replace("\r", "\n")
        self.replace(text, *self.selection, maintain_selection_offset=False)


def _drawn(char: str) -> str:
    """One cell for each character, also for those that would steer a terminal."""
    if char.isprintable() or char == "\t":
        return char
    return chr(0x2400 + ord(char)) if char < " " else "␡" if char == "\x7f" else "�"
