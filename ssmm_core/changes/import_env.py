"""Put the variables of an environment file into an app."""

from __future__ import annotations

from ssmm_core.changes import Change, Deed, Line, Phase, count, phases
from ssmm_core.errors import AccessDenied, ChangedUnderneath
from ssmm_core.operations import put
from ssmm_core.operations.tagging import TagStep

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Collection, Mapping
    from typing import Final, Literal

    from ssmm_core.changes import Access, OnStep
    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.operations.put import PutIntent, PutPlan, PutStep
    from ssmm_core.operations.snapshot import Snapshot
    from ssmm_core.secret import SecretValue

    Sign = Literal["+", "~", "="]

_SIGNS: Final[Mapping[str, Sign]] = {"new": "+", "changed": "~", "tags": "~", "unchanged": "="}


def plan(access: Access, intent: PutIntent) -> Change:
    """What `put` would do; see `operations.put.plan`. Without the right to read what is overwritten it cannot be undone, which is said.

    Raises:
        InvalidInput, ConflictError, UsageError: as `put` does.
        ChangedUnderneath: somebody wrote while it was planned.
    """
    return of(access, intent, put.plan(access.store, intent, threads=access.settings.read_concurrency))


def of(access: Access, intent: PutIntent, made: PutPlan) -> Change:
    """The change that carries out what was planned for `intent` already."""
    warnings = list(made.warnings)
    before: dict[str, Snapshot] = {}
    try:
        before = access.take([step.name for step in made.work if step.seen.version])
    except AccessDenied as error:
        warnings.append(f"what is overwritten cannot be put back by undo: {error.message}")
    if moved := [step.name for step in made.work if step.name in before and before[step.name].seen != step.seen]:
        raise ChangedUnderneath(f"{', '.join(moved)} changed while the plan was made", hint="Plan it again.")
    return Change(
        access,
        f"Import {count(made.work)} into {intent.app}",
        [Line(_SIGNS[step.kind], step.name, _what(step), step.notes) for step in made.steps],
        again=lambda names: plan(access, _only(intent, {step.variable for step in made.steps if step.name in names})),
        phases=[_putting(access, made, before)],
        warnings=warnings,
        values=tuple((step.name, _value(before.get(step.name)), step.value) for step in made.work if step.request is not None),
    )


def _what(step: PutStep) -> str:
    if step.kind == "new":
        return f"{step.type}, {'by its name' if step.reason.startswith('auto') else 'as asked for'}"
    if step.kind == "unchanged":
        return "stands already"
    tags = phases.tag_words(TagStep(step.name, {}, step.tags, ()))
    return "; ".join(filter(None, ["value" if step.request is not None else "", tags]))


def _only(intent: PutIntent, variables: Collection[str]) -> PutIntent:
    rules = intent.rules.replace(plain=intent.rules.plain & set(variables), secure=intent.rules.secure & set(variables))
    return intent.replace(variables={name: intent.variables[name] for name in intent.variables if name in variables}, rules=rules)


def _putting(access: Access, made: PutPlan, before: Mapping[str, Snapshot]) -> Phase:
    def run(stop: threading.Event, on_step: OnStep) -> Outcome:
        return put.apply(access.store, made, threads=access.settings.write_concurrency, stop=stop, on_step=on_step)

    deeds = [_deed(step, before.get(step.name)) for step in made.work if step.name in before or not step.seen.version]
    return Phase(tuple(step.name for step in made.work), run, tuple(deeds))


def _deed(step: PutStep, before: Snapshot | None) -> Deed:
    tags = TagStep(step.name, before.tags, step.tags, ()) if before is not None and step.tags else None
    return Deed(step.name, before, step.request, tags)


def _value(held: Snapshot | None) -> SecretValue | None:
    return held.value if held is not None else None
