"""Read files that others may have made so that they never end: regular ones alone, a bounded part of them, and without waiting."""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

MOST: Final = 1 << 20
"""Bytes of a file of settings that are read, at most."""
_NULL: Final = os.makedev(1, 3)
_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class UnfitError(Exception):
    """The file is none that could be read to its end; the text says what it is instead, as in `is a FIFO`."""


def is_null(found: os.stat_result) -> bool:
    """Whether this is /dev/null, which reads as a file without anything in it."""
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == _NULL


def read(path: str, most: int = MOST, *, cut: bool = False) -> bytes:
    """All of a file; nothing of /dev/null. With `cut` a longer one is read up to `most`.

    Raises:
        UnfitError: it is no regular file, or longer than `most` bytes.
        OSError: it cannot be read.
    """
    if is_null(_regular(os.stat(path))):  # before it is opened, too, for opening alone may do something to a device
        return b""
    handle = os.open(path, _FLAGS)
    try:
        if is_null(_regular(os.fstat(handle))):
            return b""
        parts = []
        left = most + (not cut)
        while left and (part := os.read(handle, left)):
            parts.append(part)
            left -= len(part)
    finally:
        os.close(handle)
    if not left and not cut:
        raise UnfitError(f"is larger than {most >> 20} MiB")
    return b"".join(parts)


def fault(path: str) -> str:
    """What is wrong with a file that is there and that a library is about to read; empty where nothing is, or where it cannot be seen."""
    try:
        read(path)
    except UnfitError as error:
        return str(error)
    except OSError:
        return ""
    return ""


def _regular(found: os.stat_result) -> os.stat_result:
    """
    Raises:
        UnfitError: it is neither a regular file nor /dev/null.
    """
    if stat.S_ISFIFO(found.st_mode):
        raise UnfitError("is a FIFO")
    if not stat.S_ISREG(found.st_mode) and not is_null(found):
        raise UnfitError("is no regular file")
    return found
