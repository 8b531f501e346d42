"""Put back what a backup holds."""

from __future__ import annotations

from ssmm_core.errors import ConflictError
from ssmm_core.limits import check_name
from ssmm_core.operations import snapshot
from ssmm_core.operations.outcome import StepResult, apply_each
from ssmm_core.operations.write import Seen, add_tags_after, put_checked
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from typing import Final

    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_core.store import ParameterStore
    from ssmm_core.store.retry import Budget

SECONDS_AFTER_DELETE: Final = 30
"""What the service asks for between deleting a name and creating it anew (API reference, DeleteParameter)."""


class RestoreStep(Record):
    """One parameter of the backup. Seen at version 0 it is gone and will be created; else `lacking` names what differs where it stands."""

    snapshot: Snapshot
    seen: Seen
    lacking: tuple[str, ...] = ()


class RestorePlan(Record):
    steps: tuple[RestoreStep, ...]

    @property
    def created(self) -> tuple[RestoreStep, ...]:
        return tuple(step for step in self.steps if not step.seen.version)


def plan(store: ParameterStore, snapshots: Sequence[Snapshot], *, overwrite: bool, threads: int) -> RestorePlan:
    """Compare a backup with what stands.

    Raises:
        ConflictError: a name stands there again with another value, and `overwrite` is False.
    """
    names = [one.name for one in snapshots]
    for name in names:
        check_name(name, store.region)
    present = snapshot.take(store, names, labels=False, budget=store.budget(), threads=threads)
    steps = [_step(one, present.get(one.name)) for one in snapshots]
    differing = [step.snapshot.name for step in steps if "value" in step.lacking]
    if differing and not overwrite:
        raise ConflictError(
            f"another value stands there again: {', '.join(differing)}",
            hint="Nothing was written; --overwrite puts the backup's value over it.",
        )
    return RestorePlan(tuple(steps))


def apply(
    store: ParameterStore,
    made: RestorePlan,
    *,
    threads: int,
    stop: threading.Event | None = None,
    on_step: Callable[[StepResult], None] | None = None,
) -> Outcome:
    """Write type, tier, KMS key, data type, pattern, policies, description, tags and labels back with the value."""

    def work(step: RestoreStep) -> StepResult:
        held, budget = step.snapshot, store.budget()
        version = step.seen.version
        if not version or set(step.lacking) - {"tags"}:
            request = held.request(held.name, held.tags, overwrite=bool(version))
            version = put_checked(store, request, seen=step.seen, budget=budget)
        if "tags" in step.lacking:
            add_tags_after(store, held.name, held.tags, stored=version != step.seen.version, budget=budget)
        labels = _labels_in_use(store, held.name, budget) if held.labels and step.seen.version else frozenset()
        if missing := [label for label in held.labels if label not in labels]:  # one that somebody gave to another version stays there
            store.label(held.name, version, missing, budget=budget)
        return StepResult(held.name, "done" if not step.seen.version or step.lacking or missing else "unchanged", note=f"version {version}")

    return apply_each(made.steps, work, name=lambda step: step.snapshot.name, threads=threads, stop=stop, on_step=on_step)


def _step(held: Snapshot, present: Snapshot | None) -> RestoreStep:
    if present is None:
        return RestoreStep(held, Seen())
    if present.tier == "Advanced":
        held = held.replace(tier="Advanced")  # the service takes no tier down
    return RestoreStep(held, Seen(present.version, present.last_modified), held.differences(present, tags=held.tags))


def _labels_in_use(store: ParameterStore, name: str, budget: Budget) -> frozenset[str]:
    return frozenset(label for version in store.history(name, decrypt=False, budget=budget) for label in version.labels)
