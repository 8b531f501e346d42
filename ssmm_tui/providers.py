"""What the command palette finds: every command that works here, and every app and parameter to go to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Provider

from ssmm_core import filtering
from ssmm_tui.commands import EVERYWHERE
from ssmm_tui.screens.base import GoTo, SsmmScreen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.command import Hits

    from ssmm_tui.commands import Command

PLACES = 12
"""Most parameters that are offered at once."""


class Commands(Provider):
    """The commands of the screen below, with their keys."""

    async def discover(self) -> Hits:
        for command in self._possible():
            yield DiscoveryHit(self._title(command), partial(self._run, command), help=command.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._possible():
            text = f"{command.label}: {command.help}"
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(self._title(command)), partial(self._run, command), help=command.help)

    def _possible(self) -> Iterator[Command]:
        screen = self.screen
        if isinstance(screen, SsmmScreen):
            for command in screen.COMMANDS_HERE:
                if screen.check_action(command.action, ()):
                    yield command
        for command in EVERYWHERE:
            if self.app.check_action(command.action.partition("(")[0], ()):
                yield command

    def _title(self, command: Command) -> str:
        screen = self.screen
        key = screen.session.key(command.id) if isinstance(screen, SsmmScreen) else command.key
        return f"{command.label}  ({key})"

    async def _run(self, command: Command) -> None:
        await (self.app if command in EVERYWHERE else self.screen).run_action(command.action)


class Places(Provider):
    """Apps and parameters."""

    async def search(self, query: str) -> Hits:
        screen = self.screen
        if not isinstance(screen, SsmmScreen) or not query.strip() or not self.app.check_action("mode", ()):
            return
        team = screen.session.team
        matcher = self.matcher(query)
        for app in team.apps:
            if (score := matcher.match(app)) > 0:
                yield Hit(score, matcher.highlight(app), partial(self._go, GoTo(path=app)), help="go to this app")
        found = filtering.parse(query, now=screen.session.clock()).apply(list(team.entries.values()))
        for place, entry in enumerate(found[:PLACES]):
            name = entry.name[len(team.root) + 1 :]
            yield Hit(0.5 - place / 100, matcher.highlight(name), partial(self._go, GoTo(name=entry.name)), help="go to this parameter")

    def _go(self, message: GoTo) -> None:
        self.screen.post_message(message)
