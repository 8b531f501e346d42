"""The members of a group: which of them take part in a promotion, and which is the source."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip

from ssmm_tui.shown import fit, is_shared
from ssmm_tui.widgets.columns import CHANGED, GAP, KEY, TYPE, VERSION, text_of, widths
from ssmm_tui.widgets.cursor_list import CursorList

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rich.style import Style
    from textual.binding import BindingType

    from ssmm_core.catalogue import Entry

TAKE: Final = 6
"""Cells of the first column."""
SOURCE: Final = 8
HEADER: Final = fit("Take", TAKE) + fit("Source", SOURCE) + "  Parameter"
COLUMNS: Final = (KEY, TYPE, VERSION, CHANGED)


class Candidates(CursorList):
    """As high as it has rows, if there is room."""

    DEFAULT_CSS = """
    Candidates { max-height: 33vh; margin-bottom: 1; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"rows--{name}" for name in ("header", "shared")}
    BINDINGS: ClassVar[list[BindingType]] = [("space", "take", "Take or leave"), ("s", "source", "Source")]

    class TakeToggled(Message):
        """A member is to take part, or not."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    class SourceChosen(Message):
        """A member is to be the source."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._entries = entries
        self._taken: Collection[str] = ()
        self._source = ""
        self.styles.height = len(entries) + 1

    def show(self, taken: Collection[str], source: str) -> None:
        """Show what is chosen by now."""
        self._taken, self._source = taken, source
        self.rows_changed(self.cursor)

    @property
    def row_count(self) -> int:
        return len(self._entries)

    @property
    def header_height(self) -> int:
        return 1

    def row_clicked(self, row: int, x: int, *, twice: bool) -> None:  # noqa: ARG002 - the row has the cursor already
        if x < TAKE:
            self.action_take()
        elif x < TAKE + SOURCE:
            self.action_source()

    def action_take(self) -> None:
        self.post_message(self.TakeToggled(self._entries[self.cursor]))

    def action_source(self) -> None:
        self.post_message(self.SourceChosen(self._entries[self.cursor]))

    def draw_header(self, y: int, width: int) -> Strip:  # noqa: ARG002 - there is one line
        return Strip([Segment(fit(HEADER, width), self.rich_style + self.part("header"))])

    def draw_row(self, row: int, base: Style, width: int) -> Strip:
        entry, quiet = self._entries[row], base + self.part("quiet")
        segments = [
            Segment(fit("[x]" if entry.name in self._taken else "[ ]", TAKE), base),
            Segment(fit("(•)" if entry.name == self._source else "( )", SOURCE), base),
            Segment("◆ " if is_shared(entry) else "  ", base + self.part("shared")),
        ]
        given = widths(COLUMNS, width - TAKE - SOURCE - GAP)
        for column in (column for column in COLUMNS if column.id in given):
            text = f"{entry.app}/{entry.key}" if column is KEY else text_of(column.id, entry)
            segments.append(Segment(fit(text, given[column.id], right=column.right) + " " * GAP, base if column is KEY else quiet))
        return Strip(segments)
