"""The drop-in that makes a unit start through `ssmm exec`."""

from __future__ import annotations

from ssmm_core.errors import UsageError
from ssmm_core.systemd.calls import call_in
from ssmm_core.systemd.dropin import DropIn
from ssmm_core.systemd.quoting import (
    command_text,
    expanded_names,
    is_several_commands,
    program_path,
    split_flags,
    word,
    words,
    wrapped_command,
)
from ssmm_core.systemd.service import FLAG_SIGNS, ExecCommand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from ssmm_core.systemd.service import Service

FILE_NAME: Final = "exec-mode.conf"
KEPT_FLAGS: Final = frozenset(FLAG_SIGNS) - {"via-shell"}
"""The flags that mean in front of ssmm what they mean in front of the program: a shell would read all of the line anew."""


class ExecDropIn(DropIn):
    """What goes into `<unit>.d/exec-mode.conf`.

    `command` and `argv0` are unit text, without flags: their specifiers (`%i`) and quotes keep working. `flags` are the signs in front.
    `read` is the command as a manager told it, where it was read and not pasted: then what runs afterwards must be just that.
    `dropped` are the options of an earlier wrapping. `prevents_restart` keeps systemd from retrying what cannot heal.
    """

    command: str = ""
    flags: str = ""
    argv0: str = ""
    read: ExecCommand | None = None
    dropped: tuple[str, ...] = ()
    prevents_restart: bool = True

    @property
    def file_name(self) -> str:
        return FILE_NAME

    @property
    def expands(self) -> bool:
        """Whether systemd puts variables into the command line."""
        return ":" not in self.flags

    @property
    def expanded(self) -> tuple[str, ...]:
        """The variables that it puts there before ssmm runs, and so before there are any parameters."""
        if not self.expands:
            return ()
        texts = [text for text, _ in words(self.command)] if self.read is None else self.read.argv[1:]
        return expanded_names(texts)

    def render(self) -> str:
        ours = [program_path(self.ssmm), *(word(one, expands=self.expands) for one in self.call("exec"))]
        name = ["--argv0", self.argv0] if self.argv0 else []
        lines = [*self.head("starts this unit with its parameters in its environment"), *self.unit_section(), *self.service_section()]
        if self.pre_commands is not None:
            lines += ["ExecStartPre=", *(f"ExecStartPre={command_text(one, '--pre-exec')}" for one in self.pre_commands)]
        lines += ["ExecStart=", f"ExecStart={self.flags}{' '.join([*ours, *name])} -- {self.command}"]
        if self.prevents_restart:
            lines += [
                "# 77 and 78 are ssmm's codes for what no restart heals (denied; settings). They count where the program itself ends with",
                "# them, too: if it has its own meaning for one of them, take that out here, or write this anew with --no-restart-prevent.",
                "RestartPreventExitStatus=77 78",
            ]
        return "\n".join([*lines, self.environment()]) + "\n"

    def differences(self, found: Service) -> list[str]:
        if len(found.exec_start) != 1:
            return [f"it has {len(found.exec_start)} ExecStart= commands"]
        (command,) = found.exec_start
        ours = tuple(text.replace("$", "$$") if self.expands else text for text in self.call("exec"))
        begins, rest = command.argv[1 : 1 + len(ours)], command.argv[1 + len(ours) :]
        name, rest = (rest[:2], rest[2:]) if self.argv0 else ((), rest)
        problems = self.beaten(found)
        if (command.path, begins, name[:1], rest[:1]) != (self.ssmm, ours, ("--argv0",) if self.argv0 else (), ("--",)):
            problems.append("its ExecStart= is not the one that was written")
        elif not self._is_behind(rest[1:]):
            problems.append("the program behind ssmm would not get the arguments that it got before")
        if found.flags_known and sorted(command.flags) != sorted(name for name, sign in FLAG_SIGNS.items() if sign in _signs(self.flags)):
            problems.append("its ExecStart= has not the flags that it had before")
        return problems

    def _is_behind(self, argv: tuple[str, ...]) -> bool:
        """Whether this is the old command: exactly where that was read from a manager, by the number of its words where it was pasted."""
        if self.read is None:
            return len(argv) == len(words(self.command))
        path = self.read.path.replace("$", "$$") if self.expands else self.read.path
        return argv == (path, *self.read.argv[1:])


def _signs(flags: str) -> set[str]:
    """`-`, `!!` and the like: two `!` are a flag of their own."""
    single = set(flags.replace("!!", ""))
    return single | {"!!"} if "!!" in flags else single


def from_text(asked: ExecDropIn, text: str) -> ExecDropIn:
    """The drop-in for a command that a person pasted. One that is wrapped in `ssmm exec` already is unwrapped.

    Raises:
        UsageError: it cannot be wrapped.
    """
    flags, command = split_flags(command_text(text, "--exec-cmd"))
    flags, command, argv0 = _without_name(flags, command)
    dropped: list[str] = []
    while (unwrapped := _unwrapped(command, asked.ssmm)) is not None:
        more, command = split_flags(unwrapped[0])
        more, command, name = _without_name(more, command)
        flags += more
        argv0 = name or unwrapped[2] or argv0
        dropped += unwrapped[1]
    if "|" in flags:
        raise UsageError("--exec-cmd begins with |, for a shell to read it", hint="Use migrate-to-sync, or call the shell: /bin/sh -c '…'.")
    if not command:
        raise UsageError("--exec-cmd holds no command", hint="Paste the unit's ExecStart=.")
    if is_several_commands(command):
        raise UsageError("--exec-cmd holds more than one command", hint="Wrap each in a unit of its own.")
    return asked.replace(command=command, flags=flags, argv0=argv0, dropped=tuple(dropped))


def _without_name(flags: str, command: str) -> tuple[str, str, str]:
    """Flags without `@`, the command without the name that it then gives the program, and that name as unit text."""
    if "@" not in flags:
        return flags, command, ""
    found = words(command)
    if len(found) < 2:
        raise UsageError("--exec-cmd begins with @, and has no name behind the program's path", hint="Paste the whole command.")
    (_, path), (_, name) = found[:2]
    return flags.replace("@", ""), command[:path] + command[name:], command[path:name].strip()


def _unwrapped(command: str, ssmm: str) -> tuple[str, list[str], str] | None:
    """(the command behind `ssmm … exec … --`, the options of that, the name it gives), where `ssmm` or one named so begins it."""
    (program, _), *rest = words(command) or [("", 0)]
    texts = [text for text, _ in rest]
    if (program != ssmm and program.rpartition("/")[2] != "ssmm") or "exec" not in texts:
        return None
    if "--" not in texts[texts.index("exec") :]:
        raise UsageError("--exec-cmd is wrapped in ssmm exec, without a --", hint="Paste the command behind it alone.")
    dashes = texts.index("--", texts.index("exec"))
    options = [text for text in texts[:dashes] if text != "exec"]
    name = ""
    if "--argv0" in options:
        at = texts.index("--argv0")
        name = command[rest[at][1] : rest[at + 1][1]].strip()
        del options[options.index("--argv0") :][:2]
    return command[rest[dashes][1] :].lstrip(), options, name


def from_command(asked: ExecDropIn, command: ExecCommand) -> ExecDropIn:
    """The drop-in for a command that was read from a manager. One that is wrapped in `ssmm exec` already is unwrapped.

    Raises:
        UsageError: it cannot be.
    """
    dropped: tuple[str, ...] = ()
    while (call := call_in(command, ssmm=asked.ssmm)) is not None and call.command == "exec":
        if not call.behind:
            raise UsageError("the unit starts ssmm exec without a --", hint="Pass the command behind it as --exec-cmd.")
        path = call.behind[0].replace("$$", "$") if command.expands else call.behind[0]
        name = call.value("--argv0")
        dropped += call.lasting
        command = ExecCommand(path, (name if name is not None else path, *call.behind[1:]), command.flags)
    argv0 = word(command.argv[0], expands=False) if command.argv[0] != command.path else ""
    return asked.replace(command=wrapped_command(command), flags=command.signs, argv0=argv0, read=command, dropped=dropped)
