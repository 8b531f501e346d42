"""What all of our screens share: the session, their commands, and how a plan is brought to review."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic

from textual.message import Message
from textual.screen import ModalScreen, Screen, ScreenResultType

from ssmm_tui.workers import start

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ssmm_core.changes import Change
    from ssmm_tui.commands import Command
    from ssmm_tui.session import Session


class Written(Message):
    """A plan was carried out, wholly or in part: these parameters are to be read again."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__()
        self.names = names


class GoTo(Message):
    """A parameter, or else a namespace, is to be shown in the browser."""

    def __init__(self, name: str = "", path: str = "") -> None:
        super().__init__()
        self.name = name
        self.path = path


class SsmmScreen(Screen[ScreenResultType], Generic[ScreenResultType]):
    """A screen with our commands. Those that write are gone under --read-only, which the store enforces besides."""

    COMMANDS_HERE: ClassVar[tuple[Command, ...]] = ()
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-roomy"), (170, "-wide")]  # noqa: RUF012 - declared so by Textual

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "filter" and self.focused is not None and self.focused.check_consume_key("slash", "/"):
            return False  # it comes first, but here its key is a letter
        if action == "keep_filter":
            return self.focused is not None and self.focused.id == "filter"
        if self.session.read_only and any(command.writes and command.action == action for command in self.COMMANDS_HERE):
            return False
        return super().check_action(action, parameters)

    def begin(self, flow: Coroutine[object, object, None], name: str) -> None:
        """Start a flow of questions and answers; one that is still open is given up."""
        start(self, flow, name=name, exclusive=True)

    async def review(self, title: str, make: Callable[[], Change]) -> bool:
        """Show a plan before anything is written; whether any of it was carried out. Only inside a flow."""
        from ssmm_tui.screens.plan import PlanScreen

        written = await self.app.push_screen_wait(PlanScreen(self.session, title, make))
        if written:
            self.post_message(Written(written))
        return bool(written)

    def undo(self, change: Change) -> None:
        """Plan to take a change back."""
        self.begin(self._undo(change), "undo")

    async def _undo(self, change: Change) -> None:
        from ssmm_tui.screens.plan import undo_of

        await self.review("Undo", lambda: undo_of(change))


class Question(ModalScreen[ScreenResultType], Generic[ScreenResultType]):
    """A question with a typed answer; None where a person turned away from it."""

    BINDINGS: ClassVar = [("escape", "turn_away", "Back")]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def action_turn_away(self) -> None:
        self.dismiss(None)
