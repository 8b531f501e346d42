"""Move parameters to another path in three safe steps: copy, look at what would go, delete what was verified."""

from __future__ import annotations

from ssmm_core.errors import ChangedUnderneath, ConflictError, NotFound, SettingsError
from ssmm_core.limits import check_name, check_tag_count, check_value
from ssmm_core.names import is_below, prefix_root
from ssmm_core.operations import delete, snapshot, tagging
from ssmm_core.operations.outcome import StepResult, apply_each
from ssmm_core.operations.tagging import TagStep
from ssmm_core.operations.write import Seen
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence
    from typing import Literal

    from ssmm_core.errors import SsmmError
    from ssmm_core.models import PutRequest
    from ssmm_core.operations.delete import Objections
    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_core.store import ParameterStore
    from ssmm_core.store.retry import Budget


class MigrateStep(Record):
    """One parameter and its copy.

    `kind`: `copy` (nothing stands at the target), `overwrite`, `tags` (only tags are missing there), or `verified`: the target has all
    that the source has. `source` has the tier and KMS key of the copy, `present` is what stands at the target. `lacking` names what
    differs, never its content. Labels and older versions stay behind.
    """

    source: Snapshot
    target: str
    kind: Literal["copy", "overwrite", "tags", "verified"]
    tags: Mapping[str, str]
    present: Snapshot | None = None
    lacking: tuple[str, ...] = ()

    @property
    def seen(self) -> Seen:
        """What must still stand at the target when it is written."""
        return self.present.seen if self.present is not None else Seen()

    @property
    def request(self) -> PutRequest | None:
        """The call that makes the copy; None where its value stands."""
        if self.kind in ("tags", "verified"):
            return None
        return self.source.request(self.target, self.tags, overwrite=self.kind == "overwrite")

    @property
    def copy(self) -> Snapshot:
        """The source as it stands at the target once it was copied."""
        return self.source.replace(name=self.target)

    @property
    def tagging(self) -> TagStep:
        """The tags that a target that stands already is still to get."""
        if self.present is None:
            return TagStep(self.target, {}, {}, ())
        missing = {key: value for key, value in self.tags.items() if self.present.tags.get(key) != value}
        return TagStep(self.target, self.present.tags, missing, ())


class MigratePlan(Record):
    """`old` and `new` are the paths; both are empty where single parameters move."""

    steps: tuple[MigrateStep, ...]
    old: str = ""
    new: str = ""

    @property
    def work(self) -> tuple[MigrateStep, ...]:
        """The copies still to be made."""
        return tuple(step for step in self.steps if step.kind != "verified")

    @property
    def verified(self) -> tuple[MigrateStep, ...]:
        """The sources that may go."""
        return tuple(step for step in self.steps if step.kind == "verified")


def plan(
    store: ParameterStore, old: str, new: str, *, root: str | None, overwrite: bool, advanced: bool, key_id: str, threads: int
) -> MigratePlan:
    """Compare everything below `old` with what stands below `new`. `advanced` and `key_id` change the copies, not the sources.

    `root` is the prefix root, if one is configured: it tells which segment of a target is its app.

    Raises:
        ConflictError: a target holds something else, and `overwrite` is False.
        NotFound: nothing below `old`.
    """
    old, new = prefix_root(old), prefix_root(new)
    if old == new or is_below(new, old) or is_below(old, new):
        raise SettingsError(f"{old} and {new} lie in each other", hint="Choose paths that do not, or go by way of a third one.")
    budget = store.budget()
    names = sorted(one.name for one in store.walk(old, decrypt=False, budget=budget))
    sources = snapshot.take(store, [old, *names], labels=False, budget=budget, threads=threads)  # a path may be a parameter's name, too
    if not sources:
        raise NotFound(f"there is nothing below {old}", hint="Check the path: it is a full one, /<team>/<app>.")
    targets = {name: new + name[len(old) :] for name in sources}
    present = snapshot.take(store, list(targets.values()), labels=False, budget=budget, threads=threads)
    steps = tuple(
        _step(sources[name], target, present.get(target), app=app_of(target, root, below=new), advanced=advanced, key_id=key_id)
        for name, target in targets.items()
    )
    _check(store, steps, overwrite=overwrite)
    return MigratePlan(steps, old, new)


def plan_names(store: ParameterStore, targets: Mapping[str, str], *, root: str | None, overwrite: bool, threads: int) -> MigratePlan:
    """Compare single parameters with what stands where they are to go; `targets` says where, by source.

    Raises:
        ConflictError: a target holds something else, and `overwrite` is False.
        NotFound: a source is gone.
        SettingsError: two go to one place, or one goes where another comes from.
    """
    if len(set(targets.values())) < len(targets) or not targets.keys().isdisjoint(targets.values()):
        raise SettingsError("two of these parameters would meet under one name", hint="Give each a target of its own.")
    budget = store.budget()
    sources = snapshot.take(store, list(targets), labels=False, budget=budget, threads=threads)
    if gone := [name for name in targets if name not in sources]:
        raise NotFound(f"there is no parameter {', '.join(gone)}", hint="Read the list again.")
    present = snapshot.take(store, list(targets.values()), labels=False, budget=budget, threads=threads)
    steps = tuple(_step(sources[name], target, present.get(target), app=app_of(target, root)) for name, target in targets.items())
    _check(store, steps, overwrite=overwrite)
    return MigratePlan(steps)


def apply(
    store: ParameterStore,
    made: MigratePlan,
    *,
    threads: int,
    stop: threading.Event | None = None,
    on_step: Callable[[StepResult], None] | None = None,
) -> Outcome:
    """Make the copies that are missing, read each back and compare it."""

    def work(step: MigrateStep) -> StepResult:
        budget = store.budget()
        written = tagging.put_and_tag(store, step.request, step.tagging, seen=step.seen, budget=budget)
        if snapshot.lost(store, [step.copy], budget=budget):
            raise ChangedUnderneath(f"{step.target} does not read back as {step.source.name}", hint="Its source stays; look at both.")
        return StepResult(step.target, "done", note=f"version {written or step.seen.version}", version=written)

    return apply_each(made.work, work, name=lambda step: step.target, threads=threads, stop=stop, on_step=on_step)


def objections(store: ParameterStore, steps: Sequence[MigrateStep]) -> Objections:
    """What `delete.apply` asks right before it deletes sources: those whose copy no longer holds the same, or lacks a newer tag."""
    by_source = {step.source.name: step for step in steps}
    retagged = delete.unless_retagged(store, {step.source.name: step.source.tags for step in steps})

    def ask(names: Sequence[str], budget: Budget) -> dict[str, SsmmError]:
        lost = snapshot.lost(store, [by_source[name].copy for name in names], budget=budget)
        return dict(retagged(names, budget)) | {
            name: ChangedUnderneath(f"{by_source[name].target} no longer holds what {name} holds", hint=f"{name} stays.")
            for name in names
            if by_source[name].target in lost
        }

    return ask


def app_of(name: str, root: str | None, *, below: str = "") -> str:
    """The app that a parameter belongs to: the segment below the prefix root, else the last one of the path `below` which it lies."""
    if root and is_below(name, root):
        return name[len(root) + 1 :].partition("/")[0]
    return (below or name.rpartition("/")[0]).rpartition("/")[2]


def _wanted(source: Snapshot, present: Snapshot | None, *, advanced: bool, key_id: str) -> Snapshot:
    """The copy to be: tier and KMS key as asked for, else as they stand at the target, else the source's."""
    tier = "Advanced" if advanced else (present or source).tier
    key = (key_id or (present or source).key_id) if source.key_id else ""
    return source.replace(tier=tier, key_id=key)


def _step(source: Snapshot, target: str, present: Snapshot | None, *, app: str, advanced: bool = False, key_id: str = "") -> MigrateStep:
    wanted = _wanted(source, present, advanced=advanced, key_id=key_id)
    tags = {**source.tags, "app": app}
    if present is None:
        return MigrateStep(wanted, target, "copy", tags)
    lacking = wanted.differences(present, tags=tags)
    kind: Literal["overwrite", "tags", "verified"] = "overwrite" if set(lacking) - {"tags"} else "tags" if lacking else "verified"
    return MigrateStep(wanted, target, kind, tags, present, lacking)


def _check(store: ParameterStore, steps: Sequence[MigrateStep], *, overwrite: bool) -> None:
    """The service's limits, and that nothing else is replaced unasked."""
    for step in steps:
        check_name(step.target, store.region)
        check_value(step.source.name, step.source.value, advanced=step.source.tier != "Standard")
        check_tag_count(step.target, step.tags)
    clashing = [f"{step.target} ({', '.join(step.lacking)})" for step in steps if step.kind == "overwrite"]
    if clashing and not overwrite:
        raise ConflictError(
            f"something else stands at {', '.join(clashing)}", hint="Nothing was written; ask for it to be replaced (--overwrite)."
        )
