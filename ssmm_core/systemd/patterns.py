"""The glob patterns of `EnvironmentFile=` (glob(7)): all that one matches is read, in its order. Pure."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

_ESCAPED = re.compile(r"\\(.)")


def is_pattern(path: str) -> bool:
    """Whether more than one file may be meant: not where the characters of patterns are escaped."""
    return any(char in _ESCAPED.sub("", path) for char in "*?[")


def unescaped(path: str) -> str:
    """The path that a manager tells, as the file is called; of one that is no pattern."""
    return _ESCAPED.sub(r"\1", path)


def as_python(path: str) -> str:
    """The same for Python's `glob`, where a character stands for itself in brackets."""
    return _ESCAPED.sub(lambda found: f"[{found[1]}]", path)


def matches(pattern: str, path: str) -> bool:
    """Whether a file at `path` would be read; like the shell's, no wildcard takes a dot that begins a name."""
    parts, names = as_python(pattern).split("/"), path.split("/")
    return len(parts) == len(names) and all(
        fnmatchcase(name, part) and (not name.startswith(".") or part.startswith((".", "[.]")))
        for part, name in zip(parts, names, strict=True)
    )
