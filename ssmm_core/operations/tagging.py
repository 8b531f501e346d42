"""Add and remove tags, on one parameter or on many in one plan.

Tags move no version, so a plan is checked against the tags themselves: they are listed again right before each write.
"""

from __future__ import annotations

from ssmm_core.errors import ChangedUnderneath, NotFound, UsageError
from ssmm_core.limits import check_tag, check_tag_count
from ssmm_core.operations.outcome import StepResult, apply_each
from ssmm_core.parallel import each
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.store import ParameterStore


class TagStep(Record):
    """One parameter: the tags it has, those that will be added or changed, the keys that will go."""

    name: str
    present: Mapping[str, str]
    add: Mapping[str, str]
    remove: tuple[str, ...]

    @property
    def is_needed(self) -> bool:
        return bool(self.add or self.remove)


class TagPlan(Record):
    steps: tuple[TagStep, ...]

    @property
    def work(self) -> tuple[TagStep, ...]:
        return tuple(step for step in self.steps if step.is_needed)


def matching(store: ParameterStore, path: str, pattern: str) -> tuple[str, ...]:
    """Names below `path` whose part below it matches the glob `pattern` (`*` also runs over `/`), sorted.

    Raises:
        NotFound: none does.
    """
    from fnmatch import fnmatchcase

    walked = store.walk(path, decrypt=False, budget=store.budget())
    names = sorted(one.name for one in walked if fnmatchcase(one.name[len(path) + 1 :], pattern))
    if not names:
        raise NotFound(f"no parameter below {path} matches {pattern!r}", hint="The pattern is compared with the part below that path.")
    return tuple(names)


def read(store: ParameterStore, names: Sequence[str], *, threads: int) -> dict[str, dict[str, str]]:
    """The tags of each parameter."""
    budget = store.budget()
    listed = each(lambda name: store.tags(name, budget=budget), names, threads=threads)
    return dict(zip(names, listed, strict=True))


def plan(store: ParameterStore, names: Sequence[str], *, add: Mapping[str, str], remove: Iterable[str], threads: int) -> TagPlan:
    """What adding and removing would change on each parameter; the service's limits checked.

    Raises:
        UsageError: a tag is malformed or reserved.
    """
    going = tuple(dict.fromkeys(remove))
    for key, value in add.items():
        check_tag(key, value)
    for key in going:
        check_tag(key, "")
    if "app" in going or "app" in add:
        raise UsageError("the tag app is reserved", hint="ssmm sets it to the app itself.")
    steps = []
    for name, present in read(store, names, threads=threads).items():
        missing = {key: value for key, value in add.items() if present.get(key) != value}
        there = tuple(key for key in going if key in present)
        check_tag_count(name, {key: value for key, value in {**present, **missing}.items() if key not in there})
        steps.append(TagStep(name, present, missing, there))
    return TagPlan(tuple(steps))


def apply(
    store: ParameterStore,
    made: TagPlan,
    *,
    threads: int,
    stop: threading.Event | None = None,
    on_step: Callable[[StepResult], None] | None = None,
) -> Outcome:
    """Carry a plan out; each parameter that somebody tagged meanwhile is refused and named."""

    def work(step: TagStep) -> StepResult:
        budget = store.budget()
        now = store.tags(step.name, budget=budget)
        if changed := sorted(key for key in (*step.add, *step.remove) if now.get(key) != step.present.get(key)):
            raise ChangedUnderneath(f"the tag {', '.join(changed)} of {step.name} changed since it was looked at", hint="Run it again.")
        check_tag_count(step.name, {key: value for key, value in {**now, **step.add}.items() if key not in step.remove})
        if step.remove:
            store.remove_tags(step.name, step.remove, budget=budget)
        if step.add:
            store.add_tags(step.name, step.add, budget=budget)
        return StepResult(step.name, "done")

    return apply_each(made.work, work, name=lambda step: step.name, threads=threads, stop=stop, on_step=on_step)
