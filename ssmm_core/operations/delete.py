"""Delete parameters: a plan, a private backup, then only what has not changed since."""

from __future__ import annotations

from contextlib import suppress

from ssmm_core.errors import ChangedUnderneath, NotFound, ReplyLost, SsmmError
from ssmm_core.operations import snapshot
from ssmm_core.operations.outcome import StepResult, apply_each
from ssmm_core.operations.write import Seen
from ssmm_core.record import Record
from ssmm_core.store.retry import persist

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ssmm_core.models import Parameter
    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_core.store import ParameterStore
    from ssmm_core.store.retry import Budget

    Objections = Callable[[Sequence[str], Budget], Mapping[str, SsmmError]]

BATCH = 10
"""What one DeleteParameters call takes."""


class DeletePlan(Record):
    """The parameters that will go, sorted by name, each as it was looked at."""

    parameters: tuple[Parameter, ...]

    @property
    def seen(self) -> dict[str, Seen]:
        """What must still stand when they go."""
        return {one.name: Seen.of(one) for one in self.parameters}


def plan_below(store: ParameterStore, path: str) -> DeletePlan:
    """Everything below `path`, and a parameter that has the path's own name."""
    budget = store.budget()
    found = {one.name: one for one in store.walk(path, decrypt=False, budget=budget)}
    found.update(store.get([path], decrypt=False, budget=budget))
    if not found:
        raise NotFound(f"there is nothing below {path}", hint="See `ssmm dirs`.")
    return DeletePlan(tuple(found[name] for name in sorted(found)))


def plan_names(store: ParameterStore, names: Iterable[str]) -> DeletePlan:
    """Those among `names` that stand.

    Raises:
        NotFound: none of them does.
    """
    found = store.get(names, decrypt=False, budget=store.budget())
    if not found:
        raise NotFound("none of these parameters is there any more", hint="Read the list again.")
    return DeletePlan(tuple(found[name] for name in sorted(found)))


def only_while(store: ParameterStore, held: Sequence[Snapshot]) -> Objections:
    """What `apply` asks where nothing may go unless all of `held` still stand with their values."""

    def ask(names: Sequence[str], budget: Budget) -> dict[str, SsmmError]:
        lost = ", ".join(sorted(snapshot.lost(store, held, budget=budget)))
        return {name: ChangedUnderneath(f"{lost} no longer holds what must stand first", hint=f"{name} stays.") for name in names if lost}

    return ask


def unless_retagged(store: ParameterStore, tags: Mapping[str, Mapping[str, str]]) -> Objections:
    """What `apply` asks where a tag must not go with its parameter unseen: those that no longer have just these `tags` are named."""

    def ask(names: Sequence[str], budget: Budget) -> dict[str, SsmmError]:
        refused: dict[str, SsmmError] = {}
        for name in names:
            with suppress(NotFound):  # it is gone already
                if store.tags(name, budget=budget) != tags[name]:
                    refused[name] = ChangedUnderneath(f"the tags of {name} changed since they were looked at", hint=f"{name} stays.")
        return refused

    return ask


def apply(
    store: ParameterStore,
    seen: Mapping[str, Seen],
    *,
    threads: int,
    objections: Objections | None = None,
    stop: threading.Event | None = None,
    on_step: Callable[[StepResult], None] | None = None,
) -> Outcome:
    """Delete each parameter that still stands as it was `seen`. What is gone already counts as done, without a version.

    Each batch is read again right before every attempt to delete it, and `objections` is asked for names that may not go after all;
    what changed or is objected to stays, and is named. Only what the service names as deleted, or what is found gone, is done.
    """
    names = sorted(seen)
    batches = [names[at : at + BATCH] for at in range(0, len(names), BATCH)]
    results: dict[str, StepResult] = {}
    sent: set[str] = set()

    def note(result: StepResult) -> None:
        results[result.name] = result
        if on_step is not None:
            on_step(result)

    def work(batch: Sequence[str]) -> StepResult:
        budget = store.budget()

        def attempt() -> None:
            store.turn(budget=budget)
            left = [name for name in batch if name not in results]
            refused = dict(objections(left, budget)) if objections is not None else {}
            now = store.get(left, decrypt=False, budget=budget)
            for name in left:
                if name not in now:
                    note(StepResult(name, "done", version=0) if name in sent else StepResult(name, "done", note="was gone already"))
                elif Seen.of(now[name]) != seen[name]:
                    note(StepResult(name, "failed", _changed(name, now[name], seen[name])))
                elif name in refused:
                    note(StepResult(name, "failed", refused[name]))
            going = [name for name in left if name not in results]
            sent.update(going)
            deleted = store.delete(going, budget=budget) if going else frozenset()
            for name in deleted & set(going):
                note(StepResult(name, "done", version=0))
            if len(deleted) < len(going):
                raise ReplyLost(f"the service did not name {', '.join(sorted(set(going) - deleted))} as deleted")

        try:
            persist(attempt, budget=budget)
        except SsmmError as error:
            for name in batch:
                if name not in results:
                    note(StepResult(name, "failed", error))
            raise
        return StepResult(batch[0], "done")

    outcome = apply_each(batches, work, name=lambda batch: batch[0], threads=threads, stop=stop)
    return outcome.replace(results=tuple(results.get(name) or StepResult(name, "undone") for name in names))


def _changed(name: str, now: Parameter, seen: Seen) -> ChangedUnderneath:
    became = f"has become version {now.version}" if now.version != seen.version else "was deleted and created anew"
    return ChangedUnderneath(f"{name} {became} since version {seen.version} was looked at", hint="It was not deleted.")
