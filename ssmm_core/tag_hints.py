"""Tags that look like a slip of the pen: `shard=true` where the team writes `shared=true`. A hint, never a refusal."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Final

    Tag = tuple[str, str]

SHARED_TAG: Final = ("shared", "true")
"""What makes a parameter everybody's by convention. Delivery looks for exactly this, so it counts as known where nobody has it yet."""

_APP: Final = "app"
"""Its value is an app's name, and two apps may well be called nearly alike."""
_USUAL: Final = 3
"""A tag is no slip unless the one that was meant is carried this many times as often."""
_MOST: Final = 2
"""Slips in one tag, over key and value. A word under four letters has none, one under six at most one."""
_TRUTHS: Final = (frozenset({"true", "t", "yes", "y", "on", "1"}), frozenset({"false", "f", "no", "n", "off", "0"}))
_DIGITS = re.compile(r"\d+")


def known_tags(all_tags: Iterable[Mapping[str, str]]) -> dict[Tag, int]:
    """How many parameters carry each tag, from the tags of all of them."""
    known: dict[Tag, int] = {}
    for tags in all_tags:
        for tag in tags.items():
            known[tag] = known.get(tag, 0) + 1
    return known


def near_misses(tags: Mapping[str, str], known: Mapping[Tag, int]) -> tuple[str, ...]:
    """A sentence for each of `tags` that is nearly one which the team uses, naming the nearest, in the order of the tags.

    Near are another case, `-` for `_`, `yes` or `1` for `true`, and one or two letters in a long enough word; other digits are another
    thing (`eu-west-2` is not `eu-west-1`). `known` tells how many parameters carry a tag, as `known_tags` counts.
    """
    found = ((tag, _meant(tag, tags, known)) for tag in tags.items())
    return tuple(_sentence(tag, meant, known.get(meant, 0)) for tag, meant in found if meant is not None)


def _sentence(tag: Tag, meant: Tag, carried: int) -> str:
    carriers = {0: "delivery looks for", 1: "1 parameter carries"}.get(carried, f"{carried:,} parameters carry")
    return f"{'='.join(tag)} is close to {'='.join(meant)}, which {carriers}"


def _meant(tag: Tag, beside: Mapping[str, str], known: Mapping[Tag, int]) -> Tag | None:
    """The known tag that `tag` is nearest to, then the most usual. None where `tag` is usual itself, or that one stands `beside` it."""
    if tag == SHARED_TAG:
        return None
    least = max(1, _USUAL * known.get(tag, 0))
    usual = {other: count for other, count in known.items() if count >= least} | {SHARED_TAG: known.get(SHARED_TAG, 0)}
    candidates = ((_apart(tag, other), -count, other) for other, count in usual.items() if beside.get(other[0]) != other[1])
    nearest = min((one for one in candidates if one[0] <= _MOST), default=None)
    return nearest[2] if nearest else None


def _apart(tag: Tag, other: Tag) -> int:
    """Slips that make one tag into another, more than `_MOST` where nobody would take one for the other."""
    keys = _slips(tag[0], other[0])
    if keys > _MOST or tag[0] == other[0] == _APP:
        return _MOST + 1
    return keys + _value_slips(tag[1], other[1])


def _value_slips(value: str, meant: str) -> int:
    alike = value != meant and any({value.lower(), meant.lower()} <= words for words in _TRUTHS)
    return 1 if alike else _slips(value, meant)


def _slips(word: str, meant: str) -> int:
    if word == meant:
        return 0
    word, meant = (text.lower().replace("_", "-") for text in (word, meant))
    if word == meant:
        return 1
    allowed = 0 if len(meant) < 4 else 1 if len(meant) < 6 else _MOST
    if abs(len(word) - len(meant)) > allowed or _DIGITS.findall(word) != _DIGITS.findall(meant):
        return _MOST + 1
    edits = _edits(word, meant)
    return edits if edits <= allowed else _MOST + 1


def _edits(word: str, meant: str) -> int:
    """Letters to insert, delete, replace or swap with their neighbour (optimal string alignment)."""
    before, above = [0] * (len(meant) + 1), list(range(len(meant) + 1))
    for row, letter in enumerate(word, 1):
        line = [row]
        for column, other in enumerate(meant, 1):
            fewest = min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == meant[column - 2] and word[row - 2] == other:
                fewest = min(fewest, before[column - 2] + 1)
            line.append(fewest)
        before, above = above, line
    return above[-1]
