"""Read what the rows in sight still lack: plain values, and tags where they do not come in bulk. Nothing is decrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssmm_core.operations import catalogue, tagging
from ssmm_tui.workers import in_thread, start

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.dom import DOMNode
    from textual.timer import Timer

    from ssmm_core.catalogue import Entry
    from ssmm_tui.session import Session

REST_SECONDS = 0.15
"""How long rows must stay on the screen before what they show is read."""


class Sight:
    """`rows` are those on the screen now; `on_read` draws them anew."""

    def __init__(self, node: DOMNode, session: Session, rows: Callable[[], Sequence[Entry]], on_read: Callable[[], None]) -> None:
        self._node = node
        self._session = session
        self._rows = rows
        self._on_read = on_read
        self._timer: Timer | None = None

    def moved(self) -> None:
        """Other rows are in sight: read what they lack, once they rest."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._node.set_timer(REST_SECONDS, self._look)

    def _look(self) -> None:
        session, team = self._session, self._session.team
        if session.connected is None:
            return
        rows = [entry for entry in self._rows() if entry.name not in team.asked]
        plain = [entry.name for entry in rows if not entry.is_secure and not entry.finding and team.value(entry) is None]
        untagged = [] if session.tags_come_in_bulk else [entry.name for entry in rows if entry.tags is None]
        if plain or untagged:
            team.asked.update(entry.name for entry in rows)
            start(self._node, self._read(plain, untagged), name="read what is in sight")

    async def _read(self, plain: list[str], untagged: list[str]) -> None:
        store, settings, team = self._session.store, self._session.settings, self._session.team
        if plain:
            team.show(await in_thread(lambda: catalogue.values(store, plain)))
        if untagged:
            team.tag(await in_thread(lambda: tagging.read(store, untagged, threads=settings.read_concurrency)))
        self._on_read()
