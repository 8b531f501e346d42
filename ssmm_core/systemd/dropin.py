"""What the drop-ins of both modes have in common: where they are, whose they are, and how they call ssmm."""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from shlex import quote

from ssmm_core.errors import SettingsError, UsageError
from ssmm_core.names import app_from_directory, printable
from ssmm_core.record import Record
from ssmm_core.systemd.quoting import environment_file, setting_path, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from ssmm_core.systemd.service import Service

HEADER: Final = b"# Written by ssmm"
"""How a file begins that is ours, and so may be replaced or removed."""

_UNIT = re.compile(r"[A-Za-z0-9:_.\\@-]+\.service")
PROBE: Final = "ssmm-probe"
"""What stands for an instance's name where a template is asked about."""


class DropIn(Record, ABC):
    """What both modes need. Nothing in it is unit text save `pre_commands`: everything else is escaped when it is written.

    `working_directory` set means that the app is named by it. `options` are global flags of ssmm that the unit needs too.
    `environment_files` are kept. `pre_commands` None leaves the unit's own as they are; else they are what runs instead of them.
    """

    unit: str
    app: str
    ssmm: str
    prefix: str
    system: bool
    working_directory: str = ""
    options: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    require_from: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    names_from: tuple[str, ...] = ()
    only_required: bool = False
    allow_names: tuple[str, ...] = ()
    environment_files: tuple[str, ...] = ()
    pre_commands: tuple[str, ...] | None = None

    @property
    @abstractmethod
    def file_name(self) -> str:
        """The file in the unit's `.d` directory."""

    @abstractmethod
    def render(self) -> str:
        """The file's text."""

    @abstractmethod
    def differences(self, found: Service) -> list[str]:
        """What of this a unit that was loaded with it does not have: another drop-in beats it, or systemd read it otherwise."""

    def call(self, command: str, *more: str) -> tuple[str, ...]:
        """The arguments of ssmm, as it is to get them."""
        app = () if self.working_directory else ("--app", self.app) if not self.app.startswith("-") else (f"--app={self.app}",)
        allowed = ("--allow-name", *self.allow_names) if self.allow_names else ()
        needed = ("--require", *self.require) if self.require else ()
        files = tuple(part for path in self.require_from for part in ("--require-from", path))
        asked = ("--only", *self.only) if self.only else ()
        listed = tuple(part for path in self.names_from for part in ("--names-from", path))
        complete = ("--only-required",) if self.only_required else ()
        return (command, *self.options, *app, *allowed, *needed, *files, *asked, *listed, *complete, *more)

    def head(self, what: str) -> list[str]:
        """The first lines: whose file this is, what it does, and how to be rid of it."""
        return [f"{HEADER.decode()}: {what}.", f"# To revert: {self.revert}"]

    @property
    def revert(self) -> str:
        """The command that takes either mode's drop-in back."""
        mode = self.file_name.partition("-")[0]
        return f"ssmm migrate-to-{mode} --unit {quote(self.unit)}{' --system' if self.system else ''} --revert --apply"

    def unit_section(self, *more: str) -> list[str]:
        """`[Unit]`. A user's manager has no network-online.target."""
        online = ["Wants=network-online.target", "After=network-online.target"] if self.system else []
        return ["", "[Unit]", *online, *more] if online or more else []

    def service_section(self) -> list[str]:
        """`[Service]` up to the environment files."""
        lines = ["", "[Service]"]
        if self.working_directory:
            lines += [f"# app {self.app}: named by this directory", f"WorkingDirectory={setting_path(self.working_directory)}"]
        return [*lines, "EnvironmentFile=", *(f"EnvironmentFile={environment_file(path)}" for path in self.environment_files)]

    def beaten(self, found: Service, *files: str) -> list[str]:
        """What other drop-ins make of the settings that both modes have; `files` are those that are fetched, as a manager tells them."""
        expected = [*(as_loaded(path) for path in self.environment_files), *files]
        problems = []
        if [path for path, _ in found.environment_files] != expected:
            problems.append("it has other EnvironmentFile= settings")
        if self.working_directory and os.path.normpath(found.working_directory) != os.path.normpath(self.working_directory):
            problems.append("it has another WorkingDirectory=, which names another app")
        prefix = found.environment.get("SSMM_PREFIX_ROOT")
        if prefix is None or prefix.reveal() != self.prefix:
            problems.append("it has another SSMM_PREFIX_ROOT")
        return problems

    def environment(self) -> str:
        """What ssmm itself needs to be told."""
        return f"Environment={word(f'SSMM_PREFIX_ROOT={self.prefix}', expands=False)}"

    def checked_app(self) -> str:
        """The app, which the working directory may name.

        Raises:
            SettingsError: the working directory names another app.
        """
        app = app_from_directory(self.working_directory) if self.working_directory else self.app
        if self.app not in ("", app):
            raise SettingsError(
                f"the directory {self.working_directory} names the app {app}, not {self.app}", hint="Run it in the app's directory."
            )
        return app


def as_loaded(path: str) -> str:
    """A path that a person names, as a manager tells it: the glob characters that stand for themselves are escaped."""
    return environment_file(path).removeprefix("-").replace("%%", "%")


def is_template(unit: str) -> bool:
    """Whether this is `worker@.service`, of which a manager knows instances alone."""
    return unit.endswith("@.service")


def probe_of(unit: str) -> str:
    """A unit that can be asked about: the unit itself, or an instance of a template that nobody has."""
    return unit.replace("@.service", f"@{PROBE}.service") if is_template(unit) else unit


def directory(unit: str, *, system: bool, environ: Mapping[str, str]) -> str:
    """Where the drop-ins of a unit that an administrator or user wrote live (systemd.unit(5)).

    Raises:
        UsageError: the unit is no service.
        SettingsError: the user has no home.
    """
    if not _UNIT.fullmatch(unit):
        raise UsageError(f"{printable(unit)} is not a service unit", hint="Write it as NAME.service.")
    if system:
        return f"/etc/systemd/system/{unit}.d"
    base = environ.get("XDG_CONFIG_HOME", "")
    if not base.startswith("/"):
        if not environ.get("HOME", "").startswith("/"):
            raise SettingsError("HOME is not set, so the user's units cannot be found", hint="Set it, or pass --system.")
        base = environ["HOME"] + "/.config"
    return f"{base}/systemd/user/{unit}.d"
