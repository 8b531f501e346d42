"""What a switch would break or open in a unit, found before anything is written."""

from __future__ import annotations

import os
import stat

from ssmm_core.errors import SettingsError
from ssmm_core.systemd.quoting import expanded_names
from ssmm_core.systemd.tree import other_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ssmm_core.systemd.exec_mode import ExecDropIn
    from ssmm_core.systemd.service import ExecCommand, Service
    from ssmm_core.systemd.sync_mode import SyncDropIn


def check_fetch(made: SyncDropIn, service: Service | None) -> None:
    """Refuse a fetch that systemd would not see, or that lets others act as root.

    In a unit of the system root runs it, and root's other commands in the unit, with the environment files loaded (measured on 252).

    Raises:
        SettingsError: it would.
    """
    if service is not None:
        _check_same_file(made, service)
    if not made.system:
        return
    as_root = [("ssmm is", path) for path in (made.ssmm, *_interpreter(made.ssmm))]
    as_root += [("--require-from is", path) for path in made.require_from]
    as_root += [("--names-from is", path) for path in made.names_from]
    as_root += [("the environment file is", path) for path in made.environment_files]
    as_root += [("the environment file is", os.path.dirname(made.disk))] if made.disk else []
    for what, path in as_root:
        if owner := who_else_may_change(path.removeprefix("-")):
            raise SettingsError(
                f"{what} {path}, and {owner} may change what is there; in sync mode root uses it",
                hint="Put it where root alone may write, or use migrate-to-exec, which has no rights but the service's.",
            )
    if made.allow_names and (service is None or service.dynamic_user or service.user not in ("", "root", "0")):
        raise SettingsError(
            f"{', '.join(made.allow_names)} would count for the commands that root runs in the unit, too",
            hint="Use migrate-to-exec, with which it reaches the program alone.",
        )


def who_else_may_change(path: str) -> str:
    """Who but root may write to a file, or put another in its place: `the user 1000`, `everybody`; empty where nobody else may.

    A directory such as /tmp, with its sticky bit set, lets nobody replace what is root's.
    """
    seen = set()
    for place in (os.path.abspath(path), os.path.realpath(path)):
        while place not in seen:
            seen.add(place)
            try:
                found = os.lstat(place)
            except OSError:
                found = None
            if found is not None and not stat.S_ISLNK(found.st_mode):
                if found.st_uid != 0:
                    return f"the user {found.st_uid}"
                if found.st_mode & 0o022 and not (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX):
                    return "everybody" if found.st_mode & 0o002 else f"the group {found.st_gid}"
            place = os.path.dirname(place)
    return ""


def _interpreter(program: str) -> tuple[str, ...]:
    """The Python beside the launcher, in a virtual environment."""
    beside = os.path.join(os.path.dirname(os.path.realpath(program)), "python3")
    return (beside,) if os.path.exists(beside) else ()


def _check_same_file(made: SyncDropIn, service: Service) -> None:
    """systemd reads the file outside the unit's own tree of files, and `+` does not take a command out of that."""
    folder = os.path.dirname(made.disk) if made.disk else "/run" if made.system else "/run/user"
    if setting := other_folder(service, folder):
        raise SettingsError(
            f"with {setting} the file would be written where systemd does not read it, and the service started without it",
            hint="Use migrate-to-exec, with ssmm in the unit's own tree; or --disk PATH outside of that place.",
        )


def check_exec(made: ExecDropIn, service: Service | None) -> None:
    """Refuse to have root run what the service's own user may choose.

    Raises:
        SettingsError: it would.
    """
    if service is None or "+" not in made.flags or not made.system or service.user in ("", "root", "0"):
        return
    raise SettingsError(
        f"ExecStart= has a +: root would run ssmm with the home of {service.user}, and what that user's ~/.aws says",
        hint="Use migrate-to-sync, which fetches with root's own home.",
    )


def lost_to_others(service: Service | None, clears: Collection[str], lost: Collection[str], *, exec_mode: bool) -> Iterator[str]:
    """What the unit's other commands will miss of the variables that were in the files which are cleared.

    In exec mode only the main process has them; in sync mode those that run before the fetch, or before the next start, do not.

    Raises:
        SettingsError: one of them is told a variable in its command line that it will no longer have.
    """
    if service is None or not clears:
        return
    never = [("ExecCondition=", service.exec_condition)]
    if exec_mode:
        never += [("ExecStartPre=", service.exec_start_pre), ("ExecStartPost=", service.exec_start_post)]
        never += [("ExecReload=", service.exec_reload), ("ExecStop=", service.exec_stop), ("ExecStopPost=", service.exec_stop_post)]
    for setting, commands in never:
        if names := sorted({name for one in commands for name in _expanded(one)}.intersection(lost)):
            hint = "Use migrate-to-sync." if exec_mode and setting != "ExecCondition=" else "Keep its file with --keep-env-file."
            raise SettingsError(f"{setting} has {', '.join(f'${{{name}}}' for name in names)}, which would be empty there", hint=hint)
    if settings := [setting for setting, commands in never if commands]:
        yield f"{', '.join(settings)} will not have the variables of {', '.join(clears)} any more"
    if not exec_mode and (service.exec_reload or service.exec_stop) and service.active_state == "active":
        yield "ExecReload= and ExecStop= of the service as it runs now have no variables until it was restarted: the file is not there yet"


def _expanded(command: ExecCommand) -> tuple[str, ...]:
    return expanded_names(command.argv[1:]) if command.expands else ()
