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
            """The variables of a file that `write` made. Raises `InvalidInput` for what it would not write, never with a value."""


FORMATS: Final = ("systemd", "shell", "dotenv", "node", "godotenv", "docker", "json")
DEFAULT_FORMAT: Final = "systemd"
HEADER: Final = "# Written by ssmm sync"
_OURS: Final = rb"(?:\xef\xbb\xbf)?(?:\s|#(?! Written by ssmm)[^\n]*\n)*" + HEADER.encode() + rb" \(format: ([a-z]+)\)"
"""Our header, also where somebody put comments or a byte order mark before it."""


class Undeliverable(InvalidInput):
    """A variable that cannot be delivered exactly. Nothing is delivered then."""

    def __init__(self, variable: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{variable} cannot be delivered: {reason}", hint=hint)
        self.variable = variable


def dialect(name: str) -> Dialect:
    """The dialect called `name`, one of `FORMATS`. The modules of the others are not loaded."""
    if name == "systemd":
        from ssmm_core.envfile import systemd

        return systemd
    if name == "shell":
        from ssmm_core.envfile import shell

        return shell
    if name == "dotenv":
        from ssmm_core.envfile import dotenv

        return dotenv
    if name == "node":
        from ssmm_core.envfile import node

        return node
    if name == "godotenv":
        from ssmm_core.envfile import godotenv

        return godotenv
    if name == "docker":
        from ssmm_core.envfile import docker

        return docker
    if name == "json":
        from ssmm_core.envfile import json

        return json
    raise UsageError(f"unknown format {name!r}", hint=f"Choose from {', '.join(FORMATS)}.")


def header(name: str) -> bytes:
    """The first line of a file in this dialect: nothing in it changes, so that an unchanged environment makes the same bytes."""
    return f"{HEADER} (format: {name}); change the parameters, not this file.\n".encode()


def written_as(content: bytes) -> str:
    """The dialect in which `sync` wrote this file, by its header; empty where there is none. JSON has no header."""
    found = re.match(_OURS, content)
    name = found[1].decode() if found else ""
    return name if name in FORMATS else ""


def written_by_ssmm(content: bytes) -> bool:
    """Whether `sync` wrote this file, in any dialect with a header."""
    return bool(written_as(content))
