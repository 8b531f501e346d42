"""Become another program, with an environment from Parameter Store: the same process, no file, no child."""

from __future__ import annotations

import os
import signal

from ssmm_core.envfile.assignments import carried
from ssmm_core.errors import CannotExecute, ExitCode, InvalidInput
from ssmm_core.record import Record
from ssmm_core.secret import SecretValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import NoReturn

    from ssmm_core.overlay import Candidate, Layer, Overlay


def passed_on(inherited: Mapping[bytes, bytes], *, pristine: bool, keep: Collection[str]) -> dict[bytes, bytes]:
    """What the program inherits: everything, or if `pristine` nothing but `keep`."""
    kept = {name.encode() for name in keep}
    return {name: value for name, value in inherited.items() if not pristine or name in kept}


def child_environment(
    inherited: Mapping[bytes, bytes], variables: Mapping[str, SecretValue], *, clobber: bool = True, unset: Collection[str] = ()
) -> dict[bytes, bytes]:
    """What the program gets: parameters over what it inherits, or without `clobber` under it; and nothing that is `unset`.

    Raises:
        Undeliverable: a value that no environment can hold.
    """
    environment = dict(inherited)
    for name, value in variables.items():
        if clobber or name.encode() not in environment:
            environment[name.encode()] = carried(name, value).encode()
    for name in unset:
        environment.pop(name.encode(), None)
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


def become(program: str, arguments: Sequence[str], environment: Mapping[bytes, bytes], ignored_signals: int | None) -> NoReturn:
    """Replace this process. Open descriptors that were inherited stay open.

    Python ignores two signals from its start, and a program that inherits that does not end when its reader goes away: they become what
    they were before it, see `Launch.ignored_signals`, or else the default.

    Raises:
        CannotExecute: the kernel would not; nothing has changed then but two signals.
        InvalidInput: arguments and environment together are larger than the kernel takes.
    """
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        was_ignored = (ignored_signals or 0) >> (number - 1) & 1
        signal.signal(number, signal.SIG_IGN if was_ignored else signal.SIG_DFL)
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


class Explained(Record):
    """One variable that the program would get. `source` is `inherited` or the layer; `fingerprint` is keyed for one run."""

    name: str
    source: str
    fingerprint: str
    layer: Layer | None = None
    parameter: str = ""
    version: int = 0


def explain(
    resolved: Overlay, inherited: Collection[bytes], environment: Mapping[bytes, bytes], *, clobber: bool, key: bytes
) -> tuple[Explained, ...]:
    """Where each variable of `environment` comes from: parameters by name, then what is inherited; no value.

    The rest is as `child_environment` has it.
    """
    winners = {one.name.encode(): one.winner for one in resolved.variables if clobber or one.name.encode() not in inherited}
    in_order = sorted(environment.items(), key=lambda entry: (entry[0] not in winners, entry[0]))
    return tuple(_explained(os.fsdecode(name), value, winners.get(name), key) for name, value in in_order)


def _explained(name: str, value: bytes, winner: Candidate | None, key: bytes) -> Explained:
    fingerprint = SecretValue(os.fsdecode(value)).fingerprint(key)
    if winner is None:
        return Explained(name, "inherited", fingerprint)
    return Explained(name, str(winner.layer), fingerprint, winner.layer, winner.parameter.name, winner.parameter.version)
