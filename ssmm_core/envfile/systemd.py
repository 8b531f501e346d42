"""The dialect of systemd's `EnvironmentFile=`, which `set -a; . file` in a POSIX shell reads to the same values.

Follows systemd's own reader (src/basic/env-file.c), as measured on systemd 252: a bare word where every reader agrees on it, single
quotes where nothing inside can end them, else double quotes with exactly the four escapes that systemd undoes.
"""

from __future__ import annotations

import re

from ssmm_core.envfile import Undeliverable, header
from ssmm_core.envfile.assignments import BARE, carried
from ssmm_core.errors import InvalidInput
from ssmm_core.names import is_environment_name
from ssmm_core.secret import SecretValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_BARE = re.compile(BARE.encode())

# The states of systemd's reader, each as the text that it runs over. Blanks are space and tab; CR ends a line as LF does.
_GAP = re.compile(rb"(?:[ \t\n\r]|[#;](?:[^\\\n\r]|\\.|\\\Z)*)*", re.DOTALL)
_KEY = re.compile(rb"([^=\n\r]*)=")
_BLANKS = re.compile(rb"[ \t]*")
_SINGLE = re.compile(rb"'([^']*)'")
_DOUBLE = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_DOUBLE_ESCAPE = re.compile(rb'\\(?:([\\"`$])|\n)')
_PLAIN = re.compile(rb"(?:[^\\\n\r]|\\.)*\\?", re.DOTALL)
_TRAILING = re.compile(rb"((?:[^\\ \t]|\\.|[ \t]+(?=[^ \t]))*)[ \t]*\\?", re.DOTALL)
_PLAIN_ESCAPE = re.compile(rb"\\(?:([^\n\r])|[\n\r])")


def write(variables: Mapping[str, SecretValue]) -> bytes:
    """The file, with a header that names nothing which changes.

    Raises:
        Undeliverable: a value that systemd would refuse, and with it the whole file.
    """
    lines = (name.encode() + b"=" + quote(name, value) + b"\n" for name, value in variables.items())
    return header("systemd") + b"".join(lines)


def quote(name: str, value: SecretValue) -> bytes:
    """The right-hand side for one variable."""
    text = carried(name, value)
    if any(_is_noncharacter(ord(char)) for char in text if char > "\ud7ff"):
        raise Undeliverable(name, "its value holds a noncharacter, for which systemd refuses the whole file", hint="Store it as base64.")
    content = text.encode()
    if _BARE.fullmatch(content):
        return content
    if b"'" not in content and b"\\" not in content:
        return b"'" + content + b"'"
    return b'"' + re.sub(rb'([\\"`$])', rb"\\\1", content) + b'"'


def read(content: bytes) -> dict[str, SecretValue]:
    """The variables as systemd would have them, except that a line which systemd would skip with a log message is refused here.

    Raises:
        InvalidInput: a line without `=`, a name that systemd ignores, an open quote, or bytes that are not UTF-8; never with a value.
    """
    found: dict[str, SecretValue] = {}
    at = _past(_GAP, content, 0)
    while at < len(content):
        line = content.count(b"\n", 0, at) + 1
        key = _KEY.match(content, at)
        name = key[1].decode("ascii", "replace").strip(" \t\n\r") if key else ""
        if key is None or not is_environment_name(name):
            raise InvalidInput(f"line {line} is not NAME=value")
        value, at = _value(content, key.end(), line)
        try:
            found[name] = SecretValue(value.decode())
        except UnicodeDecodeError:
            raise InvalidInput(f"{name} is not valid UTF-8") from None
        at = _past(_GAP, content, at)
    return found


def _value(content: bytes, at: int, line: int) -> tuple[bytes, int]:
    """One value and the offset behind it. Quoted parts join over blanks; an unquoted part runs to the end of the line."""
    parts = []
    while True:
        at = _past(_BLANKS, content, at)
        if quoted := _SINGLE.match(content, at):
            parts.append(quoted[1])
        elif quoted := _DOUBLE.match(content, at):
            parts.append(_DOUBLE_ESCAPE.sub(rb"\1", quoted[1]))
        elif content[at : at + 1] in (b"'", b'"'):
            raise InvalidInput(f"line {line} opens a quote that is never closed")
        else:
            end = _past(_PLAIN, content, at)
            bare = _TRAILING.sub(rb"\1", content[at:end])
            return b"".join((*parts, _PLAIN_ESCAPE.sub(rb"\1", bare))), end
        at = quoted.end()


def _past(pattern: re.Pattern[bytes], content: bytes, at: int) -> int:
    found = pattern.match(content, at)
    assert found is not None  # each of them matches nothing, too
    return found.end()


def _is_noncharacter(point: int) -> bool:
    return 0xFDD0 <= point <= 0xFDEF or point & 0xFFFE == 0xFFFE
