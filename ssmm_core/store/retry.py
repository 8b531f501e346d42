"""Patience with bounds: how long a call may go on, how fast calls may follow each other, when to try again.

botocore's own retries are off: they never retry TooManyUpdates, know no overall bound, and their sleeps cannot be seen. Ten attempts
with full jitter stand here instead; while the service throttles, the pace adapts for all threads of the process.
"""

from __future__ import annotations

import random
import threading
import time

from ssmm_core.errors import DeadlineExceeded, TemporaryError, Throttled, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final, TypeVar

    from ssmm_core.errors import SsmmError

    Answer = TypeVar("Answer")

ATTEMPTS: Final = 10
FIRST_WAIT: Final = 0.5
"""Upper bound of the first wait, in seconds. It doubles with each attempt up to `LONGEST_WAIT`."""
LONGEST_WAIT: Final = 8.0


class Budget:
    """A span of time that several calls share. It starts when it is made. `attempts` is how often each call may find nobody there."""

    def __init__(self, seconds: float, attempts: int = ATTEMPTS) -> None:
        self.seconds = seconds
        self.attempts = attempts
        self._end = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._end - time.monotonic())

    def exceeded(self, cause: BaseException | None = None) -> DeadlineExceeded:
        """The error for a budget that is spent, with what stood in the way."""
        reason = f" ({cause.message})" if isinstance(cause, TemporaryError) else ""
        hint = cause.hint if isinstance(cause, Unreachable) and cause.hint else "Try again, or pass --timeout SECONDS."
        return DeadlineExceeded(f"not done within {self.seconds:g} s{reason}", hint=hint)


class Pace:
    """At most `rate` calls a second over all threads, evenly spaced; slower while the service throttles.

    Each throttled call halves the rate, each call that goes through gives a twentieth of the full rate back. None is no bound, until
    the service asks for one.
    """

    _FLOOR: Final = 0.5
    _FIRST: Final = 10.0

    def __init__(self, rate: float | None) -> None:
        self._full = rate
        self._rate = rate
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self, budget: Budget) -> None:
        """Sleep until it is this caller's turn.

        Raises:
            DeadlineExceeded: the budget is spent, or the turn comes after its end.
        """
        if not budget.remaining:
            raise budget.exceeded()
        with self._lock:
            if self._rate is None:
                return
            now = time.monotonic()
            turn = max(now, self._next)
            if turn - now > budget.remaining:
                raise budget.exceeded()
            self._next = turn + 1 / self._rate
        time.sleep(max(0.0, turn - time.monotonic()))

    def throttled(self) -> None:
        with self._lock:
            self._rate = max(self._FLOOR, (self._rate or self._FIRST) / 2)

    def went_through(self) -> None:
        if self._rate == self._full:
            return
        with self._lock:
            full = self._full or self._FIRST
            raised = (self._rate or full) + full / 20
            self._rate = self._full if raised >= full else raised


def persist(send: Callable[[], Answer], *, budget: Budget, pace: Pace) -> Answer:
    """The answer of `send`, tried again while that can help and the budget lasts. What must not happen twice looks first, in `send`.

    Raises:
        DeadlineExceeded: the budget is spent; its cause is the last failure.
        Throttled, Unreachable: all attempts were used up.
    """
    failure: SsmmError | None = None
    for attempt in range(ATTEMPTS):
        try:
            pace.wait(budget)
        except DeadlineExceeded:
            raise budget.exceeded(failure) from failure
        try:
            answer = send()
        except (Throttled, Unreachable) as error:
            failure = error
            if isinstance(error, Throttled):
                pace.throttled()
            wait = random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**attempt))  # noqa: S311 - jitter, not a secret
            if wait >= budget.remaining:
                raise budget.exceeded(error) from error
            if attempt + 1 == ATTEMPTS or (isinstance(error, Unreachable) and attempt + 1 >= budget.attempts):
                raise
            time.sleep(wait)
        else:
            pace.went_through()
            return answer
    raise AssertionError("unreachable: the last attempt returns or raises")
