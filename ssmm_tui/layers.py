"""What the environment screen shows, worked out beside the event loop from what is known of the team."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssmm_core import matrix
from ssmm_core.operations import deliver
from ssmm_core.secret import SecretValue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ssmm_core.matrix import Row
    from ssmm_core.operations.deliver import Selection
    from ssmm_core.overlay import Overlay
    from ssmm_tui.duplicates import Reading
    from ssmm_tui.session import Session


@dataclass(frozen=True)
class Wanted:
    """What it follows from. `columns` are the apps of a matrix, none for the one environment of the selection.

    `in_bulk` False means that the team's tags are known in part only, so that the tag layer is asked of the store.
    """

    revision: int
    selection: Selection
    columns: tuple[str, ...]
    reading: Reading | None
    in_bulk: bool


@dataclass(frozen=True)
class Layers:
    """An environment, or a matrix: its rows, and beside each the names of the parameters that win in it."""

    resolved: Overlay | None = None
    columns: tuple[str, ...] = ()
    rows: Sequence[Row] = ()
    winners: Sequence[frozenset[str]] = ()


def work_out(session: Session, wanted: Wanted) -> Callable[[], Layers]:
    """What works it out, to be called in a thread. What it takes of the team is taken now, on the event loop.

    What is called raises AccessDenied, TemporaryError, … where the tag layer could not be read.
    """
    team, selection = session.team, wanted.selection
    store, by_app, known = session.store, team.by_app, team.tagged(selection.tags or {})
    equal = {}
    if wanted.columns and wanted.reading is not None:
        equal = {
            name: SecretValue(one.fingerprint)  # equal where the values were
            for one in wanted.reading.equal
            for name in one.names
            if name in team.entries and wanted.reading.holds_for(team.entries[name])
        }

    def work() -> Layers:
        tagged = known
        if selection.tags and not wanted.in_bulk:
            tagged = deliver.tagged(store, selection, decrypt=False, budget=store.budget())
        if not wanted.columns:
            return Layers(deliver.resolve_known(selection, by_app, tagged))
        made = matrix.build(selection.root, wanted.columns, by_app, tagged, shared=selection.shared, tags=selection.tags)
        rows = matrix.with_equal_values(made, equal).rows if equal else made.rows
        winners = [frozenset(cell.winner.parameter.name for cell in row.cells if cell.winner is not None) for row in rows]
        return Layers(None, wanted.columns, rows, winners)

    return work
