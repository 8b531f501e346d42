"""One environment: a row for each variable, then one for each parameter that cannot be delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip

from ssmm_core.operations.deliver import why_not
from ssmm_core.overlay import Candidate, Variable
from ssmm_core.visible import visible
from ssmm_tui.environment_text import overrides_text
from ssmm_tui.shown import NOT_READ, TYPES, fit, plain_cell
from ssmm_tui.widgets.columns import GAP, Column, widths
from ssmm_tui.widgets.cursor_list import CursorList

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.style import Style

    from ssmm_core import matrix
    from ssmm_tui.team import Team

    Row = Variable | Candidate
    Spans = Callable[[str], Sequence[tuple[int, int]]]

COLUMNS: Final = (
    Column("variable", "Variable", 18, 28, 0),
    Column("value", "Value", 14, 24, 3),
    Column("layer", "Layer", 6, 6, 2),
    Column("parameter", "Parameter", 24, 40, 1),
    Column("type", "Type", 6, 6, 4),
    Column("version", "Ver", 4, 4, 5, right=True),
    Column("overrides", "Overrides", 44, 70, 6),
)
FLAGS: Final = 2
"""Cells before the first column: conflict or not delivered, and a gap."""


class EnvironmentTable(CursorList):
    """Variables are `Variable` rows; a parameter that is not delivered is a `Candidate` row."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"rows--{name}" for name in ("header", "match", "conflict", "refused", "shared", "tag")}

    class Opened(Message):
        """A row was clicked twice."""

    def __init__(self, team: Team) -> None:
        super().__init__(id="environment-rows")
        self.team = team
        self.rows: Sequence[Row] = ()
        self.spans: Spans = lambda _text: ()
        self._stood = ""

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows; the cursor stays on its variable, or comes back to it when that does."""
        if self.row is not None:
            self._stood = name_of(self.row)
        self.rows = rows
        self.rows_changed(self._place(self._stood))

    def go_to(self, variable: str) -> None:
        """Put the cursor on a variable, if it is among the rows."""
        self.cursor = self._place(variable)

    def _place(self, variable: str) -> int:
        return next((at for at, row in enumerate(self.rows) if name_of(row) == variable), self.cursor)

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    @property
    def row_count(self) -> int:
        return len(self.rows)

    @property
    def header_height(self) -> int:
        return 1

    def row_clicked(self, row: int, x: int, *, twice: bool) -> None:  # noqa: ARG002 - a row is one thing
        if twice:
            self.post_message(self.Opened())

    # Drawing

    def draw_header(self, y: int, width: int) -> Strip:  # noqa: ARG002 - there is one line
        style = self.get_component_rich_style("rows--header")
        given = self._layout(width)
        titles = [fit(column.title, given[column.id], right=column.right) for column in COLUMNS if column.id in given]
        return Strip([Segment(" " * FLAGS + (" " * GAP).join(titles), style)]).adjust_cell_length(width, style)

    def draw_row(self, row: int, base: Style, width: int) -> Strip:
        shown = self.rows[row]
        return Strip(self._delivered(shown, width, base) if isinstance(shown, Variable) else self._refused(shown, width, base))

    def _delivered(self, variable: Variable, width: int, base: Style) -> list[Segment]:
        winner, quiet = variable.winner, base + self.part("quiet")
        segments = [Segment("≠ " if variable.shadowed else "  ", base + self.part("conflict"))]
        given = self._layout(width)
        for column, cells in ((column, given[column.id]) for column in COLUMNS if column.id in given):
            match column.id:
                case "variable":
                    segments += self._variable(variable.name, cells, base)
                case "value":
                    segments.append(self._value(winner.parameter.name, cells, base))
                case "layer":
                    style = base + self.part(winner.layer.kind) if winner.layer.kind in ("shared", "tag") else quiet
                    segments.append(Segment(fit(winner.layer.kind, cells), style))
                case "parameter":
                    segments.append(Segment(_tail(self._short(winner.parameter.name), cells), quiet))
                case "type":
                    segments.append(Segment(fit(TYPES[winner.parameter.type], cells), quiet))
                case "version":
                    segments.append(Segment(fit(str(winner.parameter.version), cells, right=True), quiet))
                case "overrides":
                    segments.append(Segment(fit(overrides_text(variable), cells), base + self.part("conflict")))
            segments.append(Segment(" " * GAP, base))
        return segments

    def _refused(self, candidate: Candidate, width: int, base: Style) -> list[Segment]:
        cells = self._layout(width)["variable"]
        said = f"{self._short(candidate.parameter.name)} is not delivered: {why_not(candidate)}"
        return [
            Segment("! ", base + self.part("refused")),
            Segment(fit(visible(candidate.variable), cells) + " " * GAP, base + self.part("quiet")),
            Segment(fit(visible(said), max(0, width - cells - FLAGS - GAP)), base + self.part("refused")),
        ]

    def _variable(self, name: str, cells: int, base: Style) -> list[Segment]:
        """The name, with what the filter matched picked out."""
        segments: list[Segment] = []
        shown, at = fit(name, cells), 0
        for begin, end in self.spans(name):
            segments += [Segment(shown[at:begin], base), Segment(shown[begin:end], base + self.part("match"))]
            at = end
        return [*segments, Segment(shown[at:], base)]

    def _value(self, name: str, cells: int, base: Style) -> Segment:
        entry = self.team.entries.get(name)
        text = plain_cell(entry, self.team.value(entry)) if entry is not None else NOT_READ
        return Segment(fit(text, cells), base + self.part("quiet") if entry is None or entry.is_secure or entry.finding else base)

    def _short(self, name: str) -> str:
        return visible(name.removeprefix(f"{self.team.root}/"))

    def _layout(self, width: int) -> dict[str, int]:
        return widths(COLUMNS, width - FLAGS)


def name_of(row: Row | matrix.Row) -> str:
    """The variable of a row of either table."""
    return row.name if isinstance(row, Variable) else row.variable


def _tail(text: str, cells: int) -> str:
    """A long path loses its beginning, not its end."""
    return text.ljust(cells) if len(text) <= cells else "…" + text[len(text) - cells + 1 :]
