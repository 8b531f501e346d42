"""Rows with a cursor, of which only those on the screen are drawn, below a header that stays."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ssmm_tui.commands import ROWS, bindings

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events


class CursorList(ScrollView, can_focus=True):
    """A subclass knows its rows and draws them; it calls `rows_changed` when there are others."""

    DEFAULT_CSS = """
    CursorList { height: 1fr; width: 1fr; scrollbar-size-horizontal: 0; scrollbar-size-vertical: 1; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"rows--{name}" for name in ("cursor", "cursor-blurred", "quiet")}
    BINDINGS = bindings(ROWS)

    cursor = reactive(0, repaint=False)

    class Moved(Message):
        """The cursor stands somewhere else, or on something else."""

    @property
    @abstractmethod
    def row_count(self) -> int:
        """How many rows there are."""

    @property
    def header_height(self) -> int:
        """Lines above the rows, which `draw_header` draws."""
        return 0

    @property
    def full_width(self) -> int:
        """Cells that a row takes; 0 where it takes what there is."""
        return 0

    def draw_header(self, y: int, width: int) -> Strip:  # noqa: ARG002 - where there is a header
        """One line of the header."""
        return Strip.blank(width, self.rich_style)

    @abstractmethod
    def draw_row(self, row: int, base: Style, width: int) -> Strip:
        """One row in `width` cells; `base` is the list's style, or that of the cursor."""

    @abstractmethod
    def row_clicked(self, row: int, x: int, *, twice: bool) -> None:
        """A row was clicked, and has the cursor now."""

    def rows_changed(self, cursor: int) -> None:
        """Draw other rows, with the cursor on the given one."""
        self._measure()
        self.cursor = cursor
        self.keep_in_sight()
        self.refresh()
        self.post_message(self.Moved())

    # Moving

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, self.row_count - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        self._refresh_row(before)
        self._refresh_row(after)
        self.keep_in_sight()
        self.post_message(self.Moved())

    def watch_has_focus(self, _focused: bool) -> None:
        self._refresh_row(self.cursor)

    def on_resize(self) -> None:
        self._measure()
        self.keep_in_sight()

    def action_cursor_down(self) -> None:
        self.cursor += 1

    def action_cursor_up(self) -> None:
        self.cursor -= 1

    def action_cursor_top(self) -> None:
        self.cursor = 0

    def action_cursor_bottom(self) -> None:
        self.cursor = self.row_count - 1

    def action_page_down(self) -> None:
        self.cursor += max(1, self._room - 1)

    def action_page_up(self) -> None:
        self.cursor -= max(1, self._room - 1)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or offset.y < self.header_height:
            return
        row = offset.y - self.header_height + self.scroll_offset.y
        if row < self.row_count:
            self.cursor = row
            self.row_clicked(row, offset.x, twice=event.chain == 2)

    def keep_in_sight(self) -> None:
        """Scroll just as far as the cursor needs."""
        top = self.scroll_offset.y
        wanted = min(max(top, self.cursor - self._room + 1), self.cursor)
        if self._room > 0 and wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True)

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if y < self.header_height:
            return self.draw_header(y, width)
        row = y - self.header_height + self.scroll_offset.y
        if row >= self.row_count:
            return Strip.blank(width, self.rich_style)
        base = self.rich_style
        if row == self.cursor:
            base = self.get_component_rich_style("rows--cursor" if self.has_focus else "rows--cursor-blurred")
        return self.draw_row(row, base, width).adjust_cell_length(width, base)

    def part(self, name: str) -> Style:
        """What a part of a row adds to the row's style."""
        return self.get_component_rich_style(f"rows--{name}", partial=True)

    def _measure(self) -> None:
        self.virtual_size = Size(self.full_width, self.row_count + self.header_height)

    @property
    def _room(self) -> int:
        """Rows that fit on the screen."""
        return self.scrollable_content_region.height - self.header_height

    def _refresh_row(self, row: int) -> None:
        y = row - self.scroll_offset.y + self.header_height
        if self.header_height <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))
