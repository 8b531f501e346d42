"""What a person wants to do to the tags of some parameters, before it is planned."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ssmm_core.errors import UsageError
from ssmm_core.tag_hints import SHARED_TAG, known_tags, near_misses
from ssmm_core.tags import APP, check_own_tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ssmm_core.catalogue import Entry

    Tag = tuple[str, str]
    Wish = Literal["add", "change", "remove"]

COMPARED: Final = 300
"""Tags of the team that count as in use, the most used ones: some teams tag each parameter with something of its own."""
SUGGESTED: Final = 30
COMPLETED: Final = 4


@dataclass(frozen=True)
class TagEdit:
    """What is to be added or changed, and the keys to be removed, on all of the parameters."""

    add: dict[str, str]
    remove: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """What is to be said of a tag that is being typed: why it cannot be one, else what is worth knowing."""

    problem: str = ""
    notes: tuple[str, ...] = ()


class TagChanges:
    """One wish for each key: a parameter has one value under it, and removing goes by the key.

    `rows` are the tags of the parameters, `known` those `in_use` anywhere in the team. In `wishes` a key has the value to be set, or
    None where it is to be removed.
    """

    def __init__(self, rows: Sequence[Mapping[str, str]], known: Mapping[Tag, int], wishes: Mapping[str, str | None]) -> None:
        self.total = len(rows)
        self.known = known
        self.wishes = dict(wishes)
        self._carried = Counter(tag for tags in rows for tag in tags.items() if tag[0] != APP)
        self.tags = sorted(self._carried, key=lambda tag: (is_reserved(tag[0]), tag))
        offered = [tag for tag in known if tag not in self._carried][:SUGGESTED]
        self.tags += [tag for tag in offered if not near_misses(dict([tag]), self.known)]
        for key, value in self.wishes.items():
            self._list(key, value)

    @property
    def edit(self) -> TagEdit:
        """All wishes together."""
        add = {key: value for key, value in self.wishes.items() if value is not None}
        return TagEdit(add, tuple(key for key, value in self.wishes.items() if value is None))

    def carriers(self, tag: Tag) -> int:
        """How many of the parameters carry a tag."""
        return self._carried[tag]

    def wish(self, tag: Tag) -> Wish | None:
        """What is going to happen to a tag, as it is wished now."""
        key, value = tag
        if key not in self.wishes:
            return None
        wished = self.wishes[key]
        if wished == value:
            return "add"
        if not self._carried[tag]:
            return None
        return "remove" if wished is None else "change"

    def turn(self, tag: Tag) -> None:
        """The next wish: leave it, have it on all, have its key on none, and round again; without those that would change nothing."""
        key, value = tag
        wishes: list[str | None] = [value] if self._carried[tag] < self.total else []
        wishes += [None] if self._carried[tag] else []
        if self.wish(tag) in ("add", "remove") and self.wishes[key] in wishes:
            wishes = wishes[wishes.index(self.wishes[key]) + 1 :]
        if wishes:
            self.wishes[key] = wishes[0]
        else:
            self.wishes.pop(key, None)

    def take(self, key: str, value: str) -> None:
        """Wish for a tag that was typed."""
        self._list(key, value)
        if self._carried[key, value] == self.total:
            self.wishes.pop(key, None)
        else:
            self.wishes[key] = value

    def judge(self, key: str, value: str) -> Judgement:
        """What to say of a tag that was typed this far."""
        try:
            check_own_tag(key, value)
        except UsageError as error:
            return Judgement(str(error))
        if self._carried[key, value] == self.total:
            return Judgement(notes=(f"{key}={value} is on all of them already",))
        others = [f"{other} on {count}" for (one, other), count in sorted(self._carried.items()) if one == key and other != value]
        changes = (f"changes {key} from {', '.join(others)} of {self.total}",) if others else ()
        return Judgement(notes=(*changes, *near_misses({key: value}, self.known)))

    def completions(self, text: str) -> list[str]:
        """Tags of the team that begin like this, the most used first."""
        return [shown for shown in map("=".join, self.known) if shown.lower().startswith(text.lower())][:COMPLETED]

    def _list(self, key: str, value: str | None) -> None:
        if value is not None and (key, value) not in self.tags:
            self.tags.insert(0, (key, value))


def in_use(entries: Iterable[Entry]) -> dict[Tag, int]:
    """How many parameters carry each tag, the most used ones first, `shared=true` in any case, and none that is reserved."""
    known = known_tags(entry.tags for entry in entries if entry.tags)
    free = {tag: count for tag, count in known.items() if not is_reserved(tag[0])} | {SHARED_TAG: known.get(SHARED_TAG, 0)}
    return dict(sorted(free.items(), key=lambda one: (-one[1], one[0]))[:COMPARED])


def is_reserved(key: str) -> bool:
    """Whether nobody may set or remove this key."""
    try:
        check_own_tag(key)
    except UsageError:
        return True
    return False
