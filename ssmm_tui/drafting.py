"""What is filled in while a parameter is edited: the draft that it makes, and what must be said of it. Pure."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from ssmm_core.changes.edit import Draft
from ssmm_core.classify import classify
from ssmm_core.errors import ConflictError, InvalidInput, SsmmError, UsageError
from ssmm_core.limits import ADVANCED_BYTES, STANDARD_BYTES, check_key_id, check_name, check_tag_count, check_text, check_value
from ssmm_core.models import SECURE
from ssmm_core.names import app_name, environment_name, full_name, key_spellings, split
from ssmm_core.secret import SHORT, SecretValue
from ssmm_core.tag_hints import near_misses
from ssmm_core.visible import visible
from ssmm_tui import tag_words

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from ssmm_core.classify import Classification
    from ssmm_core.models import ParameterType, Tier
    from ssmm_core.operations.snapshot import Snapshot

COSTS: Final = "AWS charges for an advanced parameter, and none becomes standard again."


@dataclass(frozen=True)
class Filled:
    """What stands in the fields. `tags` and `description` are lines, as they are shown."""

    app: str
    key: str
    value: SecretValue
    type: ParameterType
    tier: Tier
    key_id: str = ""
    description: str = ""
    tags: str = ""


class Trouble(NamedTuple):
    """Why it cannot be reviewed yet, and the field where that is mended."""

    field: str
    text: str


class Drafting:
    """Makes drafts of one parameter: of the one that was `loaded`, else of a new one below `root` under none of the `taken` names."""

    def __init__(self, root: str, region: str, loaded: Snapshot | None, taken: Container[str] = ()) -> None:
        self.loaded = loaded
        self._root = root
        self._region = region
        self._taken = taken

    def filled(self, draft: Draft) -> Filled:
        """The fields, filled in as `draft` has it."""
        app, key = split(draft.name, self._root)
        shown, tags = visible(draft.description), tag_words.line(draft.tags)
        return Filled(app, key, draft.value, draft.type, draft.tier, draft.key_id, shown, tags)

    def blank(self, app: str) -> Filled:
        """The fields of a new parameter."""
        return Filled(app, "", SecretValue(""), SECURE, "Standard")

    def name(self, filled: Filled) -> str:
        """The full name; an environment name is spelled as `put` spells it.

        Raises:
            SsmmError: there cannot be such a name.
        """
        if self.loaded is not None:
            return self.loaded.name
        if filled.key.startswith("/"):
            raise InvalidInput("a key does not begin with /", hint="It stands below the app.")
        name = full_name(self._root, app_name(filled.app), key_spellings(filled.key)[-1])
        check_name(name, self._region)
        return name

    def guess(self, filled: Filled) -> Classification:
        """The type that the name speaks for."""
        return classify(environment_name(filled.key))

    def draft(self, filled: Filled) -> Draft:
        """What the fields make, when `troubles` finds none."""
        held = self.loaded
        tags = tag_words.parsed(filled.tags)
        description = filled.description
        if held is not None:
            tags |= {key: value for key, value in held.tags.items() if not tag_words.is_own(key)}
            if description == visible(held.description):
                description = held.description
        key_id = filled.key_id if filled.type == SECURE else ""
        return Draft(self.name(filled), filled.value, filled.type, filled.tier, key_id, description, tags)

    # What is to be said

    def missing(self, filled: Filled) -> tuple[str, ...]:
        """The fields that must be filled in and are empty."""
        needed = {"value": bool(filled.value)}
        if self.loaded is None:
            needed = {"app": bool(filled.app), "key": bool(filled.key), **needed}
        return tuple(field for field, is_there in needed.items() if not is_there)

    def troubles(self, filled: Filled) -> list[Trouble]:
        """What is wrong with what was filled in, from the top down. What is `missing` is not wrong."""
        checks: dict[str, Callable[[Filled], None]] = {
            "key": self._check_name,
            "value": self._check_value,
            "key-id": self._check_key_id,
            "description": self._check_description,
            "tags": self._check_tags,
        }
        found = []
        for field, check in checks.items():
            try:
                check(filled)
            except SsmmError as error:
                found.append(Trouble(field, str(error)))
        return found

    def hints(self, filled: Filled, known: Mapping[tuple[str, str], int]) -> list[str]:
        """What is worth knowing and stands in nobody's way; `known` are the team's tags."""
        guess, held, said = self.guess(filled), self.loaded, []
        if held is not None and held.type == SECURE and filled.type != SECURE:
            said.append("It will no longer be encrypted.")
        elif filled.key and filled.type != SECURE and guess.type == SECURE:
            said.append("Going by its name it would be a SecureString.")
        if filled.tier == "Advanced" and (held is None or held.tier != "Advanced"):
            said.append(COSTS)
        if held is not None and held.allowed_pattern:
            said.append(f"Parameter Store takes only what matches {held.allowed_pattern}")
        with suppress(UsageError):  # which is among the troubles
            said += near_misses(tag_words.parsed(filled.tags), known)
        return said

    def type_reason(self, filled: Filled) -> str:
        """Why the type is what it is."""
        if self.loaded is not None and filled.type == self.loaded.type:
            return "as loaded"
        guess = self.guess(filled)
        return "by its name" if self.loaded is None and filled.type == guess.type else "as chosen"

    def size(self, filled: Filled) -> str:
        """`312 of 4,096 bytes`; not exactly where that would help whoever guesses at the value."""
        size = filled.value.size
        return f"{f'{size:,}' if size >= SHORT else f'under {SHORT}'} of {_room(filled.tier):,} bytes"

    def _check_name(self, filled: Filled) -> None:
        if self.loaded is None and filled.app and filled.key and (name := self.name(filled)) in self._taken:
            raise ConflictError(f"{name} exists already", hint="Edit it, or choose another name.")

    def _check_value(self, filled: Filled) -> None:
        if not filled.value:
            return
        size, room = filled.value.size, _room(filled.tier)
        if size > room:
            way = "choose Advanced" if size <= ADVANCED_BYTES else "Parameter Store holds no more"
            raise InvalidInput(f"the value has {size:,} bytes of at most {room:,}: {way}")
        check_value(environment_name(filled.key) or "this parameter", filled.value, advanced=True)

    def _check_key_id(self, filled: Filled) -> None:
        if filled.type == SECURE and filled.key_id:
            check_key_id(filled.key_id)

    def _check_description(self, filled: Filled) -> None:
        check_text("description", filled.description)
        if self.loaded is not None and self.loaded.description and not filled.description:
            raise InvalidInput("the description cannot become empty", hint="Write another one.")

    def _check_tags(self, filled: Filled) -> None:
        tags = tag_words.parsed(filled.tags)
        kept = {} if self.loaded is None else self.loaded.tags
        check_tag_count("it", {"app": filled.app, **tags, **{key: value for key, value in kept.items() if not tag_words.is_own(key)}})


def _room(tier: Tier) -> int:
    return STANDARD_BYTES if tier == "Standard" else ADVANCED_BYTES
