"""What a unit's manager does not tell: calls of ssmm among its commands, and settings in its files that systemd ignores. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from ssmm_core.doctor.unit_facts import SsmmCommand
from ssmm_core.systemd.calls import call_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ssmm_core.systemd.calls import Call
    from ssmm_core.systemd.service import ExecCommand, Service

_CONTINUED = re.compile(r"\\\r?\n(?:[ \t]*[#;][^\n]*\n)*")


def ssmm_commands(service: Service) -> tuple[SsmmCommand, ...]:
    """The calls of `ssmm exec` and `ssmm sync`, also those behind another program such as `env`."""
    commands = [("ExecStartPre", one) for one in service.exec_start_pre] + [("ExecStart", one) for one in service.exec_start]
    return tuple(found for setting, one in commands if (found := _call(setting, one)))


def ignored_environment_files(texts: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """(file, path as written) of each `EnvironmentFile=` that is not absolute, quoted ones among them: systemd ignores it, with a warning.

    `texts` are (path, content) of the unit's file and its drop-ins, in the order in which systemd reads them.
    """
    found: list[tuple[str, str]] = []
    for file, text in texts:
        for section, name, value in _settings(text):
            if (section, name) != ("Service", "EnvironmentFile"):
                continue
            path = value.removeprefix("-")
            if not value:
                found.clear()
            elif not path.startswith(("/", "%")):
                found.append((file, path))
    return tuple(found)


def _call(setting: str, command: ExecCommand) -> SsmmCommand | None:
    # As the program gets them: the manager tells `$$` as it is written. What `$NAME` would become is not known, and nobody's option.
    words = [command.path, *(word.replace("$$", "$") if command.expands else word for word in command.argv[1:])]
    call = call_of(words)
    if call is None:
        return None
    before = words[: next(at for at, word in enumerate(words) if word.rpartition("/")[2] == "ssmm")]
    assigned = dict(word.split("=", 1) for word in before[1:] if "=" in word)
    return SsmmCommand(
        setting=setting,
        mode="exec" if call.command == "exec" else "sync",
        program=words[len(before)],
        child=command.argv[len(command.argv) - len(call.behind) :] if call.behind else (),
        flags=command.flags,
        apps=tuple(dict.fromkeys(_values(call, "--app"))),
        out=call.value("--out") or "",
        prefix=call.value("--prefix") or "",
        profile=call.value("--profile") or "",
        region=call.value("--region") or "",
        endpoint_url=call.value("--endpoint-url") or "",
        home=assigned.get("HOME", ""),
        assigned=frozenset(assigned),
        require=call.values("--require"),
        require_from=tuple(_values(call, "--require-from")),
        only=call.values("--only"),
        names_from=tuple(_values(call, "--names-from")),
        only_required="--only-required" in call.options,
        allowed=call.values("--allow-name"),
        shared="--no-shared" not in call.options,
        tags=tuple(_values(call, "--include-tag")),
        strict="--strict" in call.options,
        pristine="--pristine" in call.options,
        keep=call.values("--keep"),
        unset=call.values("--unset"),
    )


def _values(call: Call, option: str) -> list[str]:
    """All that a repeatable option was given."""
    found = [after for word, after in pairwise(call.options) if word == option]
    return found + [word.partition("=")[2] for word in call.options if word.startswith(f"{option}=")]


def _settings(text: str) -> Iterator[tuple[str, str, str]]:
    """(section, name, value) of a unit's file, lines that go on joined (systemd.syntax(7))."""
    section = ""
    for line in _CONTINUED.sub(" ", text).splitlines():
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            section = stripped[1:-1]
        elif stripped and stripped[0] not in "#;":
            name, _, value = stripped.partition("=")
            yield section, name.strip(), value.strip()
