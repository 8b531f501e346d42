"""One way to group parameters: its title, a note on it, its groups, or why there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Center, Vertical
from textual.widgets import Button, Static

from ssmm_tui.widgets.groups import GroupList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from ssmm_tui.duplicates import Group
    from ssmm_tui.duplicates_text import Words
    from ssmm_tui.team import Team
    from ssmm_tui.widgets.parameter_table import Spans


class GroupPane(Vertical):
    """With `button` (its label) it can offer what would give it groups."""

    DEFAULT_CSS = """
    GroupPane { width: 1fr; height: 1fr; }
    GroupPane .pane-title { height: 1; padding: 0 1; }
    GroupPane .pane-note { height: auto; padding: 0 1; }
    GroupPane .pane-empty { height: 1fr; align: center middle; }
    GroupPane .pane-empty Static { width: 1fr; height: auto; text-align: center; padding: 0 4; }
    GroupPane .pane-empty Center { margin-top: 1; }
    """

    def __init__(self, team: Team, *, id: str, button: str = "") -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._team = team
        self._button = button

    def compose(self) -> ComposeResult:
        yield Static(classes="pane-title", markup=False)
        yield Static(classes="pane-note", markup=False)
        yield GroupList(self._team)
        with Vertical(classes="pane-empty"):
            yield Static(classes="pane-why", markup=False)
            if self._button:
                yield Center(Button(self._button, variant="primary", compact=True))

    @property
    def groups(self) -> GroupList:
        return self.query_one(GroupList)

    def show(self, groups: Sequence[Group], spans: Spans, words: Words) -> None:
        """Show groups, or say why there are none."""
        self.groups.show(groups, spans)
        for selector, text in ((".pane-title", words.title), (".pane-note", words.note), (".pane-why", words.empty)):
            self.query_one(selector, Static).update(text)
        self.groups.display = bool(groups)
        self.query_one(".pane-note").display = bool(words.note)
        self.query_one(".pane-empty").display = not groups
        for button in self.query(Button):
            button.display = words.offer
