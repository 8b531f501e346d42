"""Add and remove tags, on one parameter or on many in one plan.

Tags move no version, so a plan is checked against the tags themselves: they are listed again right before each write.
"""

from __future__ import annotations

from ssmm_core.errors import ChangedUnderneath, NotFound, SsmmError
from ssmm_core.limits import check_tag_count
from ssmm_core.operations.outcome import StepResult, apply_each
from ssmm_core.operations.write import put_checked, stored_untagged
from ssmm_core.parallel import each
from ssmm_core.record import Record
from ssmm_core.tags import check_own_tag

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ssmm_core.models import PutRequest
    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.operations.write import Seen
    from ssmm_core.store import ParameterStore
    from ssmm_core.store.retry import Budget


class TagStep(Record):
    """One parameter: the tags it has, those that will be added or changed, the keys that will go."""

    name: str
    present: Mapping[str, str]
    add: Mapping[str, str]
    remove: tuple[str, ...]

    @property
    def is_needed(self) -> bool:
        return bool(self.add or self.remove)

    @property
    def words(self) -> tuple[str, ...]:
        """`+owner=backend` for each tag that is added or changed, `-owner` for each that goes."""
        return (*(f"+{key}={value}" for key, value in self.add.items()), *(f"-{key}" for key in self.remove))

    def after(self, tags: Mapping[str, str]) -> dict[str, str]:
        """What `tags` become by this step."""
        return {key: value for key, value in {**tags, **self.add}.items() if key not in self.remove}


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
        check_own_tag(key, value)
    for key in going:
        check_own_tag(key)
    steps = []
    for name, present in read(store, names, threads=threads).items():
        missing = {key: value for key, value in add.items() if present.get(key) != value}
        there = tuple(key for key in going if key in present)
        step = TagStep(name, present, missing, there)
        check_tag_count(name, step.after(present))
        steps.append(step)
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
        change(store, step, budget=store.budget())
        return StepResult(step.name, "done")

    return apply_each(made.work, work, name=lambda step: step.name, threads=threads, stop=stop, on_step=on_step)


def change(store: ParameterStore, step: TagStep, *, budget: Budget) -> None:
    """Carry one step out.

    Raises:
        ChangedUnderneath: somebody changed one of its tags since it was planned; then nothing was touched.
    """
    check_unchanged(store, step, budget=budget)
    if step.remove:
        store.remove_tags(step.name, step.remove, budget=budget)
    if step.add:
        store.add_tags(step.name, step.add, budget=budget)


def put_and_tag(store: ParameterStore, request: PutRequest | None, step: TagStep, *, seen: Seen, budget: Budget) -> int | None:
    """Write a value, if there is a `request`, and carry a tag step out; the version written.

    The service takes no tags together with a new version, so tags that somebody changed are looked for before the value is written.

    Raises:
        ChangedUnderneath: the parameter is no longer as it was `seen`, or one of its tags not as it was planned.
        StoredUntagged: the value stands without its tags.
    """
    if request is None:
        if step.is_needed:
            change(store, step, budget=budget)
        return None
    if step.is_needed:
        check_unchanged(store, step, budget=budget)
    written = put_checked(store, request, seen=seen, budget=budget)
    if step.is_needed:
        try:
            change(store, step, budget=budget)
        except SsmmError as error:
            raise stored_untagged(step.name, step.words, error) from error
    return written


def check_unchanged(store: ParameterStore, step: TagStep, *, budget: Budget) -> None:
    """Refuse a step of which a tag is no longer as it was, or for which there is no room any more."""
    now = store.tags(step.name, budget=budget)
    if changed := sorted(key for key in (*step.add, *step.remove) if now.get(key) != step.present.get(key)):
        raise ChangedUnderneath(f"the tag {', '.join(changed)} of {step.name} changed since it was looked at", hint="Run it again.")
    check_tag_count(step.name, step.after(now))
