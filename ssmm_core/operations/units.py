"""Switch a unit to exec mode: write its drop-in and have systemd read it, or leave everything as it was."""

from __future__ import annotations

import os
import shlex

from ssmm_core.errors import CommandFailed, SettingsError, StorageError
from ssmm_core.files import read_file
from ssmm_core.record import Record
from ssmm_core.systemd import dropin, manager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssmm_core.systemd.dropin import ExecDropIn


class UnitPlan(Record):
    """Which file would hold what. `is_current` says that it holds just that already."""

    path: str
    content: str
    system: bool
    warnings: tuple[str, ...]
    is_current: bool

    @property
    def revert(self) -> str:
        """The command that takes the drop-in back."""
        scope = "" if self.system else " --user"
        return f"rm {shlex.quote(self.path)} && systemctl{scope} daemon-reload"


def plan(drop_in: ExecDropIn, *, system: bool, environ: Mapping[str, str]) -> UnitPlan:
    """The drop-in of a unit. Other tools' files beside it are not looked at and stay."""
    path = f"{dropin.directory(drop_in.unit, system=system, environ=environ)}/{dropin.FILE_NAME}"
    content = drop_in.render()
    current = read_file(path) if os.path.exists(path) else None
    return UnitPlan(path, content, system, drop_in.warnings, current == _encoded(content))


def apply(made: UnitPlan) -> None:
    """Write the drop-in and reload the manager. After a failed reload the file that stood there before stands again.

    Raises:
        StorageError: the file could not be written.
        CommandFailed: the reload failed; nothing has changed.
    """
    before = read_file(made.path) if os.path.exists(made.path) else None
    try:
        os.makedirs(os.path.dirname(made.path), exist_ok=True)
        _write(made.path, _encoded(made.content))
    except OSError as error:
        hint = "Run it as root for --system." if made.system else ""
        raise StorageError(f"cannot write {made.path}: {os.strerror(error.errno or 0)}", hint=hint) from None
    try:
        manager.daemon_reload(system=made.system)
    except CommandFailed as error:
        _put_back(made.path, before)
        raise CommandFailed(f"{error.message}; {made.path} is as it was before", hint=error.hint) from None


def ssmm_program(given: str | None, invoked_as: str, search: str | None) -> str:
    """The absolute path of ssmm that a unit will call: as given, else as it was called now.

    Raises:
        SettingsError: it cannot be told.
    """
    from shutil import which

    found = given or (invoked_as if os.path.basename(invoked_as) == "ssmm" else None) or which("ssmm", path=search)
    if not found:
        raise SettingsError("where ssmm is installed cannot be told", hint="Pass --ssmm-bin /path/to/ssmm.")
    return os.path.abspath(found)


def _encoded(content: str) -> bytes:
    """Paths may hold bytes that are no UTF-8; systemd takes them as they are."""
    return content.encode("utf-8", "surrogateescape")


def _write(path: str, content: bytes) -> None:
    fresh = f"{path}.{os.getpid()}.new"  # systemd reads only what ends in .conf
    with open(fresh, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.rename(fresh, path)


def _put_back(path: str, before: bytes | None) -> None:
    if before is None:
        os.unlink(path)
    else:
        _write(path, before)
