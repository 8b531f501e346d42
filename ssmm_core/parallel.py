"""Calls side by side, in threads that never keep the process from ending."""

from __future__ import annotations

import queue
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeVar

    Item = TypeVar("Item")
    Result = TypeVar("Result")
    Ended = tuple[int, Result | None, BaseException | None]


def each(work: Callable[[Item], Result], items: Sequence[Item], *, threads: int) -> list[Result]:
    """`work` of all `items`, in their order. The first one that fails ends it: its error is raised, the rest is not awaited."""
    if len(items) <= 1 or threads <= 1:
        return [work(item) for item in items]
    results: dict[int, Result] = {}
    stop = threading.Event()
    try:
        for index, result, error in as_they_end(work, items, threads=threads, stop=stop):
            if error is not None:
                raise error
            results[index] = result  # type: ignore[assignment]  # there is no error, so this is a result
    finally:
        stop.set()
    return [results[index] for index in range(len(items))]


def as_they_end(work: Callable[[Item], Result], items: Sequence[Item], *, threads: int, stop: threading.Event) -> Iterator[Ended[Result]]:
    """(index, result, error) of each item as it ends. Once `stop` is set none is begun any more; those under way are still awaited."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    ended: queue.SimpleQueue[Ended[Result] | None] = queue.SimpleQueue()

    def ends() -> Iterator[Ended[Result]]:
        while not stop.is_set():
            try:
                index = waiting.get_nowait()
            except queue.Empty:
                break
            try:
                one: Ended[Result] = index, work(items[index]), None
            except BaseException as error:
                one = index, None, error
            yield one

    def run() -> None:
        for one in ends():
            ended.put(one)
        ended.put(None)

    for index in range(len(items)):
        waiting.put(index)
    alive = 0
    for _ in range(min(threads, len(items))):
        try:
            threading.Thread(target=run, daemon=True).start()
        except RuntimeError:  # no more are to be had, as under TasksMax=: those that there are do it all
            break
        alive += 1
    if not alive:
        yield from ends()
    while alive:
        one = ended.get()
        if one is None:
            alive -= 1
        else:
            yield one
