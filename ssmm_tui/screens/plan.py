"""Every write goes through here: what will change, the go-ahead, progress, and an honest account of what was done."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Literal, NamedTuple

from textual.containers import VerticalScroll
from textual.widgets import Input, ProgressBar, Static

from ssmm_core.errors import SsmmError
from ssmm_core.visible import visible
from ssmm_tui.commands import PLAN, bindings
from ssmm_tui.glimpse import Glimpse
from ssmm_tui.screens.base import SsmmScreen
from ssmm_tui.widgets.impact_table import ImpactTable
from ssmm_tui.widgets.key_bar import KeyBar
from ssmm_tui.widgets.plan_lines import PlanLines
from ssmm_tui.widgets.top_bar import TopBar
from ssmm_tui.workers import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from ssmm_core.changes import Change
    from ssmm_core.operations.outcome import Outcome, StepResult
    from ssmm_core.promotion import Impact
    from ssmm_tui.session import Session

    State = Literal["planning", "refused", "shown", "ready", "applying", "ended"]


LOOK_SECONDS = 0.3
"""A key that was on its way before the plan was on the screen is no go-ahead."""


class Reviewed(NamedTuple):
    """What came of a plan: the names to be read again, and whether any of it is done."""

    written: frozenset[str]
    is_done: bool


class PlanScreen(SsmmScreen[Reviewed]):
    """Answers when it is left. `make` plans, in a thread; it may refuse with one of our errors."""

    COMMANDS_HERE = PLAN
    BINDINGS = bindings(PLAN)

    def __init__(self, session: Session, title: str, make: Callable[[], Change]) -> None:
        super().__init__(session)
        self.plan_title = title
        self._make = make
        self._state: State = "planning"
        self._change: Change | None = None
        self._outcome: Outcome | None = None
        self._written: frozenset[str] = frozenset()
        self._is_done = False
        self._said = self._told = ""
        self._entered = 0.0
        self._stop = threading.Event()
        self._is_idle = asyncio.Event()
        self._values = Glimpse(self, session.preferences.reveal_seconds, self._draw_values)

    def compose(self) -> ComposeResult:
        yield TopBar(self.session)
        yield Static(self.plan_title, id="plan-title", markup=False)
        with VerticalScroll(id="plan-warnings"):
            yield Static(id="plan-warning-text", markup=False)
        yield ImpactTable(self.session.team.root)
        yield PlanLines()
        yield Static(id="plan-state", markup=False)
        yield ProgressBar(id="plan-progress", show_eta=True)
        yield Input(id="plan-confirmation", compact=True)
        yield KeyBar()

    def on_mount(self) -> None:
        for unused in ("#plan-warnings", "#plan-progress", "#plan-confirmation"):
            self.query_one(unused).display = False
        self.query_one(PlanLines).focus()
        self.begin(self._plan(), "plan")

    # Planning

    async def _plan(self) -> None:
        self._values.hide()
        self._enter("planning", "Planning: reading what stands there now…")
        before, self._change = self._change, None
        try:
            change = await in_thread(self._make)
        except SsmmError as error:
            if self.is_left:
                return
            if self._outcome is None:
                self._enter("refused", visible(str(error)))
            else:  # of what was done before, all can still be done
                self._change = before
                self._enter("ended", visible(f"{self._told} Nothing new was planned: {error}"))
            return
        if self.is_left:
            return
        self._change = change
        self.query_one("#plan-title", Static).update(visible(change.title))
        self.query_one(PlanLines).show(change.lines)
        impacts = impacts_of(change)
        self.query_one(ImpactTable).show(impacts)
        reasons = () if impacts else change.reasons  # the table tells them
        said = "\n".join(f"! {visible(text)}" for text in (*reasons, *change.warnings))
        self.query_one("#plan-warning-text", Static).update(said)
        self.query_one("#plan-warnings").display = bool(said)
        if change.is_empty:
            self._enter("refused", "Nothing to do: everything is as it should be.")
            return
        field = self.query_one("#plan-confirmation", Input)
        field.display = bool(change.confirmation)
        if change.confirmation:
            field.value = ""
            field.placeholder = f"type  {change.confirmation}  to go ahead"
            field.focus()
        await self._let_look()

    async def _let_look(self) -> None:
        """Be ready for the go-ahead when the plan has been on the screen for a moment."""
        change = self._change
        assert change is not None
        self._enter("shown", "Look at it first…")
        painted = asyncio.Event()
        self.call_after_refresh(painted.set)
        await painted.wait()
        await asyncio.sleep(LOOK_SECONDS)
        if self.is_left:
            return
        steps = sum(line.sign != "=" for line in change.lines)
        go = f"Type {change.confirmation!r} and press Enter" if change.confirmation else f"{self.session.key('apply')} carries it out"
        self._enter("ready", f"{steps} step{'' if steps == 1 else 's'}. {go}; {self.session.key('leave')} leaves it.")

    def on_screen_resume(self) -> None:
        if self._state in ("shown", "ready"):  # something stood over it
            self.begin(self._let_look(), "plan")

    def on_key(self) -> None:
        """A key that comes while one is to look, or is held down, is no go-ahead, and neither is the next one right behind it."""
        self._look_again()

    def _look_again(self) -> None:
        if self._state == "shown":
            self.begin(self._let_look(), "plan")

    # Carrying it out

    def action_apply(self) -> None:
        if self._state == "ready" and self._change is not None and not self._change.confirmation:
            self._go_ahead()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._state != "ready" or self._change is None:
            self._look_again()
            return
        if event.value.strip() == self._change.confirmation:
            self._go_ahead()
        else:
            self._say(f"That is not {self._change.confirmation!r}; nothing was done.")

    def _go_ahead(self) -> None:
        """From here on the plan cannot be left: a key that follows at once must not end what tells of it."""
        self._told = ""
        self._stop.clear()
        self._is_idle.clear()
        self._enter("applying", f"Carrying it out; {self.session.key('stop')} stops after the requests under way.")
        self.begin(self._apply(), "apply the plan")

    async def _apply(self) -> None:
        change = self._change
        assert change is not None
        self._values.hide()
        total = sum(line.sign != "=" for line in change.lines)
        bar = self.query_one(ProgressBar)
        bar.update(total=total, progress=0)
        bar.display = True
        self.query_one("#plan-confirmation").display = False
        self.query_one(PlanLines).focus()

        def on_step(result: StepResult) -> None:
            self.app.call_later(self._step_ended, result)

        try:
            outcome = await in_thread(lambda: change.apply(stop=self._stop, on_step=on_step))
        except SsmmError as error:
            self._written |= change.written
            bar.display = False
            self._enter("refused", f"Nothing was written. {visible(str(error))}")
            return
        finally:
            self._is_idle.set()
        self._outcome = outcome
        self._written |= change.written
        self._is_done |= bool(outcome.named("done"))
        if change.can_be_undone:
            self.session.last_change = change
        self.query_one(PlanLines).ended(outcome.results)
        bar.display = False
        self._told = account(change, outcome)
        again = f" {self.session.key('retry')} plans anew for what was not done." if self._left else ""
        self._enter("ended", self._told + again)

    def _step_ended(self, result: StepResult) -> None:
        self.query_one(ProgressBar).advance()
        self.query_one(PlanLines).step_ended(result)

    def action_stop(self) -> None:
        self._stop.set()
        self._say("Stopping after the requests under way…")

    async def finish(self) -> str:
        """Stop, and wait for the requests under way; empty where nothing is being carried out."""
        if self._state != "applying":
            return ""
        self.action_stop()
        await self._is_idle.wait()
        assert self._change is not None
        return f"{self._change.title}: {self._told or self._said}"

    # Afterwards

    def action_retry(self) -> None:
        change, outcome = self._change, self._outcome
        if change is not None and outcome is not None:
            self._make = lambda: change.retry(outcome)
            self.begin(self._plan(), "plan")

    def action_undo(self) -> None:
        change = self.session.last_change
        if change is None:
            return
        self._make = lambda: undo_of(change)
        self.begin(self._plan(), "plan")

    def action_leave(self) -> None:
        self.dismiss(Reviewed(self._written, self._is_done))

    def key_enter(self) -> None:
        """Enter has nothing else to do once all is told and done, and nobody holds it down."""
        quiet, self._entered = time.monotonic() - self._entered, time.monotonic()
        if self._state == "ended" and quiet >= LOOK_SECONDS and not self._left:
            self.action_leave()

    # Values, when asked for

    def action_show_values(self) -> None:
        self._values.toggle()

    def on_screen_suspend(self) -> None:
        self._values.hide()

    def _draw_values(self) -> None:
        shown = self._change.values if self._change is not None and self._values.is_on else ()
        self.query_one(PlanLines).show_values({name: (before, after) for name, before, after in shown})

    # State

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        change = self._change
        possible = {
            "apply": self._state == "ready" and change is not None and not change.confirmation,
            "show_values": change is not None and bool(change.values),
            "retry": self._state == "ended" and bool(self._left),
            "undo": self._state == "ended" and change is not None and change.can_be_undone,
            "stop": self._state == "applying",
            "leave": self._state != "applying",
        }
        return possible.get(action, True) and super().check_action(action, parameters)

    @property
    def _left(self) -> tuple[str, ...]:
        """What was not done."""
        return self._outcome.named("failed") + self._outcome.named("undone") if self._outcome is not None else ()

    def _enter(self, state: State, said: str) -> None:
        self._state, self._entered = state, time.monotonic()
        self._say(said)
        self.set_class(state == "ended" and self._outcome is not None and bool(self._outcome.named("failed")), "-failed")
        self.refresh_bindings()

    def _say(self, text: str) -> None:
        self._said = text
        self.query_one("#plan-state", Static).update(text)


def account(change: Change, outcome: Outcome) -> str:
    """What came of a change, in numbers, and where its backup is."""
    done, failed, undone = (len(outcome.named(status)) for status in ("done", "failed", "undone"))
    parts = [f"{done} done"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{undone} not begun"] if undone else []
    return ", ".join(parts) + "." + (f" Backup in {change.backup}." if change.backup else "")


def impacts_of(change: Change) -> tuple[Impact, ...]:
    """What a change means for each app, where it is one that says so."""
    from ssmm_core.changes.promotion import PromotionChange

    return change.impacts if isinstance(change, PromotionChange) else ()


def undo_of(change: Change) -> Change:
    """The plan that takes a change back.

    Raises:
        SsmmError: nothing was written, so there is nothing to take back.
    """
    undoing = change.undo()
    if undoing is None:
        raise SsmmError("there is nothing to take back", hint="The last plan wrote nothing.")
    return undoing
