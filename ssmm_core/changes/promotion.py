"""Make one shared parameter of several: write it, read it back, and delete the others while it holds."""

from __future__ import annotations

from ssmm_core.changes import Change, Deletion, Line, count, phases
from ssmm_core.errors import AccessDenied, ChangedUnderneath, KeyUnavailable, NotFound, SettingsError
from ssmm_core.models import Parameter
from ssmm_core.names import SHARED, environment_name, is_below, join, split
from ssmm_core.operations import delete, migrate, tagging
from ssmm_core.promotion import SHARED_TAG, Standing, impacts, with_values
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Literal

    from ssmm_core.catalogue import Entry
    from ssmm_core.changes import Access, Phase
    from ssmm_core.errors import SsmmError
    from ssmm_core.operations.delete import Objections
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_core.promotion import Impact
    from ssmm_core.secret import SecretValue
    from ssmm_core.store.retry import Budget

    Tags = Mapping[str, str]
    Known = dict[str, tuple[Parameter, Tags]]


class PromotionChange(Change):
    """A promotion, with what it means for each app."""

    impacts: tuple[Impact, ...] = ()


class _Shared(Record):
    """The one parameter that stays, as it will stand: `present` is what is there already, `phase` makes it so."""

    held: Snapshot
    present: bool
    phase: Phase
    line: Line

    @property
    def name(self) -> str:
        return self.held.name


def plan(
    access: Access, names: Sequence[str], *, keep: str, how: Literal["move", "tag"], root: str, everything: Sequence[Entry]
) -> PromotionChange:
    """Let all of `names` become one: `keep`, which moves to the shared namespace, or stays where it is and is tagged `shared=true`.

    `everything` is the catalogue, by which the impacts are told. All of `names` is decrypted, and what else an impact concerns.

    Raises:
        ConflictError: something else stands under the shared name.
        NotFound: one of them is gone.
        SettingsError: one is not below the root.
    """
    members = tuple(dict.fromkeys([keep, *names]))
    if outside := [name for name in members if not is_below(name, root) or not split(name, root)[0]]:
        raise SettingsError(f"{', '.join(outside)} belongs to no app below {root}", hint="Choose parameters of apps.")
    held = access.take(members)
    if gone := [name for name in members if name not in held]:
        raise NotFound(f"there is no parameter {', '.join(gone)}", hint="Read the list again.")
    shared = _tagged(access, held[keep]) if how == "tag" else _moved(access, held[keep], join(root, SHARED, split(keep, root)[1]), root)
    going = {name: held[name] for name in members if name != shared.name}
    found, warnings = _impacts(access, root, everything, held, going.keys(), shared)
    harmful = [str(one) for one in found if one.is_harmful]
    variable = environment_name(split(keep, root)[1])

    def again(left: frozenset[str]) -> Change:
        stays = keep if shared.name in left else shared.name
        gone = going.keys() - left
        known = [entry for entry in everything if entry.name not in gone] if stays != keep else everything
        return plan(access, [name for name in members if name not in gone], keep=stays, how=how, root=root, everything=known)

    seen = {name: one.seen for name, one in going.items()}
    objections = _while_shared(access, shared.held, going.values(), tagged=how == "tag")
    change = PromotionChange(
        access,
        f"Promote {variable}: {shared.name} for {count(members)}",
        [shared.line, *(Line("-", name, f"{one.type}, version {one.version}") for name, one in going.items())],
        again=again,
        phases=[shared.phase],
        deletion=Deletion(seen, "promote", objections, beside=(shared.name,)) if going else None,
        warnings=warnings,
        confirmation=f"promote {variable}" if harmful else "",
        reasons=harmful,
        values=(
            (shared.name, shared.held.value if shared.present else None, shared.held.value),
            *((name, one.value, None) for name, one in going.items()),
        ),
    )
    change.impacts = found
    return change


def _tagged(access: Access, keep: Snapshot) -> _Shared:
    made = tagging.plan(access.store, [keep.name], add=SHARED_TAG, remove=(), threads=1)
    (step,) = made.steps
    line = Line("~" if step.is_needed else "=", keep.name, phases.tag_words(step) or "is tagged shared=true already")
    return _Shared(keep.replace(tags=step.after(keep.tags)), True, phases.tag(access, made), line)


def _moved(access: Access, keep: Snapshot, target: str, root: str) -> _Shared:
    if keep.name == target:
        made = migrate.MigratePlan(())
        return _Shared(keep, True, phases.copy(access, made), Line("=", target, "stays as it is"))
    made = migrate.plan_names(access.store, {keep.name: target}, root=root, overwrite=False, threads=access.settings.read_concurrency)
    (step,) = made.steps
    line = {
        "copy": Line("+", target, f"{keep.type}, a copy of {keep.name}"),
        "tags": Line("~", target, phases.tag_words(step.tagging)),
        "verified": Line("=", target, f"holds all that {keep.name} holds"),
    }[step.kind]
    tags = {**step.present.tags, **step.tags} if step.present is not None else step.tags
    return _Shared(step.copy.replace(tags=tags), step.present is not None, phases.copy(access, made), line)


def _while_shared(access: Access, held: Snapshot, going: Iterable[Snapshot], *, tagged: bool) -> Objections:
    """Nothing goes unless the shared one holds its value, and, where it is shared by its tag, carries it; nor with a tag nobody saw."""
    standing, retagged = (
        delete.only_while(access.store, [held]),
        delete.unless_retagged(access.store, {one.name: one.tags for one in going}),
    )

    def ask(names: Sequence[str], budget: Budget) -> Mapping[str, SsmmError]:
        refused = standing(names, budget)
        if refused:
            return refused
        if not tagged or SHARED_TAG.items() <= access.store.tags(held.name, budget=budget).items():
            return retagged(names, budget)
        return {name: ChangedUnderneath(f"{held.name} no longer carries shared=true", hint=f"{name} stays.") for name in names}

    return ask


def _impacts(
    access: Access, root: str, everything: Sequence[Entry], held: Mapping[str, Snapshot], going: Collection[str], shared: _Shared
) -> tuple[tuple[Impact, ...], list[str]]:
    """What the promotion means for each app, and what could not be known. Only the variables concerned are resolved."""
    variables = {environment_name(split(name, root)[1]) for name in held}
    concerned = [entry for entry in everything if entry.app and entry.variable in variables and entry.name not in held]
    tags, warnings = _tags(access, concerned)
    before: Known = {entry.name: (entry.parameter, tags[entry.name]) for entry in concerned}
    before |= {name: (_parameter(one), one.tags) for name, one in held.items()}
    after = {name: one for name, one in before.items() if name not in going} | {shared.name: (_parameter(shared.held), shared.held.tags)}
    apps = {entry.app for entry in everything if entry.app}
    found = impacts(root, apps, Standing.of(root, before.values()), Standing.of(root, after.values()))
    values: dict[str, SecretValue | None] = {one.name: one.value for one in [*held.values(), shared.held]}
    try:
        wanted = {name for one in found if one.before and one.after for name in (one.before, one.after)} - values.keys()
        values |= {name: one.value for name, one in access.store.get(wanted, decrypt=True, budget=access.store.budget()).items()}
    except (AccessDenied, KeyUnavailable) as error:
        warnings.append(f"not all values could be compared, and count as different: {error.message}")
    return with_values(found, values), warnings


def _tags(access: Access, concerned: Sequence[Entry]) -> tuple[Mapping[str, Tags], list[str]]:
    known = {entry.name: entry.tags or {} for entry in concerned}
    try:
        unread = [entry.name for entry in concerned if entry.tags is None]
        return known | tagging.read(access.store, unread, threads=access.settings.read_concurrency), []
    except AccessDenied as error:
        return known, [f"what the delivery with shared=true gives is not fully known: {error.message}"]


def _parameter(held: Snapshot) -> Parameter:
    return Parameter(held.name, held.type, held.version, None, held.last_modified, held.data_type)
