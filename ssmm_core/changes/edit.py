"""Create a parameter, or change one: its value, type, tier, KMS key, description and tags."""

from __future__ import annotations

from ssmm_core.changes import Change, Line, phases
from ssmm_core.classify import is_plain
from ssmm_core.errors import ChangedUnderneath, ConflictError, InvalidInput, NotFound, UsageError
from ssmm_core.limits import check_key_id, check_name, check_tag, check_tag_count, check_text, check_value
from ssmm_core.models import DEFAULT_KEY, SECURE
from ssmm_core.names import environment_name
from ssmm_core.operations.migrate import app_of
from ssmm_core.operations.restore import RestoreStep
from ssmm_core.operations.snapshot import Snapshot
from ssmm_core.operations.tagging import TagStep
from ssmm_core.operations.write import Seen
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from ssmm_core.changes import Access
    from ssmm_core.models import ParameterType, Tier
    from ssmm_core.secret import SecretValue


class Draft(Record):
    """One parameter as a person wants it. Without a `key_id` a SecureString gets AWS's own key; any other type has none."""

    name: str
    value: SecretValue
    type: ParameterType
    tier: Tier
    key_id: str
    description: str
    tags: Mapping[str, str]

    @classmethod
    def of(cls, held: Snapshot) -> Self:
        """A draft that changes nothing yet."""
        return cls(**{field: getattr(held, field) for field in cls._fields})

    def upon(self, now: Snapshot, *, loaded: Snapshot) -> Draft:
        """The same changes upon what stands now: what this draft left as it was loaded stays as somebody else has made it."""
        mine = {field: getattr(self, field) for field in self._fields if field != "tags" and getattr(self, field) != getattr(loaded, field)}
        return Draft.of(now).replace(**mine, tags=_tagging(loaded, self.tags).after(now.tags))


def load(access: Access, name: str) -> Snapshot:
    """The parameter to edit, whole and decrypted.

    Raises:
        NotFound: it is gone.
    """
    held = access.take([name]).get(name)
    if held is None:
        raise NotFound(f"there is no parameter {name}", hint="It was deleted meanwhile: read the list again.")
    return held


def plan(access: Access, draft: Draft, *, loaded: Snapshot | None) -> Change:
    """Make the parameter that was `loaded` as the draft has it; with None, create it.

    Raises:
        ChangedUnderneath: it is no longer as it was loaded.
        ConflictError: it is to be created, and exists.
        InvalidInput, UsageError: the service would refuse it, or the tag app is touched.
    """
    title = f"Edit {draft.name}" if loaded is not None else f"Create {draft.name}"
    return revise(access, draft, loaded, title=title, again=lambda: _replan(access, draft, loaded))


def revise(access: Access, draft: Draft, loaded: Snapshot | None, *, title: str, again: Callable[[], Change]) -> Change:
    """The change of `plan`, under another title and with another way to plan it anew."""
    _check(access, draft, loaded)
    draft = draft.replace(key_id=(draft.key_id or DEFAULT_KEY) if draft.type == SECURE else "")
    if loaded is None:
        wanted = _created(access, draft)
        line = Line("+", draft.name, f"{wanted.type}{_with_tags(wanted.tags)}")
        step = RestoreStep(wanted, Seen())
    else:
        _check_unchanged(access, loaded)
        wanted = loaded.replace(**{field: getattr(draft, field) for field in Draft._fields})
        tags = _tagging(loaded, draft.tags)
        fields = tuple(field for field in Draft._fields if field != "tags" and getattr(wanted, field) != getattr(loaded, field))
        what = "; ".join(
            filter(
                None,
                [
                    ", ".join(_field_words(field, wanted, loaded) for field in fields if field != "key_id" or wanted.key_id),
                    phases.tag_words(tags),
                ],
            )
        )
        line = Line("~" if what else "=", draft.name, what or "stays as it is")
        step = RestoreStep(wanted, loaded.seen, fields, tags if tags.is_needed else None)
    before = loaded.value if loaded is not None else None
    return Change(
        access,
        title,
        [line],
        again=lambda _names: again(),
        phases=[phases.make_like(access, [(step, loaded)])] if line.sign != "=" else [],
        warnings=_warnings(wanted, loaded),
        values=((draft.name, before, draft.value),) if before != draft.value else (),
    )


def _check(access: Access, draft: Draft, loaded: Snapshot | None) -> None:
    """All that can be refused without asking the service."""
    check_name(draft.name, access.store.region)
    check_value(draft.name, draft.value, advanced=draft.tier != "Standard")
    check_text("description", draft.description)
    if draft.key_id:
        check_key_id(draft.key_id)
    had = loaded.tags if loaded is not None else {}
    for key in had.keys() | draft.tags.keys():
        if had.get(key) != draft.tags.get(key):
            check_tag(key, draft.tags.get(key, ""))
    app = app_of(draft.name, access.settings.prefix)
    if draft.tags.get("app") not in ((had.get("app"),) if loaded is not None else (None, app)):
        raise UsageError("the tag app is reserved", hint="ssmm sets it to the app itself.")
    check_tag_count(draft.name, {"app": app, **draft.tags} if loaded is None else draft.tags)
    if loaded is not None and loaded.tier == "Advanced" and draft.tier == "Standard":
        raise InvalidInput(f"{draft.name} is an advanced parameter, which cannot become a standard one", hint="Delete it and put it again.")


def _created(access: Access, draft: Draft) -> Snapshot:
    if access.store.get([draft.name], decrypt=False, budget=access.store.budget()):
        raise ConflictError(f"{draft.name} exists already", hint="Edit it, or choose another name.")
    tags = {**draft.tags, "app": app_of(draft.name, access.settings.prefix)}
    return Snapshot(
        name=draft.name,
        value=draft.value,
        type=draft.type,
        version=0,
        tags={key: value for key, value in tags.items() if key != "app" or value},
        tier=draft.tier,
        key_id=draft.key_id,
        description=draft.description,
    )


def _check_unchanged(access: Access, loaded: Snapshot) -> None:
    now = access.take([loaded.name]).get(loaded.name)
    if now is None:
        raise ChangedUnderneath(f"{loaded.name} was deleted since it was loaded", hint="Nothing was written.")
    if now != loaded.replace(labels=now.labels):
        became = f"is at version {now.version} now" if now.version != loaded.version else "is not as it was"
        raise ChangedUnderneath(f"{loaded.name} {became} since version {loaded.version} was loaded", hint="Load it again.")


def _tagging(loaded: Snapshot, wanted: Mapping[str, str]) -> TagStep:
    add = {key: value for key, value in wanted.items() if loaded.tags.get(key) != value}
    return TagStep(loaded.name, loaded.tags, add, tuple(sorted(loaded.tags.keys() - wanted.keys())))


def _with_tags(tags: Mapping[str, str]) -> str:
    return f"; tags {', '.join(f'{key}={value}' for key, value in tags.items())}" if tags else ""


def _field_words(field: str, wanted: Snapshot, loaded: Snapshot) -> str:
    """`type String instead of SecureString`; of a value only that it changes."""
    if field == "value":
        return field
    title, after, before = field.replace("key_id", "KMS key"), getattr(wanted, field), getattr(loaded, field)
    if field == "description":
        before, after = (repr(text) if text else "" for text in (before, after))
    if before and after:
        return f"{title} {after} instead of {before}"
    return f"{title} {after} added" if after else f"{title} {before} removed"


def _warnings(wanted: Snapshot, loaded: Snapshot | None) -> list[str]:
    said = []
    if loaded is not None and loaded.type == SECURE and wanted.type != SECURE:
        said.append(f"{wanted.name} will no longer be encrypted")
    elif wanted.type != SECURE and not is_plain(environment_name(wanted.name.rpartition("/")[2])):
        said.append(f"{wanted.name} is not encrypted as a {wanted.type}; going by its name it would be a SecureString")
    if wanted.tier == "Advanced" and (loaded is None or loaded.tier != "Advanced"):
        said.append("AWS charges for an advanced parameter, and it cannot become a standard one again")
    return said


def _replan(access: Access, draft: Draft, loaded: Snapshot | None) -> Change:
    """The same changes, once more."""
    if loaded is None:
        return plan(access, draft, loaded=None)
    now = load(access, draft.name)
    change = plan(access, draft.upon(now, loaded=loaded), loaded=now)
    if now.seen != loaded.seen:
        change.warnings += (f"{now.name} is at version {now.version} now; version {loaded.version} was loaded",)
    return change
