"""Change a unit's drop-ins and have systemd read them, as one step: all of it stands in the end, or what stood before."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal

from ssmm_core.errors import CommandFailed, SsmmError, StorageError
from ssmm_core.files import read_file
from ssmm_core.systemd import manager
from ssmm_core.systemd.dropin import HEADER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


def standing(path: str) -> bytes | None:
    """A drop-in's content; None where there is none."""
    return read_file(path) if os.path.lexists(path) else None


def is_ours(content: bytes | None) -> bool:
    """Whether ssmm wrote a drop-in."""
    return content is not None and content.startswith(HEADER)


def change(wanted: Mapping[str, bytes | None], *, system: bool, confirm: Callable[[], None]) -> None:
    """Write drop-ins of one directory, or remove those with None, reload the manager and `confirm` what it made of them.

    The directory goes when it is empty in the end. After a failure the very files that were there before are there again, and the manager
    has read them.

    Raises:
        StorageError: a file could not be written.
        CommandFailed: the reload failed, or `confirm` did; nothing has changed.
    """
    with _alone(wanted):
        _change(wanted, system=system, confirm=confirm)


@contextlib.contextmanager
def _alone(wanted: Iterable[str]) -> Iterator[None]:
    """No other run of ssmm changes these units meanwhile, and no signal ends this one in the middle: it takes a second or two."""
    folder = os.path.dirname(os.path.dirname(next(iter(wanted))))
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGHUP, signal.SIGINT, signal.SIGTERM))
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _change(wanted: Mapping[str, bytes | None], *, system: bool, confirm: Callable[[], None]) -> None:
    aside: dict[str, str] = {}
    try:
        _set_aside(wanted, aside)
        _make(wanted)
    except OSError as error:
        with contextlib.suppress(OSError):
            _restore(wanted, aside)
        hint = "Run it as root for --system." if system else ""
        path = next((path for path, content in wanted.items() if content is not None), error.filename)
        raise StorageError(f"cannot write {path}: {os.strerror(error.errno or 0)}", hint=hint) from None
    try:
        manager.daemon_reload(system=system)
        confirm()
    except SsmmError as error:
        but = _put_back(wanted, aside, system=system)
        what = f"{', '.join(wanted)} {'is' if len(wanted) == 1 else 'are'} as before"
        raise CommandFailed(f"{error.message}; {what}{but}", hint=error.hint) from None
    except BaseException:
        _put_back(wanted, aside, system=system)
        raise
    for kept in aside.values():
        os.unlink(kept)
    _remove_empty(wanted)


def remove_fetched(paths: Iterable[str]) -> tuple[str, ...]:
    """Remove environment files that ssmm wrote to a runtime directory, once no unit names them any more; those that could not be."""
    left = []
    for path in paths:
        try:
            os.unlink(path)
        except FileNotFoundError:
            continue
        except OSError:
            left.append(path)
    return tuple(left)


def _set_aside(wanted: Iterable[str], aside: dict[str, str]) -> None:
    """Give each file that is there a second name, which no manager reads: it does not end in .conf."""
    for path in wanted:
        if os.path.lexists(path):
            os.link(path, _beside(path, "before"), follow_symlinks=False)
            aside[path] = _beside(path, "before")


def _make(wanted: Mapping[str, bytes | None]) -> None:
    for path, content in wanted.items():
        if content is not None:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            _write(path, content)
        elif os.path.lexists(path):
            os.unlink(path)


def _restore(wanted: Iterable[str], aside: Mapping[str, str]) -> None:
    for path in wanted:
        if path in aside:
            os.rename(aside[path], path)
            with contextlib.suppress(FileNotFoundError):  # renaming a file to another name of its own does nothing
                os.unlink(aside[path])
        elif os.path.lexists(path):
            os.unlink(path)
    _remove_empty(wanted)


def _put_back(wanted: Iterable[str], aside: Mapping[str, str], *, system: bool) -> str:
    """Make the files as they were; what could not be done of that, for the message."""
    try:
        _restore(wanted, aside)
        manager.daemon_reload(system=system)
    except OSError as error:
        return f", but for {error.filename}: {os.strerror(error.errno or 0)}"
    except CommandFailed:
        return ", but systemd has not read that again"
    return ""


def _remove_empty(paths: Iterable[str]) -> None:
    for folder in {os.path.dirname(path) for path in paths}:
        with contextlib.suppress(OSError):  # others' files are in it, or it was never there
            os.rmdir(folder)


def _write(path: str, content: bytes) -> None:
    fresh = _beside(path, "new")
    try:
        with open(fresh, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(fresh, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(fresh)
        raise OSError(error.errno, error.strerror, path) from None


def _beside(path: str, what: str) -> str:
    return f"{path}.{os.getpid()}.{what}"
