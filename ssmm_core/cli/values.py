"""Values and tags given on the command line, on stdin, in files or at a prompt."""

from __future__ import annotations

import os
import sys

from ssmm_core.errors import InvalidInput, SettingsError, UsageError
from ssmm_core.files import read_file
from ssmm_core.names import comes_back_as, is_environment_name
from ssmm_core.secret import SecretValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


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
        values[key] = _value(key, text) if equals else _prompted(key, position)
        if not values[key]:
            raise UsageError(f"the value of {key} is empty", hint="Parameter Store holds no empty values.")
    return values


def _value(key: str, text: str) -> SecretValue:
    if text.startswith("@@"):
        return SecretValue(text[1:])
    if text.startswith("@"):
        # A value may begin with @ by itself: the text behind it is not repeated.
        if text.startswith("@~"):
            raise InvalidInput(
                f"the file for {key} begins with ~, which is not expanded", hint=f"Write {key}=@$HOME/…, or {key}=@@… for a value."
            )
        source = f"the file that {key}=@… names"
        return SecretValue(_decoded(read_file(text[1:], source), source))
    if text == "-" and sys.stdin.isatty():
        return _hidden(key)
    if text == "-":
        return SecretValue(_decoded(sys.stdin.buffer.read(), f"standard input for {key}"))
    return SecretValue(text)


def _prompted(key: str, position: int) -> SecretValue:
    # A word without = may be the end of a value that was cut at a space, so it is not repeated unless it looks like a name.
    if not sys.stdin.isatty() or comes_back_as(key) != key:
        raise UsageError(
            f"argument {position} has no =",
            hint="Write KEY=VALUE, KEY=- for standard input, or KEY=@FILE; quote what has spaces. KEY alone asks, on a terminal.",
        )
    return _hidden(key)


def _hidden(key: str) -> SecretValue:
    from getpass import getpass

    try:
        return SecretValue(getpass(f"{key} (hidden): "))
    except EOFError:
        sys.stderr.write("\n")
        raise UsageError(f"no value was given for {key}") from None


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
    """`path`, unless it is empty or begins with a `~` that no shell expanded (`--env=~/x`)."""
    if not path:
        raise SettingsError("the path of a file is empty", hint="Name a file.")
    if "=" in path and not os.path.lexists(path):
        raise InvalidInput(
            "what should name a file has a = in it, and there is no such file", hint="Write KEY=VALUE as an argument of its own."
        )
    if path.startswith("~") and not os.path.lexists(path):
        raise tilde_hint(path)
    return path
