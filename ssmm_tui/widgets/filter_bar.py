"""The filter: it narrows as one types, Enter keeps it, Esc clears it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from ssmm_tui.session import Session


ROOM = len("10,000 of 10,000")
"""Counts of the same width move nothing else, and no layout is due for each key."""


class FilterBar(Horizontal):
    """Writes what is typed into the session, so that it stays while a person moves through screens."""

    DEFAULT_CSS = """
    FilterBar { height: 1; width: 1fr; padding: 0 1; }
    FilterBar #filter-sign { width: 2; }
    FilterBar Input { width: 1fr; }
    FilterBar #filter-count { width: auto; min-width: 18; max-width: 50%; padding-left: 2; }
    FilterBar #filter-count { text-align: right; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    class Changed(Message):
        """The session's filter is another one now."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._told = ""

    def compose(self) -> ComposeResult:
        yield Static(self._session.key("filter"), id="filter-sign", markup=False)
        placeholder = "fuzzy, or app:billing tag:env=prod type:secure key:*token* modified:>90d"
        yield Input(self._session.filter_text, placeholder=placeholder, compact=True, id="filter", select_on_focus=False)
        yield Static(id="filter-count", markup=False)

    def focus_input(self) -> None:
        """Take the focus at once: what is typed right behind the key belongs here already."""
        self.screen.set_focus(self.query_one(Input))

    def take_over(self) -> None:
        """Show the session's filter, which another screen may have changed."""
        with self.prevent(Input.Changed):
            self.query_one(Input).value = self._session.filter_text

    def clear(self) -> None:
        self.query_one(Input).value = ""

    def tell(self, shown: int, total: int, problems: Sequence[str]) -> None:
        """How many rows are left, or what is wrong with a term."""
        count = f"{shown:,}" if shown == total else f"{shown:,} of {total:,}"
        told = "; ".join(problems) if problems else count
        if told != self._told:
            moves = max(len(told), ROOM) != max(len(self._told), ROOM)
            self.query_one("#filter-count", Static).update(told, layout=moves)
            self._told = told

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._session.filter_text:
            self._session.filter_text = event.value
            self.post_message(self.Changed())
