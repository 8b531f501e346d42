"""Delete parameters: a plan, a private backup, then only what has not changed since."""

from __future__ import annotations

from ssmm_core.errors import ChangedUnderneath, NotFound
from ssmm_core.operations.outcome import StepResult, apply_each
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from ssmm_core.models import Parameter
    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.store import ParameterStore

BATCH = 10
"""What one DeleteParameters call takes."""


class DeletePlan(Record):
    """The parameters that will go, sorted by name, each at the version that was looked at."""

    parameters: tuple[Parameter, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.parameters)


def plan_below(store: ParameterStore, path: str) -> DeletePlan:
    """Everything below `path`, and a parameter that has the path's own name."""
    budget = store.budget()
    found = {one.name: one for one in store.walk(path, decrypt=False, budget=budget)}
    found.update(store.get([path], decrypt=False, budget=budget))
    if not found:
        raise NotFound(f"there is nothing below {path}", hint="See `ssmm dirs`.")
    return DeletePlan(tuple(found[name] for name in sorted(found)))


def apply(
    store: ParameterStore,
    versions: Mapping[str, int],
    *,
    threads: int,
    stop: threading.Event | None = None,
    on_step: Callable[[StepResult], None] | None = None,
) -> Outcome:
    """Delete each parameter that still stands at the version given. What is gone already counts as done.

    Each batch is read again right before it goes; one that changed stays, and is named.
    """
    names = sorted(versions)
    batches = [names[at : at + BATCH] for at in range(0, len(names), BATCH)]
    results: dict[str, StepResult] = {}

    def note(result: StepResult) -> None:
        results[result.name] = result
        if on_step is not None:
            on_step(result)

    def work(batch: Sequence[str]) -> StepResult:
        budget = store.budget()
        now = store.get(batch, decrypt=False, budget=budget)
        changed = [name for name in batch if name in now and now[name].version != versions[name]]
        if going := [name for name in batch if name in now and name not in changed]:
            store.delete(going, budget=budget)
        for name in batch:
            if name in changed:
                found, planned = now[name].version, versions[name]
                error = ChangedUnderneath(
                    f"{name} has become version {found} since version {planned} was looked at", hint="It was not deleted."
                )
                note(StepResult(name, "failed", error))
            else:
                note(StepResult(name, "done", note="" if name in going else "it was gone already"))
        return StepResult(batch[0], "done")

    outcome = apply_each(batches, work, name=lambda batch: batch[0], threads=threads, stop=stop)
    for batch, ended in zip(batches, outcome.results, strict=True):
        for name in batch:
            if name not in results:
                results[name] = ended.replace(name=name)
    return outcome.replace(results=tuple(results[name] for name in names))
