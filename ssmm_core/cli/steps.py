"""Carry a plan out in front of a person: progress while it runs, then what was done, what failed and what was left."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from ssmm_core.cli.context import Context
    from ssmm_core.errors import SsmmError
    from ssmm_core.operations.outcome import Outcome, StepResult

    Apply = Callable[[threading.Event, Callable[[StepResult], None]], Outcome]


def carry_out(context: Context, label: str, total: int, apply: Apply) -> Outcome:
    """Run `apply` with a bar and a clean stop at Ctrl-C, then name on stderr what did not go through."""
    with context.say.stop_on_interrupt() as stop, context.say.progress(label, total) as advance:
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
