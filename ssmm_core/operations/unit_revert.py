"""Take back the drop-ins of either mode, and nothing else."""

from __future__ import annotations

from ssmm_core.operations import unit_files
from ssmm_core.operations.unit_look import FILE_NAMES
from ssmm_core.record import Record
from ssmm_core.systemd import sync_mode
from ssmm_core.systemd.dropin import directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class RevertPlan(Record):
    """Which of our drop-ins would go, and which files that one of them had written. `kept` have such a name, but are not ours."""

    unit: str
    paths: tuple[str, ...]
    kept: tuple[str, ...]
    fetched: tuple[str, ...]
    system: bool


def plan(unit: str, *, system: bool, environ: Mapping[str, str]) -> RevertPlan:
    """Take back what either mode wrote for a unit."""
    folder = directory(unit, system=system, environ=environ)
    present = {f"{folder}/{name}": unit_files.standing(f"{folder}/{name}") for name in FILE_NAMES}
    ours = {path: content for path, content in present.items() if content is not None and unit_files.is_ours(content)}
    kept = tuple(path for path, content in present.items() if content is not None and path not in ours)
    sync = ours.get(f"{folder}/{sync_mode.FILE_NAME}", b"")
    return RevertPlan(unit, tuple(ours), kept, sync_mode.runtime_files(unit, sync, system=system, environ=environ), system)


def apply(made: RevertPlan) -> tuple[str, ...]:
    """Remove the drop-ins and reload. After a failed reload they stand again. What it gives are fetched files that could not be removed.

    Raises:
        StorageError: one could not be removed.
        CommandFailed: the reload failed.
    """
    if made.paths:
        unit_files.change(dict.fromkeys(made.paths), system=made.system, confirm=lambda: None)
    return unit_files.remove_fetched(made.fetched)
