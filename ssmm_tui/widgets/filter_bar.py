"""The filter: it narrows as one types, Enter keeps it, Esc clears it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from ssmm_tui.session import Session


ROOM = len("10,000 of 10,000")
"""Counts of the same width move nothing else, and no layout is due for each key."""


class FilterBar(Vertical):
    """Writes what is typed into the session, so that it stays while a person moves through screens.

    What is wrong with a term stands below, in as many lines as it needs.
    """

    DEFAULT_CSS = """
    FilterBar { height: auto; width: 1fr; padding: 0 1; }
    FilterBar Horizontal { height: 1; }
    FilterBar #filter-sign { width: 2; }
    FilterBar Input { width: 1fr; }
    FilterBar #filter-count { width: auto; min-width: 18; padding-left: 2; text-align: right; text-wrap: nowrap; }
    FilterBar #filter-problem { height: auto; padding-left: 2; display: none; }
    """

    class Changed(Message):
        """The session's filter is another one now."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._told: tuple[str, str] = ("", "")

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(self._session.key("filter"), id="filter-sign", markup=False)
            placeholder = "fuzzy, or app:billing tag:env=prod type:secure is:finding key:*token* modified:>90d"
            yield Input(self._session.filter_text, placeholder=placeholder, compact=True, id="filter", select_on_focus=False)
            yield Static(id="filter-count", markup=False)
        yield Static(id="filter-problem", markup=False)

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
        """How many rows are left, and what is wrong with a term."""
        count = f"{shown:,}" if shown == total else f"{shown:,} of {total:,}"
        problem = "\n".join(f"✗ {text}" for text in problems)
        told, self._told = self._told, (count, problem)
        if count != told[0]:
            moves = max(len(count), ROOM) != max(len(told[0]), ROOM)
            self.query_one("#filter-count", Static).update(count, layout=moves)
        if problem != told[1]:
            below = self.query_one("#filter-problem", Static)
            below.update(problem)
            below.display = bool(problem)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._session.filter_text:
            self._session.filter_text = event.value
            self.post_message(self.Changed())
