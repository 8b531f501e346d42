"""What the kernel lets a program be started with (execve(2), *Limits on size of arguments and environment*), checked before anything is."""

from __future__ import annotations

import os

from ssmm_core.envfile.assignments import LONGEST, carried
from ssmm_core.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Final

    from ssmm_core.secret import SecretValue

_POINTER: Final = 8
_CAP: Final = 6 * 1024 * 1024
"""Three quarters of the 8 MiB that the kernel takes for a usual stack (_STK_LIM)."""
_FLOOR: Final = 131_072


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
    check_total("", (), {name.encode(): carried(name, value).encode() for name, value in variables.items()})


def _size(entries: Iterable[bytes], program: bytes) -> int:
    return len(program) + 1 + sum(len(entry) + 1 + _POINTER for entry in entries)


def _limit() -> int:
    import resource

    stack = resource.getrlimit(resource.RLIMIT_STACK)[0]
    quarter = _CAP if stack == resource.RLIM_INFINITY else stack // 4
    return max(_FLOOR, min(_CAP, quarter))
