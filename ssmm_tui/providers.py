"""What the command palette finds: every command that works here, and every app and parameter to go to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Provider

from ssmm_core import filtering
from ssmm_tui.commands import BY_ID
from ssmm_tui.screens.base import GoTo, Question, SsmmScreen

if TYPE_CHECKING:
    from textual.command import Hits
    from textual.dom import DOMNode

    from ssmm_tui.commands import Command

PLACES = 12
"""Most parameters that are offered at once."""


BEGINS, LABEL, NAME, HELP, SCATTERED = 1.0, 0.9, 0.8, 0.6, 0.3
"""How well something is meant, the best first: commands by their label, then names, then commands by what they do."""


def likeness(query: str, title: str, description: str) -> float:
    """How likely a query means a command: by whole words or their beginnings, never by letters scattered over a sentence."""
    wanted, label = query.strip().lower(), title.lower()
    if not wanted:
        return 0.0
    if label.startswith(wanted):
        return BEGINS
    if wanted in label:
        return LABEL
    words = f"{label} {description}".lower().split()
    return HELP if all(any(word.startswith(part) for word in words) for part in wanted.split()) else 0.0


class Commands(Provider):
    """The commands that can be called where the focus is, with their keys; then Textual's own."""

    async def discover(self) -> Hits:
        for command, node in self._possible():
            yield DiscoveryHit(self._title(command), partial(self.app.run_action, command.action, node), help=command.help)
        for system in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(system.title, system.callback, help=system.help)

    async def search(self, query: str) -> Hits:
        for command, node in self._possible():
            if (score := likeness(query, command.label, command.help)) > 0:
                yield Hit(score, self._title(command), partial(self.app.run_action, command.action, node), help=command.help)
        for system in self.app.get_system_commands(self.screen):
            if (score := likeness(query, system.title, system.help)) > 0:
                yield Hit(score, system.title, system.callback, help=system.help)

    def _possible(self) -> list[tuple[Command, DOMNode]]:
        """Each command and where it is carried out: those of the screen, then of the widget with the focus, then of everywhere."""
        found: dict[Command, DOMNode] = {}
        for active in self.screen.active_bindings.values():
            command = BY_ID.get(active.binding.id or "")
            if command is not None and active.enabled:
                found.setdefault(command, active.node)
        return sorted(found.items(), key=lambda one: (one[1] is self.app, one[1] is not self.screen))

    def _title(self, command: Command) -> str:
        screen = self.screen
        key = screen.session.key(command.id) if isinstance(screen, SsmmScreen | Question) else command.key
        return f"{command.label}  ({key})"


class Places(Provider):
    """Apps and parameters."""

    async def search(self, query: str) -> Hits:
        screen = self.screen
        if not isinstance(screen, SsmmScreen) or not query.strip() or not self.app.check_action("mode", ()):
            return
        team = screen.session.team
        matcher = self.matcher(query)
        for app in team.apps:
            if query.strip().lower() in app.lower():
                yield Hit(NAME, matcher.highlight(app), partial(self._go, GoTo(path=app)), help="go to this app")
        found = filtering.parse(query, now=screen.session.clock()).apply(list(team.entries.values()))
        for place, entry in enumerate(found[:PLACES]):
            name = entry.name[len(team.root) + 1 :]
            score = (NAME if filtering.folded(query.strip()) in entry.text else SCATTERED) - (place + 1) / 1000
            yield Hit(score, matcher.highlight(name), partial(self._go, GoTo(name=entry.name)), help="go to this parameter")

    def _go(self, message: GoTo) -> None:
        self.screen.post_message(message)
