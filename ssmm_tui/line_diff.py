"""Two values, line by line. Pure."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ssmm_core.secret import SecretValue

Line = tuple[Literal["+", "-", " "], str]
"""(sign, text): what has a `-` stands in the older value alone, a `+` in the newer."""


@dataclass(frozen=True)
class Difference:
    """`lines` are those of both values, none where they are equal; `notes` say what lines do not show."""

    is_same: bool
    notes: tuple[str, ...] = ()
    lines: tuple[Line, ...] = field(default=(), repr=False)


def compare(older: SecretValue, newer: SecretValue) -> Difference:
    """How two values differ. JSON is laid out alike on both sides before its lines are compared, and a note says so."""
    before, after = older.reveal(), newer.reveal()
    if before == after:
        return Difference(is_same=True)
    laid_out = [_laid_out(text) for text in (before, after)]
    if None not in laid_out:
        if laid_out[0] == laid_out[1]:
            return Difference(is_same=False, notes=("Both are the same JSON, written differently.",), lines=_lines(before, after))
        before, after = (text or "" for text in laid_out)
        return Difference(is_same=False, notes=("Both are JSON, and laid out alike here.",), lines=_lines(before, after))
    notes = []
    if before.endswith("\n") != after.endswith("\n"):
        notes.append(f"Only the {'older' if before.endswith(chr(10)) else 'newer'} one ends with a line break.")
    return Difference(is_same=False, notes=tuple(notes), lines=_lines(before, after))


def _laid_out(text: str) -> str | None:
    """A JSON object or list with one entry on each line; None for any other text."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def _lines(before: str, after: str) -> tuple[Line, ...]:
    return tuple(_compared(before.split("\n"), after.split("\n")))


def _compared(older: Sequence[str], newer: Sequence[str]) -> Iterator[Line]:
    for _, old_start, old_end, new_start, new_end in difflib.SequenceMatcher(None, older, newer).get_opcodes():
        if older[old_start:old_end] == newer[new_start:new_end]:
            yield from ((" ", line) for line in older[old_start:old_end])
        else:
            yield from (("-", line) for line in older[old_start:old_end])
            yield from (("+", line) for line in newer[new_start:new_end])
