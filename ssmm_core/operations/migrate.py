"""Move parameters to another path in three safe steps: copy, look at what would go, delete what was verified."""

from __future__ import annotations

from ssmm_core.errors import ChangedUnderneath, ConflictError, NotFound, SettingsError
from ssmm_core.limits import check_name, check_tag_count, check_value
from ssmm_core.names import is_below, prefix_root
from ssmm_core.operations import snapshot
from ssmm_core.operations.outcome import StepResult, apply_each
from ssmm_core.operations.write import Seen, add_tags_after, put_checked
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence
    from typing import Literal

    from ssmm_core.errors import SsmmError
    from ssmm_core.models import Parameter
    from ssmm_core.operations.delete import Objections
    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_core.store import ParameterStore
    from ssmm_core.store.retry import Budget


class MigrateStep(Record):
    """One parameter and its copy.

    `kind`: `copy` (nothing stands at the target), `overwrite`, `tags` (only tags are missing there), or `verified`: the target has all
    that the source has. `lacking` names what differs, never its content. Labels and older versions stay behind.
    """

    source: Snapshot
    target: str
    kind: Literal["copy", "overwrite", "tags", "verified"]
    tags: Mapping[str, str]
    seen: Seen = Seen()
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
    if old == new or is_below(new, old) or is_below(old, new):
        raise SettingsError(f"{old} and {new} lie in each other", hint="Choose paths that do not, or go by way of a third one.")
    budget = store.budget()
    names = sorted(one.name for one in store.walk(old, decrypt=False, budget=budget))
    sources = snapshot.take(store, [old, *names], labels=False, budget=budget, threads=threads)  # a path may be a parameter's name, too
    if not sources:
        raise NotFound(f"there is nothing below {old}", hint="Check the path: it is a full one, /<team>/<app>.")
    targets = {name: new + name[len(old) :] for name in sources}
    present = snapshot.take(store, list(targets.values()), labels=False, budget=budget, threads=threads)
    steps = []
    for name, target in targets.items():
        check_name(target, store.region)
        wanted = _wanted(sources[name], present.get(target), advanced=advanced, key_id=key_id)
        check_value(name, wanted.value, advanced=wanted.tier != "Standard")
        tags = {**wanted.tags, "app": _app(target, new, root)}
        check_tag_count(target, tags)
        steps.append(_step(wanted, target, present.get(target), tags))
    clashing = [f"{step.target} ({', '.join(step.lacking)})" for step in steps if step.kind == "overwrite"]
    if clashing and not overwrite:
        raise ConflictError(f"something else stands at {', '.join(clashing)}", hint="Nothing was written; --overwrite replaces it.")
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
        version = step.seen.version
        if step.kind != "tags":
            request = step.source.request(step.target, step.tags, overwrite=bool(version))
            version = put_checked(store, request, seen=step.seen, budget=budget)
        if "tags" in step.lacking:
            add_tags_after(store, step.target, step.tags, stored=step.kind != "tags", budget=budget)
        copied = store.get([step.target], decrypt=True, budget=budget).get(step.target)
        if not _holds(copied, step.source):
            raise ChangedUnderneath(f"{step.target} does not read back as {step.source.name}", hint="Its source stays; look at both.")
        return StepResult(step.target, "done", note=f"version {version}")

    return apply_each(made.work, work, name=lambda step: step.target, threads=threads, stop=stop, on_step=on_step)


def objections(store: ParameterStore, steps: Sequence[MigrateStep]) -> Objections:
    """What `delete.apply` asks right before it deletes sources: those whose copy no longer holds the same are named."""
    by_source = {step.source.name: step for step in steps}

    def ask(names: Sequence[str], budget: Budget) -> dict[str, SsmmError]:
        copies = store.get([by_source[name].target for name in names], decrypt=True, budget=budget)
        return {
            name: ChangedUnderneath(f"{by_source[name].target} no longer holds what {name} holds", hint=f"{name} stays.")
            for name in names
            if not _holds(copies.get(by_source[name].target), by_source[name].source)
        }

    return ask


def _holds(copy: Parameter | None, source: Snapshot) -> bool:
    return copy is not None and (copy.value, copy.type, copy.data_type) == (source.value, source.type, source.data_type)


def _wanted(source: Snapshot, present: Snapshot | None, *, advanced: bool, key_id: str) -> Snapshot:
    """The copy to be: tier and KMS key as asked for, else as they stand at the target, else the source's."""
    tier = "Advanced" if advanced else (present or source).tier
    key = (key_id or (present or source).key_id) if source.key_id else ""
    return source.replace(tier=tier, key_id=key)


def _step(wanted: Snapshot, target: str, present: Snapshot | None, tags: Mapping[str, str]) -> MigrateStep:
    if present is None:
        return MigrateStep(wanted, target, "copy", tags)
    lacking = wanted.differences(present, tags=tags)
    kind: Literal["overwrite", "tags", "verified"] = "overwrite" if set(lacking) - {"tags"} else "tags" if lacking else "verified"
    return MigrateStep(wanted, target, kind, tags, Seen(present.version, present.last_modified), lacking)


def _app(target: str, new: str, root: str | None) -> str:
    """The app that a copy belongs to: the segment below the prefix root, else the target path's own last segment."""
    if root and is_below(target, root):
        return target[len(root) + 1 :].partition("/")[0]
    return new.rpartition("/")[2]
