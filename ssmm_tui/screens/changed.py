"""A parameter changed while it was edited: what it was, what it is now, and what was made of it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, Static

from ssmm_core.secret import MASK, SecretValue
from ssmm_core.visible import visible
from ssmm_tui.commands import CHANGED, bindings
from ssmm_tui.glimpse import Glimpse
from ssmm_tui.screens.base import Question
from ssmm_tui.screens.form import Form
from ssmm_tui.shown import date_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from ssmm_core.changes.edit import Draft
    from ssmm_core.errors import ChangedUnderneath
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_tui.session import Session

Way = Literal["reload", "keep"]
FIELDS: Final = {
    "value": "Value",
    "type": "Type",
    "tier": "Tier",
    "key_id": "KMS key",
    "description": "Description",
    "tags": "Tags",
}


class ChangedQuestion(Question[Way]):
    """`reload`: start again from what stands now. `keep`: put what was changed here upon it. None: go on editing."""

    VERTICAL_BREAKPOINTS = Form.VERTICAL_BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(CHANGED),
        ("r", "answer('reload')", "Reload"),
        ("k", "answer('keep')", "Keep mine"),
    ]

    def __init__(self, session: Session, error: ChangedUnderneath, *, loaded: Snapshot, newer: Snapshot, draft: Draft) -> None:
        super().__init__(session)
        self._error = error
        self._loaded = loaded
        self._newer = newer
        self._draft = draft
        self._glimpse = Glimpse(self, session.preferences.reveal_seconds, self._show_or_mask)

    def compose(self) -> ComposeResult:
        held, now = self._loaded, self._newer
        mine = [title for field, title in FIELDS.items() if getattr(self._draft, field) != getattr(held, field)]
        with Vertical(id="changed", classes="dialog -error"):
            yield Static("It changed while you edited it", classes="dialog-title")
            yield Static(visible(self._error.message), markup=False)
            yield Static(f"Version {now.version} stands now, written {date_time(now.last_modified)}.", classes="hint")
            with VerticalScroll(id="changed-fields"):
                yield from self._fields()
            yield Static(f"Reload: edit version {now.version} instead; drops your {', '.join(mine) or 'nothing'}.")
            yield Static(f"Keep mine: what you changed is planned anew upon version {now.version}.")
            with Horizontal(classes="buttons"):
                yield Button("r  Reload", id="reload", compact=True)
                yield Button("k  Keep mine", id="keep", compact=True)
                yield Button(f"{self.session.key('show-changed')}  Show values", id="show", compact=True)
                yield Button("Esc  Back", id="back", compact=True)

    def _fields(self) -> Iterator[Widget]:
        same = []
        for field, title in FIELDS.items():
            was, now, mine = (getattr(one, field) for one in (self._loaded, self._newer, self._draft))
            if was == now == mine:
                same.append(title)
                continue
            yield Static(title, classes="side-title")
            yield Side(f"loaded (v{self._loaded.version})", "", was)
            yield Side(f"now (v{self._newer.version})", "same" if now == was else "differs", now)
            yield Side("yours", "same" if mine == was else "like now" if mine == now else "differs", mine)
        if same:
            yield Static(f"Same in all three: {', '.join(same)}.", classes="hint")

    # Values

    def action_show_values(self) -> None:
        self._glimpse.toggle()

    def on_screen_suspend(self) -> None:
        self._glimpse.hide()

    def _show_or_mask(self) -> None:
        for side in self.query(Side):
            side.show_value(self._glimpse.is_on)

    # Answers

    def action_answer(self, way: Way) -> None:
        self.dismiss(way)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "show":
            self.action_show_values()
        else:
            ways: dict[str | None, Way] = {"reload": "reload", "keep": "keep"}
            self.dismiss(ways.get(event.button.id))


class Side(Horizontal):
    """One field of one of the three. What is the `same` as it was loaded is not said twice."""

    DEFAULT_CSS = """
    Side { height: auto; }
    Side > Static { width: 10; }
    Side > .side-name { width: 16; padding-left: 2; }
    Side > .side-content { width: 1fr; }
    """

    def __init__(self, who: str, verdict: str, content: SecretValue | Mapping[str, str] | str) -> None:
        super().__init__()
        self._who = who
        self._verdict = verdict
        self._content = content

    def compose(self) -> ComposeResult:
        yield Static(self._who, classes="side-name", markup=False)
        yield Static(self._verdict, classes="hint" if self._verdict == "same" else "side-verdict", markup=False)
        yield Static("" if self._verdict == "same" else _text(self._content), classes="side-content", markup=False)

    def show_value(self, shown: bool) -> None:
        """Show what is secret here, or mask it."""
        if isinstance(self._content, SecretValue) and self._verdict != "same":
            text = "\n".join(map(visible, self._content.reveal().split("\n"))) if shown else MASK
            self.query_one(".side-content", Static).update(text)


def _text(content: SecretValue | Mapping[str, str] | str) -> str:
    if isinstance(content, SecretValue):
        return MASK
    if isinstance(content, str):
        return visible(content) or "none"
    return visible(shlex.join(f"{key}={value}" for key, value in sorted(content.items()))) or "none"
