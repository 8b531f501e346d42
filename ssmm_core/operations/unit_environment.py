"""The environment files that a unit has now, and the names in them."""

from __future__ import annotations

import glob
import os

from ssmm_core.errors import SsmmError
from ssmm_core.files import read_file
from ssmm_core.names import SHARED, environment_name, join, split
from ssmm_core.record import Record
from ssmm_core.store.retry import Budget
from ssmm_core.systemd.calls import call_in
from ssmm_core.systemd.dropin import PROBE, as_loaded
from ssmm_core.systemd.patterns import as_python

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ssmm_core.store import ParameterReader
    from ssmm_core.systemd.service import Service

_SECONDS = 5.0


class Names(Record):
    """The variables of some files. `unread` says which files could not be read, or not whole, and why: what is in them is not known."""

    names: tuple[str, ...]
    unread: tuple[str, ...] = ()


class Stored(Record):
    """The variables that Parameter Store has for an app: its `own`, and those that are `shared`."""

    own: frozenset[str]
    shared: frozenset[str]


def stored_names(store: ParameterReader, root: str, app: str) -> Stored:
    """What a unit of this app would get, by name: asked for seconds only, since a plan can be made without it. Nothing is decrypted.

    Raises:
        SsmmError: it could not be asked.
    """
    budget = Budget(_SECONDS, attempts=1)

    def names(of: str) -> frozenset[str]:
        found = store.walk(join(root, of), decrypt=False, budget=budget)
        return frozenset(environment_name(split(one.name, root)[1]) for one in found)

    return Stored(names(app), names(SHARED))


def cleared(service: Service, kept: Iterable[str]) -> tuple[str, ...]:
    """The environment files, as the unit names them, that a drop-in will clear: neither kept, nor written by ssmm before each start."""
    keeps = {form for path in kept for form in (path.removeprefix("-"), as_loaded(path))}
    calls = [call_in(command) for command in service.exec_start_pre]
    synced = {out.replace("$$", "$") for call in calls if call is not None and (out := call.value("--out")) is not None}
    ours = {form for path in synced for form in (path, as_loaded(path) if path.startswith("/") else path)}
    return tuple(path for path, _ in service.environment_files if path not in keeps | ours)


def is_read_by(service: Service, path: str) -> bool:
    """Whether one of the unit's environment files is the file at `path`."""
    real = os.path.realpath(path)
    return any(os.path.realpath(found) == real for pattern, _ in service.environment_files for found in glob.glob(as_python(pattern)))


def names_in(paths: Sequence[str]) -> Names:
    """What the files of a unit's `EnvironmentFile=` settings hold, by systemd's own grammar; a file that is not there holds nothing.

    Those of a template's instances are not known.
    """
    from ssmm_core.envfile import dialect

    names: list[str] = []
    unread: list[str] = []
    for path in paths:
        if PROBE in path:
            unread.append(f"{path.replace(PROBE, '%i')} is another one for each instance")
        for found in sorted(glob.glob(as_python(path))):
            try:
                names += dialect("systemd").read(read_file(found))
            except SsmmError as error:
                unread.append(error.message if found in error.message else f"{found}: {error.message}")
    return Names(tuple(dict.fromkeys(names)), tuple(unread))
