"""What systemd would make of an environment file: its own reader's states (src/basic/env-file.c, measured on 252), looking for trouble.

Knows no values once it has read a file: only names that are valid, and the numbers of lines.
"""

from __future__ import annotations

from ssmm_core.names import is_environment_name
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Literal

    State = Literal["gap", "comment", "key", "before", "bare", "single", "double"]

LONGEST: Final = 131_072
"""Bytes of `NAME=value` and its end that the kernel takes (MAX_ARG_STRLEN)."""
_BLANK: Final = b" \t\n\r"
_BREAK: Final = b"\n\r"
_MARK: Final = b"\xef\xbb\xbf"


class FileReading(Record):
    """`names` are what the service gets. Lines are counted from 1: of names that systemd ignores and logs with the value; without `=`;
    of the assignment whose quote is never closed (0: none). `refused` is why systemd takes nothing of the file, or empty.
    """

    names: tuple[str, ...] = ()
    logged_lines: tuple[int, ...] = ()
    lost_lines: tuple[int, ...] = ()
    too_long: tuple[str, ...] = ()
    unclosed: int = 0
    refused: str = ""
    byte_order_mark: bool = False


def read(content: bytes) -> FileReading:
    """A file as systemd would read it. The names of lines that it ignores are not told: they may be parts of values."""
    if b"\0" in content:
        return FileReading(refused="it holds a NUL character")
    pairs, lost, unclosed = _pairs(content)
    names: dict[str, None] = {}
    logged, too_long = [], []
    for line, key, value in pairs:
        if not (_is_text(key) and _is_text(value)):
            return FileReading(refused=f"line {line} holds bytes that are not valid UTF-8, or a noncharacter")
        name = key.decode()
        if not is_environment_name(name):
            logged.append(line)
            continue
        names[name] = None
        if len(key) + len(value) + 2 > LONGEST:
            too_long.append(name)
    return FileReading(tuple(names), tuple(logged), lost, tuple(dict.fromkeys(too_long)), unclosed, "", content.startswith(_MARK))


def _pairs(content: bytes) -> tuple[list[tuple[int, bytes, bytes]], tuple[int, ...], int]:
    """((line, key, value) of each assignment, lines without `=`, the line of the one whose quote is open at the end)."""
    found: list[tuple[int, bytes, bytes]] = []
    lost: list[int] = []
    state: State = "gap"
    key, value = bytearray(), bytearray()
    line = first = 1
    at, end = 0, len(content)
    kept = 0  # how much of the value trailing blanks do not belong to

    def assign() -> None:
        found.append((first, bytes(key).rstrip(_BLANK), bytes(value[:kept])))

    while at < end:
        char = content[at : at + 1]
        at += 1
        line += char == b"\n"
        if state == "gap":
            if char in b"#;":
                state = "comment"
            elif char not in _BLANK:
                state, key, value, kept, first = "key", bytearray(char), bytearray(), 0, line
                if char == b"=":
                    state, key = "before", bytearray()
        elif state == "comment":
            if char == b"\\":
                line += content[at : at + 1] == b"\n"
                at += 1
            elif char in _BREAK:
                state = "gap"
        elif state == "key":
            if char in _BREAK:
                lost.append(first)
                state = "gap"
            elif char == b"=":
                state = "before"
            else:
                key += char
        elif state in ("before", "bare"):
            if char in _BREAK:
                assign()
                state = "gap"
            elif char == b"'" and state == "before":
                state = "single"
            elif char == b'"' and state == "before":
                state = "double"
            elif char == b"\\":
                state = "bare"
                escaped = content[at : at + 1]
                line += escaped == b"\n"
                at += 1
                value += escaped.strip(_BREAK)
                kept = len(value)
            elif char not in _BLANK or state == "bare":
                state = "bare"
                value += char
                kept = kept if char in _BLANK else len(value)
        elif state == "single":
            if char == b"'":
                state, kept = "before", len(value)
            else:
                value += char
        elif char == b'"':
            state, kept = "before", len(value)
        elif char == b"\\" and at < end:
            escaped = content[at : at + 1]
            line += escaped == b"\n"
            at += 1
            value += escaped if escaped in b'"\\`$' else b"" if escaped == b"\n" else b"\\" + escaped
        else:
            value += char
    unclosed = first if state in ("single", "double") else 0
    if unclosed:
        kept = len(value)
    if state == "key":
        lost.append(first)
    elif state not in ("gap", "comment"):
        assign()
    return found, tuple(lost), unclosed


def _is_text(content: bytes) -> bool:
    """Whether systemd takes it for text: valid UTF-8 without the noncharacters."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    return not any(0xFDD0 <= ord(char) <= 0xFDEF or ord(char) & 0xFFFE == 0xFFFE for char in text if char > "\ud7ff")
