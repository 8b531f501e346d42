"""Environment files: one module per dialect that can write a file and read it back.

A dialect writes bytes, or refuses by name what it cannot hold; what it wrote is read back before it stands.
"""

from __future__ import annotations

import re

from ssmm_core.errors import InvalidInput, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final, Protocol

    from ssmm_core.secret import SecretValue

    class Dialect(Protocol):
        """The rules of one reader."""

        def write(self, variables: Mapping[str, SecretValue]) -> bytes:
            """The whole file, variables in the order given. Raises `Undeliverable` for what the dialect cannot hold."""

        def read(self, content: bytes) -> dict[str, SecretValue]:
            """The variables of a file that `write` made."""


FORMATS: Final = ("systemd", "json")
DEFAULT_FORMAT: Final = "systemd"
HEADER: Final = "# Written by ssmm sync"
_OURS = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|#(?! Written by ssmm)[^\n]*\n)*" + HEADER.encode() + rb" \(format: systemd\)")
"""Our header, also where somebody put comments or a byte order mark before it."""


class Undeliverable(InvalidInput):
    """A variable that cannot be delivered exactly. Nothing is delivered then."""

    def __init__(self, variable: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{variable} cannot be delivered: {reason}", hint=hint)
        self.variable = variable


def dialect(name: str) -> Dialect:
    """The dialect called `name`, one of `FORMATS`."""
    if name == "systemd":
        from ssmm_core.envfile import systemd

        return systemd
    if name == "json":
        from ssmm_core.envfile import json

        return json
    raise UsageError(f"unknown format {name!r}", hint=f"Choose from {', '.join(FORMATS)}.")


def written_by_ssmm(content: bytes) -> bool:
    """Whether `sync` wrote this file, in its systemd dialect: then it is read back byte for byte."""
    return _OURS.match(content) is not None
