"""Text from outside, made harmless for a terminal."""

from __future__ import annotations


def visible(text: str) -> str:
    """`text` with control characters and lone surrogates escaped, so that it cannot steer a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
