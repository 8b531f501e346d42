"""The dialect of Go's godotenv: single quotes where they can be, else double quotes with escapes, else none.

Follows its parser (version 1.5.1): a quote after a backslash never closes, whatever stands before; at both ends of a quoted value it
strips every quote of that kind; CR LF becomes LF everywhere; outside single quotes `$` needs a backslash.
"""

from __future__ import annotations

import re

from ssmm_core.envfile import assignments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssmm_core.secret import SecretValue

_SPACE = r"\t\v\f\r \x85\xa0"
_SINGLE = re.compile(r"(?:(?:[^']|(?<=\\)')*[^'\\])?")
_DOUBLE = re.compile(r'(?:.*[^"\\])?', re.DOTALL)
_UNQUOTED = re.compile(rf"(?!['\"{_SPACE}])[^\n\r]*[^\n{_SPACE}]")
_COMMENT = re.compile(rf"[{_SPACE}]#")

_ESCAPED = {"\\": r"\\", '"': r"\"", "$": r"\$", "\r": r"\r"}
_PLAIN = {escape: char for char, escape in _ESCAPED.items()}
_ASSIGNMENT = re.compile(
    rf"{assignments.NAME}=(?:'({_SINGLE.pattern})'"
    r"|\"((?:[^\"\\$\r]|\\[\\\"$r])*+)\""
    rf"|((?!['\"])(?:[^\n\r$\\]|\\\$|\\(?!\$))*+)){assignments.END}"
)


def write(variables: Mapping[str, SecretValue]) -> bytes:
    """The file.

    Raises:
        Undeliverable: a value that ends in a backslash or a double quote, and cannot stand without quotes; or that no environment can hold.
    """
    return assignments.write("godotenv", variables, _quote)


def read(content: bytes) -> dict[str, SecretValue]:
    """The variables of a file as `write` makes it."""
    return assignments.read("godotenv", content, _ASSIGNMENT, _text)


def _quote(name: str, text: str) -> str:
    if re.fullmatch(assignments.BARE, text):
        return text
    if _is_single(text):
        return f"'{text}'"
    if _DOUBLE.fullmatch(text):
        return '"' + re.sub(r'[\\"$\r]', lambda found: _ESCAPED[found[0]], text) + '"'
    if _is_unquoted(text):
        return text.replace("$", r"\$")
    raise assignments.not_held("godotenv", name, "a value with this mixture of quotes, backslashes and blanks")


def _text(match: re.Match[str]) -> str | None:
    _, single, double, unquoted = match.groups()
    if single is not None:
        return str(single) if _is_single(single) else None
    if double is not None:
        text = re.sub(r"\\.", lambda found: _PLAIN[found[0]], double)
        return text if _DOUBLE.fullmatch(text) else None
    text = unquoted.replace(r"\$", "$")
    return text if _is_unquoted(text) else None


def _is_single(text: str) -> bool:
    return _SINGLE.fullmatch(text) is not None and "\r\n" not in text


def _is_unquoted(text: str) -> bool:
    return _UNQUOTED.fullmatch(text) is not None and _COMMENT.search(text) is None
