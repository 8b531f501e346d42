"""The table that people look at all day: only the rows on the screen are drawn, whatever their number."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ssmm_tui.commands import ROWS, bindings
from ssmm_tui.shown import fit, is_shared, one_line, plain_cell
from ssmm_tui.widgets.columns import COLUMNS, GAP, Column, Order, text_of, widths

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.style import Style
    from textual import events

    from ssmm_core.catalogue import Entry
    from ssmm_core.secret import SecretValue
    from ssmm_tui.team import Team

    Spans = Callable[[str], Sequence[tuple[int, int]]]

FLAGS = 4
"""Cells before the first column: marked, finding, shared, and a gap."""


class ParameterTable(ScrollView, can_focus=True):
    """Rows of entries with a cursor and marks. It draws what it is given, and tells what a person did; it changes no state of theirs."""

    DEFAULT_CSS = """
    ParameterTable { height: 1fr; width: 1fr; scrollbar-size-horizontal: 0; scrollbar-size-vertical: 1; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--row",
        "table--cursor",
        "table--cursor-blurred",
        "table--marked",
        "table--quiet",
        "table--match",
        "table--finding",
        "table--shared",
        "table--revealed",
    }
    BINDINGS = bindings(ROWS)

    cursor = reactive(0, repaint=False)
    order = reactive(Order())

    class Highlighted(Message):
        """The cursor stands on another parameter now, or on none."""

        def __init__(self, entry: Entry | None) -> None:
            super().__init__()
            self.entry = entry

    class MarkToggled(Message):
        """A row's flags were clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class OrderChosen(Message):
        """A column's title was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    class Opened(Message):
        """A row was clicked twice."""

    class Scrolled(Message):
        """Other rows than before are on the screen."""

    def __init__(self, team: Team, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.team = team
        self.rows: Sequence[Entry] = ()
        self.columns: tuple[Column, ...] = COLUMNS
        self.spans: Spans = lambda _text: ()
        self.revealed: tuple[str, SecretValue] | None = None
        self._empty = ""
        self._longest_key = 0
        self._told: str | None = None
        self._styles: dict[tuple[str, bool], Style] = {}
        self._laid_out: tuple[tuple[object, ...], list[tuple[Column, int]]] = ((), [])

    # What it shows

    def show(self, rows: Sequence[Entry], *, empty: str = "", follows: bool = True) -> None:
        """Show other rows; the cursor stays on its parameter where that is still among them. `empty` is said where there are none.

        Unless it `follows` its parameter, a cursor on the first row stays there: while names stream in, others come before it.
        """
        self.rows = rows
        self._empty = empty
        self._longest_key = max((len(entry.text) for entry in rows), default=0)
        self.virtual_size = Size(0, len(rows) + 1)
        at = self.cursor
        stays = (at == 0 and not follows) or (at < len(rows) and rows[at].name == self._told)
        if self._told is not None and not stays:
            at = next((index for index, entry in enumerate(rows) if entry.name == self._told), 0)
        self.cursor = max(0, min(at, len(rows) - 1))
        self._tell()
        self._keep_in_sight()
        self.refresh()

    def go_to(self, name: str) -> bool:
        """Put the cursor on a parameter; whether it is among the rows."""
        index = next((index for index, entry in enumerate(self.rows) if entry.name == name), None)
        if index is None:
            return False
        self.cursor = index
        return True

    @property
    def entry(self) -> Entry | None:
        """The entry under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    @property
    def columns_in_sight(self) -> Sequence[Column]:
        """Those of the columns for which there is room."""
        return [column for column, _cells in self._layout(self._width)]

    @property
    def rows_in_sight(self) -> Sequence[Entry]:
        """The entries that are on the screen now."""
        top = self.scroll_offset.y
        return self.rows[top : top + max(0, self.size.height - 1)]

    # Moving

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self.rows) - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        self._refresh_row(before)
        self._refresh_row(after)
        self._keep_in_sight()
        self._tell()

    def watch_has_focus(self, _focused: bool) -> None:
        self._refresh_row(self.cursor)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Scrolled())

    def on_resize(self) -> None:
        self.virtual_size = Size(0, len(self.rows) + 1)
        self._keep_in_sight()
        self.post_message(self.Scrolled())

    def action_cursor_down(self) -> None:
        self.cursor += 1

    def action_cursor_up(self) -> None:
        self.cursor -= 1

    def action_cursor_top(self) -> None:
        self.cursor = 0

    def action_cursor_bottom(self) -> None:
        self.cursor = len(self.rows) - 1

    def action_page_down(self) -> None:
        self.cursor += max(1, self.size.height - 2)

    def action_page_up(self) -> None:
        self.cursor -= max(1, self.size.height - 2)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            if column := self._column_at(offset.x):
                self.post_message(self.OrderChosen(column))
            return
        row = offset.y - 1 + self.scroll_offset.y
        if row >= len(self.rows):
            return
        self.cursor = row
        if offset.x < FLAGS:
            self.post_message(self.MarkToggled(self.rows[row].name))
        elif event.chain == 2:
            self.post_message(self.Opened())

    def _tell(self) -> None:
        name = self.entry.name if self.entry else None
        if name != self._told:
            self._told = name
            self.post_message(self.Highlighted(self.entry))

    def _keep_in_sight(self) -> None:
        height, top = self.size.height - 1, self.scroll_offset.y
        if height <= 0:
            return
        wanted = min(max(top, self.cursor - height + 1), self.cursor)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True)

    def _refresh_row(self, row: int) -> None:
        y = row - self.scroll_offset.y + 1
        if 0 < y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self._width
        if y == 0:
            return self._header(width)
        row = y - 1 + self.scroll_offset.y
        if not self.rows:
            lines = textwrap.wrap(self._empty, max(1, width - FLAGS))
            line = y - (self.size.height - len(lines)) // 2
            said = lines[line] if 0 <= line < len(lines) else ""
            return Strip([Segment(said.center(width), self._whole("row") + self._part("quiet"))])
        if row >= len(self.rows):
            return Strip.blank(width, self._whole("row"))
        return self._row(self.rows[row], width, at_cursor=row == self.cursor)

    @property
    def _width(self) -> int:
        """Cells beside the scrollbar."""
        return self.scrollable_content_region.width

    def _header(self, width: int) -> Strip:
        style = self._whole("header")
        segments = [Segment(" " * FLAGS, style)]
        for column, cells in self._layout(width):
            arrow = ("▼" if self.order.reverse else "▲") if column.id == self.order.column else ""
            title = f"{column.title} {arrow}" if len(column.title) + 2 <= cells else f"{column.title[: cells - 1]}{arrow}"
            segments.append(Segment(fit(title if arrow else column.title, cells, right=column.right) + " " * GAP, style))
        return Strip(segments).adjust_cell_length(width, style)

    def _row(self, entry: Entry, width: int, *, at_cursor: bool) -> Strip:
        marked = entry.name in self.team.marked
        here = "cursor" if self.has_focus else "cursor-blurred"
        base = self._whole(here if at_cursor else "marked" if marked else "row")
        segments = [
            Segment("●" if marked else " ", base),
            Segment("!" if entry.finding else " ", base + self._part("finding")),
            Segment("◆ " if is_shared(entry) else "  ", base + self._part("shared")),
        ]
        for column, cells in self._layout(width):
            if column.id == "key":
                segments += self._key(entry, cells, base)
            elif column.id == "value":
                segments.append(self._value(entry, cells, base))
            else:
                text = fit(text_of(column.id, entry), cells, right=column.right)
                segments.append(Segment(text, base + self._part("quiet")))
            segments.append(Segment(" " * GAP, base))
        return Strip(segments).adjust_cell_length(width, base)

    def _key(self, entry: Entry, cells: int, base: Style) -> list[Segment]:
        """`app/key`, the app quieter, with what the filter matched picked out. A long one loses its middle, not its end."""
        whole = f"{entry.app}/{entry.key}" if entry.app else entry.key
        ahead = len(entry.app) + 1 if entry.app else 0
        cut = max(0, len(whole) - cells)
        styles = [base + self._part("quiet") if index < ahead else base for index in range(len(whole))]
        match = self._part("match")
        for start, end in self.spans(whole):
            for index in range(start, min(end, len(whole))):
                styles[index] += match
        text, styles = ("…" + whole[cut + 1 :], styles[cut:]) if cut else (whole, styles)
        return _runs(text.ljust(cells), [*styles, *[base] * (cells - len(text))])

    def _value(self, entry: Entry, cells: int, base: Style) -> Segment:
        if self.revealed is not None and self.revealed[0] == entry.name:
            return Segment(fit(one_line(self.revealed[1]), cells), base + self._part("revealed"))
        text = plain_cell(entry, self.team.value(entry))
        return Segment(fit(text, cells), base + self._part("quiet") if entry.is_secure or entry.finding else base)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def _whole(self, name: str) -> Style:
        return self._style(name, partial=False)

    def _part(self, name: str) -> Style:
        return self._style(name, partial=True)

    def _style(self, name: str, *, partial: bool) -> Style:
        """A component's style, looked up once: a screen has hundreds of cells."""
        if (name, partial) not in self._styles:
            self._styles[name, partial] = self.get_component_rich_style(f"table--{name}", partial=partial)
        return self._styles[name, partial]

    def _layout(self, width: int) -> list[tuple[Column, int]]:
        made_for = (width, self.columns, self._longest_key)
        if self._laid_out[0] != made_for:
            given = widths(self.columns, width - FLAGS, self._longest_key)
            self._laid_out = (made_for, [(column, given[column.id]) for column in self.columns if column.id in given])
        return self._laid_out[1]

    def _column_at(self, x: int) -> str:
        at = FLAGS
        for column, cells in self._layout(self._width):
            if at <= x < at + cells + GAP:
                return column.id
            at += cells + GAP
        return ""


def _runs(text: str, styles: Sequence[Style]) -> list[Segment]:
    """One segment for each run of characters with the same style."""
    segments: list[Segment] = []
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or styles[index] != styles[start]:
            segments.append(Segment(text[start:index], styles[start]))
            start = index
    return segments
