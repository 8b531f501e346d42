"""The parameter table's columns: what they show, how they are sorted, and how a width is shared among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ssmm_tui.shown import TYPES, date, person, plain_cell, tag_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ssmm_core.catalogue import Entry
    from ssmm_tui.team import Team


@dataclass(frozen=True)
class Column:
    """`least`, `fair` and `best` are widths in cells; where the table is too narrow for all, the highest `rank` goes first."""

    id: str
    title: str
    least: int
    best: int
    rank: int
    right: bool = False
    fair: int = 0


KEY: Final = Column("key", "Key", 20, 48, 0, fair=30)
VALUE: Final = Column("value", "Value", 16, 32, 1)
TAGS: Final = Column("tags", "Tags", 12, 28, 2, fair=24)
TYPE: Final = Column("type", "Type", 6, 6, 3)
CHANGED: Final = Column("changed", "Changed", 10, 10, 4)
VERSION: Final = Column("version", "Ver", 4, 4, 5, right=True)
BY: Final = Column("by", "By", 7, 12, 6)
COLUMNS: Final = (KEY, TYPE, VALUE, TAGS, VERSION, CHANGED, BY)
GAP: Final = 2


def widths(columns: Sequence[Column], width: int, longest_key: int = KEY.best) -> dict[str, int]:
    """Which of `columns` fit into `width` cells, and how wide each is.

    What is left over goes by rank, first until each has what is `fair`, then until each has its `best`, and at last to the value. The
    key takes no more than the longest needs.
    """
    fitting = list(columns)
    while len(fitting) > 1 and _total(column.least for column in fitting) > width:
        fitting.remove(max(fitting, key=lambda column: column.rank))
    given = {column.id: column.least for column in fitting}
    left = width - _total(given.values())
    by_rank = sorted(fitting, key=lambda column: column.rank)
    for column, aim in (*((one, one.fair) for one in by_rank), *((one, one.best) for one in by_rank)):
        more = max(0, min(left, (min(aim, longest_key) if column is KEY else aim) - given[column.id]))
        given[column.id] += more
        left -= more
    if left > 0 and fitting:
        given["value" if "value" in given else fitting[0].id] += left
    return given


def _total(widths: Iterable[int]) -> int:
    each = list(widths)
    return sum(each) + GAP * (len(each) - 1)


@dataclass(frozen=True)
class Order:
    """What rows are sorted by."""

    column: str = "key"
    reverse: bool = False

    def turned(self) -> Order:
        return Order(self.column, not self.reverse)

    def by(self, column: str) -> Order:
        """The order after a person chose `column`: once more turns it round."""
        return self.turned() if column == self.column else Order(column)

    def sorted(self, entries: Iterable[Entry], team: Team) -> list[Entry]:
        """Rows in this order, equal ones by name."""
        return sorted(sorted(entries, key=lambda entry: entry.text), key=_KEYS[self.column](team), reverse=self.reverse)


_KEYS: Final[dict[str, Callable[[Team], Callable[[Entry], str | float]]]] = {
    "key": lambda _team: lambda entry: entry.text,
    "type": lambda _team: lambda entry: TYPES[entry.type],
    "value": lambda team: lambda entry: plain_cell(entry, team.value(entry)),  # as shown: a masked value has no order
    "tags": lambda _team: lambda entry: tag_text(entry.tags),
    "version": lambda _team: lambda entry: entry.version,
    "changed": lambda _team: lambda entry: entry.last_modified or 0.0,
    "by": lambda _team: lambda entry: person(entry.metadata.last_modified_user),
}


def text_of(column: str, entry: Entry) -> str:
    """What a column shows, but for key and value, which the table draws itself."""
    match column:
        case "type":
            return TYPES[entry.type]
        case "tags":
            return tag_text(entry.tags)
        case "version":
            return str(entry.version)
        case "changed":
            return date(entry.last_modified)
    return person(entry.metadata.last_modified_user)
