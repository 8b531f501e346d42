"""Write an environment to a private file, as `sync` does. Parameter Store is only read."""

from __future__ import annotations

import os
import stat

from ssmm_core.changes import Change, Line, Phase
from ssmm_core.errors import ChangedUnderneath, ConflictError, SettingsError, SsmmError
from ssmm_core.files import PRIVATE
from ssmm_core.operations import deliver, sync
from ssmm_core.operations.outcome import Outcome, StepResult
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping
    from typing import Final

    from ssmm_core.changes import Access, OnStep
    from ssmm_core.operations.deliver import Selection
    from ssmm_core.operations.sync import Standing
    from ssmm_core.overlay import Overlay
    from ssmm_core.secret import SecretValue

_STANDING: Final[Mapping[Standing, str]] = {
    "nothing": "a new file, for its owner alone (0600)",
    "ours": "replaces what ssmm wrote there before",
    "foreign": "what stands there is not from ssmm: it is kept beside it, as {path}.before-ssmm",
    "same": "no change: it holds just that already",
}
_PUBLIC: Final = "holds just that already, but others may read it: its mode becomes 0600"


class ExportIntent(Record):
    """Which environment, to which file. `strict` stops at any conflict or undeliverable name."""

    selection: Selection
    path: str
    file_format: str
    strict: bool = False


def plan(access: Access, intent: ExportIntent) -> Change:
    """One step, the file; its notes name the variables. It cannot be undone.

    Raises:
        Undeliverable: the format cannot hold a value.
        ConflictError: there is a conflict or an undeliverable name, and the intent is strict.
        NotFound, AccessDenied, SettingsError, …: an environment cannot be read, or there can be no such file.
    """
    check_path(intent.path)
    resolved, variables = _environment(access, intent)
    there = sync.standing(intent.path, sync.render(variables, intent.file_format))
    is_private = there != "same" or stat.S_IMODE(os.stat(intent.path).st_mode) == PRIVATE
    line = Line(
        "+" if there == "nothing" else "=" if there == "same" and is_private else "~",
        intent.path,
        f"{deliver.variables_phrase(resolved)} ({deliver.counts(resolved)}), format {intent.file_format}",
        (
            _STANDING[there].format(path=intent.path)
            if is_private
            else "holds just that already, but others may read it: its mode becomes 0600",
            *(f"{one.name}  from {one.winner.parameter.name}" for one in resolved.variables),
        ),
    )
    return Change(
        access,
        f"Export to {intent.path}",
        [line],
        again=lambda _names: plan(access, intent),
        phases=[_writing(access, intent, resolved)],
        warnings=deliver.remarks(resolved),
    )


def check_path(path: str) -> None:
    """Refuse what cannot be a file.

    Raises:
        SettingsError: it is empty, in no directory, or something there is no regular file.
    """
    directory = os.path.dirname(path) or "."
    if not path:
        raise SettingsError("the file has no name", hint="Name one, such as ./.env.")
    if os.path.isdir(path):
        raise SettingsError(f"{path} is a directory", hint="Name a file in it.")
    if os.path.islink(path) or (os.path.exists(path) and not os.path.isfile(path)):
        raise SettingsError(f"{path} is not a regular file", hint="Name another one.")
    if not os.path.isdir(directory):
        raise SettingsError(f"there is no directory {directory}", hint="Create it first.")


def _environment(access: Access, intent: ExportIntent) -> tuple[Overlay, dict[str, SecretValue]]:
    resolved = deliver.resolve(access.store, intent.selection, decrypt=True, threads=access.settings.read_concurrency)
    if intent.strict:
        try:
            deliver.check_strict(resolved)
        except ConflictError as error:
            raise ConflictError(error.message, hint=f"Nothing is written: {'; '.join(deliver.remarks(resolved))}.") from None
    return resolved, deliver.environment(resolved)


def _writing(access: Access, intent: ExportIntent, planned: Overlay) -> Phase:
    """Values are read again when they are written, rather than held while a person reads the plan."""

    def write() -> StepResult:
        resolved, variables = _environment(access, intent)
        if _versions(resolved) != _versions(planned):
            raise ChangedUnderneath("the environment changed since the plan was made", hint="Plan it again.")
        synced = sync.write(intent.path, variables, intent.file_format)
        said = f"wrote {deliver.variables_phrase(resolved)}" if synced.written else "no change but the mode"
        return StepResult(intent.path, "done", note=said + (f"; what stood there is kept in {synced.kept}" if synced.kept else ""))

    def run(stop: threading.Event, on_step: OnStep) -> Outcome:
        if stop.is_set():
            return Outcome((StepResult(intent.path, "undone"),), interrupted=True)
        try:
            result = write()
        except SsmmError as error:
            result = StepResult(intent.path, "failed", error)
        on_step(result)
        return Outcome((result,))

    return Phase((intent.path,), run, ())


def _versions(resolved: Overlay) -> dict[str, tuple[str, int]]:
    return {one.name: (one.winner.parameter.name, one.winner.parameter.version) for one in resolved.variables}
