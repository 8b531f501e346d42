"""What is going on, and what is marked: one line above the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widget import Widget

if TYPE_CHECKING:
    from ssmm_tui.session import Session

BAR = 20


class StatusLine(Widget):
    """While names stream in their number is not known beforehand, so the bar shows movement then, and a share once tags are read."""

    DEFAULT_CSS = """
    StatusLine { height: 1; width: 1fr; padding: 0 1; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def render(self) -> Text:
        session, team = self._session, self._session.team
        parts: list[str] = []
        if session.loading:
            parts.append(f"{self._bar()} {session.doing}: {len(team.entries):,} names")
        if team.marked:
            parts.append(f"● {len(team.marked):,} marked")
        parts += session.warnings
        return Text("  ·  ".join(parts), no_wrap=True, overflow="ellipsis")

    def _bar(self) -> str:
        session, team = self._session, self._session.team
        if session.names_are_whole:
            filled = BAR * (len(team.entries) - team.tags_missing) // max(1, len(team.entries))
            return "━" * filled + "─" * (BAR - filled)
        at = team.revision % BAR
        return "".join("━" if (index - at) % BAR < 4 else "─" for index in range(BAR))
