"""Patience with bounds: the time that calls may take, the attempts they have, and the pace they keep."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from ssmm_core.errors import (
    AccessDenied,
    CredentialsMissing,
    DeadlineExceeded,
    ExitCode,
    InvalidInput,
    ReplyLost,
    SsmmError,
    Throttled,
    Unreachable,
)
from ssmm_core.store.retry import Budget, Pace, persist

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """Time that passes only where somebody sleeps or a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.slept.append(seconds)
        self.now += seconds

    def passes(self, seconds: float) -> None:
        self.now += seconds


class Service:
    """What a call meets: a list of failures, then answers."""

    def __init__(self, *failures: SsmmError, then: SsmmError | None = None) -> None:
        self.failures = list(failures)
        self.then = then
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        if self.then:
            raise self.then
        return "answer"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """No test here waits. The jitter is at its upper end."""
    clock = Clock()
    monkeypatch.setattr("ssmm_core.store.retry.time", clock)
    monkeypatch.setattr("random.uniform", lambda _low, high: high)
    return clock


THROTTLED = Throttled("AWS throttled PutParameter of /team/web/port")
UNREACHABLE = Unreachable("cannot reach Parameter Store")
LOST = ReplyLost("no answer from Parameter Store")


# Budget


def test_a_budget_starts_when_it_is_made_and_is_never_below_zero(clock: Clock) -> None:
    budget = Budget(60)
    assert budget.remaining == 60
    clock.passes(45)
    assert budget.remaining == 15
    clock.passes(45)
    assert budget.remaining == 0


def test_a_spent_budget_says_how_long_it_was_and_what_stood_in_the_way(clock: Clock) -> None:
    error = Budget(2.5).exceeded(THROTTLED)
    assert str(error) == "not done within 2.5 s (AWS throttled PutParameter of /team/web/port). Try again, or pass --timeout SECONDS."
    assert error.exit_code == ExitCode.TEMPORARY


def test_a_spent_budget_repeats_no_error_but_ours(clock: Clock) -> None:
    assert str(Budget(60).exceeded(ValueError("made-up-value"))) == "not done within 60 s. Try again, or pass --timeout SECONDS."


# Attempts


def test_an_answer_is_given_back_at_once(clock: Clock) -> None:
    assert persist(Service(), budget=Budget(60)) == "answer"
    assert clock.slept == []


@pytest.mark.parametrize("failure", [THROTTLED, UNREACHABLE, LOST])
def test_what_may_heal_is_tried_again(failure: SsmmError, clock: Clock) -> None:
    service = Service(failure, failure)
    assert persist(service, budget=Budget(60)) == "answer"
    assert service.calls == 3


@pytest.mark.parametrize(
    "failure",
    [
        AccessDenied("no", action="ssm:GetParameter", resource="*"),
        InvalidInput("no"),
        CredentialsMissing("no AWS credentials found"),
        DeadlineExceeded("too late"),
    ],
)
def test_what_cannot_heal_within_a_run_is_raised_at_once(failure: SsmmError, clock: Clock) -> None:
    service = Service(then=failure)
    with pytest.raises(type(failure)) as caught:
        persist(service, budget=Budget(60))
    assert caught.value is failure
    assert service.calls == 1
    assert clock.slept == []


@pytest.mark.parametrize("failure", [UNREACHABLE, LOST])
def test_after_ten_attempts_the_last_failure_is_raised(failure: SsmmError, clock: Clock) -> None:
    service = Service(then=failure)
    with pytest.raises(type(failure)) as caught:
        persist(service, budget=Budget(600))
    assert caught.value is failure
    assert service.calls == 10


def test_a_budget_may_allow_fewer_attempts_to_find_somebody_there_but_not_to_be_throttled(clock: Clock) -> None:
    silent, busy = Service(then=UNREACHABLE), Service(*[THROTTLED] * 5)
    with pytest.raises(Unreachable):
        persist(silent, budget=Budget(600, attempts=3))
    assert persist(busy, budget=Budget(600, attempts=3)) == "answer"
    assert silent.calls == 3


def test_a_service_that_throttles_is_waited_for_as_long_as_the_budget_lasts(clock: Clock) -> None:
    assert persist(Service(*[THROTTLED] * 15), budget=Budget(600)) == "answer"
    with pytest.raises(DeadlineExceeded) as caught:
        persist(Service(then=THROTTLED), budget=Budget(60))
    assert caught.value.__cause__ is THROTTLED


def test_a_throttled_call_waits_shortly_at_first_and_long_where_that_does_not_help(clock: Clock) -> None:
    persist(Service(*[THROTTLED] * 14), budget=Budget(600))
    assert clock.slept == [0.5, 1, *[1.25] * 10, 8, 8]


def test_waits_double_up_to_a_longest(clock: Clock) -> None:
    with pytest.raises(Unreachable):
        persist(Service(then=UNREACHABLE), budget=Budget(600))
    waits = [wait for wait in clock.slept if wait]
    assert waits == [0.5, 1, 2, 4, 8, 8, 8, 8, 8]


def test_waits_are_drawn_from_the_whole_span_down_to_zero(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    spans: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        spans.append((low, high))
        return random.Random(len(spans)).uniform(low, high)

    monkeypatch.setattr("random.uniform", uniform)
    persist(Service(UNREACHABLE, UNREACHABLE, UNREACHABLE), budget=Budget(600))
    assert spans == [(0, 0.5), (0, 1), (0, 2)]


# The end of a budget


def test_a_wait_that_would_outlast_the_budget_is_not_begun(clock: Clock) -> None:
    service = Service(then=UNREACHABLE)
    with pytest.raises(DeadlineExceeded) as caught:
        persist(service, budget=Budget(1.4))
    assert service.calls == 2
    assert sum(clock.slept) == 0.5
    assert caught.value.__cause__ is UNREACHABLE
    assert "cannot reach Parameter Store" in str(caught.value)


def test_nothing_is_sent_on_a_spent_budget(clock: Clock) -> None:
    budget = Budget(1)
    clock.passes(1)
    service = Service()
    with pytest.raises(DeadlineExceeded):
        persist(service, budget=budget)
    assert service.calls == 0


def test_a_call_that_takes_the_whole_budget_and_fails_is_not_repeated(clock: Clock) -> None:
    def send() -> str:
        clock.passes(20)
        raise LOST

    with pytest.raises(DeadlineExceeded) as caught:
        persist(send, budget=Budget(15))
    assert caught.value.__cause__ is LOST


def test_calls_share_a_budget(clock: Clock) -> None:
    budget = Budget(10)

    def slow() -> str:
        clock.passes(6)
        return "answer"

    assert persist(slow, budget=budget) == "answer"
    assert persist(slow, budget=budget) == "answer"
    with pytest.raises(DeadlineExceeded):
        persist(slow, budget=budget)


def test_a_turn_behind_the_end_of_the_budget_still_names_the_throttling(clock: Clock) -> None:
    pace = Pace(1)
    with pytest.raises(DeadlineExceeded) as caught:
        persist(Service(then=THROTTLED), budget=Budget(0.9), pace=pace)
    assert "AWS throttled PutParameter" in str(caught.value)
    assert caught.value.__cause__ is THROTTLED


# Pace


def turns(pace: Pace, number: int, clock: Clock) -> list[float]:
    """When each of so many calls, one right behind the other, has its turn."""
    began = clock.now
    times = []
    for _ in range(number):
        pace.wait(Budget(1000))
        times.append(round(clock.now - began, 6))
    return times


def test_without_a_rate_nobody_waits(clock: Clock) -> None:
    assert turns(Pace(None), 4, clock) == [0, 0, 0, 0]


def test_turns_are_evenly_spaced(clock: Clock) -> None:
    assert turns(Pace(4), 5, clock) == [0, 0.25, 0.5, 0.75, 1]


def test_time_that_was_not_used_is_not_saved_up(clock: Clock) -> None:
    pace = Pace(4)
    pace.wait(Budget(1))
    clock.passes(10)
    assert turns(pace, 3, clock) == [0, 0.25, 0.5]


def test_a_turn_behind_the_end_of_the_budget_is_not_waited_for_nor_taken(clock: Clock) -> None:
    pace = Pace(1)
    pace.wait(Budget(10))
    with pytest.raises(DeadlineExceeded):
        pace.wait(Budget(0.5))
    assert clock.slept == [0]
    assert turns(pace, 1, clock) == [1]


def rate_of(pace: Pace, clock: Clock) -> float:
    """Calls a second, as two calls in a row show it."""
    pace.wait(Budget(1000))
    first, second = turns(pace, 2, clock)
    return round(1 / (second - first), 3) if second > first else float("inf")


def repeat(action: Callable[[], None], times: int) -> None:
    for _ in range(times):
        action()


def test_each_throttled_call_halves_the_rate_down_to_a_floor(clock: Clock) -> None:
    pace = Pace(4)
    seen = []
    for _ in range(5):
        pace.throttled()
        seen.append(rate_of(pace, clock))
    assert seen == [2, 1, 0.5, 0.5, 0.5]


def test_each_call_that_goes_through_gives_a_twentieth_back_up_to_the_full_rate(clock: Clock) -> None:
    pace = Pace(4)
    pace.throttled()
    pace.went_through()
    assert rate_of(pace, clock) == 2.2
    repeat(pace.went_through, 100)
    assert rate_of(pace, clock) == 4


def test_what_had_no_bound_gets_one_while_the_service_throttles(clock: Clock) -> None:
    pace = Pace(None)
    pace.throttled()
    assert rate_of(pace, clock) == 5
    repeat(pace.went_through, 9)
    assert rate_of(pace, clock) == 9.5
    pace.went_through()
    assert rate_of(pace, clock) == float("inf")


def test_calls_that_go_through_do_not_raise_a_rate_above_the_full_one(clock: Clock) -> None:
    pace = Pace(3)
    repeat(pace.went_through, 10)
    assert rate_of(pace, clock) == 3


def test_a_throttled_call_slows_the_calls_behind_it(clock: Clock) -> None:
    pace = Pace(None)
    persist(Service(THROTTLED), budget=Budget(60), pace=pace)
    assert rate_of(pace, clock) == 5.5


def test_an_unreachable_service_slows_nobody(clock: Clock) -> None:
    pace = Pace(None)
    persist(Service(UNREACHABLE), budget=Budget(60), pace=pace)
    assert rate_of(pace, clock) == float("inf")
