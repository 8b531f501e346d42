"""How this process was before a shell and Python were there: what `launcher.sh` noted."""

from __future__ import annotations

import os

from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Final

NOTE: Final = "SSMM_LAUNCH"
"""The variable that the launcher hands over: the ignored signals, the environment in base64, and ssmm as it was called."""


class Launch(Record):
    """What a program that this process becomes must find again.

    `program` is ssmm as it was called, empty where Python was called instead. `ignored_signals` is their sum as proc_pid_stat(5) has it,
    None where nobody noted it. `environment` is what the process was given, byte for byte.
    """

    program: str
    ignored_signals: int | None
    environment: dict[bytes, bytes]


def take(environ: MutableMapping[str, str]) -> Launch:
    """Read the launcher's note and remove it from the environment of this process."""
    found = _read(environ.pop(NOTE, ""))
    found.environment.pop(NOTE.encode(), None)
    return found


def _read(note: str) -> Launch:
    """What a note says; one that is none of the launcher's says nothing."""
    if note:
        import binascii

        try:
            ignored, encoded, program = note.split(" ", 2)
            environment = _entries(binascii.a2b_base64(encoded, strict_mode=True)) if encoded else _as_started()
            return Launch(program, int(ignored), environment)
        except ValueError:
            pass
    return Launch("", None, _as_started())


def _as_started() -> dict[bytes, bytes]:
    """From the kernel where it can be: Python's own start may have put LC_CTYPE into `os.environ`, which nobody asked for."""
    try:
        with open("/proc/self/environ", "rb") as file:
            return _entries(file.read())
    except OSError:
        return dict(os.environb)


def _entries(block: bytes) -> dict[bytes, bytes]:
    """By name; of two of one name the first counts, as for getenv(3). What has no name is no variable."""
    pairs = (entry.partition(b"=") for entry in reversed(block.split(b"\0")))
    return {name: value for name, equals, value in pairs if name and equals}
