"""Carry a plan out in front of a person: progress while it runs, then what was done, what failed and what was left."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Final

    from ssmm_core.cli.context import Context
    from ssmm_core.cli.diagnostics import Diagnostics
    from ssmm_core.errors import SsmmError
    from ssmm_core.operations.outcome import Outcome, StepResult

    Apply = Callable[[threading.Event, Callable[[StepResult], None]], Outcome]

PROGRESS_FROM: Final = 10
"""Fewer steps than this end before a bar could be read."""


def carry_out(context: Context, label: str, total: int, apply: Apply) -> Outcome:
    """Run `apply` with a bar and a clean stop at Ctrl-C, then name on stderr what did not go through."""
    with _stop_on_interrupt(context.say) as stop, _progress(context.say, label, total) as advance:
        outcome = apply(stop, lambda _result: advance())
    for error, names in _reasons(outcome):
        context.say.report(error)
        if len(names) > 1:
            context.say.error(f"not done for that reason: {', '.join(names)}")
    if undone := outcome.named("undone"):
        context.say.error(f"not begun: {', '.join(undone)}. Run it again to complete it.")
    if context.options.demo and outcome.named("done"):
        context.say.note("this was the demonstration: it ends with this command, and nothing of it remains")
    return outcome


@contextlib.contextmanager
def _progress(say: Diagnostics, label: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar while many steps run, on a terminal only; call what it gives once a step."""
    if say.quiet or total < PROGRESS_FROM or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda: bar.advance(task)


@contextlib.contextmanager
def _stop_on_interrupt(say: Diagnostics) -> Iterator[threading.Event]:
    """Inside, the first Ctrl-C (or a SIGTERM) sets the event, so that what is under way can end; a second one interrupts at once."""
    stop = threading.Event()

    def ask(number: int, _frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()
        say.stopping()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _reasons(outcome: Outcome) -> list[tuple[SsmmError, list[str]]]:
    """Each error once, with the names that it stopped: a batch fails for all that are in it."""
    reasons: dict[str, tuple[SsmmError, list[str]]] = {}
    for result in outcome.results:
        if result.error is not None:
            reasons.setdefault(str(result.error), (result.error, []))[1].append(result.name)
    return list(reasons.values())


def tally(outcome: Outcome, verb: str) -> str:
    """`wrote 3, 1 failed, 2 not begun`."""
    failed, undone = len(outcome.named("failed")), len(outcome.named("undone"))
    parts = [f"{verb} {len(outcome.named('done'))}"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{undone} not begun"] if undone else []
    return ", ".join(parts)


def status_json(outcome: Outcome | None, name: str, *, needed: bool = True) -> dict[str, object]:
    """`status` and `error` of one step. Before the plan was carried out (`outcome` None) it is `planned`, if it is `needed` at all."""
    result = next((one for one in outcome.results if one.name == name), None) if outcome is not None else None
    if result is None:
        return {"status": "planned" if outcome is None and needed else "unchanged", "error": None}
    return {"status": result.status, "error": str(result.error) if result.error is not None else None}
