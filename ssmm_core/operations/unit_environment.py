"""The environment files that a unit has now, and the names in them."""

from __future__ import annotations

import glob
import re

from ssmm_core.errors import SsmmError
from ssmm_core.files import read_file
from ssmm_core.record import Record
from ssmm_core.systemd.calls import call_in
from ssmm_core.systemd.dropin import PROBE
from ssmm_core.systemd.quoting import environment_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ssmm_core.systemd.service import Service


class Names(Record):
    """The variables of some files. `unread` are the files that could not be read, or not whole: what is in them is not known."""

    names: tuple[str, ...]
    unread: tuple[str, ...] = ()


def cleared(service: Service, kept: Iterable[str]) -> tuple[str, ...]:
    """The environment files, as the unit names them, that a drop-in will clear: neither kept, nor written by ssmm before each start."""
    keeps = {form for path in kept for form in (path.removeprefix("-"), _as_loaded(path))}
    calls = [call_in(command) for command in service.exec_start_pre]
    synced = {out.replace("$$", "$") for call in calls if call is not None and (out := call.value("--out")) is not None}
    ours = {form for path in synced for form in (path, _as_loaded(path) if path.startswith("/") else path)}
    return tuple(path for path, _ in service.environment_files if path not in keeps | ours)


def names_in(paths: Sequence[str]) -> Names:
    """What the files of a unit's `EnvironmentFile=` settings hold, by systemd's own grammar; a file that is not there holds nothing.

    Those of a template's instances are not known.
    """
    from ssmm_core.envfile import dialect

    names: list[str] = []
    unread: list[str] = []
    for path in paths:
        if PROBE in path:
            unread.append(path.replace(PROBE, "%i"))
        for found in sorted(glob.glob(_pattern(path))):
            try:
                names += dialect("systemd").read(read_file(found))
            except SsmmError:
                unread.append(found)
    return Names(tuple(dict.fromkeys(names)), tuple(unread))


def _as_loaded(path: str) -> str:
    """A path that a person names, as a manager tells it: the glob characters that stand for themselves are escaped."""
    return environment_file(path).removeprefix("-").replace("%%", "%")


def _pattern(path: str) -> str:
    """systemd's glob as Python's, where a character stands for itself in brackets."""
    return re.sub(r"\\(.)", lambda found: f"[{found[1]}]", path)
