"""The dialect of python-dotenv: double quotes with three escapes, a value of several lines as it is.

A file that python-dotenv opens loses its carriage returns, so they are escaped. `${NAME}` is replaced in every kind of quotes, so a value
that holds such a reference is refused. A value that ends in a backslash stands without quotes, or is refused: up to 1.2.2 python-dotenv
takes `\\"` for a quote inside a value, and loses the variable behind it, too.
"""

from __future__ import annotations

import re

from ssmm_core.envfile import assignments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssmm_core.secret import SecretValue

_UNQUOTED = re.compile(rf"{assignments.BARE}|(?!['\"\s])(?:(?<!\s)#|[^#\n\r])*\\")
_ESCAPED = {"\\": r"\\", '"': r"\"", "\r": r"\r"}
_PLAIN = {escape: char for char, escape in _ESCAPED.items()}
_ASSIGNMENT = re.compile(rf'{assignments.NAME}=(?:({_UNQUOTED.pattern})|"((?:[^"\\\r]|\\[\\"r])*+)"){assignments.END}')


def write(variables: Mapping[str, SecretValue]) -> bytes:
    """The file.

    Raises:
        Undeliverable: a value with a `${NAME}` that would be replaced, or that no environment can hold.
    """
    return assignments.write("dotenv", variables, _quote)


def read(content: bytes) -> dict[str, SecretValue]:
    """The variables of a file as `write` makes it; `foreign.read` is for those of other tools."""
    return assignments.read("dotenv", content, _ASSIGNMENT, _text)


def _quote(name: str, text: str) -> str:
    if _has_reference(text):
        raise assignments.not_held("dotenv", name, "${…}, which python-dotenv replaces")
    if _UNQUOTED.fullmatch(text):
        return text
    if text.endswith("\\"):
        raise assignments.not_held("dotenv", name, "a value of this kind with a backslash at its end")
    return '"' + re.sub(r'[\\"\r]', lambda found: _ESCAPED[found[0]], text) + '"'


def _text(match: re.Match[str]) -> str | None:
    text = match[2] or re.sub(r"\\.", lambda found: _PLAIN[found[0]], match[3])
    return None if _has_reference(text) or (not match[2] and text.endswith("\\")) else text


def _has_reference(text: str) -> bool:
    """Whether python-dotenv replaces some of it: `${`, anything but `}` and `:`, perhaps `:-` and a default, `}`. In linear time."""
    for before_brace in text.split("}")[:-1]:
        pieces = before_brace.split(":")
        if any("${" in piece and after.startswith("-") for piece, after in zip(pieces, [*pieces[1:], "-"], strict=True)):
            return True
    return False
