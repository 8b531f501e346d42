"""The drop-in that gives a unit a fresh environment file before each start, with its command left as it is.

The file is `%t/ssmm-<unit>.env`: in a directory of root's, or of the user's whose manager it is. A `RuntimeDirectory=` would belong to the
service's own user. systemd reads environment files as root, again for every command of a unit, so that a service which may put a link in
their place reads any file of the machine through them, another service's secrets first (measured on systemd 252).
"""

from __future__ import annotations

import glob

from ssmm_core.systemd.calls import call_in
from ssmm_core.systemd.dropin import DropIn, is_template
from ssmm_core.systemd.quoting import command_text, environment_file, program_path, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Final

    from ssmm_core.systemd.service import ExecCommand, Service

FILE_NAME: Final = "sync-mode.conf"
START_LIMIT: Final = (600, 60)
"""Within so many seconds, so many starts: a failure that may heal has ten minutes, one that may not ends in a minute or two."""

_ADVICE: Final = "switch this instance by its own name, for that has a backslash"
_GUARD: Final = f"""/bin/sh -c 'case "$$0" in *\\\\\\\\*) echo "{_ADVICE}" >&2; exit 78;; esac' %i"""


class SyncDropIn(DropIn):
    """What goes into `<unit>.d/sync-mode.conf`.

    `disk` is a path for a file that stays; empty, the file is in the runtime directory and goes when the service stops, for which `rm` is
    the program. `home` is root's, where it fetches as root. `limits_starts` bounds how often a failing fetch is tried again.
    """

    disk: str = ""
    rm: str = ""
    env: str = ""
    home: str = ""
    limits_starts: bool = True

    @property
    def file_name(self) -> str:
        return FILE_NAME

    def render(self) -> str:
        lines = [*self.head("writes this unit's environment file anew before each start"), *self.unit_section(*self._limit())]
        lines += [*self.service_section(), f"EnvironmentFile={self._file_setting()}"]
        if self.pre_commands is not None:
            lines += ["# systemd puts what a drop-in adds last. So the unit's own commands are here again, as they were, behind the fetch."]
            lines += ["ExecStartPre="]
        if is_template(self.unit):
            lines += ["# systemd takes a backslash in an EnvironmentFile= path for an escape, and would start without the file."]
            lines += [f"ExecStartPre={_GUARD}"]
        if self.disk:
            lines += ["# What was fetched last would else be in the environment of the fetch, too: whose credentials it uses, and where."]
            lines += [f"ExecStartPre={'+' if self.system else ''}{program_path(self.rm)} -f {self._out()}"]
        lines += [f"ExecStartPre={self._fetch()}"]
        lines += [f"ExecStartPre={command_text(one, '--pre-exec')}" for one in self.pre_commands or ()]
        if not self.disk:
            lines += [f"ExecStopPost=-+{program_path(self.rm)} -f {self._out()}"]
        return "\n".join([*lines, self.environment()]) + "\n"

    def differences(self, found: Service) -> list[str]:
        before = int(is_template(self.unit)) + bool(self.disk)  # the guard, and what removes the old file
        fetch = found.exec_start_pre[before] if len(found.exec_start_pre) > before else None
        path, *rest = self._program()
        expected = (path, *(text.replace("$", "$$") for text in (*rest, *self.call("sync", "--out"))))
        if fetch is None or (fetch.path, *fetch.argv[1:-1]) != expected or (found.flags_known and fetch.flags != ("privileged",)):
            return ["its ExecStartPre= is not the one that was written"]
        out = fetch.argv[-1].replace("$$", "$")
        problems = self.beaten(found, environment_file(out).removeprefix("-").replace("%%", "%"))
        if self.pre_commands is not None and len(found.exec_start_pre) != before + 1 + len(self.pre_commands):
            problems.append("its other ExecStartPre= commands are not those that it had before")
        if not self.disk and not any(one.argv[1:] == ("-f", fetch.argv[-1]) for one in found.exec_stop_post):
            problems.append("its ExecStopPost= does not remove the file")
        return problems

    def _limit(self) -> list[str]:
        if not self.limits_starts:
            return []
        seconds, starts = START_LIMIT
        return [
            "# Restart= tries a start again whatever the fetch ended with: this ends it, for what no restart heals too.",
            f"StartLimitIntervalSec={seconds}",
            f"StartLimitBurst={starts}",
        ]

    def _fetch(self) -> str:
        """The command that writes the file: with root's rights in a unit of the system, since systemd reads the file as root.

        systemd sets HOME to that of `User=` there, too. It is root's then: what the service's user keeps in its ~/.aws is not for root
        to run (`credential_process`).
        """
        program, *arguments = [*self._program(), *self.call("sync", "--out")]
        return f"+{program_path(program)} {' '.join(map(word, arguments))} {self._out()}"

    def _program(self) -> tuple[str, ...]:
        return (self.env, f"HOME={self.home}", self.ssmm) if self.system else (self.ssmm,)

    def _out(self) -> str:
        """The file as an argument."""
        return word(self.disk) if self.disk else f"%t/ssmm-{_stem(self.unit)}.env"

    def _file_setting(self) -> str:
        return environment_file(self.disk) if self.disk else f"-%t/ssmm-{_stem(self.unit)}.env"


def _stem(unit: str) -> str:
    """A unit's name as part of a file's, without what systemd would take for an escape. No unit's name has a `+`."""
    name = unit.removesuffix(".service").replace("\\", "+")
    return f"{name}%i" if is_template(unit) else name


def runtime_files(unit: str, drop_in: bytes, *, system: bool, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The files in the runtime directory that stand because of such a drop-in, of all instances of a template.

    They go when the service stops, if the drop-in is still there then.
    """
    folder = "/run" if system else environ.get("XDG_RUNTIME_DIR", "")
    if not folder.startswith("/") or b"\nExecStopPost=" not in drop_in:
        return ()
    name = glob.escape(f"{folder}/ssmm-{unit.removesuffix('.service').replace(chr(92), '+')}")
    return tuple(sorted(glob.glob(f"{name}{'*' if is_template(unit) else ''}.env")))


def foreign(commands: Sequence[ExecCommand], *, ssmm: str) -> tuple[ExecCommand, ...]:
    """The commands that are no fetch of ssmm's, and no guard before one."""

    def is_ours(command: ExecCommand) -> bool:
        call = call_in(command, ssmm=ssmm)
        return (call is not None and call.command == "sync") or any(_ADVICE in text for text in command.argv)

    return tuple(one for one in commands if not is_ours(one))
