"""Move parameters to another path in three safe steps: copy, look at what would go, delete what was verified."""

from __future__ import annotations

from ssmm_core.errors import ChangedUnderneath, ConflictError, NotFound, SettingsError
from ssmm_core.limits import check_name, check_tag_count, check_value
from ssmm_core.names import is_below, prefix_root
from ssmm_core.operations import snapshot
from ssmm_core.operations.outcome import StepResult, apply_each
from ssmm_core.operations.write import add_tags_after, put_checked
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping
    from typing import Literal

    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_core.store import ParameterStore


class MigrateStep(Record):
    """One parameter and its copy.

    `kind`: `copy` (nothing stands at the target), `overwrite`, `complete` (the value is there, something around it is not), or
    `verified`: the target has all that the source has. `lacking` names what differs, never its content.
    """

    source: Snapshot
    target: str
    kind: Literal["copy", "overwrite", "complete", "verified"]
    tags: Mapping[str, str]
    planned_from: int = 0
    lacking: tuple[str, ...] = ()


class MigratePlan(Record):
    old: str
    new: str
    steps: tuple[MigrateStep, ...]

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
        ConflictError: a target holds a different value, and `overwrite` is False.
        NotFound: nothing below `old`.
    """
    old, new = prefix_root(old), prefix_root(new)
    if old == new or is_below(new, old):
        raise SettingsError(f"{new} lies in {old}", hint="Choose a target outside the source.")
    budget = store.budget()
    names = sorted(one.name for one in store.walk(old, decrypt=False, budget=budget) if not is_below(one.name, new))
    if not names:
        raise NotFound(f"there is nothing below {old}", hint="Check the path: it is a full one, /<team>/<app>.")
    sources = snapshot.take(store, names, labels=False, budget=budget, threads=threads)
    targets = {name: new + name[len(old) :] for name in sources}
    present = snapshot.take(store, list(targets.values()), labels=False, budget=budget, threads=threads)
    steps = []
    for name, target in targets.items():
        check_name(target, store.region)
        wanted = _wanted(sources[name], advanced=advanced, key_id=key_id)
        check_value(name, wanted.value, advanced=wanted.tier != "Standard")
        tags = {**wanted.tags, "app": _app(target, new, root)}
        check_tag_count(target, tags)
        steps.append(_step(wanted, target, present.get(target), tags))
    clashing = [step.target for step in steps if step.kind == "overwrite"]
    if clashing and not overwrite:
        raise ConflictError(f"{', '.join(clashing)} hold(s) a different value", hint="Nothing was written; --overwrite replaces it.")
    return MigratePlan(old, new, tuple(steps))


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
        changes_value = step.kind != "complete" or step.lacking != ("tags",)
        version = step.planned_from
        if changes_value:
            request = step.source.request(step.target, step.tags, overwrite=bool(step.planned_from))
            version = put_checked(store, request, planned_from=step.planned_from, budget=budget)
        if step.planned_from:
            add_tags_after(store, step.target, step.tags, stored=changes_value, budget=budget)
        copied = store.get([step.target], decrypt=True, budget=budget).get(step.target)
        if copied is None or copied.value != step.source.value or copied.type != step.source.type:
            raise ChangedUnderneath(f"{step.target} does not read back as {step.source.name}", hint="Its source stays; look at both.")
        return StepResult(step.target, "done", note=f"version {version}")

    return apply_each(made.work, work, name=lambda step: step.target, threads=threads, stop=stop, on_step=on_step)


def _wanted(source: Snapshot, *, advanced: bool, key_id: str) -> Snapshot:
    changed = source.replace(tier="Advanced") if advanced else source
    return changed.replace(key_id=key_id) if key_id and source.key_id else changed


def _step(wanted: Snapshot, target: str, present: Snapshot | None, tags: Mapping[str, str]) -> MigrateStep:
    if present is None:
        return MigrateStep(wanted, target, "copy", tags)
    lacking = wanted.differences(present, tags=tags)
    kind: Literal["overwrite", "complete", "verified"] = "complete" if lacking else "verified"
    if "value" in lacking or "type" in lacking:
        kind = "overwrite"
    return MigrateStep(wanted, target, kind, tags, present.version, lacking)


def _app(target: str, new: str, root: str | None) -> str:
    """The app that a copy belongs to: the segment below the prefix root, else the target path's own last segment."""
    if root and is_below(target, root):
        return target[len(root) + 1 :].partition("/")[0]
    return new.rpartition("/")[2]
