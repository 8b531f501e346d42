"""The dialect of `docker run --env-file`: `NAME=value` to the end of the line, without quotes or escapes.

Docker's reader (`pkg/kvfile` of its command line) takes lines of Go's `bufio.Scanner`: a carriage return before the line's end is cut,
and a line with its end has at most 64 KiB.
"""

from __future__ import annotations

import re

from ssmm_core.envfile import assignments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from ssmm_core.secret import SecretValue

LONGEST_LINE: Final = 65_536
"""Bytes of a line with its end, Go's `bufio.MaxScanTokenSize`."""

_ASSIGNMENT = re.compile(rf"{assignments.NAME}=([^\n]*){assignments.END}")


def write(variables: Mapping[str, SecretValue]) -> bytes:
    """The file.

    Raises:
        Undeliverable: a value with a line break, or a carriage return at its end, or too long; or that no environment can hold.
    """
    return assignments.write("docker", variables, _checked)


def read(content: bytes) -> dict[str, SecretValue]:
    """The variables of a file as `write` makes it. Of what Docker takes, names alone and Windows line ends are refused."""
    return assignments.read("docker", content, _ASSIGNMENT, _text)


def _checked(name: str, text: str) -> str:
    if "\n" in text:
        raise assignments.not_held("docker", name, "a value of several lines")
    if text.endswith("\r"):
        raise assignments.not_held("docker", name, "a carriage return at the end of a value")
    if not _fits(name, text):
        raise assignments.not_held("docker", name, f"a line of more than {LONGEST_LINE:,} bytes")
    return text


def _fits(name: str, text: str) -> bool:
    return len(name) + len("=\n") + len(text.encode()) <= LONGEST_LINE


def _text(match: re.Match[str]) -> str | None:
    return None if match[2].endswith("\r") or not _fits(match[1], match[2]) else match[2]
