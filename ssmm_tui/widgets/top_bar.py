"""The line at the top: the screens there are, whose parameters these are, who looks at them, and what must not be overlooked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from rich.text import Text
from textual.widget import Widget

from ssmm_core.visible import visible
from ssmm_tui.shown import person

if TYPE_CHECKING:
    from textual import events

    from ssmm_tui.session import Session

GAPS: Final = 4
"""Cells kept between the screens' names, the facts and the marks."""
SHORT: Final = 3
"""Letters of a screen's name where there is no room for all of it."""
SCREENS: Final = {"browse": "Browse", "duplicates": "Duplicates", "environment": "Environment"}


class TopBar(Widget):
    """The marks are shown always; the screens' names before the facts, as far as they fit. A click on a screen's name goes there."""

    DEFAULT_CSS = """
    TopBar { height: 1; width: 1fr; padding: 0 1; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"top--here", "top--other"}
    ALLOW_SELECT = False

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def render(self) -> Text:
        width = self.content_size.width
        screens, marks = self._screens(), self._marks()
        facts = Text(self._session.team.root, style="bold", no_wrap=True)
        room = width - screens.cell_len - marks.cell_len - GAPS
        for fact in self._facts():
            if facts.cell_len + len(fact) + 3 <= room:
                facts.append(f" · {fact}", style="not bold")
        gap = max(1, width - screens.cell_len - facts.cell_len - marks.cell_len - (2 if marks else 0))
        return Text.assemble(screens, " " * gap, facts, "  " if marks else "", marks, no_wrap=True)

    def on_click(self, event: events.Click) -> None:
        at = event.x - self.styles.padding.left
        for mode, piece in self._pieces():
            if 0 <= at < len(piece):
                self.call_later(self.run_action, f"app.mode('{mode}')")
            at -= len(piece)

    def _screens(self) -> Text:
        """Nothing on a screen that stands over one of these: it is to be left first."""
        text = Text(no_wrap=True)
        if self.app.screen_stack[0] is self.screen:
            for mode, piece in self._pieces():
                here = mode == self.app.current_mode
                text.append(piece, style=self.get_component_rich_style("top--here" if here else "top--other", partial=True))
        return text

    def _pieces(self) -> list[tuple[str, str]]:
        """The open screen stands in brackets, so that it can be told without colours."""
        whole = self._named(None)
        needed = sum(len(piece) for _mode, piece in whole) + len(self._session.team.root) + self._marks().cell_len + GAPS
        return whole if needed <= self.content_size.width else self._named(SHORT)

    def _named(self, letters: int | None) -> list[tuple[str, str]]:
        here, key = self.app.current_mode, self._session.key
        return [
            (mode, f"[{key(mode)} {title}] " if mode == here else f" {key(mode)} {title[:letters]}  ") for mode, title in SCREENS.items()
        ]

    def _facts(self) -> list[str]:
        session = self._session
        if session.connected is None:
            return ["connecting…"]
        store, account = session.store, session.account
        facts = [store.region, store.endpoint]
        if account is not None:
            facts = [account.alias or account.id, store.region, person(account.identity), store.endpoint]
        return [visible(fact) for fact in facts if fact]

    def _marks(self) -> Text:
        session = self._session
        marks = Text()
        profile = session.connected.settings.profile if session.connected else None
        if session.preferences.is_production(session.team.root, profile):
            marks.append(" PRODUCTION ", style="bold reverse")
        if session.read_only:
            marks.append(" " if marks else "").append(" READ-ONLY ", style="bold reverse")
        return marks
