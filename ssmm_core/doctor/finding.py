"""What a look at an installation found: one sentence each on what, why and how to mend it, never a value."""

from __future__ import annotations

from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final, Literal

    Level = Literal["error", "warning", "unknown", "info", "ok"]

LEVELS: Final[tuple[Level, ...]] = ("error", "warning", "unknown", "info", "ok")
"""The worst first. `unknown` is what was not or could not be looked at; `info` needs nothing to be done."""


class Finding(Record):
    """`check` is its stable name, `area` the heading that it stands under. `fix` is commands or unit lines to the letter, else a sentence.

    `why` and `fix` may be empty where the level asks for nothing.
    """

    level: Level
    area: str
    check: str
    what: str
    why: str = ""
    fix: str = ""


def arranged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By area, in the order in which each area first came up, and in an area the worst first."""
    found = tuple(findings)
    areas = list(dict.fromkeys(one.area for one in found))
    return tuple(sorted(found, key=lambda one: (areas.index(one.area), LEVELS.index(one.level))))


def counts(findings: Iterable[Finding]) -> dict[Level, int]:
    """How many there are of each level, the worst first."""
    levels = [one.level for one in findings]
    return {level: levels.count(level) for level in LEVELS}
