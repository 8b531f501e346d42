"""The files that whoever runs this is told by: looked at before a library opens them, which would wait for a FIFO without an end."""

from __future__ import annotations

import os

from ssmm_core.doctor import bounded
from ssmm_core.errors import SettingsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

_OF_THE_SDK: Final = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}


def check_file(path: str) -> None:
    """
    Raises:
        SettingsError: what is there cannot be read to an end.
    """
    if path and (fault := bounded.fault(path)):
        raise SettingsError(f"{path} {fault}", hint="Put a regular file there, or none.")


def problem_of(environ: Mapping[str, str]) -> SettingsError | None:
    """Why the SDK could not read its files."""
    for variable, name in _OF_THE_SDK.items():
        try:
            check_file(os.path.expanduser(environ.get(variable) or f"~/.aws/{name}"))
        except SettingsError as error:
            return error
    return None
