"""What all of our screens share: the session, their commands, and how a plan is brought to review."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.await_complete import AwaitComplete
from textual.message import Message
from textual.screen import ModalScreen, Screen, ScreenResultType

from ssmm_tui.workers import start

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ssmm_core.changes import Change
    from ssmm_tui.commands import Command
    from ssmm_tui.screens.waiting import Waiting
    from ssmm_tui.session import Session

Result = TypeVar("Result")


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


class LeftOnce(Screen[ScreenResultType], Generic[ScreenResultType]):
    """A screen that can be left once, while it is on top: a second key that was on its way leaves nothing else.

    As one of several bases it comes last: Textual looks for styles along the first ones.
    """

    is_left = False

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        if not self.is_active or len(self.app.screen_stack) < 2:  # it has gone already, or everything goes
            return AwaitComplete()
        self.is_left = True
        return super().dismiss(result)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing can be done before the widgets that it is done with are there, nor once they go."""
        return self.is_mounted and not self.is_left and super().check_action(action, parameters)


class SsmmScreen(LeftOnce[ScreenResultType], Generic[ScreenResultType]):
    """A screen with our commands. Those that write are gone under --read-only, which the store enforces besides."""

    COMMANDS_HERE: ClassVar[tuple[Command, ...]] = ()
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-roomy"), (170, "-wide")]  # noqa: RUF012 - declared so by Textual

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._waiting: Waiting | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "filter" and self.focused is not None and self.focused.check_consume_key("slash", "/"):
            return False  # it comes first, but here its key is a letter
        if action == "keep_filter":
            return self.focused is not None and self.focused.id == "filter"
        if self.session.read_only and any(command.writes and command.action == action for command in self.COMMANDS_HERE):
            return False
        return super().check_action(action, parameters)

    def begin(self, flow: Coroutine[object, object, None], name: str) -> None:
        """Start a flow that works beside the person; one of the same name that still runs is given up."""
        start(self, flow, name=name, exclusive=True)

    def ask(self, flow: Coroutine[object, object, None], name: str) -> None:
        """Start a flow of questions and plans. It has the floor until it ends; it is not started while something else has."""
        from ssmm_tui.screens.waiting import Waiting

        if not self.is_active:
            flow.close()
            return
        self._waiting = waiting = Waiting()
        self.app.push_screen(waiting)
        start(self, flow, name=name, at_end=waiting.end)

    async def wait_for(self, work: Callable[[], Result], saying: str) -> Result:
        """Inside such a flow: what `work` returns or raises, done in a thread. Esc gives it up.

        Raises:
            GaveUp: a person did so.
        """
        assert self._waiting is not None
        return await self._waiting.wait_for(work, saying)

    async def review(self, title: str, make: Callable[[], Change]) -> bool:
        """Inside such a flow: show a plan before anything is written; whether any of it is done."""
        from ssmm_tui.screens.plan import PlanScreen

        reviewed = await self.app.push_screen_wait(PlanScreen(self.session, title, make))
        if reviewed is None:  # the app is ending
            return False
        if reviewed.written:
            self.post_message(Written(reviewed.written))
        return reviewed.is_done

    async def finish(self) -> str:
        """The app is about to end: end what is being carried out here, and tell what was done."""
        return ""

    def undo(self, change: Change) -> None:
        """Plan to take a change back."""
        self.ask(self._undo(change), "undo")

    async def _undo(self, change: Change) -> None:
        from ssmm_tui.screens.plan import undo_of

        await self.review("Undo", lambda: undo_of(change))


class Question(ModalScreen[ScreenResultType], LeftOnce[ScreenResultType], Generic[ScreenResultType]):
    """A question with a typed answer; None where a person turned away from it."""

    BINDINGS: ClassVar = [("escape", "turn_away", "Back")]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def action_turn_away(self) -> None:
        self.dismiss(None)
