"""Copy or move single parameters, with all that is around their values."""

from __future__ import annotations

from ssmm_core.changes import Change, Deletion, Line, count, phases
from ssmm_core.errors import InvalidInput, SettingsError
from ssmm_core.limits import check_name
from ssmm_core.names import is_segment, join, printable, split
from ssmm_core.operations import migrate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ssmm_core.changes import Access
    from ssmm_core.operations.migrate import MigrateStep


def plan(access: Access, targets: Mapping[str, str], *, move: bool, overwrite: bool = False) -> Change:
    """Copy each parameter to its target; to `move` them, delete those whose copies all stand.

    Raises:
        ConflictError: a target holds something else, and `overwrite` is False.
        NotFound: a source is gone.
        SettingsError: two parameters would meet under one name.
    """
    settings = access.settings
    made = migrate.plan_names(access.store, targets, root=settings.prefix, overwrite=overwrite, threads=settings.read_concurrency)
    sources = {step.source.name: step.source.seen for step in made.steps} if move else {}

    def again(left: frozenset[str]) -> Change:
        return plan(
            access,
            {source: target for source, target in targets.items() if left & {source, target}},
            move=move,
            overwrite=overwrite,
        )

    return Change(
        access,
        f"{'Move' if move else 'Copy'} {count(targets)}",
        [
            *(_line(step) for step in made.steps),
            *(Line("-", name, f"once {targets[name]} was read back, and while it holds the same") for name in sources),
        ],
        again=again,
        phases=[phases.copy(access, made)],
        deletion=Deletion(sources, "move", migrate.objections(access.store, made.steps)) if sources else None,
        warnings=[f"labels and older versions are not carried{'; the backup holds the labels' if move else ''}"],
        values=tuple((step.target, step.present.value if step.present else None, step.source.value) for step in made.work if step.request),
    )


def into(names: Collection[str], to: str, *, root: str, region: str) -> dict[str, str]:
    """Where each parameter would stand in another app: `to` is an app, a path below `root`, or a full path that begins with `/`.

    Each keeps its key, which is what stands behind its app.

    Raises:
        InvalidInput: that is no path, or makes a name that the service would refuse.
        SettingsError: a parameter would stay where it is, or two would meet.
    """
    path = (to if to.startswith("/") else join(root, to)).rstrip("/")
    if not to or not all(map(is_segment, path[1:].split("/"))):
        raise InvalidInput(f"{printable(to)} is neither an app nor a path", hint="Letters, digits, '_', '.', '-' and '/' are allowed.")
    targets: dict[str, str] = {}
    sources: dict[str, str] = {}
    for name in names:
        target = f"{path}/{split(name, root)[1]}"
        check_name(target, region)
        if target == name:
            raise SettingsError(f"{name} is there already", hint="Name another app.")
        if target in sources:
            raise SettingsError(f"{sources[target]} and {name} would both be {target}", hint="Choose one of them.")
        sources[target], targets[name] = name, target
    if crossing := sources.keys() & targets.keys():
        raise SettingsError(f"{min(crossing)} would go and be replaced at once", hint="Do it in two steps.")
    return targets


def _line(step: MigrateStep) -> Line:
    source = step.source.name
    if step.kind == "copy":
        return Line("+", step.target, f"{step.source.type}, a copy of {source}")
    if step.kind == "verified":
        return Line("=", step.target, f"holds all that {source} holds")
    return Line("~", step.target, f"differs from {source} in {', '.join(step.lacking)}")
