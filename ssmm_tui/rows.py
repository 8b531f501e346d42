"""Which rows the table shows: they follow from the team, the namespace chosen, the order and the filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ssmm_core import filtering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ssmm_core.catalogue import Entry
    from ssmm_tui.session import Session
    from ssmm_tui.widgets.columns import Order


class Shown(NamedTuple):
    """The rows, of how many in this namespace, and the filter that left them."""

    rows: Sequence[Entry]
    total: int
    filter: filtering.Filter


class Rows:
    """Sorts only when something else is to be sorted: a key that narrows the filter does not pay for it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.namespace = ""
        self._ordered: list[Entry] = []
        self._ordered_for: tuple[object, ...] = ()

    def shown(self, order: Order) -> Shown:
        """What to show now."""
        session, team = self._session, self._session.team
        wanted = (team.revision, self.namespace, order)
        if wanted != self._ordered_for:
            below = f"{team.root}/{self.namespace}/" if self.namespace else f"{team.root}/"
            self._ordered = order.sorted((entry for name, entry in team.entries.items() if name.startswith(below)), team)
            self._ordered_for = wanted
        parsed = filtering.parse(session.filter_text, now=session.clock())
        return Shown(self._ordered if parsed.is_empty else parsed.apply(self._ordered), len(self._ordered), parsed)
