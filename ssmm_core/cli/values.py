"""Values and tags given on the command line, on stdin, in files or at a prompt."""

from __future__ import annotations

import os
import sys

from ssmm_core.errors import InvalidInput, UsageError
from ssmm_core.files import read_file
from ssmm_core.limits import check_tag
from ssmm_core.names import is_environment_name, printable
from ssmm_core.secret import SecretValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def tag_pairs(pairs: Iterable[str]) -> dict[str, str]:
    """Tags given as `KEY=VALUE`.

    Raises:
        UsageError: one is malformed, or given twice with different values.
    """
    tags: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"the tag {printable(key)} is not of the form KEY=VALUE", hint="Write it as shared=true.")
        check_tag(key, value)
        if tags.setdefault(key, value) != value:
            raise UsageError(f"the tag {key} is given twice", hint="Give it once.")
    return tags


def variable_pairs(pairs: Iterable[str]) -> dict[str, SecretValue]:
    """Variables given as `KEY=VALUE`, `KEY=@file`, `KEY=-` for stdin, or `KEY` for a hidden prompt.

    A text that is no pair may be a value that was put in the wrong place: messages repeat names only, never what they cannot tell apart.

    Raises:
        UsageError: a pair is malformed, empty or given twice.
        InvalidInput: a file or stdin is no UTF-8 text.
    """
    values: dict[str, SecretValue] = {}
    for position, pair in enumerate(pairs, 1):
        key, equals, text = pair.partition("=")
        if not is_environment_name(key):
            raise UsageError(f"argument {position} is not KEY=VALUE", hint="KEY has letters, digits and '_', and no digit first.")
        if key in values:
            raise UsageError(f"{key} is given twice", hint="Give it once.")
        values[key] = _value(key, text) if equals else _prompted(key)
        if not values[key]:
            raise UsageError(f"the value of {key} is empty", hint="Parameter Store holds no empty values.")
    return values


def _value(key: str, text: str) -> SecretValue:
    if text.startswith("@@"):
        return SecretValue(text[1:])
    if text.startswith("@"):
        return SecretValue(_decoded(read_file(checked_path(text[1:])), text[1:]))
    if text == "-":
        return SecretValue(_decoded(sys.stdin.buffer.read(), f"standard input for {key}"))
    return SecretValue(text)


def _prompted(key: str) -> SecretValue:
    if not sys.stdin.isatty():
        raise UsageError(f"{key} has no value", hint=f"Write {key}=-, to read it from standard input, or {key}=@FILE.")
    from getpass import getpass

    return SecretValue(getpass(f"{key} (hidden): "))


def _decoded(content: bytes, source: str) -> str:
    """The text of a file or stream exactly as it is, a line break at its end included."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise InvalidInput(f"{source} is not valid UTF-8", hint="Store binary data as base64.") from None


def confirmed(question: str, *, typed: str | None = None) -> bool:
    """Ask on the terminal; `typed` is what must be typed, else `y` or `yes`.

    Raises:
        UsageError: there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to confirm it", hint="Pass -y." if typed is None else "Run it at a terminal.")
    sys.stderr.write(f"{question} ")
    sys.stderr.flush()
    answer = sys.stdin.readline().strip()
    return answer == typed if typed is not None else answer.lower() in ("y", "yes")


def tilde_hint(path: str) -> InvalidInput:
    """The refusal of a path that a shell did not expand."""
    return InvalidInput(f"{path} begins with ~, which is not expanded", hint=f"Write $HOME{path[1:]} or the full path.")


def checked_path(path: str) -> str:
    """`path`, unless it begins with a `~` that no shell expanded (`--env=~/x`)."""
    if path.startswith("~") and not os.path.lexists(path):
        raise tilde_hint(path)
    return path
