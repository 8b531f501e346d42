"""What the kernel lets a program be started with (execve(2), *Limits on size of arguments and environment*), checked before anything is."""

from __future__ import annotations

import os

from ssmm_core.envfile import Undeliverable
from ssmm_core.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Final

    from ssmm_core.secret import SecretValue

LONGEST: Final = 131_072
"""Bytes of one `NAME=value` or argument and its end: MAX_ARG_STRLEN."""
_POINTER: Final = 8
_CAP: Final = 6 * 1024 * 1024
"""Three quarters of the 8 MiB that the kernel takes for a usual stack (_STK_LIM)."""
_FLOOR: Final = 131_072


def deliverable_bytes(name: str, value: SecretValue) -> bytes:
    """A value as an environment holds it.

    Raises:
        Undeliverable: no environment can.
    """
    text = value.reveal()
    if "\0" in text:
        raise Undeliverable(name, "its value holds a NUL character")
    try:
        content = text.encode()
    except UnicodeEncodeError:
        raise Undeliverable(name, "its value is not valid UTF-8") from None
    if len(name) + len(content) + 2 > LONGEST:
        raise Undeliverable(name, f"with its value it has more than {LONGEST:,} bytes, the kernel's limit")
    return content


def check_total(program: str, arguments: Sequence[str], environment: Mapping[bytes, bytes]) -> None:
    """Refuse what `execve` would answer with E2BIG (in a unit: 203/EXEC), with the figures.

    Raises:
        InvalidInput: one argument, or everything together, is too long.
    """
    for number, argument in enumerate(arguments):
        if len(os.fsencode(argument)) + 1 > LONGEST:
            raise InvalidInput(f"argument {number} has more than {LONGEST:,} bytes, the kernel's limit")
    entries = [*(os.fsencode(one) for one in arguments), *(name + b"=" + value for name, value in environment.items())]
    size = _size(entries, os.fsencode(program))
    if size > (limit := _limit()):
        raise InvalidInput(
            f"arguments and environment have {size:,} bytes together, the kernel takes {limit:,}",
            hint="Deliver fewer variables (--only), or raise the stack limit (LimitSTACK=).",
        )


def check_variables(variables: Mapping[str, SecretValue]) -> None:
    """The same for what a file will bring into an environment, with the stack limit of this process.

    Raises:
        Undeliverable, InvalidInput: no program could be started with it.
    """
    check_total("", (), {name.encode(): deliverable_bytes(name, value) for name, value in variables.items()})


def _size(entries: Iterable[bytes], program: bytes) -> int:
    return len(program) + 1 + sum(len(entry) + 1 + _POINTER for entry in entries)


def _limit() -> int:
    import resource

    stack = resource.getrlimit(resource.RLIMIT_STACK)[0]
    quarter = _CAP if stack == resource.RLIM_INFINITY else stack // 4
    return max(_FLOOR, min(_CAP, quarter))
