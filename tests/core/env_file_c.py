"""systemd's own reader of environment files: src/basic/env-file.c of systemd 252, state for state."""

from __future__ import annotations


def assignments(content: bytes) -> list[tuple[bytes, bytes]]:
    """(name, value) of each assignment that systemd finds; whether it takes the name is not judged here.

    Raises:
        ValueError: it would skip a line without `=`, or let an open quote swallow the rest.
    """
    found: list[tuple[bytes, bytes]] = []
    key, value = bytearray(), bytearray()
    blank_from: int | None = None
    state = "PRE_KEY"

    def push() -> None:
        chomped = value[:blank_from] if state == "VALUE" else value
        found.append((bytes(key).rstrip(b" \t"), bytes(chomped)))

    for number in content:
        char = bytes([number])
        newline, blank = char in b"\n\r", char in b" \t\n\r"
        if state == "PRE_KEY":
            key, value = bytearray(), bytearray()
            if char in b"#;":
                state = "COMMENT"
            elif not blank:
                state = "KEY"
                key += char
        elif state == "KEY":
            if newline:
                raise ValueError("a line without =")
            if char == b"=":
                state, blank_from = "PRE_VALUE", None
            else:
                key += char
        elif state in ("PRE_VALUE", "VALUE") and newline:
            push()
            state = "PRE_KEY"
        elif state == "PRE_VALUE" and char in b"'\"":
            state = "SINGLE" if char == b"'" else "DOUBLE"
        elif state in ("PRE_VALUE", "VALUE") and char == b"\\":
            state, blank_from = "VALUE_ESCAPE", None
        elif state == "PRE_VALUE":
            if not blank:
                state = "VALUE"
                value += char
        elif state == "VALUE":
            if not blank:
                blank_from = None
            elif blank_from is None:
                blank_from = len(value)
            value += char
        elif state == "VALUE_ESCAPE":
            state = "VALUE"
            value += b"" if newline else char
        elif state == "SINGLE":
            state = "PRE_VALUE" if char == b"'" else state
            value += b"" if char == b"'" else char
        elif state == "DOUBLE":
            if char in b'"\\':
                state = "PRE_VALUE" if char == b'"' else "DOUBLE_ESCAPE"
            else:
                value += char
        elif state == "DOUBLE_ESCAPE":
            state = "DOUBLE"
            value += char if char in b'"\\`$' else b"" if char == b"\n" else b"\\" + char
        elif state == "COMMENT":
            state = "COMMENT_ESCAPE" if char == b"\\" else "PRE_KEY" if newline else state
        else:
            state = "COMMENT"
    if state in ("KEY", "SINGLE", "DOUBLE", "DOUBLE_ESCAPE"):
        raise ValueError("a line without =, or an open quote")
    if state in ("PRE_VALUE", "VALUE", "VALUE_ESCAPE"):
        push()
    return found
