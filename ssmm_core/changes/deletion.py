"""Delete parameters, with a backup."""

from __future__ import annotations

from ssmm_core.changes import Change, Deletion, Line, count
from ssmm_core.errors import AccessDenied
from ssmm_core.names import join, split
from ssmm_core.operations import delete

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Final

    from ssmm_core.changes import Access
    from ssmm_core.models import Parameter

MANY: Final = 10
"""More than these are not deleted by one key."""


def plan(access: Access, names: Sequence[str]) -> Change:
    """Delete those among `names` that stand.

    Raises:
        NotFound: none of them stands.
    """
    made = delete.plan_names(access.store, names)
    going = made.seen.keys()
    confirmation, reasons = _confirmation(going, _left(access, going))
    return Change(
        access,
        f"Delete {count(going)}",
        [Line("-", one.name, f"{one.type}, version {one.version}") for one in made.parameters],
        again=lambda left: plan(access, [name for name in names if name in left]),
        deletion=Deletion(made.seen, "delete"),
        warnings=[*(f"{name} is gone already" for name in names if name not in going), *_not_in_the_backup(made.parameters)],
        confirmation=confirmation,
        reasons=reasons,
    )


def _left(access: Access, going: Collection[str]) -> dict[str, str]:
    """The paths of the apps that something goes from, and what is to be said where perhaps nothing stays. It asks until something does."""
    store, root, budget = access.store, access.settings.prefix or "", access.store.budget()
    left = {}
    for path in sorted({join(root, app) for app, _ in (split(name, root) for name in going) if app}):
        try:
            stays = any(one.name not in going for one in store.walk(path, decrypt=False, budget=budget))
            left[path] = "" if stays else f"nothing is left of {path}"
        except AccessDenied as error:
            left[path] = f"it cannot be told whether anything is left of {path}: {error.message}"
    return left


def _confirmation(going: Collection[str], left: Mapping[str, str]) -> tuple[str, list[str]]:
    """What must be typed, and why."""
    whole = [path for path, reason in left.items() if reason]
    reasons = [left[path] for path in whole]
    if len(going) > MANY:
        reasons.append(f"{count(going)} go at once")
    if not reasons:
        return "", []
    return (whole[0].rpartition("/")[2] if len(left) == len(whole) == 1 else f"delete {len(going)}"), reasons


def _not_in_the_backup(going: Sequence[Parameter]) -> list[str]:
    older = sum(one.version > 1 for one in going)
    return [f"the backup cannot hold the older versions of {older} of them"] if older else []
