"""One environment or the matrix, with what there is to say of it: its layers above, the cursor's row and a summary below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container, Vertical
from textual.widgets import Static

from ssmm_core.overlay import Variable
from ssmm_tui.environment_text import candidates_text, cell_text, undeliverable_text
from ssmm_tui.widgets.environment_table import EnvironmentTable, name_of
from ssmm_tui.widgets.matrix_table import MatrixTable

if TYPE_CHECKING:
    from collections.abc import Collection

    from textual.app import ComposeResult
    from textual.visual import VisualType

    from ssmm_core.overlay import Candidate
    from ssmm_tui.layers import Layers
    from ssmm_tui.team import Team
    from ssmm_tui.widgets.environment_table import Spans


class EnvironmentPane(Vertical):
    """Draws what it is given; `shows_matrix` says which of the two."""

    DEFAULT_CSS = """
    EnvironmentPane { height: 1fr; width: 1fr; }
    EnvironmentPane > Static { width: 1fr; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    #environment-layers, #environment-summary { height: 1; }
    #environment-detail { height: 4; }
    .-roomy #environment-detail, .-wide #environment-detail { height: 5; }
    """

    def __init__(self, team: Team) -> None:
        super().__init__(id="environment")
        self._team = team
        self.shows_matrix = False

    def compose(self) -> ComposeResult:
        yield Static(id="environment-layers", markup=False)
        with Container():
            yield EnvironmentTable(self._team)
            yield MatrixTable()
            yield Static(id="empty", markup=False)
        yield Static(id="environment-detail", markup=False)
        yield Static(id="environment-summary", markup=False)

    def show(self, layers: Layers, names: Collection[str] | None, spans: Spans) -> tuple[int, int]:
        """Show the rows won by one of these parameters, or all rows. The answer: how many are shown, of how many."""
        if self.shows_matrix:
            total, found = len(layers.rows), zip(layers.rows, layers.winners, strict=True)
            rows = [row for row, won in found if names is None or not won.isdisjoint(names)]
            self.query_one(MatrixTable).show(layers.columns, rows)
            shown = len(rows)
        else:
            everything: list[Variable | Candidate] = []
            if layers.resolved is not None:
                everything = [*layers.resolved.variables, *layers.resolved.undeliverable]
            delivered = [row for row in everything if names is None or _taken(row).parameter.name in names]
            table = self.query_one(EnvironmentTable)
            table.spans = spans
            table.show(delivered)
            total, shown = len(everything), len(delivered)
        for one in (EnvironmentTable, MatrixTable):
            self.query_one(one).display = bool(shown) and one is type(self.table)
        self.query_one("#empty").display = not shown
        self._describe()
        return shown, total

    def say(self, *, layers: VisualType, summary: VisualType, empty: str) -> None:
        """The words around the rows; `empty` stands where there is none."""
        self.query_one("#environment-layers", Static).update(layers)
        self.query_one("#environment-summary", Static).update(summary)
        self.query_one("#empty", Static).update(empty)

    @property
    def table(self) -> EnvironmentTable | MatrixTable:
        """The table that is shown."""
        return self.query_one(MatrixTable) if self.shows_matrix else self.query_one(EnvironmentTable)

    @property
    def variable(self) -> str:
        """The variable under the cursor; empty where there is none."""
        row = self.table.row
        return "" if row is None else name_of(row)

    @property
    def winner(self) -> str:
        """The parameter that wins under the cursor, or that cannot; empty where there is none."""
        table = self.table
        if isinstance(table, MatrixTable):
            return table.cell.winner.parameter.name if table.cell is not None and table.cell.winner is not None else ""
        return _taken(table.row).parameter.name if table.row is not None else ""

    def on_cursor_list_moved(self) -> None:
        self._describe()

    def _describe(self) -> None:
        table, said = self.table, self.query_one("#environment-detail", Static)
        if isinstance(table, MatrixTable):
            row, cell = table.row, table.cell
            said.update(cell_text(row.variable, table.app_here, cell) if row is not None and cell is not None else "")
        elif isinstance(table.row, Variable):
            said.update(candidates_text(table.row))
        else:
            said.update(undeliverable_text(table.row) if table.row is not None else "")


def _taken(row: Variable | Candidate) -> Candidate:
    return row.winner if isinstance(row, Variable) else row
