"""Files of one assignment after another, as every dialect but JSON has them: what their writers and readers have in common."""

from __future__ import annotations

import re

from ssmm_core.envfile import Undeliverable, header
from ssmm_core.errors import InvalidInput
from ssmm_core.names import is_environment_name
from ssmm_core.secret import SecretValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final

LONGEST: Final = 131_072
"""Bytes of `NAME=value` and its end, the kernel's MAX_ARG_STRLEN: with a longer one no program can be executed."""

BARE: Final = r"[A-Za-z0-9_@%+:,./-]+"
"""A value that every reader takes without quotes."""
NAME: Final = r"([A-Za-z_][A-Za-z0-9_]*)"
END: Final = r"(?:\n|\Z)"

_GAP: Final = r"(?:(?:#[^\n\r\u2028\u2029]*)?(?:\n|\Z))*"
"""Empty lines and comments. What some reader takes for the end of a line would end the comment there, so it may not be in one."""


def carried(name: str, value: SecretValue) -> str:
    """The text of a value that an environment can hold under this name.

    Raises:
        Undeliverable: no environment can.
    """
    text = value.reveal()
    if not is_environment_name(name):
        raise Undeliverable(name, "a variable's name has letters, digits and '_' only, and no digit first")
    if "\0" in text:
        raise Undeliverable(name, "its value holds a NUL character")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Undeliverable(name, "its value is not valid UTF-8", hint="Store it as base64.") from None
    if len(name) + size + 2 > LONGEST:
        raise Undeliverable(name, f"with its value it has more than {LONGEST:,} bytes, the kernel's limit")
    return text


def not_held(dialect: str, name: str, what: str) -> Undeliverable:
    """The error for a value that only this dialect cannot hold."""
    return Undeliverable(name, f"the {dialect} format cannot hold {what}", hint="Choose another --format, or store it as base64.")


def write(dialect: str, variables: Mapping[str, SecretValue], quote: Callable[[str, str], str], *, before: str = "") -> bytes:
    """The whole file: the header, then for each variable `before`, its name, `=` and what `quote(name, text)` makes of its text."""
    lines = (f"{before}{name}={quote(name, carried(name, value))}\n" for name, value in variables.items())
    return header(dialect) + "".join(lines).encode()


def read(dialect: str, content: bytes, assignment: re.Pattern[str], value: Callable[[re.Match[str]], str | None]) -> dict[str, SecretValue]:
    """The variables of a file that has nothing but comments, empty lines, and what `assignment` matches.

    The first group of `assignment` is the name; `value` makes the text of its match, or None where the reader would have another.

    Raises:
        InvalidInput: anything else, by its line; never with a value.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInput(f"line {line} is not valid UTF-8") from None
    found: dict[str, SecretValue] = {}
    at = _past_gap(text, 0)
    while at < len(text):
        match = assignment.match(text, at)
        plain = value(match) if match else None
        if match is None or plain is None or "\0" in plain:
            raise InvalidInput(f"line {_line(text, at)} is not as the {dialect} format has it")
        if match[1] in found:
            raise InvalidInput(f"line {_line(text, at)}: {match[1]} is given twice")
        found[match[1]] = SecretValue(plain)
        at = _past_gap(text, match.end())
    return found


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _past_gap(text: str, at: int) -> int:
    found = re.compile(_GAP).match(text, at)
    assert found is not None  # it matches nothing, too
    return found.end()
