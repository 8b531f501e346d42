"""How parameters read on a screen: types, dates, authors, tags and masked values, in a cell's few columns."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size

from ssmm_core.names import SHARED
from ssmm_core.secret import MASK
from ssmm_core.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ssmm_core.catalogue import Entry
    from ssmm_core.secret import SecretValue

TYPES: Final = {"SecureString": "secure", "String": "string", "StringList": "list"}
NOT_READ: Final = "…"
NAMED: Final = 5
"""So many names stand in a sentence."""
LONGEST: Final = 400
"""More of a value than a cell can ever show."""


def fit(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` terminal cells, cut with an ellipsis."""
    if text.isascii():
        if len(text) > width:
            return text[: max(0, width - 1)] + "…"[:width]
        return text.rjust(width) if right else text.ljust(width)
    if cell_len(text) > width:
        return set_cell_size(text, max(0, width - 1)) + "…"[:width]
    return " " * (width - cell_len(text)) + text if right else set_cell_size(text, width)


def date(moment: float | None) -> str:
    """The local day, as 2026-11-03; empty where it is not known."""
    return time.strftime("%Y-%m-%d", time.localtime(moment)) if moment is not None else ""


def minute(moment: float | None) -> str:
    """The local time to the minute, as 2026-11-03 14:05; empty where it is not known."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(moment)) if moment is not None else ""


def date_time(moment: float | None) -> str:
    """The local time to the second, with its zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(moment)) if moment is not None else "not known"


def age(moment: float | None, now: float) -> str:
    """How long ago, in the largest unit that is not nought: `5 min`, `3 d`, `2 y`."""
    if moment is None:
        return ""
    seconds = max(0.0, now - moment)
    for unit, size in (("y", 365 * 86400), ("mo", 30 * 86400), ("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"


def person(arn: str) -> str:
    """Who an ARN is: the last part, which is a user's or a session's name. What is no ARN stays as it is."""
    return visible(arn.rpartition("/")[2] if arn.startswith("arn:") else arn)


def tag_text(tags: Mapping[str, str] | None) -> str:
    """Tags in one line, `shared` first and `app` left out: it is ssmm's own and says what the name says. `…` where they were not read."""
    if tags is None:
        return NOT_READ
    ordered = sorted((pair for pair in tags.items() if pair[0] != "app"), key=lambda pair: (pair[0] != SHARED, pair))
    return visible(" ".join(f"{key}={value}" if value else key for key, value in ordered))


def one_line(value: SecretValue) -> str:
    """The beginning of a value that may be shown, with its line breaks visible."""
    return visible(value.reveal()[:LONGEST].replace("\n", "⏎"))


def plain_cell(entry: Entry, value: SecretValue | None) -> str:
    """What the value column shows of an entry that nobody revealed; never what is secret by type or by name."""
    if entry.is_secure or entry.finding:
        return MASK
    return one_line(value) if value is not None else NOT_READ


def some(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are: `a, b, c, d, e and 7 more`."""
    more = len(names) - NAMED
    return visible(", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else ""))


def is_shared(entry: Entry) -> bool:
    """Whether other apps receive it: by its namespace, or by the tag."""
    return entry.app == SHARED or bool(entry.tags and entry.tags.get(SHARED) == "true")
