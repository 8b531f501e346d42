"""Values on their way into a file of a dialect and out of it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssmm_core.envfile import Undeliverable, dialect
from ssmm_core.secret import SecretValue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.readers.real import Reader


def split(file_format: str, values: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Those that the dialect holds, by a name for each, and those that it refuses."""
    held: dict[str, str] = {}
    refused: list[str] = []
    for number, text in enumerate(values):
        try:
            dialect(file_format).write({"A": SecretValue(text)})
            held[f"V{number:05}"] = text
        except Undeliverable:
            refused.append(text)
    return held, refused


def written(file_format: str, held: dict[str, str]) -> bytes:
    return dialect(file_format).write({name: SecretValue(text) for name, text in held.items()})


def lost(reader: Reader, file_format: str, held: dict[str, str]) -> dict[str, tuple[str, str | None]]:
    """What the reader has otherwise: by name, the value and what became of it."""
    content = written(file_format, held)
    (found,) = reader.read([content])
    assert found is not None, f"{reader.name} refuses the file"
    return {name: (text, found.get(name)) for name, text in held.items() if found.get(name) != text}
