"""Patience with bounds: how long a call may go on, how fast calls may follow each other, when to try again.

botocore's own retries are off: they never retry TooManyUpdates, know no overall bound, and their sleeps cannot be seen. Full jitter stands
here instead, and for writes a pace that adapts for all threads of the process while the service throttles.
"""

from __future__ import annotations

import threading
import time
from itertools import count

from ssmm_core.errors import DeadlineExceeded, TemporaryError, Throttled, Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final, TypeVar

    from ssmm_core.errors import SsmmError

    Answer = TypeVar("Answer")

ATTEMPTS: Final = 10
"""How often somebody is called who is not there. A service that throttles is there: only the budget ends that."""
FIRST_WAIT: Final = 0.5
"""Upper bound of the first wait, in seconds. It doubles with each attempt up to `LONGEST_WAIT`."""
LONGEST_WAIT: Final = 8.0
THROTTLED_WAIT: Final = 1.25
"""The longest wait of a call that was throttled `THROTTLED_OFTEN` times at most: a host that starts twenty services at once makes a short
queue, and what the last in it waits too long is all of the delay. A fleet that does so is slowed down by `LONGEST_WAIT`."""
THROTTLED_OFTEN: Final = 12


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


def persist(send: Callable[[], Answer], *, budget: Budget, pace: Pace | None = None) -> Answer:
    """The answer of `send`, tried again while that can help and the budget lasts. What must not happen twice looks first, in `send`.

    Raises:
        DeadlineExceeded: the budget is spent; its cause is the last failure.
        Unreachable: all attempts were used up.
    """
    failure: SsmmError | None = None
    for attempt in count():
        try:
            if pace:
                pace.wait(budget)
            elif not budget.remaining:
                raise budget.exceeded()
        except DeadlineExceeded:
            raise budget.exceeded(failure) from failure
        try:
            answer = send()
        except (Throttled, Unreachable) as error:
            failure = error
            is_throttled = isinstance(error, Throttled)
            if pace and is_throttled:
                pace.throttled()
            import random  # 3 ms, which nobody pays for whom all goes well

            longest = THROTTLED_WAIT if is_throttled and attempt < THROTTLED_OFTEN else LONGEST_WAIT
            wait = random.uniform(0, min(longest, FIRST_WAIT * 2 ** min(attempt, ATTEMPTS)))  # noqa: S311 - jitter, not a secret
            if wait >= budget.remaining:
                raise budget.exceeded(error) from error
            if not is_throttled and attempt + 1 >= min(ATTEMPTS, budget.attempts):
                raise
            time.sleep(wait)
        else:
            if pace:
                pace.went_through()
            return answer
    raise AssertionError("unreachable: the count has no end")
