"""Write an environment to a private file, proven to read back to the same values."""

from __future__ import annotations

import os

from ssmm_core.envfile import Undeliverable, dialect, written_by_ssmm
from ssmm_core.errors import SsmmError, StorageError
from ssmm_core.files import PRIVATE, read_file, write_private
from ssmm_core.names import comes_back_as
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from ssmm_core.secret import SecretValue

    Standing = Literal["nothing", "same", "ours", "foreign"]


def render(variables: Mapping[str, SecretValue], file_format: str) -> bytes:
    """The file's bytes, read back and compared.

    Raises:
        Undeliverable: the dialect cannot hold a value; named by its variable.
    """
    content = dialect(file_format).write(variables)
    _compare(variables, content, file_format)
    return content


class Synced(Record):
    """What `write` did. `kept` is where it put what somebody else had written there, or empty."""

    written: bool
    kept: str = ""


def write(path: str, variables: Mapping[str, SecretValue], file_format: str) -> Synced:
    """Bring `path` up to date. A file there that ssmm did not write is kept beside it, as `<path>.before-ssmm`.

    Raises:
        Undeliverable, SettingsError, StorageError: nothing was written, the file that stood there stands.
    """
    content = dialect(file_format).write(variables)

    def verify(written: bytes) -> None:
        if written != content:
            raise StorageError(f"{path} does not read back as it was written", hint="What stood there before is unchanged.")
        _compare(variables, written, file_format)

    kept = _keep_foreign(path, content)
    try:
        written = write_private(path, content, verify=verify)
    except SsmmError:
        if kept and os.path.samefile(path, kept):  # it still has its own name, so the second is not needed
            os.unlink(kept)
        raise
    if kept:
        _make_private(kept)
    return Synced(written, kept)


def _make_private(kept: str) -> None:
    """Whoever may write to the directory may have put a link there meanwhile: its target is not for us to change."""
    try:
        handle = os.open(kept, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise StorageError(f"{kept} holds what stood there, and could not be made private: {os.strerror(error.errno or 0)}") from None
    try:
        if os.fstat(handle).st_nlink == 1:  # under another name it is another's, too
            os.fchmod(handle, PRIVATE)
    finally:
        os.close(handle)


def standing(path: str, content: bytes) -> Standing:
    """What `write` would replace: nothing, this very content, an earlier file of ssmm's, or one that somebody else wrote.

    Raises:
        InvalidInput: it may not be read.
    """
    if not os.path.isfile(path) or os.path.islink(path):
        return "nothing"  # or something that will be refused
    present = read_file(path)
    if present == content:
        return "same"
    return "ours" if not present or written_by_ssmm(present) or _is_our_json(present) else "foreign"


def _keep_foreign(path: str, content: bytes) -> str:
    """Give a file that is not ours a second name, under which it outlasts the replacement; that name, or empty."""
    if standing(path, content) != "foreign":
        return ""
    try:
        kept = f"{path}.before-ssmm"
        while os.path.lexists(kept):
            kept = f"{path}.before-ssmm.{os.urandom(3).hex()}"
        os.link(path, kept)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise StorageError(f"{path} is not from ssmm, and could not be kept: {reason}", hint="Move it away first.") from None
    return kept


def _is_our_json(content: bytes) -> bool:
    """JSON has no header line that could tell: what ssmm wrote, it would write just so again."""
    try:
        held = dialect("json").read(content)
        return list(held) == sorted(held) and all(comes_back_as(name) == name for name in held) and dialect("json").write(held) == content
    except SsmmError:
        return False


def _compare(variables: Mapping[str, SecretValue], content: bytes, file_format: str) -> None:
    back = dialect(file_format).read(content)
    for name in (*variables, *back):
        if back.get(name) != variables.get(name):
            raise Undeliverable(name, f"the {file_format} format does not carry its value exactly")
