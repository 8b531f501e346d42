"""Groups of parameters that have something in common: one variable in several apps, or one value. No value stays in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssmm_core.audit import key_duplicates, value_duplicates
from ssmm_core.names import SHARED
from ssmm_core.operations.catalogue import PATIENCE
from ssmm_core.secret import SHORT
from ssmm_core.store.retry import Budget
from ssmm_tui.shown import is_shared

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from ssmm_core.catalogue import Entry
    from ssmm_core.models import Parameter
    from ssmm_core.store import ParameterStore
    from ssmm_tui.team import Team

    State = tuple[int, float]

MANY = 100
"""Values after which a reading tells how far it is."""


@dataclass(frozen=True)
class Group:
    """`id` stays the same when the groups are made anew. `detail` says how alike the members are, `about` in which apps they are."""

    id: str
    title: str
    detail: str
    about: str
    members: tuple[Entry, ...]


@dataclass(frozen=True)
class Equal:
    """Parameters that had one value. `length` is empty for a short one: the less is told of it, the better."""

    fingerprint: str
    length: str
    names: tuple[str, ...]


class Reading:
    """What reading all values taught: which are equal. `states` are (version, time) of all parameters that were known then."""

    def __init__(self, equal: Sequence[Equal], states: Mapping[str, State]) -> None:
        self.equal = equal
        self._states = states
        self._fingerprints = {name: one.fingerprint for one in equal for name in one.names}

    def holds_for(self, entry: Entry) -> bool:
        """Whether nothing is known to have been written to this parameter since."""
        state = self._states.get(entry.name)
        return state is not None and entry.version <= state[0] and _state(entry)[1] <= state[1]

    def distinct(self, entries: Iterable[Entry]) -> int:
        """How many values these parameters have among them."""
        return len({self._fingerprints.get(entry.name, entry.name) for entry in entries})


def read(
    store: ParameterStore,
    root: str,
    known: Collection[Entry],
    key: bytes,
    *,
    stop: threading.Event,
    on_count: Callable[[int], None],
) -> Reading | None:
    """Decrypt everything below the root, and keep which values are equal. `key` is the fingerprints' key of this run.

    `on_count` is told how many were read so far. None once `stop` is set.

    Raises:
        AccessDenied, KeyUnavailable, TemporaryError, …: not all could be read.
    """
    parameters: list[Parameter] = []
    for one in store.walk(root, decrypt=True, budget=Budget(PATIENCE)):
        parameters.append(one)
        if stop.is_set():
            return None
        if len(parameters) % MANY == 0:
            on_count(len(parameters))
    equal = []
    for group in value_duplicates(parameters, key):
        length = group.value.length_hint() if group.value.size >= SHORT else ""
        equal.append(Equal(group.fingerprint, length, tuple(one.name for one in group.parameters)))
    states = {entry.name: _state(entry) for entry in known}
    states.update((one.name, _state(one)) for one in parameters)
    return Reading(equal, states)


def by_key(team: Team, reading: Reading | None) -> list[Group]:
    """Variables that several apps define, by name; with how many values they have, where that is known."""
    return [
        Group(one.variable, one.variable, _spread(one.parameters, reading), _apps(one.parameters), one.parameters)
        for one in key_duplicates(team.entries.values(), team.root)
    ]


def by_value(team: Team, reading: Reading) -> list[Group]:
    """Parameters with one value, the largest group first. One that was written since has left its group: its value is not known."""
    groups = []
    for one in reading.equal:
        entries = (team.entries.get(name) for name in one.names)
        members = tuple(entry for entry in entries if entry is not None and reading.holds_for(entry))
        if len(members) > 1:
            groups.append(Group(one.fingerprint, one.fingerprint, one.length, _places(members), members))
    return sorted(groups, key=lambda group: (-len(group.members), group.about))


def narrowed(groups: Sequence[Group], names: Collection[str] | None) -> Sequence[Group]:
    """The groups in which one of these parameters is; all where None says that anything goes."""
    return groups if names is None else [group for group in groups if any(entry.name in names for entry in group.members)]


def _state(one: Entry | Parameter) -> State:
    return one.version, one.last_modified or 0.0


def _spread(members: Collection[Entry], reading: Reading | None) -> str:
    if reading is None or not all(reading.holds_for(entry) for entry in members):
        return ""
    count = reading.distinct(members)
    return "all equal" if count == 1 else f"{count} values"


def _apps(members: Iterable[Entry]) -> str:
    """The apps, with a sign behind each whose parameter is shared by a tag."""
    signs: dict[str, str] = {}
    for entry in members:
        sign = " ◆" if is_shared(entry) and entry.app != SHARED else ""
        signs[entry.app] = signs.get(entry.app) or sign
    return ", ".join(f"{app or '(no app)'}{sign}" for app, sign in signs.items())


def _places(members: Collection[Entry]) -> str:
    """`LOG_LEVEL in auth, web`, or the names below the root where the variables differ."""
    variables = {entry.variable for entry in members}
    if len(variables) == 1:
        return f"{variables.pop()} in {_apps(members)}"
    return ", ".join(f"{entry.app}/{entry.key}" if entry.app else entry.key for entry in members)
