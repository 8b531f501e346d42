"""A key that does nothing where one expects something of it says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssmm_tui.commands import EVERYWHERE, called_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from textual import events

    from ssmm_tui.commands import Command
    from ssmm_tui.screens.base import SsmmScreen


def tell_if_dead(screen: SsmmScreen[Any], event: events.Key, commands: Iterable[Command], reasons: Mapping[str, str] | None = None) -> None:
    """Tell why the key's command cannot be called, if so: it writes, there is nothing to take back, or `reasons`, by the command's id."""
    session = screen.session
    command = called_by(event.key, (*commands, *EVERYWHERE), session.preferences.keys)
    why = ""
    if command is not None and command.writes and session.read_only:
        why = "Read-only: nothing is written."
    elif command is not None and command.id == "undo" and session.last_change is None:
        why = "There is nothing to take back yet."
    elif command is not None:
        why = (reasons or {}).get(command.id, "")
    if why:
        screen.notify(why, severity="warning", markup=False)
