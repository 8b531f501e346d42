"""What the screen of duplicates says above its groups, and in place of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ssmm_tui.duplicates import Group

    Keys = Callable[[str], str]


@dataclass(frozen=True)
class Words:
    """`empty` is said where there are no groups, `note` above all; `offer` is whether reading values is offered."""

    title: str
    empty: str
    note: str = ""
    offer: bool = False


@dataclass(frozen=True)
class Progress:
    """Where the reading of `total` values stands: `under_way` is how many were read by now, None while nobody reads."""

    total: int
    is_possible: bool
    is_read: bool
    under_way: int | None
    outdated: int


def key_words(shown: Sequence[Group], groups: Sequence[Group], *, loading: bool, key: Keys) -> Words:
    """For the groups by key, of which `shown` is what the filter leaves."""
    none = "Reading names…" if loading else "No variable stands in more than one app."
    return Words(f"By key · {_of(shown, groups)} variables that several apps define", _hidden(groups, key) if groups else none)


def value_words(shown: Sequence[Group], groups: Sequence[Group], progress: Progress, *, key: Keys) -> Words:
    """For the groups by value."""
    title, total = f"By value · {_of(shown, groups)} values that stand under several names", f"{progress.total:,}"
    if progress.under_way is not None:
        said = f"Reading {progress.under_way:,} of {total} values… {key('back')} stops."
        return Words(title if progress.is_read else "By value · being read", said, said if shown else "")
    if not progress.is_read:
        why = f"To find equal values, all {total} have to be decrypted once. None of them is shown or kept."
        return Words("By value · not read yet", why, offer=progress.is_possible)
    empty = _hidden(groups, key) if groups else "No value stands under more than one name."
    if not progress.outdated:
        return Words(title, empty)
    note = f"! May be outdated: {progress.outdated:,} written since. {key('read-values')} reads all values again."
    return Words(title, empty, note, offer=not groups)


def _hidden(groups: Sequence[Group], key: Keys) -> str:
    many = "the only group" if len(groups) == 1 else f"all {len(groups):,} groups"
    return f"The filter hides {many}. {key('back')} clears it."


def _of(shown: Sequence[Group], groups: Sequence[Group]) -> str:
    return f"{len(shown)} of {len(groups)}" if len(shown) < len(groups) else f"{len(groups)}"
