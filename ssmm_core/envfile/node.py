"""The dialect of Node.js: what both its `--env-file` and the npm package dotenv read to the same value.

Neither undoes an escape of a quote, so a value stands in a kind of quotes that it does not hold. Both make line breaks of `\\n` in double
quotes, and neither keeps a carriage return. npm's dotenv takes a backslash before the closing quote for an escape when a later line has
the same quote, so a value that ends in one can only stand without quotes.
"""

from __future__ import annotations

import re

from ssmm_core.envfile import assignments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssmm_core.secret import SecretValue

_SPACE = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What JavaScript trims; `--env-file` trims less."""

_QUOTED = tuple(
    (quote, re.compile(content))
    for quote, content in (
        ("'", r"(?:[^'\r]*[^'\r\\])?"),
        ("`", r"(?:[^`\r]*[^`\r\\])?"),
        ('"', r'(?:[^"\r\\]|\\(?![nr"]|\Z))*+'),
    )
)
_UNQUOTED = re.compile(rf"(?!['\"`{_SPACE}])[^#\r\n]*[^#{_SPACE}]")
_STRIPPED = re.compile(r"[\u2028\u2029](['\"`]).*\1(?:[\u2028\u2029]|\Z)", re.DOTALL)
"""Quotes that npm's dotenv takes away inside a value without any: for it these two characters begin and end a line."""

_ASSIGNMENT = re.compile(rf"{assignments.NAME}=(?:'([^'\r]*)'|`([^`\r]*)`|\"([^\"\r]*)\"|([^#\r\n]+)){assignments.END}")


def write(variables: Mapping[str, SecretValue]) -> bytes:
    """The file.

    Raises:
        Undeliverable: a value with a carriage return, or that none of the quotes can hold; or that no environment can hold.
    """
    return assignments.write("node", variables, _quote)


def read(content: bytes) -> dict[str, SecretValue]:
    """The variables of a file as `write` makes it; what the two readers read differently is refused."""
    return assignments.read("node", content, _ASSIGNMENT, _text)


def _quote(name: str, text: str) -> str:
    if name == "__proto__":
        raise assignments.not_held("node", name, "this name, which is no property in JavaScript")
    if "\r" in text:
        raise assignments.not_held("node", name, "a carriage return")
    if re.fullmatch(assignments.BARE, text):
        return text
    for quote, content in _QUOTED:
        if content.fullmatch(text):
            return f"{quote}{text}{quote}"
    if _is_unquoted(text):
        return text
    raise assignments.not_held("node", name, "a value with this mixture of quotes, or with a backslash at its end")


def _text(match: re.Match[str]) -> str | None:
    name, *quoted, unquoted = match.groups()
    if name == "__proto__":
        return None
    if unquoted is not None:
        return str(unquoted) if _is_unquoted(unquoted) else None
    return next((text for text, (_, content) in zip(quoted, _QUOTED, strict=True) if text is not None and content.fullmatch(text)), None)


def _is_unquoted(text: str) -> bool:
    return _UNQUOTED.fullmatch(text) is not None and _STRIPPED.search(text) is None
