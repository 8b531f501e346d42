"""Ctrl-C: an exception as Python has it, or the end of the process at once."""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ssmm_core.cli.diagnostics import Diagnostics


def ends_at_once(say: Diagnostics) -> Callable[[], None]:
    """From now on, Ctrl-C ends the process where it stands, until what is given back is called.

    While threads import, an exception will not do: if it meets the importing of a module, Python drops it with the lock of all imports
    taken, and every thread waits for that forever (seen in CPython 3.11 and 3.13). Nothing is under way yet that would need an end.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return lambda: None  # ignored, as under nohup, or somebody else's

    def end(*_: object) -> None:
        import select

        if select.select([], [2], [], 0)[1]:  # a pipe that is full, and that nobody reads, would keep us here
            say.interrupted()
        os._exit(130)

    def as_before() -> None:
        if signal.getsignal(signal.SIGINT) is end:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, end)
    return as_before
