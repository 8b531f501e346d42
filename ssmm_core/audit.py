"""Find what is there twice: one key in several apps, one value under several names."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from ssmm_core.names import environment_name, split
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssmm_core.secret import SecretValue


class Named(Protocol):
    """What has the full name of a parameter: one that was read, or an entry of the catalogue."""

    @property
    def name(self) -> str: ...


class Valued(Named, Protocol):
    """What has a value too, or None where it was not decrypted."""

    @property
    def value(self) -> SecretValue | None: ...


NamedOne = TypeVar("NamedOne", bound=Named)
ValuedOne = TypeVar("ValuedOne", bound=Valued)


class KeyGroup(Generic[NamedOne], Record):
    """One variable that several apps define, sorted by name."""

    variable: str
    parameters: tuple[NamedOne, ...]

    def apps(self, root: str) -> tuple[str, ...]:
        """The apps concerned, sorted."""
        return tuple(sorted({split(one.name, root)[0] for one in self.parameters}))


class ValueGroup(Generic[ValuedOne], Record):
    """Parameters with one value. The fingerprint is keyed: equal within this run, of no use to a dictionary."""

    fingerprint: str
    value: SecretValue
    parameters: tuple[ValuedOne, ...]


def key_duplicates(parameters: Iterable[NamedOne], root: str) -> tuple[KeyGroup[NamedOne], ...]:
    """Variables that come from more than one app, sorted by name."""
    groups: dict[str, list[NamedOne]] = {}
    for one in parameters:
        app, key = split(one.name, root)
        if app:
            groups.setdefault(environment_name(key), []).append(one)
    found = (KeyGroup(variable, _by_name(members)) for variable, members in sorted(groups.items()))
    return tuple(group for group in found if len(group.apps(root)) > 1)


def value_duplicates(parameters: Iterable[ValuedOne], key: bytes) -> tuple[ValueGroup[ValuedOne], ...]:
    """Values that more than one parameter has, the largest group first. `key` is the HMAC key of this run."""
    groups: dict[SecretValue, list[ValuedOne]] = {}
    for one in parameters:
        if one.value is not None:
            groups.setdefault(one.value, []).append(one)
    shared = [(value, _by_name(members)) for value, members in groups.items() if len(members) > 1]
    found = [ValueGroup(value.fingerprint(key), value, members) for value, members in shared]
    return tuple(sorted(found, key=lambda group: (-len(group.parameters), group.parameters[0].name)))


def _by_name(parameters: Iterable[NamedOne]) -> tuple[NamedOne, ...]:
    return tuple(sorted(parameters, key=lambda one: one.name))
