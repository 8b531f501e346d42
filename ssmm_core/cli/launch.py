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
    note = environ.pop(NOTE, "")
    if not note:
        return Launch("", None, _as_started())
    ignored, encoded, program = note.split(" ", 2)
    if encoded:
        import binascii

        environment = _entries(binascii.a2b_base64(encoded))
    else:
        environment = _as_started()
    environment.pop(NOTE.encode(), None)
    return Launch(program, int(ignored), environment)


def _as_started() -> dict[bytes, bytes]:
    """From the kernel where it can be: Python's own start may have put LC_CTYPE into `os.environ`, which nobody asked for."""
    try:
        with open("/proc/self/environ", "rb") as file:
            return _entries(file.read())
    except OSError:
        return dict(os.environb)


def _entries(block: bytes) -> dict[bytes, bytes]:
    pairs = (entry.partition(b"=") for entry in block.split(b"\0"))
    return {name: value for name, equals, value in pairs if equals}
