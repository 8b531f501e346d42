"""Put back what a backup holds."""

from __future__ import annotations

from ssmm_core.errors import ConflictError
from ssmm_core.operations.outcome import StepResult, apply_each
from ssmm_core.operations.write import add_tags_after, put_checked
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from typing import Final

    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_core.store import ParameterStore

SECONDS_AFTER_DELETE: Final = 30
"""What the service asks for between deleting a name and creating it anew (API reference, DeleteParameter)."""


class RestoreStep(Record):
    """One parameter of the backup. `planned_from` 0: it is gone and will be created; else it stands with the same value."""

    snapshot: Snapshot
    planned_from: int


class RestorePlan(Record):
    steps: tuple[RestoreStep, ...]

    @property
    def created(self) -> tuple[RestoreStep, ...]:
        return tuple(step for step in self.steps if not step.planned_from)


def plan(store: ParameterStore, snapshots: Sequence[Snapshot], *, overwrite: bool) -> RestorePlan:
    """Compare a backup with what stands.

    Raises:
        ConflictError: a name stands there again with another value, and `overwrite` is False.
    """
    present = store.get([one.name for one in snapshots], decrypt=True, budget=store.budget())
    differing = [one.name for one in snapshots if one.name in present and present[one.name].value != one.value]
    if differing and not overwrite:
        raise ConflictError(
            f"{', '.join(differing)} stand(s) there again with another value",
            hint="Nothing was written; --overwrite puts the backup's value over it.",
        )
    return RestorePlan(tuple(RestoreStep(one, present[one.name].version if one.name in present else 0) for one in snapshots))


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
        snapshot, budget = step.snapshot, store.budget()
        name, version = snapshot.name, step.planned_from
        present = store.get([name], decrypt=True, budget=budget).get(name) if version else None
        if present is None or present.value != snapshot.value or present.type != snapshot.type:
            request = snapshot.request(name, snapshot.tags, overwrite=bool(version))
            version = put_checked(store, request, planned_from=version, budget=budget)
        if step.planned_from:
            add_tags_after(store, name, snapshot.tags, stored=version != step.planned_from, budget=budget)
        if snapshot.labels:
            store.label(name, version, snapshot.labels, budget=budget)
        return StepResult(name, "done", note=f"version {version}")

    return apply_each(made.steps, work, name=lambda step: step.snapshot.name, threads=threads, stop=stop, on_step=on_step)
