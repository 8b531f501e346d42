"""Take back what a change did: only what was really done, and only where nobody else was since."""

from __future__ import annotations

from ssmm_core.changes import Change, Deletion, Line, phases
from ssmm_core.errors import ChangedUnderneath, NotFound, TemporaryError
from ssmm_core.operations import delete
from ssmm_core.operations.restore import SECONDS_AFTER_DELETE, RestoreStep
from ssmm_core.operations.tagging import TagPlan, TagStep
from ssmm_core.operations.write import Seen, is_written
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssmm_core.changes import Access, Deed
    from ssmm_core.errors import SsmmError
    from ssmm_core.models import Parameter, PutRequest
    from ssmm_core.operations.delete import Objections
    from ssmm_core.operations.outcome import Outcome, StepResult
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_core.store import ParameterStore
    from ssmm_core.store.retry import Budget


class Done(Record):
    """What was done to one parameter.

    `seen` is how it stood then (version 0: gone), and None where its value was left alone; `request` is what wrote it. `tags` puts its
    tags back.
    """

    name: str
    before: Snapshot | None = None
    seen: Seen | None = None
    request: PutRequest | None = None
    tags: TagStep | None = None


# What was done


def settle(store: ParameterStore, deeds: Sequence[Deed], outcome: Outcome) -> tuple[Done, ...]:
    """What came of the deeds. A step that failed may have been carried out in part, or whole: that is told by what stands now."""
    budget = store.budget()
    ends = {result.name: result for result in outcome.results if result.status in ("done", "failed")}
    begun = [deed for deed in deeds if deed.name in ends]
    valued = {deed.name for deed in begun if deed.request is not None or deed.tags is None}
    failed = {name for name in valued if ends[name].status == "failed"}
    now = store.get(valued - failed, decrypt=False, budget=budget) | store.get(failed, decrypt=True, budget=budget)
    done = []
    for deed in begun:
        seen = _seen(deed, ends[deed.name], now.get(deed.name)) if deed.name in valued else None
        tags = _tags(store, deed.tags, ends[deed.name], budget) if deed.tags is not None else None
        if seen is not None or tags is not None:
            done.append(Done(deed.name, deed.before, seen, deed.request, tags))
    return tuple(done)


def together(earlier: Sequence[Done], later: Sequence[Done]) -> tuple[Done, ...]:
    """What two changes did, the later one going on where the earlier one stopped: each parameter once, from its first state to its last.

    Where somebody else was there in between, what they made of it is the first state.
    """
    done = {one.name: one for one in earlier}
    for one in later:
        first = done.get(one.name)
        if first is not None:
            one = one.replace(tags=_tags_together(first.tags, one.tags))
            if one.seen is None:
                one = one.replace(before=first.before, seen=first.seen, request=first.request)
            elif first.seen is not None and (one.before.seen if one.before is not None else Seen()) == first.seen:
                one = one.replace(before=first.before)
        done[one.name] = one
    return tuple(done.values())


def _tags_together(first: TagStep | None, last: TagStep | None) -> TagStep | None:
    """What puts back both. A key is put back as it was at first, unless it was another's in between."""
    if first is None or last is None:
        return first or last
    back = last.after(last.present)
    ours = {key for key in (*first.add, *first.remove) if back.get(key) == first.present.get(key)}
    wanted = {key: first.add.get(key) for key in ours}
    wanted |= {key: last.add.get(key) for key in (*last.add, *last.remove) if key not in ours}
    add = {key: value for key, value in sorted(wanted.items()) if value is not None}
    return TagStep(last.name, last.present, add, tuple(sorted(wanted.keys() - add.keys())))


def _seen(deed: Deed, result: StepResult, now: Parameter | None) -> Seen | None:
    """How the deed left the parameter, or None where it did not touch it."""
    if deed.request is None:
        uncertain = isinstance(result.error, TemporaryError) and now is None
        return Seen() if result.version == 0 or uncertain else None
    if result.version is not None:
        stands = now is not None and now.version == result.version
        return Seen.of(now) if stands else Seen(result.version)  # a time that nothing has: whoever was there since is not overwritten
    before = deed.before.seen if deed.before is not None else Seen()
    return Seen.of(now) if result.status == "failed" and is_written(now, deed.request, before) else None


def _tags(store: ParameterStore, step: TagStep, result: StepResult, budget: Budget) -> TagStep | None:
    """What puts back the tags that were touched, or None where none was."""
    touched = {*step.add, *step.remove}
    after = step.after(step.present)
    if result.status == "failed":
        if isinstance(result.error, ChangedUnderneath):
            return None  # they are looked at before anything else
        try:
            now = store.tags(step.name, budget=budget)
        except NotFound:
            return None
        touched = {key for key in touched if now.get(key) == after.get(key)}
        after = now
    if not touched:
        return None
    add = {key: step.present[key] for key in sorted(touched) if key in step.present}
    return TagStep(step.name, after, add, tuple(sorted(touched - add.keys())))


# Taking it back


class _Return(Record):
    """One parameter that gets its value back. `left` is how it was left, None where it was deleted."""

    before: Snapshot
    seen: Seen
    left: Snapshot | None
    tags: TagStep | None

    @property
    def step(self) -> RestoreStep:
        advanced = self.left is not None and self.left.tier == "Advanced"  # the service takes no tier down
        wanted = self.before.replace(tier="Advanced") if advanced else self.before
        described = self.left is not None and self.left.description != self.before.description
        return RestoreStep(wanted, self.seen, ("value", "description") if described else ("value",), self.tags)

    @property
    def line(self) -> Line:
        if self.left is None:
            return Line("+", self.before.name, f"as it was at version {self.before.version}")
        what = f"the value of version {self.before.version} again"
        return Line("~", self.before.name, f"{what}; {phases.tag_words(self.tags)}" if self.tags is not None else what)


def title_of(title: str) -> str:
    """What taking back a change of this title is called; taking back an undo is doing it again."""
    return f"Redo: {title.removeprefix('Undo: ')}" if title.startswith("Undo: ") else f"Undo: {title.removeprefix('Redo: ')}"


def plan(access: Access, title: str, done: Sequence[Done]) -> Change:
    """The change that takes `done` back. What was created goes last, with a backup, while all that was deleted stands again."""
    returns = [_return(one.before, one.seen, one) for one in done if one.before is not None and one.seen is not None]
    retagged = [one.tags for one in done if one.seen is None and one.tags is not None]
    created = {one.name: one.seen for one in done if one.before is None and one.seen is not None}
    deletion = Deletion(created, "undo", _objections(access, returns, [one for one in done if one.name in created]))
    change = Change(
        access,
        title,
        [
            *(one.line for one in returns),
            *(Line("~", step.name, phases.tag_words(step)) for step in retagged),
            *(Line("-", name, "was created") for name in created),
        ],
        again=lambda names: plan(access, title, _rest([one for one in done if one.name in names], change.done_here())),
        phases=[
            phases.make_like(access, [(one.step, one.left) for one in returns]),
            phases.tag(access, TagPlan(tuple(retagged))),
        ],
        deletion=deletion if created else None,
        warnings=_warnings(returns),
        values=tuple((one.before.name, one.left.value if one.left is not None else None, one.before.value) for one in returns),
    )
    return change


def _objections(access: Access, returns: Sequence[_Return], created: Sequence[Done]) -> Objections:
    """What was created goes only while all that was deleted stands again, and with no tag that somebody else gave it."""
    standing = delete.only_while(access.store, [one.before for one in returns if one.left is None])
    left = {one.name: one.tags.present if one.tags is not None else one.request.tags or {} for one in created if one.request is not None}
    retagged = delete.unless_retagged(access.store, left)

    def ask(names: Sequence[str], budget: Budget) -> Mapping[str, SsmmError]:
        return dict(standing(names, budget)) | dict(retagged([name for name in names if name in left], budget))

    return ask


def _rest(done: Sequence[Done], undone: Sequence[Done]) -> list[Done]:
    """What is still to be taken back, where some of it was `undone` already, in part."""
    by_name = {one.name: one for one in undone}
    rest = []
    for one in done:
        if (part := by_name.get(one.name)) is not None:
            one = one.replace(tags=_tags_left(one.tags, part.tags))
            if part.seen is not None:
                one = one.replace(before=None, seen=None, request=None)
        if one.seen is not None or one.tags is not None:
            rest.append(one)
    return rest


def _tags_left(wanted: TagStep | None, part: TagStep | None) -> TagStep | None:
    if wanted is None or part is None:
        return wanted
    add = {key: value for key, value in wanted.add.items() if key not in part.add and key not in part.remove}
    remove = tuple(key for key in wanted.remove if key not in part.add and key not in part.remove)
    return TagStep(wanted.name, part.present, add, remove) if add or remove else None


def _return(before: Snapshot, seen: Seen, done: Done) -> _Return:
    wrote = done.request
    if wrote is None:
        return _Return(before, seen, None, None)
    left = before.replace(
        value=wrote.value,
        type=wrote.type,
        tier=wrote.tier or before.tier,
        key_id=wrote.key_id or before.key_id,
        description="" if wrote.clear_description else wrote.description or before.description,
        version=seen.version,
        last_modified=seen.last_modified,
        tags=done.tags.present if done.tags is not None else before.tags,
    )
    return _Return(before, seen, left, done.tags)


def _warnings(returns: Sequence[_Return]) -> list[str]:
    said = []
    if any(one.left is None for one in returns):
        said += [
            f"Parameter Store asks for {SECONDS_AFTER_DELETE} s between deleting a name and creating it anew",
            "what is created anew begins at version 1; its older versions do not come back",
        ]
    for one in returns:
        if one.left is None:
            continue
        if one.left.tier != one.before.tier:
            said.append(f"{one.before.name} stays in the tier {one.left.tier}, which the service does not take back")
    return said
