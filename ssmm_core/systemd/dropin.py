"""The drop-in that makes a unit start through `ssmm exec`."""

from __future__ import annotations

import re

from ssmm_core.errors import SettingsError, UsageError
from ssmm_core.names import app_from_directory, printable
from ssmm_core.record import Record
from ssmm_core.systemd.quoting import command_text, environment_file, expanded_names, setting_path, split_flags, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

FILE_NAME: Final = "exec-mode.conf"

_UNIT = re.compile(r"[A-Za-z0-9:_.\\@-]+\.service")
_WRAPPED = re.compile(r"(?:\S*/)?ssmm(?:\s+--?\S+)*\s+exec\s+(?:.*?\s)?--\s+(?P<command>.+)")


class ExecDropIn(Record):
    """What goes into `<unit>.d/exec-mode.conf`.

    `command` and `pre_commands` are unit text as pasted: their specifiers (`%i`) and quotes keep working. Everything else is escaped.
    `working_directory` set means that the app is named by it. `options` are global flags of ssmm that the unit needs too.
    """

    unit: str
    app: str
    command: str
    ssmm: str
    prefix: str
    pre_commands: tuple[str, ...] = ()
    environment_files: tuple[str, ...] = ()
    working_directory: str = ""
    options: tuple[str, ...] = ()

    def render(self) -> str:
        """The file's text."""
        flags, command = split_flags(self.command)
        app = [] if self.working_directory else ["--app", self.app]
        words = [word(self.ssmm, expands=False), *(word(one) for one in ("exec", *self.options, *app))]
        lines = [
            "# Written by ssmm: starts this unit with its parameters in its environment.",
            "# To revert: remove this file, then systemctl daemon-reload (with --user for a user unit).",
            "",
            "[Service]",
        ]
        if self.working_directory:
            lines += [f"# app {self.app}: named by this directory", f"WorkingDirectory={setting_path(self.working_directory)}"]
        lines += ["EnvironmentFile=", *(f"EnvironmentFile={environment_file(path)}" for path in self.environment_files)]
        lines += ["ExecStartPre=", *(f"ExecStartPre={command_text(one, '--pre-exec')}" for one in self.pre_commands)]
        lines += ["ExecStart=", f"ExecStart={flags}{' '.join(words)} -- {command}"]
        lines += [f"Environment={word(f'SSMM_PREFIX_ROOT={self.prefix}', expands=False)}"]
        return "\n".join(lines) + "\n"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What exec mode will not do as before."""
        names = expanded_names(self.command)
        return tuple(
            f"systemd puts ${{{name}}} into the command line before ssmm runs: if it comes from Parameter Store, it will be empty there"
            for name in names
        )


def exec_drop_in(*, unit: str, app: str | None, command: str, working_directory: str | None, **rest: object) -> ExecDropIn:
    """A drop-in from what was asked for. A command that is wrapped in `ssmm exec` already is unwrapped first.

    Raises:
        UsageError: the unit, the command or their combination cannot be right.
        SettingsError: the working directory does not name the app.
    """
    if not _UNIT.fullmatch(unit):
        raise UsageError(f"{printable(unit)} is not a service unit", hint="Write it as NAME.service.")
    flags, pasted = split_flags(command_text(command, "--exec-cmd"))
    if wrapped := _WRAPPED.fullmatch(pasted):
        more, pasted = split_flags(wrapped["command"])
        flags += more
    if "@" in flags:
        raise UsageError("--exec-cmd begins with @, which gives the program another name", hint="Leave the @ and that name out.")
    if re.search(r"\s;\s", f"{pasted} "):
        raise UsageError("--exec-cmd holds more than one command", hint="Wrap each in a unit of its own.")
    if working_directory is not None:
        named = app_from_directory(working_directory)
        if app is not None and app != named:
            raise SettingsError(
                f"the directory {working_directory} names the app {named}, not {app}", hint="Run it in the app's directory."
            )
        app = named
    if app is None:
        raise UsageError("no app", hint="Pass --app NAME or --cwd-app.")
    return ExecDropIn(unit=unit, app=app, command=flags + pasted, working_directory=working_directory or "", **rest)  # type: ignore[arg-type]


def directory(unit: str, *, system: bool, environ: Mapping[str, str]) -> str:
    """Where the drop-ins of a unit that an administrator or user wrote live (systemd.unit(5))."""
    if system:
        return f"/etc/systemd/system/{unit}.d"
    base = environ.get("XDG_CONFIG_HOME", "")
    if not base.startswith("/"):
        if not environ.get("HOME", "").startswith("/"):
            raise SettingsError("HOME is not set, so the user's units cannot be found", hint="Set it, or pass --system.")
        base = environ["HOME"] + "/.config"
    return f"{base}/systemd/user/{unit}.d"
