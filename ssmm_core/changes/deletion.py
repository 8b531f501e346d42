"""Delete parameters, with a backup."""

from __future__ import annotations

from ssmm_core.changes import Change, Deletion, Line, count
from ssmm_core.names import join, split
from ssmm_core.operations import delete

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import Final

    from ssmm_core.changes import Access
    from ssmm_core.models import Parameter

MANY: Final = 10
"""More than these are not deleted by one key."""


def plan(access: Access, names: Sequence[str], *, known: Iterable[str]) -> Change:
    """Delete those among `names` that stand. `known` are the names of the whole catalogue: they tell when all of an app would go.

    Raises:
        NotFound: none of them stands.
    """
    everything = frozenset(known)
    made = delete.plan_names(access.store, names)
    going = made.seen.keys()
    confirmation, reasons = _confirmation(going, everything, access.settings.prefix or "")
    return Change(
        access,
        f"Delete {count(going)}",
        [Line("-", one.name, f"{one.type}, version {one.version}") for one in made.parameters],
        again=lambda left: plan(access, [name for name in names if name in left], known=everything),
        deletion=Deletion(made.seen, "delete"),
        warnings=[*(f"{name} is gone already" for name in names if name not in going), *_not_in_the_backup(made.parameters)],
        confirmation=confirmation,
        reasons=reasons,
    )


def _confirmation(going: Collection[str], known: Collection[str], root: str) -> tuple[str, list[str]]:
    """What must be typed, and why."""
    apps = {app for app, _ in (split(name, root) for name in going) if app}
    staying = {split(name, root)[0] for name in known if name not in going}
    whole = sorted(apps - staying)
    reasons = [f"nothing is left of {join(root, app)}" for app in whole]
    if len(going) > MANY:
        reasons.append(f"{count(going)} go at once")
    if not reasons:
        return "", []
    return (whole[0] if len(apps) == 1 and whole else f"delete {len(going)}"), reasons


def _not_in_the_backup(going: Sequence[Parameter]) -> list[str]:
    older = sum(one.version > 1 for one in going)
    return [f"the backup cannot hold the older versions of {older} of them"] if older else []
