"""How systemd reads the words of a unit file (systemd.service(5), *Command lines*; measured on systemd 252)."""

from __future__ import annotations

import re

from ssmm_core.errors import InvalidInput, UsageError
from ssmm_core.names import printable

_PLAIN_WORD = re.compile(r"[A-Za-z0-9_/.:=,@-]+")
_WORD = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')+""", re.DOTALL)
_UNQUOTE = re.compile(r"""\\(.)|["']|%(%)""", re.DOTALL)
_FLAGS = re.compile(r"[-@:+!|]*")
_WHOLE_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)", re.ASCII)
_VARIABLE = re.compile(r"\$\$|\$\{([A-Za-z_]\w*)\}", re.ASCII)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ssmm_core.systemd.service import ExecCommand


def word(text: str, *, expands: bool = True) -> str:
    """One argument as systemd will give it to the program, whatever is in it.

    `expands` False is for places where systemd leaves `$` alone: `Environment=`, the program's own path, a command with the `:` flag.
    """
    if _PLAIN_WORD.fullmatch(text):
        return text
    if "\0" in text:
        raise InvalidInput("an argument holds a NUL character")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    if expands:
        escaped = escaped.replace("$", "$$")
    escaped = re.sub(r"[\x01-\x1f\x7f]", lambda found: f"\\x{ord(found[0]):02x}", escaped)
    return f'"{escaped}"'


def setting_path(path: str) -> str:
    """A path as `WorkingDirectory=` takes it: the rest of the line as it is, save that `%` is doubled."""
    if not path.startswith("/"):
        raise UsageError(f"{printable(path)} is not an absolute path", hint="systemd refuses relative ones.")
    if "\n" in path or "\r" in path:
        raise InvalidInput(f"{printable(path)} has a line break", hint="A unit file cannot hold it.")
    doubled = path.replace("%", "%%")
    return doubled if doubled == doubled.rstrip() else f"{doubled}/."


def environment_file(path: str) -> str:
    """A path as `EnvironmentFile=` takes it, with `-`: missing is no error. Glob characters stand for themselves."""
    plain = path.removeprefix("-")
    if plain != plain.rstrip():
        raise InvalidInput(f"{printable(plain)} ends in a space", hint="systemd cuts it off.")
    return "-" + re.sub(r"([\\*?\[])", r"\\\1", setting_path(plain))


def command_text(text: str, option: str) -> str:
    """A command that was pasted from a unit: kept as it is, continuation lines joined.

    Raises:
        UsageError: it is empty, or has line breaks that would begin another setting.
    """
    joined = re.sub(r"\\\r?\n\s*", " ", text).strip()
    if not joined:
        raise UsageError(f"{option} is empty")
    if "\n" in joined or "\r" in joined:
        raise UsageError(f"{option} has more than one line", hint="Paste one command; a line that goes on ends in a backslash.")
    if (len(joined) - len(joined.rstrip("\\"))) % 2:
        raise UsageError(f"{option} ends in a backslash, which would swallow the next line of the unit", hint="Paste the whole command.")
    if re.search(r"[\"']", _WORD.sub("", joined)):
        raise UsageError(f"{option} opens a quote that is never closed", hint="Paste the whole command.")
    return joined


def program_path(path: str) -> str:
    """The first word of a command: a program's absolute path.

    Raises:
        InvalidInput: systemd takes no path with quotes, backslashes or control characters in it for a program.
    """
    if re.search(r"[\x00-\x1f\x7f'\"\\]", path):
        raise InvalidInput(
            f"{printable(path)} cannot be a program's path in a unit", hint="Pass another one with --ssmm-bin, a link perhaps."
        )
    return word(path, expands=False)


def wrapped_command(command: ExecCommand) -> str:
    """A command that was read from a manager, as the words behind a program that will run it: each arrives as it did before."""
    return " ".join([word(command.path, expands=command.expands), *map(_argument, command.argv[1:])])


def whole_command(command: ExecCommand) -> str:
    """A command that was read from a manager as `ExecStart=` or `ExecStartPre=` says it."""
    renamed = command.argv[0] != command.path
    name = [_argument(command.argv[0])] if renamed else []
    return f"{command.signs}{'@' if renamed else ''}" + " ".join([program_path(command.path), *name, *map(_argument, command.argv[1:])])


def _argument(text: str) -> str:
    """A word of which a manager says that it holds this: its `$` is still to be expanded, its specifiers are not."""
    return word(text, expands=False)


def words(command: str) -> list[tuple[str, int]]:
    """The words of a command line as pasted, each unquoted and with the offset where it ends."""
    return [(_UNQUOTE.sub(lambda part: part[1] or part[2] or "", found[0]), found.end()) for found in _WORD.finditer(command)]


def is_several_commands(command: str) -> bool:
    """Whether a bare `;` stands between words, with which systemd begins another command."""
    return any(found[0] == ";" for found in _WORD.finditer(command))


def split_flags(command: str) -> tuple[str, str]:
    """(`-+`, `/usr/bin/app …`) of a command with systemd's prefix characters."""
    flags = _FLAGS.match(command)
    assert flags is not None
    return flags[0], command[flags.end() :]


def expanded_names(words: Iterable[str]) -> tuple[str, ...]:
    """The variables that systemd itself would put into these words of a command line, before any program runs.

    It does so for `${NAME}` anywhere in a word, for `$NAME` where that is all of a word, and not for `$$`, which stands for one `$`.
    """
    found = []
    for text in words:
        if whole := _WHOLE_VARIABLE.fullmatch(text):
            found.append(whole[1])
        else:
            found += [name for name in _VARIABLE.findall(text) if name]
    return tuple(dict.fromkeys(found))
