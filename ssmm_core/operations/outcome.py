"""What became of a plan: each step's end, and an honest account of what was done in part."""

from __future__ import annotations

import threading

from ssmm_core.errors import ExitCode, SsmmError, TemporaryError
from ssmm_core.parallel import as_they_end
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Literal, TypeVar

    Status = Literal["done", "unchanged", "failed", "undone"]
    Step = TypeVar("Step")


class StepResult(Record):
    """How one step ended. `undone` was never tried; `note` says what is not plain from the plan.

    `version` is the one that it wrote, 0 where it deleted, and None where it left the value alone or did not come to its end.
    """

    name: str
    status: Status
    error: SsmmError | None = None
    note: str = ""
    version: int | None = None


class Outcome(Record):
    """All steps of a plan, in the plan's order."""

    results: tuple[StepResult, ...] = ()
    interrupted: bool = False

    def named(self, status: Status) -> tuple[str, ...]:
        """The names of the steps that ended so."""
        return tuple(result.name for result in self.results if result.status == status)

    @property
    def exit_code(self) -> ExitCode:
        """130 interrupted; 75 where trying again may complete it; the one reason's own code where nothing was done; else 1."""
        errors = [result.error for result in self.results if result.error is not None]
        codes = {error.exit_code for error in errors}
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if not errors:
            return ExitCode.DONE
        if any(isinstance(error, TemporaryError) for error in errors):
            return ExitCode.TEMPORARY
        return codes.pop() if len(codes) == 1 and not self.named("done") else ExitCode.FAILED


def apply_each(
    steps: Sequence[Step],
    work: Callable[[Step], StepResult],
    *,
    name: Callable[[Step], str],
    threads: int,
    stop: threading.Event | None = None,
    on_step: Callable[[StepResult], None] | None = None,
) -> Outcome:
    """Do `work` for each step, some side by side. An error of one step does not stop the others, except one that is temporary.

    `stop` set from outside (Ctrl-C, a cancel key) ends it after the steps under way; what was not begun is `undone`.
    """
    from_outside = stop if stop is not None else threading.Event()
    halt = _Either(from_outside)
    results: dict[int, StepResult] = {}

    def guarded(step: Step) -> StepResult:
        try:
            return work(step)
        except TemporaryError:
            halt.set()  # here, before this thread can begin another
            raise

    for index, result, error in as_they_end(guarded, steps, threads=threads, stop=halt):
        if isinstance(error, SsmmError):
            result = StepResult(name(steps[index]), "failed", error)
        elif error is not None:
            raise error
        assert result is not None
        results[index] = result
        if on_step is not None:
            on_step(result)
    return Outcome(
        tuple(results.get(index) or StepResult(name(step), "undone") for index, step in enumerate(steps)),
        interrupted=from_outside.is_set(),
    )


class _Either(threading.Event):
    """Set by itself, or by another event that somebody else holds."""

    def __init__(self, other: threading.Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        return super().is_set() or self._other.is_set()
