"""Every variable beside every app. Apps and variables stay in sight, whichever way it is scrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from rich.segment import Segment
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from ssmm_tui.commands import COLUMNS, bindings
from ssmm_tui.environment_text import EQUAL, SIGNS
from ssmm_tui.shown import fit
from ssmm_tui.widgets.cursor_list import CursorList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style

    from ssmm_core.matrix import Cell, Row

TITLE: Final = "Variable"
NARROWEST: Final = 4
WIDEST: Final = 16
"""Cells of a column, with the gap behind it."""
HEADER: Final = 3
"""Lines for the parts of an app's name where it does not fit into one."""


class MatrixTable(CursorList):
    """Draws the cells on the screen alone: a team may have 200 apps with 1,200 variables."""

    DEFAULT_CSS = """
    MatrixTable { scrollbar-size-horizontal: 1; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"matrix--{name}" for name in ("header", "header-cursor", "row", "own", "shared", "tag", "overrides", "missing", "equal")
    }
    BINDINGS = bindings(COLUMNS)

    column = reactive(0, repaint=False)

    class Opened(Message):
        """A cell was clicked twice."""

    def __init__(self) -> None:
        super().__init__(id="matrix")
        self.apps: tuple[str, ...] = ()
        self.rows: Sequence[Row] = ()
        self._first = 0
        """Cells of the column that holds the variables."""
        self._each = NARROWEST
        """Cells of every other column: as many as there is room for, up to the longest name."""
        self._header = 1
        self._stood = ("", "")

    def show(self, apps: tuple[str, ...], rows: Sequence[Row]) -> None:
        """Show other rows; the cursor stays on its variable and app, or comes back to them when they do."""
        if self.row is not None:
            self._stood = (self.row.variable, self.app_here)
        variable, app = self._stood
        self.apps, self.rows = apps, rows
        self.rows_changed(self._place(variable))
        self.column = apps.index(app) if app in apps else 0

    def go_to(self, variable: str) -> None:
        """Put the cursor on a variable, if it is among the rows."""
        self.cursor = self._place(variable)

    def _place(self, variable: str) -> int:
        return next((at for at, row in enumerate(self.rows) if row.variable == variable), self.cursor)

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    @property
    def app_here(self) -> str:
        """The app of the cursor's column."""
        return self.apps[self.column] if self.column < len(self.apps) else ""

    @property
    def cell(self) -> Cell | None:
        """The cell under the cursor."""
        return self.row.cells[self.column] if self.row is not None and self.column < len(self.apps) else None

    # Geometry

    @property
    def row_count(self) -> int:
        return len(self.rows)

    @property
    def header_height(self) -> int:
        return self._header

    @property
    def full_width(self) -> int:
        return self._first + self._each * len(self.apps)

    def _measure(self) -> None:
        width = self.size.width - 1  # beside the scrollbar
        variable = max((len(row.variable) for row in self.rows), default=0)
        longest = max((len(app) for app in self.apps), default=0)
        self._first = min(max(len(TITLE), variable), max(16, width * 2 // 5)) + 2
        self._each = max(NARROWEST, min(WIDEST, longest + 2, (width - self._first) // max(1, len(self.apps))))
        self._header = 1 if longest < self._each else max(len(_parts(app)) for app in self.apps)
        super()._measure()

    # Moving

    def validate_column(self, column: int) -> int:
        return max(0, min(column, len(self.apps) - 1))

    def watch_column(self) -> None:
        self.keep_in_sight()
        self.refresh()
        self.post_message(self.Moved())

    def action_column_left(self) -> None:
        self.column -= 1

    def action_column_right(self) -> None:
        self.column += 1

    def action_first_column(self) -> None:
        self.column = 0

    def action_last_column(self) -> None:
        self.column = len(self.apps) - 1

    def row_clicked(self, row: int, x: int, *, twice: bool) -> None:  # noqa: ARG002 - the cursor is there already
        if x >= self._first:
            self.column = (x - self._first + self.scroll_offset.x) // self._each
            if twice:
                self.post_message(self.Opened())

    def keep_in_sight(self) -> None:
        super().keep_in_sight()
        room = self.scrollable_content_region.width - self._first
        left, begin = self.scroll_offset.x, self.column * self._each
        wanted = min(max(left, begin + self._each - room), begin)
        if room > 0 and wanted != left:
            self.scroll_to(x=wanted, animate=False, force=True)

    # Drawing

    def draw_header(self, y: int, width: int) -> Strip:
        plain, cursor = (self.get_component_rich_style(f"matrix--{name}") for name in ("header", "header-cursor"))
        title = Segment(fit(TITLE if y == self.header_height - 1 else "", self._first), plain)
        headings = ((at, self._heading(self.apps[at], y)) for at in self._in_sight(width))
        parts = [Segment(text.ljust(self._each), cursor if at == self.column else plain) for at, text in headings]
        return self._beside(title, parts, width, plain)

    def _heading(self, app: str, y: int) -> str:
        """The app's name, or where some are too long its parts below each other, the last one next to the cells."""
        lines = [app] if self._header == 1 and len(app) < self._each else _parts(app)
        at = y - (self._header - len(lines))
        return lines[at][: self._each - 1] if at >= 0 else ""

    def draw_row(self, row: int, base: Style, width: int) -> Strip:
        shown, here = self.rows[row], row == self.cursor
        line = self.rich_style + self._part("row") if here else base
        name = Segment(fit(shown.variable, self._first), line)
        cells: list[Segment] = []
        for at in self._in_sight(width):
            cell = shown.cells[at]
            at_cursor = here and at == self.column
            equal = f"{EQUAL if cell.same_as else '':<{self._each - 2}}"
            cells += [
                Segment(SIGNS[cell.state], base if at_cursor else line + self._part(cell.state)),
                Segment(equal, base if at_cursor else line + self._part("equal")),
                Segment(" ", line),
            ]
        return self._beside(name, cells, width, line)

    def _part(self, name: str) -> Style:
        return self.get_component_rich_style(f"matrix--{name}", partial=True)

    def _in_sight(self, width: int) -> range:
        """The columns of which something is on the screen."""
        begin = self.scroll_offset.x // self._each
        end = -(-(self.scroll_offset.x + width - self._first) // self._each)
        return range(begin, max(begin, min(end, len(self.apps))))

    def _beside(self, first: Segment, others: list[Segment], width: int, style: Style) -> Strip:
        """The column that stays, and of the others what is scrolled into sight."""
        cut = self.scroll_offset.x % self._each
        moving = Strip(others).crop(cut, cut + max(0, width - self._first))
        return Strip.join([Strip([first]), moving]).adjust_cell_length(width, style)


def _parts(app: str) -> list[str]:
    """`billing-api-eu-west` as `billing`, `api`, `eu-west`."""
    return app.split("-", HEADER - 1)
