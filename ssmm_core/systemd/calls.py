"""Calls of ssmm in a unit's commands, by whichever mode or person they were written."""

from __future__ import annotations

from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from ssmm_core.systemd.service import ExecCommand


_OF_ONE_MODE: Final = ("--out", "-o", "--argv0")


class Call(Record):
    """A call of ssmm: which `command` (`exec`, `sync`), its other words, and what stands behind the first `--`, None without one."""

    command: str
    options: tuple[str, ...]
    behind: tuple[str, ...] | None

    def value(self, option: str) -> str | None:
        """What an option was given, the last time; None where it was not."""
        found = None
        for at, text in enumerate(self.options):
            if text == option and at + 1 < len(self.options):
                found = self.options[at + 1]
            elif text.startswith(f"{option}="):
                found = text.partition("=")[2]
        return found

    @property
    def lasting(self) -> tuple[str, ...]:
        """The options, but for those that each way of calling ssmm has of its own: where a file goes, what a program is told."""
        kept: list[str] = []
        skips = False
        for text in self.options:
            if not skips and text not in _OF_ONE_MODE:
                kept.append(text)
            skips = text in _OF_ONE_MODE
        return tuple(kept)

    def values(self, option: str) -> tuple[str, ...]:
        """All that an option was given which takes several words, each time that it stands there."""
        found: list[str] = []
        taking = False
        for text in self.options:
            if text.startswith("-"):
                taking = text == option
                found += [text.partition("=")[2]] if text.startswith(f"{option}=") else []
            elif taking:
                found.append(text)
        return tuple(dict.fromkeys(found))


def call_of(words: Sequence[str], *, ssmm: str = "") -> Call | None:
    """The call that these words are, where a program named ssmm, or the path `ssmm`, begins them; `env NAME=value …` may stand before."""
    at = 0
    if words and words[0].rpartition("/")[2] == "env":
        at = next((position for position, text in enumerate(words) if position and "=" not in text), len(words))
    if at >= len(words) or (words[at] != ssmm and words[at].rpartition("/")[2] != "ssmm"):
        return None
    rest = tuple(words[at + 1 :])
    command = next((text for text in rest if text in ("exec", "sync")), "")
    if not command:
        return None
    name = rest.index(command)
    end = rest.index("--", name) if "--" in rest[name:] else len(rest)
    return Call(command, rest[:name] + rest[name + 1 : end], rest[end + 1 :] if end < len(rest) else None)


def call_in(command: ExecCommand, *, ssmm: str = "") -> Call | None:
    """The call of ssmm that a unit's command is, if it is one."""
    return call_of((command.path, *command.argv[1:]), ssmm=ssmm)
