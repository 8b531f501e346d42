"""The file of variables that is to be put: read whole, before anything is planned."""

from __future__ import annotations

from ssmm_core.errors import InvalidInput
from ssmm_core.files import read_file
from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ssmm_core.secret import SecretValue


class EnvFile(Record):
    """The variables that have a value, in the file's order, and the names of the `empty` ones: the service holds no empty value."""

    variables: Mapping[str, SecretValue]
    empty: tuple[str, ...]


def read(path: str, file_format: str = "") -> EnvFile:
    """What a `.env` holds, or a file in another format of `sync`; which one is seen from the file where it is not said.

    Raises:
        InvalidInput: it cannot be read, is no such file, or holds no variable with a value; no text of the file is in the message.
    """
    from ssmm_core.envfile.given import read_env

    found = read_env(read_file(path), path, file_format)
    if not any(found.values()):
        raise InvalidInput(f"{path} holds no variable with a value", hint="Name a file of KEY=VALUE lines.")
    return EnvFile({name: value for name, value in found.items() if value}, tuple(name for name, value in found.items() if not value))


def read_otherwise(path: str, variables: Mapping[str, SecretValue]) -> tuple[str, ...]:
    """Which of the variables that other tools have from a file systemd would have otherwise, or not at all."""
    from ssmm_core.envfile import dialect

    try:
        found = dialect("systemd").read(read_file(path))
    except InvalidInput:
        return ()
    return tuple(name for name, value in variables.items() if found.get(name) != value)
