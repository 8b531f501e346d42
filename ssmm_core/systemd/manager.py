"""Speaking to a running systemd manager: what a unit is to it, and having it read its units anew."""

from __future__ import annotations

import errno
import os
import subprocess

from ssmm_core.errors import CommandFailed, NotFound, SettingsError
from ssmm_core.names import printable
from ssmm_core.record import Record
from ssmm_core.systemd.bus import BusError, Connection, Refused, socket_of
from ssmm_core.systemd.service import Service, StartLimit, environment_of, from_properties

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from ssmm_core.secret import SecretValue

_OBJECT: Final = "/org/freedesktop/systemd1"
_MANAGER: Final = "org.freedesktop.systemd1.Manager"
_UNIT: Final = "org.freedesktop.systemd1.Unit"
_SERVICE: Final = "org.freedesktop.systemd1.Service"
_SYSTEM_BUS: Final = "unix:path=/run/dbus/system_bus_socket"


class NoManager(SettingsError):
    """No manager could be asked."""


class ManagerState(Record):
    """What counts for all units: the `version` as the manager tells it, the limit of starts of a unit that says none, and variables.

    The variables in `environment` are also in that of all its units.
    """

    version: str
    start_limit: StartLimit
    environment: Mapping[str, SecretValue]


class Manager:
    """The system's manager, or the one of this user. Each question opens a connection of its own.

    It is asked over its own socket, which works without a bus but is open to root, or the manager's own user, alone; else over the bus.
    """

    def __init__(self, *, system: bool, environ: Mapping[str, str]) -> None:
        self.system = system
        self._environ = environ

    @property
    def name(self) -> str:
        """What a person calls it."""
        return "the system manager" if self.system else "the user's manager"

    def service(self, unit: str) -> Service:
        """A service as the manager has it; it is loaded for that if it was not. One that does not exist has `load_state` `not-found`.

        Raises:
            NoManager: it cannot be asked.
            NotFound: no unit can have that name (a template has none without an instance).
        """
        with self._connection() as connection:
            try:
                (path,) = connection.call(_OBJECT, _MANAGER, "LoadUnit", "s", (unit,))
                return from_properties(connection.properties(path, _UNIT), connection.properties(path, _SERVICE))
            except Refused as error:
                if error.name == "org.freedesktop.DBus.Error.InvalidArgs":
                    raise NotFound(f"{self.name} knows no unit {printable(unit)}", hint="Name it as systemctl status does.") from None
                raise self._unreachable([f"it answered {error.name}"]) from None
            except BusError as error:
                raise self._unreachable([str(error)]) from None

    def state(self) -> ManagerState:
        """What counts for all units.

        Raises:
            NoManager: it cannot be asked.
        """
        with self._connection() as connection:
            try:
                found = connection.properties(_OBJECT, _MANAGER)
            except BusError as error:
                raise self._unreachable([str(error)]) from None
        limit = StartLimit(int(found.get("DefaultStartLimitIntervalUSec", 0)), int(found.get("DefaultStartLimitBurst", 0)))
        return ManagerState(str(found.get("Version", "")), limit, environment_of(found.get("Environment", ())))

    def _connection(self) -> Connection:
        problems = []
        for path, is_bus in self._sockets():
            try:
                return Connection(path, is_bus=is_bus)
            except BusError as error:
                problems.append(f"{path}: {error}")
        raise self._unreachable(problems)

    def _sockets(self) -> list[tuple[str, bool]]:
        """(socket, whether a bus listens there), the best first."""
        if self.system:
            private = "/run/systemd/private"
            bus = socket_of(self._environ.get("DBUS_SYSTEM_BUS_ADDRESS") or _SYSTEM_BUS)
            return [(path, is_bus) for path, is_bus in ((private, False), (bus, True)) if path]
        runtime = self._environ.get("XDG_RUNTIME_DIR", "")
        found = [(f"{runtime}/systemd/private", False)] if runtime.startswith("/") else []
        buses = [socket_of(self._environ.get("DBUS_SESSION_BUS_ADDRESS", "")), f"{runtime}/bus" if runtime.startswith("/") else ""]
        return found + [(bus, True) for bus in dict.fromkeys(buses) if bus]

    def _unreachable(self, problems: list[str]) -> NoManager:
        if not problems:
            return NoManager(f"{self.name} cannot be reached: XDG_RUNTIME_DIR is not set", hint="Log in as that user, or pass --system.")
        shut_out = self.system and os.geteuid() and any(os.strerror(errno.EACCES) in problem for problem in problems)
        hint = "Run it with sudo: without a bus, root alone may ask it." if shut_out else "Does systemd run here?"
        return NoManager(f"{self.name} cannot be reached ({'; '.join(problems)})", hint=hint)


def daemon_reload(*, system: bool) -> None:
    """Make the manager read its units anew.

    Raises:
        CommandFailed: systemctl is missing or failed; the message holds its first line.
    """
    command = ["systemctl", "--system" if system else "--user", "daemon-reload"]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandFailed(f"{' '.join(command)} could not be run ({type(error).__name__})") from None
    if ended.returncode:
        said = next(iter(ended.stderr.strip().splitlines()), f"exit code {ended.returncode}")
        raise CommandFailed(f"{' '.join(command)} failed: {said}")
