"""One parameter written as safely as the service allows.

Nothing can make PutParameter conditional. So each parameter is read again right before it is written, and refused when it changed; the
version that comes back must be the one planned, else a race was lost; and a reply that was lost is settled by reading back.
"""

from __future__ import annotations

from ssmm_core.errors import AccessDenied, ChangedUnderneath, ReplyLost, SsmmError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssmm_core.models import Parameter, PutRequest
    from ssmm_core.store import ParameterStore
    from ssmm_core.store.retry import Budget


class StoredUntagged(SsmmError):
    """The value stands, its tags do not."""


def put_checked(store: ParameterStore, request: PutRequest, *, planned_from: int, budget: Budget) -> int:
    """Write a parameter that stood at version `planned_from` (0: that did not exist); the version that it has now.

    What already stands there as asked for is not written again, so that a plan which was interrupted can be run anew.

    Raises:
        ChangedUnderneath: somebody else was there, before the write or during it.
    """
    present = read_for_write(store, request.name, budget)
    version = present.version if present else 0
    if version != planned_from:
        if present is not None and _stands(present, request):
            return version
        raise ChangedUnderneath(
            f"{request.name} {_became(version)} since the plan was made from {_version(planned_from)}",
            hint="Nothing was written to it: run it again.",
        )
    while True:
        try:
            written = store.put(request, budget=budget)
        except ReplyLost:
            after = read_for_write(store, request.name, budget)
            if after is None or after.version == planned_from:
                if not budget.remaining:
                    raise
                continue
            if not _stands(after, request):
                raise _lost_race(request.name, after.version, planned_from) from None
            written = after.version
        if written != planned_from + 1:
            raise _lost_race(request.name, written, planned_from)
        return written


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
        wanted = " ".join(f"{key}={value}" for key, value in tags.items())
        raise StoredUntagged(
            f"{name} is stored, but without its tags ({wanted}): {error.message}", hint=f"Then run: ssmm tag add {name} {wanted}"
        ) from error


def _stands(present: Parameter, request: PutRequest) -> bool:
    return present.value == request.value and present.type == request.type


def _lost_race(name: str, version: int, planned_from: int) -> ChangedUnderneath:
    return ChangedUnderneath(
        f"{name} is now at version {version}, not {planned_from + 1}: another writer was there at the same moment",
        hint="Both values are in its history; see which one should stand.",
    )


def _became(version: int) -> str:
    return f"has become version {version}" if version else "was deleted"


def _version(version: int) -> str:
    return f"version {version}" if version else "its absence"
