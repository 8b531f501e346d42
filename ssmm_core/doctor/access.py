"""Who may read what, told from modes and owners alone: nobody's identity is taken on for it. Access lists (ACL) are not looked at."""

from __future__ import annotations

import os
import pwd
import stat

from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from ssmm_core.doctor.unit_facts import SsmmCommand, UnitFacts

READ: Final = 4
RUN: Final = 1


class Who(Record):
    """A user's number and the groups that it is in."""

    id: int
    groups: frozenset[int] = frozenset()


def who_runs(command: SsmmCommand | None, facts: UnitFacts) -> Who:
    """As whom a unit's command runs."""
    if command is not None and command.as_root and facts.system:
        return Who(0)
    runner = facts.runner
    try:
        groups = frozenset(os.getgrouplist(runner.name, pwd.getpwnam(runner.name).pw_gid))
    except KeyError:
        groups = frozenset()
    return Who(runner.id, groups)


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


def shut(who: Who, path: str) -> tuple[str, ...]:
    """The directories above a file, the outermost first, that `who` may not pass; those that whoever asks cannot see are not among them."""
    found = []
    above = os.path.realpath(path)
    while above != "/":
        above = os.path.dirname(above)
        try:
            if not _grants(who, os.stat(above), RUN):
                found.append(above)
        except OSError:
            continue
    return tuple(reversed(found))


def _grants(who: Who, found: os.stat_result, wanted: int) -> bool:
    if who.id == 0:
        return wanted != RUN or bool(found.st_mode & 0o111) or stat.S_ISDIR(found.st_mode)
    if who.id == found.st_uid:
        return bool(found.st_mode >> 6 & wanted)
    if found.st_gid in who.groups:
        return bool(found.st_mode >> 3 & wanted)
    return bool(found.st_mode & wanted)
