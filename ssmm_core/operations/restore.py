"""Make parameters as snapshots have them: what a backup holds, an older state, an edited one."""

from __future__ import annotations

from ssmm_core.errors import ConflictError
from ssmm_core.limits import check_name
from ssmm_core.operations import snapshot, tagging
from ssmm_core.operations.outcome import StepResult, apply_each
from ssmm_core.operations.tagging import TagStep
from ssmm_core.operations.write import Seen
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from typing import Final

    from ssmm_core.models import PutRequest
    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_core.store import ParameterStore
    from ssmm_core.store.retry import Budget

SECONDS_AFTER_DELETE: Final = 30
"""What the service asks for between deleting a name and creating it anew (API reference, DeleteParameter)."""


class RestoreStep(Record):
    """One parameter as it is to be. Seen at version 0 it is not there and will be created.

    Where it stands, `lacking` names the fields that differ, of which any but the tags takes a new version, and `tags` is what is to
    be done to its tags.
    """

    snapshot: Snapshot
    seen: Seen
    lacking: tuple[str, ...] = ()
    tags: TagStep | None = None

    @property
    def name(self) -> str:
        return self.snapshot.name

    @property
    def request(self) -> PutRequest | None:
        """The call that writes it; None where its value and all that belongs to a version stand."""
        if self.seen.version and not set(self.lacking) - {"tags"}:
            return None
        bare = "description" in self.lacking and not self.snapshot.description
        return self.snapshot.request(self.name, self.snapshot.tags, overwrite=bool(self.seen.version), clear_description=bare)

    @property
    def tagging(self) -> TagStep:
        """What is to be done to its tags, which may be nothing."""
        return self.tags or TagStep(self.name, self.snapshot.tags, {}, ())


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
    differing = [step.name for step in steps if "value" in step.lacking]
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
        written = tagging.put_and_tag(store, step.request, step.tagging, seen=step.seen, budget=budget)
        version = written or step.seen.version
        labels = _labels_in_use(store, held.name, budget) if held.labels and step.seen.version else frozenset()
        if missing := [label for label in held.labels if label not in labels]:  # one that somebody gave to another version stays there
            store.label(held.name, version, missing, budget=budget)
        changed = written is not None or step.tagging.is_needed or missing
        return StepResult(held.name, "done" if changed else "unchanged", note=f"version {version}", version=written)

    return apply_each(made.steps, work, name=lambda step: step.name, threads=threads, stop=stop, on_step=on_step)


def _step(held: Snapshot, present: Snapshot | None) -> RestoreStep:
    if present is None:
        return RestoreStep(held, Seen())
    if present.tier == "Advanced":
        held = held.replace(tier="Advanced")  # the service takes no tier down
    missing = {key: value for key, value in held.tags.items() if present.tags.get(key) != value}
    return RestoreStep(held, present.seen, held.differences(present, tags=held.tags), TagStep(held.name, present.tags, missing, ()))


def _labels_in_use(store: ParameterStore, name: str, budget: Budget) -> frozenset[str]:
    return frozenset(label for version in store.history(name, decrypt=False, budget=budget) for label in version.labels)
