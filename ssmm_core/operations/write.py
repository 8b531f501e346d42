"""One parameter written as safely as the service allows.

Nothing can make PutParameter conditional. So each parameter is read again right before every attempt to write it, and refused when it
changed; the version that comes back must be the one planned, else a race was lost; and a reply that was lost is settled by reading back.
"""

from __future__ import annotations

from ssmm_core.errors import AccessDenied, ChangedUnderneath, ReplyLost, SsmmError
from ssmm_core.record import Record
from ssmm_core.store.retry import persist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssmm_core.models import Parameter, PutRequest
    from ssmm_core.store import ParameterStore
    from ssmm_core.store.retry import Budget


class StoredUntagged(SsmmError):
    """The value stands, its tags do not."""


class Seen(Record):
    """What a plan was made from. Version 0: nothing stood there. The time tells a parameter that was deleted and created anew."""

    version: int = 0
    last_modified: float | None = None

    @classmethod
    def of(cls, parameter: Parameter | None) -> Seen:
        return cls(parameter.version, parameter.last_modified) if parameter is not None else cls()


def put_checked(store: ParameterStore, request: PutRequest, *, seen: Seen, budget: Budget) -> int:
    """Write a parameter that stood as it was `seen`; the version that it has now.

    Raises:
        ChangedUnderneath: somebody else was there, before the write or during it.
        TemporaryError: the budget is spent.
    """
    sent = False

    def attempt() -> int:
        nonlocal sent
        store.turn(budget=budget)
        present = read_for_write(store, request.name, budget)
        if Seen.of(present) != seen:
            if sent and is_written(present, request, seen):
                return seen.version + 1  # ours, of which the reply was lost
            raise _changed(request.name, present, seen, sent=sent)
        try:
            written = store.put(request, budget=budget)
        except ReplyLost:
            sent = True
            raise
        except ChangedUnderneath as error:
            if not sent:
                raise
            raise ReplyLost(error.message) from error  # it may be ours: look again
        if written != seen.version + 1:
            raise _lost_race(request.name, written, seen)
        return written

    return persist(attempt, budget=budget)


def read_for_write(store: ParameterStore, name: str, budget: Budget) -> Parameter | None:
    """What stands there now; without its value where this identity may write but not decrypt."""
    try:
        return store.get([name], decrypt=True, budget=budget).get(name)
    except AccessDenied as error:
        if not error.action.startswith("kms:"):
            raise
        return store.get([name], decrypt=False, budget=budget).get(name)


def add_tags_after(store: ParameterStore, name: str, tags: Mapping[str, str], *, stored: bool, budget: Budget) -> None:
    """Add tags that the service would not take together with a value.

    Raises:
        StoredUntagged: the value was `stored` just now and stands without them.
    """
    if not tags:
        return
    try:
        store.add_tags(name, tags, budget=budget)
    except SsmmError as error:
        if not stored:
            raise
        raise stored_untagged(name, [f"{key}={value}" for key, value in tags.items()], error) from error


def stored_untagged(name: str, wanted: Sequence[str], error: SsmmError) -> StoredUntagged:
    """The error for a value that was stored, and then `error` kept the `wanted` changes of its tags away."""
    return StoredUntagged(
        f"{name} is stored, but without its tags ({' '.join(wanted)}): {error.message}",
        hint="Run it again: what is missing will be added.",
    )


def is_written(present: Parameter | None, request: PutRequest, seen: Seen) -> bool:
    """Whether what stands is what `request` writes over what was `seen`: ours, though its reply did not come."""
    if present is None:
        return False
    return (present.version, present.value, present.type) == (seen.version + 1, request.value, request.type)


def _changed(name: str, present: Parameter | None, seen: Seen, *, sent: bool) -> ChangedUnderneath:
    if sent and present is not None:
        return _lost_race(name, present.version, seen)
    if present is None:
        became = "was deleted"
    elif present.version == seen.version:
        became = "was deleted and created anew"
    else:
        became = f"has become version {present.version}"
    origin = f"version {seen.version}" if seen.version else "its absence"
    return ChangedUnderneath(f"{name} {became} since the plan was made from {origin}", hint="Nothing was written to it: run it again.")


def _lost_race(name: str, version: int, seen: Seen) -> ChangedUnderneath:
    return ChangedUnderneath(
        f"{name} is now at version {version}, not {seen.version + 1}: another writer was there at the same moment",
        hint="Both values are in its history; see which one should stand.",
    )
