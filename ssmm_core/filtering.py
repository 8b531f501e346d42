"""What a person types to find parameters, such as `dburl app:billing -tag:env=prod modified:>90d`.

All terms must hold; whitespace separates them, a leading `-` negates, quotes hold a term with spaces together:

    dburl              the letters of "app/key" in this order, `_` and `-` alike, case-blind
    "db-url"           the same, as it stands
    app:billing        part of the app's name, or a pattern for all of it where it has * or ?
    key:*token*        the same of the key
    tag:env=prod       carries this tag exactly, or one that matches the pattern; tag:env any value
    type:secure        secure, string or list
    modified:>90d      changed longer ago than this; < more recently; m h d w y
    is:finding         finding; shared: in the shared app, or tagged shared=true; untagged

`type:` and `is:` take the beginning of a word too. A term that is not finished (`app:`) or cannot be understood holds for all; of the
latter `problems` tell. Tags that were not read yet match nothing.
"""

from __future__ import annotations

import re
from fnmatch import translate

from ssmm_core.names import SHARED, printable
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Final

    from ssmm_core.catalogue import Entry

    Span = tuple[int, int]
    Test = Callable[[Entry], bool]
    Find = Callable[[str, str], int]

_TERM = re.compile(r'(?:"[^"]*"?|[^\s"])+')
_AGE = re.compile(r"([<>])([0-9]{1,9})([mhdwy])")
_AGE_BEGUN = re.compile(r"[<>][0-9]{0,9}")
_SECONDS: Final = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400}
_TYPES: Final[Mapping[str, Test]] = {
    "secure": lambda entry: entry.metadata.type == "SecureString",
    "string": lambda entry: entry.metadata.type == "String",
    "list": lambda entry: entry.metadata.type == "StringList",
}
_STATES: Final[Mapping[str, Test]] = {
    "finding": lambda entry: bool(entry.finding),
    "shared": lambda entry: entry.app == SHARED or (entry.tags or {}).get("shared") == "true",
    "untagged": lambda entry: entry.tags is not None and not entry.tags,
}
_FIELDS: Final[Mapping[str, Callable[[str, float], Term | None]]] = {
    "app": lambda value, _now: _part(folded(value), lambda entry: entry.app, str.find),
    "key": lambda value, _now: _part(folded(value), lambda entry: entry.key, str.rfind),
    "tag": lambda value, _now: _tag(value),
    "type": lambda value, _now: _one_of("type", value, _TYPES),
    "is": lambda value, _now: _one_of("is", value, _STATES),
    "modified": lambda value, now: _modified(value, now),
}


class Problem(ValueError):
    """Why a term cannot be understood."""


class Term(Record):
    """One condition: whether it `holds`, and which parts of a folded text to highlight for it. `word` is empty but for a free word."""

    holds: Test
    spans: Callable[[str], Iterable[Span]]
    word: str = ""


class Filter(Record):
    """A filter that was read. `problems` are sentences on the terms that it leaves out."""

    required: tuple[Term, ...]
    excluded: tuple[Term, ...]
    problems: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether it holds for everything."""
        return not self.required and not self.excluded

    def apply(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries for which all terms hold, in their order; those with all words in one piece before those with scattered letters."""
        rows = list(entries)
        for term in self.required:
            rows = [entry for entry in rows if term.holds(entry)]
        for term in self.excluded:
            rows = [entry for entry in rows if not term.holds(entry)]
        words = [term.word for term in self.required if term.word]
        return sorted(rows, key=lambda entry: any(word not in entry.text for word in words)) if words else rows

    def spans(self, text: str) -> tuple[Span, ...]:
        """What to highlight in a name or "app/key" that is shown: (begin, end) of each part, in order, none touching another."""
        shown = folded(text)
        if len(shown) != len(text):  # a letter that has no single small one, which no parameter's name holds
            return ()
        merged: list[Span] = []
        for begin, end in sorted(span for term in self.required for span in term.spans(shown)):
            if merged and begin <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((begin, end))
        return tuple(merged)


def parse(text: str, *, now: float) -> Filter:
    """The filter that was typed. Ages count back from `now`, in seconds since the epoch. Never raises."""
    required: list[Term] = []
    excluded: list[Term] = []
    problems: list[str] = []
    for typed in _TERM.findall(text):
        try:
            term = _term(typed.removeprefix("-"), now)
        except Problem as problem:
            problems.append(str(problem))
            continue
        if term is not None:
            (excluded if typed.startswith("-") else required).append(term)
    return Filter(tuple(required), tuple(excluded), tuple(problems))


def folded(text: str) -> str:
    """`text` as it is compared: in small letters, `_` as `-`, like `Entry.text`."""
    return text.lower().replace("_", "-")


def _term(typed: str, now: float) -> Term | None:
    """One term; None while it is not finished.

    Raises:
        Problem: it cannot be understood.
    """
    field, colon, rest = typed.partition(":")
    if not colon or typed.startswith('"'):
        word = typed.replace('"', "")
        return _word(folded(word), whole=typed.startswith('"')) if word else None
    if field.lower() not in _FIELDS:
        raise Problem(f"{printable(field)} is nothing to filter by: there are {', '.join(_FIELDS)}")
    value = rest.replace('"', "")
    return _FIELDS[field.lower()](value, now) if value else None


def _word(word: str, *, whole: bool) -> Term:
    if whole:
        return Term(lambda entry: word in entry.text, lambda shown: _occurrences(word, shown), word)
    # Each letter is searched from where the last one was found; what was passed over is not given back, so a miss costs one pass.
    scattered = re.compile("".join(f"[^{re.escape(letter)}]*+{re.escape(letter)}" for letter in word)).match
    return Term(lambda entry: scattered(entry.text) is not None, lambda shown: _occurrences(word, shown) or _letters(word, shown), word)


def _part(value: str, part: Callable[[Entry], str], find: Find) -> Term:
    """`value` in an app or key. It is highlighted where `find` sees it: the app stands to the left, the key to the right."""
    pieces = [piece for piece in re.split(r"[*?]+", value) if piece]

    def spans(shown: str) -> list[Span]:
        return [(at, at + len(piece)) for piece in pieces if (at := find(shown, piece)) >= 0]

    if _is_pattern(value):
        matches = _matcher(value)
        return Term(lambda entry: matches(folded(part(entry))), spans)
    return Term(lambda entry: value in folded(part(entry)), spans)


def _tag(value: str) -> Term:
    key, _, wanted = value.partition("=")
    if not key:
        raise Problem("tag: wants a key, such as tag:env or tag:env=prod")
    is_key, is_value = _matcher(key), _matcher(wanted or "*")
    return _unseen(lambda entry: any(is_key(one) and is_value(text) for one, text in (entry.tags or {}).items()))


def _modified(value: str, now: float) -> Term | None:
    age = _AGE.fullmatch(value.lower())
    if age is None:
        if not _AGE_BEGUN.fullmatch(value):
            raise Problem("modified: wants an age such as >90d, or <7d; m, h, d, w and y are understood")
        return None
    sign, number, unit = age.groups()
    limit = now - int(number) * _SECONDS[unit]
    if sign == ">":
        return _unseen(lambda entry: entry.last_modified is not None and entry.last_modified < limit)
    return _unseen(lambda entry: entry.last_modified is not None and entry.last_modified > limit)


def _unseen(holds: Test) -> Term:
    """A term on what is not in the name, so that there is nothing to highlight."""
    return Term(holds, lambda _shown: ())


def _one_of(field: str, typed: str, known: Mapping[str, Test]) -> Term:
    """Any of the words that begin with what was typed."""
    tests = [test for word, test in known.items() if word.startswith(typed.lower())]
    if not tests:
        raise Problem(f"{field}: wants one of {', '.join(known)}")
    return _unseen(lambda entry: any(test(entry) for test in tests))


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text


def _matcher(text: str) -> Callable[[str], bool]:
    if not _is_pattern(text):
        return text.__eq__
    match = re.compile(translate(text)).match
    return lambda other: match(other) is not None


def _occurrences(word: str, shown: str) -> list[Span]:
    return [found.span() for found in re.finditer(re.escape(word), shown)]


def _letters(word: str, shown: str) -> list[Span]:
    """The letters of a word in order, as far to the right as they go: there stands the key."""
    spans: list[Span] = []
    at = len(shown)
    for letter in reversed(word):
        at = shown.rfind(letter, 0, at)
        if at < 0:
            return []
        spans.append((at, at + 1))
    return spans
