"""Become another program, with an environment from Parameter Store: the same process, no file, no child."""

from __future__ import annotations

import os
import signal

from ssmm_core.envfile import Undeliverable
from ssmm_core.errors import CannotExecute, ExitCode, InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from ssmm_core.secret import SecretValue


def inherited_environment() -> dict[bytes, bytes]:
    """The environment as the process was given it.

    Read from the kernel where it can be: Python's own start may have put LC_CTYPE into `os.environ`, which nobody asked for.
    """
    try:
        with open("/proc/self/environ", "rb") as file:
            entries = file.read().split(b"\0")
    except OSError:
        return dict(os.environb)
    return dict(entry.split(b"=", 1) for entry in entries if b"=" in entry)


def child_environment(inherited: Mapping[bytes, bytes], variables: Mapping[str, SecretValue]) -> dict[bytes, bytes]:
    """What the program gets: parameters over what was inherited.

    Raises:
        Undeliverable: a value that no environment can hold.
    """
    environment = dict(inherited)
    for name, value in variables.items():
        text = value.reveal()
        if "\0" in text:
            raise Undeliverable(name, "its value holds a NUL character")
        try:
            environment[name.encode()] = text.encode()
        except UnicodeEncodeError:
            raise Undeliverable(name, "its value is not valid UTF-8") from None
    return environment


def find_program(command: str, path: str | None) -> str:
    """The program that a shell would run for `command` with this PATH, which is the one from before the overlay.

    Raises:
        CannotExecute: 127 where there is none, 126 where there is one that may not be run.
    """
    if not command:
        raise CannotExecute("the command is empty", exit_code=ExitCode.NOT_FOUND)
    folders = (path or os.defpath).split(os.pathsep)
    places = [command] if "/" in command else [os.path.join(folder or ".", command) for folder in folders]
    present = [place for place in places if os.path.lexists(place) and not os.path.isdir(place)]
    for place in present:
        if os.access(place, os.X_OK):
            return place
    shown = command.partition("=")[0] + "=…" if "=" in command else command  # `exec -- TOKEN=… cmd` is a shell's way, not ours
    if present or ("/" in command and os.path.isdir(command)):
        raise CannotExecute(f"{shown} may not be executed", exit_code=ExitCode.CANNOT_EXECUTE, hint="Is it a program, with its x bit set?")
    raise CannotExecute(f"{shown} was not found", exit_code=ExitCode.NOT_FOUND, hint="Give its path, or check PATH.")


def become(program: str, arguments: Sequence[str], environment: Mapping[bytes, bytes]) -> NoReturn:
    """Replace this process. Open descriptors that were inherited stay open.

    Raises:
        CannotExecute: the kernel would not; nothing has changed then but two signals.
        InvalidInput: arguments and environment together are larger than the kernel takes.
    """
    # Python ignores these two at its start; a program that inherits that does not end when its reader goes away.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        os.execve(program, list(arguments), dict(environment))
    except OSError as error:
        import errno

        if error.errno == errno.E2BIG:
            raise InvalidInput(
                "the environment and arguments are larger than the kernel takes", hint="Deliver fewer variables, or raise the stack limit."
            ) from None
        reason = os.strerror(error.errno or 0)
        raise CannotExecute(f"{program} cannot be executed: {reason}", exit_code=ExitCode.CANNOT_EXECUTE) from None
