"""The drop-in that makes a unit start through `ssmm exec`."""

from __future__ import annotations

import re

from ssmm_core.errors import SettingsError, UsageError
from ssmm_core.names import app_from_directory, printable
from ssmm_core.record import Record
from ssmm_core.systemd.quoting import (
    command_text,
    environment_file,
    expanded_names,
    is_several_commands,
    program_path,
    setting_path,
    split_flags,
    word,
    words,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

FILE_NAME: Final = "exec-mode.conf"

_UNIT = re.compile(r"[A-Za-z0-9:_.\\@-]+\.service")


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
    dropped: tuple[str, ...] = ()

    def render(self) -> str:
        """The file's text."""
        flags, command = split_flags(self.command)
        app = [] if self.working_directory else ["--app", self.app] if not self.app.startswith("-") else [f"--app={self.app}"]
        expands = ":" not in flags
        ours = [program_path(self.ssmm), *(word(one, expands=expands) for one in ("exec", *self.options, *app))]
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
        lines += ["ExecStart=", f"ExecStart={flags}{' '.join(ours)} -- {command}"]
        lines += [f"Environment={word(f'SSMM_PREFIX_ROOT={self.prefix}', expands=False)}"]
        return "\n".join(lines) + "\n"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What exec mode will not do as before."""
        names = expanded_names(self.command)
        known = {*self.options, "--app", self.app, f"--app={self.app}", "--prefix", self.prefix, f"--prefix={self.prefix}"}
        again = f"the command was wrapped in ssmm exec already, with options that are not kept: {' '.join(self.dropped)}"
        return ((again,) if set(self.dropped) - known else ()) + tuple(
            f"systemd puts ${{{name}}} into the command line before ssmm runs: if it comes from Parameter Store, it will be empty there"
            for name in names
        )


def _unwrapped(command: str, ssmm: str) -> tuple[str, list[str]]:
    """(the command behind `ssmm … exec … --`, the options of that), where `ssmm` or a program of that name begins it.

    Else the command as it is, and no options.
    """
    (program, _), *rest = words(command) or [("", 0)]
    if program != ssmm and program.rpartition("/")[2] != "ssmm":
        return command, []
    texts = [text for text, _ in rest]
    if "exec" not in texts:
        return command, []
    if "--" not in texts[texts.index("exec") :]:
        raise UsageError("--exec-cmd is wrapped in ssmm exec, without a --", hint="Paste the command behind it alone.")
    dashes = texts.index("--", texts.index("exec"))
    options = [text for text in texts[:dashes] if text != "exec"]
    return command[rest[dashes][1] :].lstrip(), options


def checked(asked: ExecDropIn) -> ExecDropIn:
    """A drop-in as it can be written: a command that is wrapped in `ssmm exec` already is unwrapped, the directory names the app.

    Raises:
        UsageError: the unit, the command or their combination cannot be right.
        SettingsError: the working directory names another app.
    """
    if not _UNIT.fullmatch(asked.unit):
        raise UsageError(f"{printable(asked.unit)} is not a service unit", hint="Write it as NAME.service.")
    flags, command = split_flags(command_text(asked.command, "--exec-cmd"))
    dropped: list[str] = []
    while (unwrapped := _unwrapped(command, asked.ssmm))[0] != command:
        more, command = split_flags(unwrapped[0])
        flags += more
        dropped += unwrapped[1]
    if not command:
        raise UsageError("--exec-cmd holds no command", hint="Paste the unit's ExecStart=.")
    if "@" in flags:
        raise UsageError("--exec-cmd begins with @, which gives the program another name", hint="Leave the @ and that name out.")
    if is_several_commands(command):
        raise UsageError("--exec-cmd holds more than one command", hint="Wrap each in a unit of its own.")
    app = app_from_directory(asked.working_directory) if asked.working_directory else asked.app
    if asked.app not in ("", app):
        raise SettingsError(
            f"the directory {asked.working_directory} names the app {app}, not {asked.app}", hint="Run it in the app's directory."
        )
    return asked.replace(app=app, command=flags + command, dropped=tuple(dropped))


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
