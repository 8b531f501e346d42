"""Calls side by side: all of them, in their order, or the first error at once."""

from __future__ import annotations

import threading
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmm_core.parallel import as_they_end, each

LONG = 30
"""Seconds after which a test that would hang fails instead."""


@settings(max_examples=30)
@given(st.lists(st.integers(), max_size=40), st.integers(0, 12))
def test_the_results_are_in_the_order_of_the_items(items: list[int], threads: int) -> None:
    assert each(lambda item: item * 2, items, threads=threads) == [item * 2 for item in items]


def test_the_order_is_kept_where_the_last_item_ends_first() -> None:
    ended = [threading.Event() for _ in range(3)]

    def work(index: int) -> int:
        if index < 2:
            assert ended[index + 1].wait(LONG)
        ended[index].set()
        return index

    assert each(work, [0, 1, 2], threads=3) == [0, 1, 2]


def test_as_many_run_side_by_side_as_there_are_threads_and_no_more() -> None:
    together = threading.Barrier(3, timeout=LONG)
    lock = threading.Lock()
    running = 0
    most = 0

    def work(_item: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait()
        with lock:
            running -= 1

    each(work, range(12), threads=3)
    assert most == 3


@pytest.mark.parametrize(("items", "threads"), [([1, 2, 3], 1), ([1], 10)])
def test_what_needs_no_thread_runs_in_this_one(items: list[int], threads: int) -> None:
    assert each(lambda _item: threading.current_thread(), items, threads=threads) == [threading.current_thread()] * len(items)


def test_the_first_error_is_raised_and_the_rest_is_not_awaited() -> None:
    released = threading.Event()
    begun = threading.Event()

    def work(item: str) -> None:
        if item == "hangs":
            begun.set()
            released.wait(LONG)
        else:
            assert begun.wait(LONG)
            raise LookupError(item)

    with pytest.raises(LookupError, match="fails"):
        each(work, ["hangs", "fails"], threads=2)
    assert not released.is_set()
    released.set()


def test_after_an_error_no_further_item_is_begun() -> None:
    held = threading.Event()
    failed = threading.Event()
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        if item == 0:
            raise LookupError("the first")
        failed.wait(LONG)
        held.wait(LONG)

    with pytest.raises(LookupError):
        each(work, list(range(100)), threads=2)
    failed.set()
    held.set()
    assert len(begun) <= 3


def test_an_interrupt_in_a_thread_reaches_the_caller() -> None:
    def work(item: int) -> int:
        if item == 1:
            raise KeyboardInterrupt
        return item

    with pytest.raises(KeyboardInterrupt):
        each(work, [0, 1, 2], threads=2)


def test_each_item_is_reported_with_its_result_or_its_error() -> None:
    def work(item: int) -> int:
        if item == 13:
            raise LookupError(item)
        return item * 2

    ended = {index: (result, error) for index, result, error in as_they_end(work, [11, 12, 13], threads=2, stop=threading.Event())}
    assert ended[0] == (22, None)
    assert ended[1] == (24, None)
    assert ended[2][0] is None
    assert isinstance(ended[2][1], LookupError)


def test_once_stopped_none_is_begun_any_more_and_those_under_way_are_awaited() -> None:
    stop = threading.Event()
    both_began = threading.Barrier(3, timeout=LONG)
    released = threading.Event()
    begun = count()

    def work(item: int) -> int:
        next(begun)
        both_began.wait()
        assert released.wait(LONG)
        return item

    def interrupt() -> None:
        both_began.wait()
        stop.set()
        released.set()

    threading.Thread(target=interrupt, daemon=True).start()
    ended = sorted(index for index, _result, _error in as_they_end(work, list(range(50)), threads=2, stop=stop))
    assert ended == [0, 1]
    assert next(begun) == 2


def test_nothing_is_begun_where_it_was_stopped_before() -> None:
    stop = threading.Event()
    stop.set()
    assert list(as_they_end(str, [1, 2, 3], threads=2, stop=stop)) == []


def test_the_threads_do_not_keep_the_process_from_ending() -> None:
    assert each(lambda _item: threading.current_thread().daemon, [1, 2], threads=2) == [True, True]


# Where threads are not to be had


@pytest.fixture
def threads_left(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many more can be started, in a list of one; as where systemd's TasksMax= is nearly used up."""
    left = [0]
    start = threading.Thread.start

    def bounded(thread: threading.Thread) -> None:
        if not left[0]:
            raise RuntimeError("can't start new thread")
        left[0] -= 1
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", bounded)
    return left


def test_without_any_thread_the_caller_does_all(threads_left: list[int]) -> None:
    assert each(lambda item: (item, threading.current_thread()), [1, 2, 3], threads=3) == [
        (item, threading.current_thread()) for item in (1, 2, 3)
    ]


def test_with_fewer_threads_than_asked_for_these_do_all(threads_left: list[int]) -> None:
    threads_left[0] = 2
    found = each(lambda item: (item, threading.current_thread()), range(20), threads=10)
    assert [item for item, _ in found] == list(range(20))
    assert threading.current_thread() not in {thread for _, thread in found}


def test_an_error_ends_it_in_the_callers_thread_too(threads_left: list[int]) -> None:
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        if item == 1:
            raise LookupError("the second")

    with pytest.raises(LookupError, match="the second"):
        each(work, range(5), threads=5)
    assert begun == [0, 1]


def test_what_is_stopped_ends_in_the_callers_thread_too(threads_left: list[int]) -> None:
    stop = threading.Event()
    ended = []
    for one in as_they_end(str, [1, 2, 3], threads=2, stop=stop):
        ended.append(one)
        stop.set()
    assert ended == [(0, "1", None)]
