"""Who may read what, told from modes and owners alone: nobody's identity is taken on for it. Access lists (ACL) are not looked at."""

from __future__ import annotations

import os
import stat

from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

READ: Final = 4
RUN: Final = 1


class Who(Record):
    """A user's number and the groups that it is in."""

    id: int
    groups: frozenset[int] = frozenset()


def may(who: Who, path: str, wanted: int) -> bool | None:
    """Whether `who` may reach and read (4) or run (1) a file; None where it is not there, or is hidden from whoever asks."""
    path = os.path.realpath(path)
    try:
        above = path
        while above != "/":
            above = os.path.dirname(above)
            if not _grants(who, os.stat(above), RUN):
                return False
        return _grants(who, os.stat(path), wanted)
    except OSError:
        return None


def _grants(who: Who, found: os.stat_result, wanted: int) -> bool:
    if who.id == 0:
        return wanted != RUN or bool(found.st_mode & 0o111) or stat.S_ISDIR(found.st_mode)
    if who.id == found.st_uid:
        return bool(found.st_mode >> 6 & wanted)
    if found.st_gid in who.groups:
        return bool(found.st_mode >> 3 & wanted)
    return bool(found.st_mode & wanted)
