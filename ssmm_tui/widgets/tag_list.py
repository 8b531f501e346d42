"""Tags, how many of some parameters carry each, and what is going to happen to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from rich.table import Table
from rich.text import Text
from textual.message import Message
from textual.widgets.option_list import Option

from ssmm_core.visible import visible
from ssmm_tui.tag_changes import is_reserved
from ssmm_tui.widgets.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.binding import BindingType

    from ssmm_tui.tag_changes import Tag, TagChanges

WISHES: Final = {None: "", "add": "+ will be added", "change": "~ will be replaced", "remove": "- will be removed"}


class TagList(Options):
    """Draws the changes as they are; what a person does to a tag is told, not done. Letters are no keys here: they begin a tag."""

    DEFAULT_CSS = """
    TagList { height: auto; max-height: 35vh; margin-bottom: 1; border: none; padding: 0; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tags--add", "tags--change", "tags--remove", "tags--quiet"}
    BINDINGS: ClassVar[list[BindingType]] = [("space", "select", "Change")]

    class Turned(Message):
        """The next change is wanted for a tag."""

        def __init__(self, tag: Tag) -> None:
            super().__init__()
            self.tag = tag

    def __init__(self, on_letter: Callable[[str], None]) -> None:
        super().__init__(id="tags", compact=True)
        self._on_letter = on_letter
        self._tags: list[Tag] = []

    def on_key(self, event: events.Key) -> None:
        """Hand letters over at once, and whatever was on its way behind them."""
        is_space = event.key == "space" and self.screen.focused is self
        if event.character is not None and event.is_printable and not is_space:
            event.stop()
            self._on_letter(event.character)

    def show(self, changes: TagChanges) -> None:
        """Show all tags; the cursor stays where it is."""
        at = self.highlighted or 0
        self._tags = list(changes.tags)
        self.clear_options()
        self.add_options([Option(self._line(tag, changes), disabled=is_reserved(tag[0])) for tag in self._tags])
        self.highlighted = min(at, len(self._tags) - 1)

    def go_to(self, tag: Tag) -> None:
        """Put the cursor on a tag."""
        self.highlighted = self._tags.index(tag)

    def on_option_list_option_selected(self, event: Options.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Turned(self._tags[event.option_index]))

    def _line(self, tag: Tag, changes: TagChanges) -> Table:
        count, wish = changes.carriers(tag), changes.wish(tag)
        sign = "[+]" if wish == "add" else "[x]" if count == changes.total else "[-]" if count else "[ ]"
        style = self.get_component_rich_style(f"tags--{wish}", partial=True) if wish else ""
        quiet = self.get_component_rich_style("tags--quiet", partial=True)
        line = Table.grid(expand=True, padding=(0, 1, 0, 0))
        line.add_column(width=3)
        line.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        line.add_column(justify="right", no_wrap=True)
        line.add_column(width=max(map(len, WISHES.values())), no_wrap=True)
        line.add_row(Text(sign), Text(visible("=".join(tag))), Text(self._count(tag, changes), quiet), Text(WISHES[wish], style))
        return line

    def _count(self, tag: Tag, changes: TagChanges) -> str:
        if is_reserved(tag[0]):
            return "reserved"
        count = changes.carriers(tag)
        if not count:
            return f"{changes.known[tag]:,} in the team" if changes.known.get(tag) else "new in the team"
        if changes.total == 1:
            return ""
        return f"all {count}" if count == changes.total else f"{count} of {changes.total}"
