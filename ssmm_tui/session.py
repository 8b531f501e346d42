"""What one run of the terminal UI has: the team, the store behind it, and what a person chose. Made by the app, handed to each screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ssmm_core.changes import Access, Change
    from ssmm_core.models import Account
    from ssmm_core.settings import Settings
    from ssmm_core.store import ParameterStore
    from ssmm_tui.clipboard import Clipboard
    from ssmm_tui.preferences import Preferences
    from ssmm_tui.team import Team


@dataclass(frozen=True)
class Connected:
    """What connecting gave: a store, and settings that lead to it (the demonstration's are its own)."""

    store: ParameterStore
    settings: Settings


@dataclass
class Session:
    """`connected` is None until there is a store. `filter_text` stays while a person moves through screens, as the team's marks do.

    While `loading`, `doing` says what with; from `names_are_whole` on it is only tags that are awaited. `warnings` say how the view is
    poorer than it could be, `trouble` why reading broke off last.
    """

    team: Team
    preferences: Preferences
    clipboard: Clipboard
    clock: Callable[[], float]
    read_only: bool = False
    connected: Connected | None = None
    account: Account | None = None
    filter_text: str = ""
    tags_come_in_bulk: bool = True
    loading: bool = True
    doing: str = "connecting"
    names_are_whole: bool = False
    trouble: str = ""
    warnings: list[str] = field(default_factory=list)
    last_change: Change | None = field(default=None, repr=False)

    def key(self, command: str) -> str:
        """The key that calls a command here, as a person would press it."""
        from ssmm_tui.commands import display_key

        return display_key(command, self.preferences.keys)

    @property
    def store(self) -> ParameterStore:
        """The store; screens ask for it only after something was loaded from it."""
        assert self.connected is not None
        return self.connected.store

    @property
    def settings(self) -> Settings:
        assert self.connected is not None
        return self.connected.settings

    @property
    def access(self) -> Access:
        """What plans are made with."""
        from ssmm_core.changes import Access

        return Access(self.store, self.settings)
