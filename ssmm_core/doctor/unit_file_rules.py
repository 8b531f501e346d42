"""Rules about a unit's environment files."""

from __future__ import annotations

import shlex

from ssmm_core.doctor.finding import Finding
from ssmm_core.errors import SsmmError
from ssmm_core.hazards import is_protocol
from ssmm_core.systemd import patterns
from ssmm_core.systemd.quoting import environment_file
from ssmm_core.systemd.tree import other_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from ssmm_core.doctor.unit_facts import FileFacts, UnitFacts

FILES: Final = "Environment files"
_ANOTHER: Final = "Name a regular file there, or take the line out of the unit."


def needs_dash(facts: UnitFacts) -> Iterator[Finding]:
    for file in facts.files:
        others = any(one.named == file.named and not one.written and one.kind != "missing" for one in facts.files)  # of a pattern
        if file.written and not file.optional and not others:
            yield Finding(
                "error",
                FILES,
                "environment-file-needs-dash",
                f"EnvironmentFile={file.named} has no -, and ssmm sync in ExecStartPre= writes it",
                "systemd reads it before each command, that one too: while it is missing, ssmm sync cannot even start, and the unit fails.",
                _with_dashes(facts, {one.named for one in facts.files if one.written}),
            )


def not_read(facts: UnitFacts) -> Iterator[Finding]:
    paths = {one.path for one in facts.files}
    for command in facts.calls("sync"):
        if command.setting == "ExecStartPre" and command.out not in ("", "-") and command.out not in paths:
            yield Finding(
                "warning",
                FILES,
                "environment-file-not-read",
                f"ssmm sync writes {command.out}, which no EnvironmentFile= names",
                "The service gets nothing of it, unless it reads the file itself.",
                facts.edit("[Service]", f"EnvironmentFile={_escaped(command.out)}"),
            )


def another_tree(facts: UnitFacts) -> Iterator[Finding]:
    """`+` does not take a command out of these (measured on systemd 252)."""
    for command in facts.calls("sync"):
        if facts.service is None or command.setting != "ExecStartPre" or not command.out.startswith("/"):
            continue
        if setting := other_folder(facts.service, command.out.rpartition("/")[0] or "/"):
            yield Finding(
                "error",
                FILES,
                "sync-in-another-tree",
                f"with {setting} ssmm sync writes another {command.out} than the one that systemd reads",
                "systemd reads EnvironmentFile= outside of the unit's own tree of files: the service starts without its parameters.",
                f"Write it where {setting} does not reach, or start the program through ssmm exec, with ssmm in that tree.",
            )


def directory(facts: UnitFacts) -> Iterator[Finding]:
    if facts.missing_directory:
        name = facts.missing_directory.rpartition("/")[2]
        yield Finding(
            "error",
            FILES,
            "sync-directory",
            f"{facts.missing_directory}, where ssmm sync writes, does not exist, and the unit makes none",
            "ssmm sync fails, and with it the start.",
            facts.edit("[Service]", f"RuntimeDirectory={name}")
            if "/run/" in facts.missing_directory + "/"
            else f"mkdir -p {shlex.quote(facts.missing_directory)}",
        )


def missing(facts: UnitFacts) -> Iterator[Finding]:
    for file in facts.files:
        if file.kind != "missing" or file.written:
            continue
        if patterns.is_pattern(file.setting):
            what = f"EnvironmentFile={file.setting} matches no file"
            if file.optional:
                yield Finding("info", FILES, "environment-file-missing", f"{what}; its - says that this is no error")
            else:
                why = "The unit does not start (Result=resources)."
                yield Finding("error", FILES, "environment-file-missing", what, why, _with_dashes(facts, {file.named}))
            continue
        if file.optional:
            yield Finding("info", FILES, "environment-file-missing", f"{file.path} does not exist; its - says that this is no error")
        else:
            yield Finding(
                "error",
                FILES,
                "environment-file-missing",
                f"EnvironmentFile={file.path} does not exist",
                "The unit does not start (Result=resources).",
                f"ssmm sync --app {facts.app} --out {shlex.quote(file.path)}",
            )


def ignored(facts: UnitFacts) -> Iterator[Finding]:
    for where, path in facts.ignored:
        bare = path.strip("\"'")
        right = bare if bare.startswith("/") else f"/PATH/TO/{bare}"
        yield Finding(
            "error",
            FILES,
            "environment-file-ignored",
            f"EnvironmentFile={path} in {where} is {_fault(path)}",
            "systemd ignores the line with a warning, and starts the service without what it holds.",
            f"EnvironmentFile={right}  # in {where}, without quotes; then: {facts.systemctl} daemon-reload",
        )


def kind(facts: UnitFacts) -> Iterator[Finding]:
    for file in facts.files:
        if file.kind in ("fifo", "socket", "directory", "device"):
            why = (
                "systemd itself waits until somebody writes into it, and with it every unit of the machine."
                if file.kind == "fifo"
                else "systemd cannot read it as a file of variables."
            )
            yield Finding(
                "error",
                FILES,
                "environment-file-kind",
                f"{file.path} is a {file.kind}, no regular file",
                why,
                f"rm {shlex.quote(file.path)}" if file.kind == "fifo" and not _is_device(file.path) else _ANOTHER,
            )


def refused(facts: UnitFacts) -> Iterator[Finding]:
    for file in facts.files:
        if file.reading is not None and file.reading.refused:
            effect = "The service starts with none of its variables" if file.optional else "The unit does not start (Result=resources)"
            yield Finding(
                "error",
                FILES,
                "environment-file-refused",
                f"systemd takes nothing of {file.path}: {file.reading.refused}",
                f"{effect}, and a value goes to the journal.",
                _anew(facts, file),
            )


def logged_names(facts: UnitFacts) -> Iterator[Finding]:
    for file in facts.files:
        if file.reading is not None and file.reading.logged_lines:
            mark = " (a byte order mark begins it)" if file.reading.byte_order_mark and 1 in file.reading.logged_lines else ""
            yield Finding(
                "error",
                FILES,
                "environment-file-invalid-name",
                f"{file.path}: {_lines(file.reading.logged_lines)} no valid name before the ={mark}",
                "systemd leaves such a variable out, and writes it with its value to the journal at each start.",
                _anew(facts, file),
            )


def unreadable_lines(facts: UnitFacts) -> Iterator[Finding]:
    for file in facts.files:
        reading = file.reading
        if reading is None:
            continue
        if reading.unclosed:
            yield Finding(
                "error",
                FILES,
                "environment-file-open-quote",
                f"{file.path}: line {reading.unclosed} opens a quote that is never closed",
                "systemd takes the whole rest of the file for that one value, and says nothing.",
                _anew(facts, file),
            )
        if reading.lost_lines:
            yield Finding(
                "warning",
                FILES,
                "environment-file-lost-line",
                f"{file.path}: {_lines(reading.lost_lines)} no =",
                "systemd leaves them out, and says nothing.",
                _anew(facts, file),
            )
        for name in reading.too_long:
            yield Finding(
                "error",
                FILES,
                "environment-file-too-long",
                f"{file.path}: {name} is longer than the kernel takes (131,072 bytes with its name)",
                "The unit fails with 203/EXEC.",
                "Store it as a file, or in parts.",
            )


def protocol_names(facts: UnitFacts) -> Iterator[Finding]:
    for file in facts.files:
        names = [name for name in (file.reading.names if file.reading else ()) if is_protocol(name)]
        if names:
            yield Finding(
                "warning",
                FILES,
                "environment-file-protocol-names",
                f"{file.path} sets {', '.join(names)}",
                "The loader, shells or systemd act on them, and a file beats what systemd itself sets.",
                "Take them out of the file, unless they are meant.",
            )


def access(facts: UnitFacts) -> Iterator[Finding]:
    """The manager reads the file, for the system's as root; the service's user needs no right to it."""
    check = "environment-file-access"
    for file in facts.files:
        path = shlex.quote(file.path)
        if file.kind == "unreachable" or (file.kind == "file" and file.reading is None):
            who = "by whoever runs this; run it as root" if facts.system else f"by {facts.runner.name}, and so not by its manager either"
            fix = f"sudo ssmm doctor --system {facts.unit}" if facts.system else f"sudo chown {facts.runner.name} {path}"
            yield Finding(
                "unknown" if facts.system else "error",
                FILES,
                check,
                f"{file.path} cannot be read {who}",
                "What it holds is not known.",
                fix,
            )
        if file.kind != "file":
            continue
        if file.mode & 0o066:
            yield Finding(
                "warning" if file.mode & 0o026 else "info",
                FILES,
                check,
                f"{file.path} has mode {file.mode:04o}: others than {file.owner} {'may change it' if file.mode & 0o022 else 'may read it'}",
                "It holds values in clear. The manager reads it before it becomes the service's user, which needs no right to it.",
                f"chmod 600 {path}",
            )
        if file.owner_id not in (0, facts.runner.id):
            yield Finding(
                "warning",
                FILES,
                check,
                f"{file.path} belongs to {file.owner}, who is neither root nor {facts.runner.name}",
                "That user decides what the service gets.",
                f"chown {'root' if facts.system else facts.runner.name} {path}",
            )
        as_runner = any(not one.as_root for one in facts.calls("sync") if one.out == file.path)
        if as_runner and file.owner_id == 0 and facts.runner.id != 0:
            yield Finding(
                "warning",
                FILES,
                check,
                f"{file.path} belongs to root, and ssmm sync writes it as {facts.runner.name}",
                "ssmm sync fails, unless that user may write the directory.",
                f"chown {facts.runner.name} {path}",
            )


RULES: Final[tuple[Callable[[UnitFacts], Iterator[Finding]], ...]] = (
    needs_dash, not_read, another_tree, directory, missing, ignored, kind, refused, logged_names, unreadable_lines, protocol_names, access,
)  # fmt: skip


def _with_dashes(facts: UnitFacts, named: set[str]) -> str:
    """The fix that is all the environment files of the unit, those that are `named` with a dash."""
    all_of_them = {one.named: one.optional or one.named in named for one in facts.files}
    lines = (f"EnvironmentFile={'-' if optional else ''}{name.replace('%', '%%')}" for name, optional in all_of_them.items())
    return facts.edit("[Service]", "EnvironmentFile=", *lines)


def _escaped(path: str) -> str:
    try:
        return environment_file(path)
    except SsmmError:
        return "-/ANOTHER/PATH"  # no line of a unit can name it


def _is_device(path: str) -> bool:
    return path.startswith("/dev/")


def _anew(facts: UnitFacts, file: FileFacts) -> str:
    """The command that writes the file so that systemd reads every value exactly."""
    path = shlex.quote(file.path)
    sync = f"ssmm sync --app {facts.app} --out {path}"
    return sync if file.written else f"Mend it by hand, or: ssmm put --env {path} --app {facts.app} && {sync}"


def _lines(numbers: tuple[int, ...]) -> str:
    few = ", ".join(map(str, numbers[:5])) + (", …" if len(numbers) > 5 else "")
    return f"line {few} has" if len(numbers) == 1 else f"lines {few} have"


def _fault(path: str) -> str:
    return "quoted" if path.startswith(("'", '"')) else "not absolute"
