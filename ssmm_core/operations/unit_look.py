"""A unit as it is now: what its manager has of it, which drop-ins of ours stand, and what is in its environment files."""

from __future__ import annotations

import os
import re

from ssmm_core.errors import SettingsError, UsageError
from ssmm_core.operations import unit_files
from ssmm_core.operations.unit_environment import cleared, names_in
from ssmm_core.record import Record
from ssmm_core.systemd import exec_mode, sync_mode
from ssmm_core.systemd.calls import call_in
from ssmm_core.systemd.dropin import directory, probe_of
from ssmm_core.systemd.manager import Manager, NoManager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Final

    from ssmm_core.systemd.calls import Call
    from ssmm_core.systemd.service import Service, StartLimit

FILE_NAMES: Final = (exec_mode.FILE_NAME, sync_mode.FILE_NAME)

_FETCH = re.compile(rb"^ExecStartPre=.*ssmm.* sync(\s|$)", re.MULTILINE)


class Look(Record):
    """A unit as it is now. `service` is None where its manager cannot be asked, and `why` says why.

    `standing` holds our drop-ins of either mode, by file name; `foreign` files of such a name that are not ours. `fetched` are files that
    our sync-mode drop-in had written, and that go with it.
    """

    folder: str
    service: Service | None
    default_limit: StartLimit | None
    why: str
    standing: Mapping[str, bytes]
    foreign: tuple[str, ...]
    fetched: tuple[str, ...]

    @property
    def calls(self) -> tuple[Call, ...]:
        """How the unit calls ssmm now, to start or to fetch."""
        commands = (*self.service.exec_start, *self.service.exec_start_pre) if self.service is not None else ()
        return tuple(call for one in commands if (call := call_in(one)) is not None)

    @property
    def fetches_by_hand(self) -> bool:
        """Whether the unit's own ExecStartPre= commands have a fetch of ssmm's, also where a drop-in of ours hides it."""
        if self.service is None:
            return False
        calls = [call_in(one) for one in self.service.exec_start_pre]
        ours = sync_mode.FILE_NAME in self.standing
        if sum(call is not None and call.command == "sync" for call in calls) > ours:
            return True
        if not self.resets_steps(sync_mode.FILE_NAME):
            return False
        files = [path for path in self.service.drop_in_paths if os.path.basename(path) not in FILE_NAMES]
        return any(_FETCH.search(unit_files.standing(path) or b"") for path in (self.service.fragment_path, *files))

    def resets_steps(self, name: str) -> bool:
        """Whether a drop-in of ours replaces the unit's own ExecStartPre= commands."""
        return b"\nExecStartPre=\n" in self.standing.get(name, b"")


def look(unit: str, *, system: bool, environ: Mapping[str, str]) -> Look:
    """Ask the manager about a unit, and see which drop-ins stand.

    Raises:
        SettingsError: the unit is not loaded, or not as its files are now.
    """
    folder = directory(unit, system=system, environ=environ)
    present = {name: content for name in FILE_NAMES if (content := unit_files.standing(f"{folder}/{name}")) is not None}
    ours = {name: content for name, content in present.items() if unit_files.is_ours(content)}
    foreign = tuple(name for name in present if name not in ours)
    fetched = sync_mode.runtime_files(unit, ours.get(sync_mode.FILE_NAME, b""), system=system, environ=environ)
    manager = Manager(system=system, environ=environ)
    try:
        service, limit = manager.service(probe_of(unit)), manager.state().start_limit
    except NoManager as error:
        return Look(folder, None, None, error.message, ours, foreign, fetched)
    scope = "systemctl" if system else "systemctl --user"
    if service.load_state != "loaded":
        other = f"See {scope} status {unit}."
        if service.load_state == "not-found":
            other = f"See {scope} list-unit-files." if system else "Is it a unit of the other manager (--system)?"
        raise SettingsError(f"{manager.name} has {unit} as {service.load_state}, not as loaded", hint=other)
    if service.id != probe_of(unit):
        raise SettingsError(f"{unit} is another name of {service.id}", hint=f"Pass --unit {service.id}.")
    if service.need_daemon_reload:
        raise SettingsError(f"the files of {unit} changed since {manager.name} read them", hint=f"Run {scope} daemon-reload first.")
    return Look(folder, service, limit, "", ours, foreign, fetched)


def present_names(found: Look, kept: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(the names in the environment files that will be cleared, those files that could not be read).

    Raises:
        UsageError: which files there are is not known.
    """
    if found.service is None:
        raise UsageError(f"which environment files the unit has is not known: {found.why}", hint="Name the variables with --require.")
    held = names_in(cleared(found.service, kept))
    return held.names, held.unread
