"""Put variables into an app's namespace: what would change, then doing it."""

from __future__ import annotations

from ssmm_core.errors import AccessDenied, ConflictError, InvalidInput, UsageError
from ssmm_core.hazards import is_protocol, is_steering
from ssmm_core.limits import check_key_id, check_name, check_tag_count, check_text, check_value
from ssmm_core.models import DEFAULT_KEY, SECURE, PutRequest
from ssmm_core.names import SHARED, comes_back_as, join, key_for_put
from ssmm_core.operations.outcome import StepResult, apply_each
from ssmm_core.operations.write import Seen, add_tags_after, put_checked
from ssmm_core.parallel import each
from ssmm_core.record import Record
from ssmm_core.tags import check_own_tag

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Literal

    from ssmm_core.classify import TypeRules
    from ssmm_core.models import Parameter, ParameterMetadata, ParameterType, Tier
    from ssmm_core.operations.outcome import Outcome
    from ssmm_core.secret import SecretValue
    from ssmm_core.store import ParameterStore
    from ssmm_core.store.retry import Budget


class PutIntent(Record):
    """What was asked for. `tags` are besides `app=<app>`, which every parameter gets; None means that nothing was said."""

    root: str
    app: str
    variables: Mapping[str, SecretValue]
    rules: TypeRules
    tags: Mapping[str, str]
    description: str | None = None
    advanced: bool = False
    key_id: str = ""
    overwrite: bool = True
    overwrite_type: bool = False
    accept_renames: bool = False


class PutStep(Record):
    """One variable: what stands, what will. `request` is None where the value stays as it is.

    `kind`: `new`, `changed`, `tags` (only tags are missing) or `unchanged`. `seen` is what the plan was made from.
    """

    variable: str
    name: str
    kind: Literal["new", "changed", "tags", "unchanged"]
    type: ParameterType
    reason: str
    value: SecretValue
    seen: Seen
    request: PutRequest | None
    tags: Mapping[str, str]
    notes: tuple[str, ...] = ()


class PutPlan(Record):
    """All variables in the order given; `warnings` say what could not be known."""

    steps: tuple[PutStep, ...]
    warnings: tuple[str, ...] = ()

    @property
    def existing(self) -> tuple[PutStep, ...]:
        """The steps whose parameter is there already."""
        return tuple(step for step in self.steps if step.seen.version)

    @property
    def work(self) -> tuple[PutStep, ...]:
        """The steps that write something."""
        return tuple(step for step in self.steps if step.kind != "unchanged")


class _Present(Record):
    parameter: Parameter
    metadata: ParameterMetadata | None
    tags: Mapping[str, str]


def plan(store: ParameterStore, intent: PutIntent, *, threads: int) -> PutPlan:
    """Compare what is asked for with what stands, and check every limit before anything is sent.

    Raises:
        InvalidInput: a name, value or tag that the service would refuse, or would give back changed.
        ConflictError: something exists and `overwrite` is False.
    """
    names = _parameter_names(intent, store.region)
    budget = store.budget()
    found, warnings = _present(store, tuple(names.values()), budget, threads)
    steps = tuple(_step(intent, variable, name, found.get(name)) for variable, name in names.items())
    made = PutPlan(steps, (*warnings, *_dangers(intent)))
    if not intent.overwrite and (existing := [step.name for step in made.existing if step.kind == "changed"]):
        raise ConflictError(
            f"another value is stored under {', '.join(existing)}",
            hint="Nothing was written; values that stand were to be kept (--no-overwrite).",
        )
    return made


def apply(
    store: ParameterStore,
    made: PutPlan,
    *,
    threads: int,
    stop: threading.Event | None = None,
    on_step: Callable[[StepResult], None] | None = None,
) -> Outcome:
    """Write the steps of a plan that change something."""

    def work(step: PutStep) -> StepResult:
        budget = store.budget()
        written = put_checked(store, step.request, seen=step.seen, budget=budget) if step.request is not None else None
        if step.kind != "new":
            add_tags_after(store, step.name, step.tags, stored=step.request is not None, budget=budget)
        return StepResult(step.name, "done", note=f"version {written or step.seen.version}", version=written)

    return apply_each(made.work, work, name=lambda step: step.name, threads=threads, stop=stop, on_step=on_step)


def renames(variables: Iterable[str]) -> dict[str, str]:
    """What comes back from the store under another name: `dbUrl` as `DBURL`."""
    return {variable: comes_back_as(variable) for variable in variables if comes_back_as(variable) != variable}


def _dangers(intent: PutIntent) -> list[str]:
    """What delivery will make of names that do more than hold a setting: see `hazards`."""
    shared = intent.app == SHARED
    protocol = [variable for variable in intent.variables if is_protocol(comes_back_as(variable))]
    steering = [variable for variable in intent.variables if shared and is_steering(comes_back_as(variable))]
    found = []
    if protocol:
        end = "never delivered from here" if shared else f"delivered only with --allow-name {' '.join(map(comes_back_as, protocol))}"
        found.append(f"{', '.join(protocol)} belongs to the loader, a shell or systemd: {end}")
    if steering:
        found.append(f"{', '.join(steering)} steers programs, and is not delivered from what is shared: put it into each app")
    return found


def _parameter_names(intent: PutIntent, region: str) -> dict[str, str]:
    """Environment name -> parameter name, with everything checked that can be checked without asking the service."""
    for key, value in intent.tags.items():
        check_own_tag(key, value)
    if intent.key_id:
        check_key_id(intent.key_id)
    check_text("description", intent.description or "")
    named = intent.rules.plain | intent.rules.secure
    if unknown := sorted(named - intent.variables.keys()):
        raise UsageError(f"{', '.join(unknown)}: a type is given, but no value", hint="Use the names as they stand in the file or pair.")
    names = {variable: join(intent.root, intent.app, key_for_put(variable)) for variable in intent.variables}
    renamed = renames(intent.variables)
    if renamed and not intent.accept_renames:
        shown = ", ".join(f"{variable} -> {later}" for variable, later in renamed.items())
        raise InvalidInput(f"these would come back under another name: {shown}", hint="Rename them, or pass --accept-renames.")
    taken: dict[str, str] = {}
    for variable, name in names.items():
        check_name(name, region)
        if name in taken:
            raise InvalidInput(f"{taken[name]} and {variable} would both be {name}", hint="Keep one of them.")
        taken[name] = variable
    return names


def _present(store: ParameterStore, names: Sequence[str], budget: Budget, threads: int) -> tuple[dict[str, _Present], list[str]]:
    """What stands now under `names`. Rights that are only nice to have may be missing: then a warning says what is not known."""
    warnings: list[str] = []
    try:
        parameters = store.get(names, decrypt=True, budget=budget)
    except AccessDenied as error:
        if not error.action.startswith("kms:"):
            raise
        warnings.append(f"values cannot be compared, all count as changed: {error.message}")
        parameters = store.get(names, decrypt=False, budget=budget)
    existing = [name for name in names if name in parameters]
    metadata: dict[str, ParameterMetadata] = {}
    tags: dict[str, dict[str, str]] = {}
    try:
        metadata = {one.name: one for one in store.describe(names=existing, budget=budget)} if existing else {}
    except AccessDenied as error:
        warnings.append(f"tier, KMS key and pattern are left as the service has them: {error.message}")
    else:
        if late := [name for name in existing if name not in metadata]:
            warnings.append(f"tier, KMS key and pattern of {', '.join(late)} are not to be had yet, and left as the service has them")
    try:
        listed = each(lambda name: store.tags(name, budget=budget), existing, threads=threads)
        tags = dict(zip(existing, listed, strict=True))
    except AccessDenied as error:
        warnings.append(f"present tags are not known, all are added: {error.message}")
    return {name: _Present(parameters[name], metadata.get(name), tags.get(name, {})) for name in existing}, warnings


def _step(intent: PutIntent, variable: str, name: str, present: _Present | None) -> PutStep:
    value = intent.variables[variable]
    guess = intent.rules.classify(variable)
    tags = {**intent.tags, "app": intent.app}
    if present is None:
        check_value(variable, value, advanced=intent.advanced)
        request = PutRequest(
            name=name,
            value=value,
            type=guess.type,
            overwrite=False,
            tier="Advanced" if intent.advanced else None,
            key_id=(intent.key_id or DEFAULT_KEY) if guess.type == SECURE else "",
            description=intent.description or "",
            tags=tags,
        )
        return PutStep(variable, name, "new", guess.type, guess.reason, value, Seen(), request, tags)
    return _step_for_existing(intent, variable, name, present, tags)


def _step_for_existing(intent: PutIntent, variable: str, name: str, present: _Present, tags: Mapping[str, str]) -> PutStep:
    """An existing parameter keeps its type, tier, KMS key, pattern and description unless something else was asked for."""
    value = intent.variables[variable]
    guess = intent.rules.classify(variable)
    was, metadata = present.parameter, present.metadata
    changes: list[str] = []
    remarks: list[str] = []
    kept, reason = was.type, "kept"
    if guess.type != was.type and intent.overwrite_type:
        kept, reason = guess.type, guess.reason
        changes.append(f"type {was.type} -> {kept}")
    elif guess.type != was.type and was.type != "StringList":
        remarks.append(f"stays {was.type} ({guess.reason} says {guess.type}; --overwrite-type changes it)")
    tier: Tier | None = metadata.tier if metadata else None
    if intent.advanced and tier != "Advanced":
        changes.append(f"tier {tier or 'unknown'} -> Advanced")
        tier = "Advanced"
    key_id = metadata.key_id if metadata else ""
    if kept == SECURE and intent.key_id and intent.key_id != key_id:
        changes.append(f"KMS key {key_id or 'unknown'} -> {intent.key_id}")
        key_id = intent.key_id
    elif kept == SECURE and was.type != SECURE:
        key_id = intent.key_id or DEFAULT_KEY
    description = metadata.description if metadata else ""
    if intent.description is not None and intent.description != description:
        changes.append("description changes")
        description = intent.description
    check_value(variable, value, advanced=intent.advanced or tier not in (None, "Standard"))
    check_tag_count(name, {**present.tags, **tags})
    missing = {key: text for key, text in tags.items() if present.tags.get(key) != text}
    notes = (*changes, *remarks)
    if was.value == value and not changes:
        return PutStep(variable, name, "tags" if missing else "unchanged", kept, reason, value, Seen.of(was), None, missing, notes)
    request = PutRequest(
        name=name,
        value=value,
        type=kept,
        overwrite=True,
        tier=tier,
        key_id=key_id,
        data_type=was.data_type,
        allowed_pattern=metadata.allowed_pattern if metadata else "",
        description=description,
        clear_description=intent.description == "" and "description changes" in changes,
    )
    return PutStep(variable, name, "changed", kept, reason, value, Seen.of(was), request, missing, notes)
