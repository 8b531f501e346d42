"""Write an environment to a private file, proven to read back to the same values."""

from __future__ import annotations

from ssmm_core.envfile import Undeliverable, dialect
from ssmm_core.errors import StorageError
from ssmm_core.files import write_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssmm_core.secret import SecretValue


def render(variables: Mapping[str, SecretValue], file_format: str) -> bytes:
    """The file's bytes, read back and compared.

    Raises:
        Undeliverable: the dialect cannot hold a value; named by its variable.
    """
    content = dialect(file_format).write(variables)
    _compare(variables, content, file_format)
    return content


def write(path: str, variables: Mapping[str, SecretValue], file_format: str) -> bool:
    """Bring `path` up to date; False where it already was.

    Raises:
        Undeliverable, SettingsError, StorageError: nothing was written, the file that stood there stands.
    """
    content = dialect(file_format).write(variables)

    def verify(written: bytes) -> None:
        if written != content:
            raise StorageError(f"{path} does not read back as it was written", hint="What stood there before is unchanged.")
        _compare(variables, written, file_format)

    return write_private(path, content, verify=verify)


def _compare(variables: Mapping[str, SecretValue], content: bytes, file_format: str) -> None:
    back = dialect(file_format).read(content)
    for name, value in variables.items():
        if back.get(name) != value:
            raise Undeliverable(name, f"the {file_format} format does not carry its value exactly")
