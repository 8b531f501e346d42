"""Private files: born 0600, complete, or not there at all."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat

from ssmm_core.errors import InvalidInput, SettingsError, StorageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

PRIVATE: Final = 0o600
PRIVATE_DIRECTORY: Final = 0o700
_OWN_FILES: Final = "/proc/self/fd"


def write_private(path: str, content: bytes, *, verify: Callable[[bytes], None]) -> bool:
    """Replace `path` by `content` in one step; False where it held just that already.

    The new file is born with mode 0600 beside the old one, read back and handed to `verify`, synced, then renamed: a reader sees the
    old file or the new one, never a part, and after a failure the old one stands. An unchanged file only gets its mode put right.
    The owner of a file that is replaced is kept where the process may give files away.

    Raises:
        SettingsError: `path` is a directory, in a missing one, or not a regular file.
        StorageError: the disk is full, read-only or failing.
    """
    try:
        before = os.lstat(path)
    except FileNotFoundError:
        before = None
    except OSError as error:
        raise _explained(path, error) from None
    if before is not None and not stat.S_ISREG(before.st_mode):
        raise _not_a_file(path, before.st_mode)
    try:
        if before is not None and _same(path, content):
            if stat.S_IMODE(before.st_mode) != PRIVATE:
                _make_private(path)
            return False
        _replace(path, content, before, verify)
    except OSError as error:
        raise _explained(path, error) from None
    _sync_directory(path)
    return True


def read_file(path: str, what: str = "") -> bytes:
    """All of a file that a person named. `what` stands for its path in messages, where that may be something else by mistake.

    Raises:
        InvalidInput: it is missing, a directory, or may not be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise InvalidInput(f"cannot read {what or path}: {os.strerror(error.errno or 0)}", hint="Name a file that may be read.") from None


def private_directory(path: str) -> None:
    """Make `path` and its parents where they are missing, readable by their owner alone."""
    try:
        os.makedirs(path, mode=PRIVATE_DIRECTORY, exist_ok=True)
    except OSError as error:
        raise _explained(path, error) from None


def _same(path: str, content: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read() == content
    except PermissionError:
        return False


def _replace(path: str, content: bytes, before: os.stat_result | None, verify: Callable[[bytes], None]) -> None:
    directory, name = os.path.split(path)
    fresh = os.path.join(directory, f".{name}.{os.urandom(6).hex()}")
    with open(_nameless_file(directory or ".", fresh), "w+b") as file:
        handle = file.fileno()
        try:
            os.fchmod(handle, PRIVATE)  # a umask may have taken bits away
            if before is not None and (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                _keep_owner(handle, before, directory or ".")
            file.write(content)
            file.flush()
            os.fsync(handle)
            file.seek(0)
            verify(file.read())
            blocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGHUP, signal.SIGINT, signal.SIGTERM))
            try:
                if not os.fstat(handle).st_nlink:
                    os.link(f"{_OWN_FILES}/{handle}", fresh, src_dir_fd=handle)  # a descriptor, for without one Python does not follow
                os.rename(fresh, path)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(fresh)
            raise


def _nameless_file(directory: str, name: str) -> int:
    """A file without a name, which is gone when the process ends, however it ends; with `name` where the file system has no such files."""
    try:
        if os.path.isdir(_OWN_FILES):
            return os.open(directory, os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, PRIVATE)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
            raise
    return os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE)


def _keep_owner(handle: int, before: os.stat_result, directory: str) -> None:
    """Give the new file to the old one's owner, unless others may put files there: one of them may be who put it."""
    if os.stat(directory).st_mode & 0o022 and before.st_uid != os.stat(directory).st_uid:
        return
    with contextlib.suppress(PermissionError):  # only root gives files away; the file is ours then, and as private
        os.fchown(handle, before.st_uid, before.st_gid)


def _make_private(path: str) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchmod(handle, PRIVATE)
    finally:
        os.close(handle)


def _sync_directory(path: str) -> None:
    """Make the new name outlast a power failure, where the directory may be opened at all."""
    try:
        handle = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise StorageError(f"{path} is written, but its directory could not be synced: {reason}", hint="Check the disk.") from None
    finally:
        os.close(handle)


def _not_a_file(path: str, mode: int) -> SettingsError:
    if stat.S_ISDIR(mode):
        return SettingsError(f"{path} is a directory", hint="Name a file in it.")
    if stat.S_ISLNK(mode):
        return SettingsError(f"{path} is a symbolic link", hint="Name the file that it leads to.")
    return SettingsError(f"{path} is not a regular file", hint="Use - for standard output.")


def _explained(path: str, error: OSError) -> SettingsError | StorageError:
    directory = os.path.dirname(path) or "."
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return SettingsError(f"there is no directory {directory}", hint="Create it first.")
    reason = os.strerror(error.errno) if error.errno else "it failed"
    return StorageError(f"cannot write {path}: {reason}", hint="What stood there before is unchanged.")
