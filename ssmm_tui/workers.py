"""The one way to do something that waits: operations in threads, flows of questions and answers beside the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from typing import TYPE_CHECKING, TypeVar

from ssmm_core.errors import SsmmError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from textual.dom import DOMNode
    from textual.worker import Worker

Result = TypeVar("Result")


class GaveUp(Exception):
    """What was awaited is not wanted any more."""


async def in_thread(work: Callable[[], Result]) -> Result:
    """What `work` returns or raises, done in a thread of its own that does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if ended.done():  # nobody waits for it any more
            return
        if error is not None:
            ended.set_exception(error)
        else:
            ended.set_result(result)  # type: ignore[arg-type]  # there is no error, so this is a result

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as raised:
            error = raised
        with contextlib.suppress(RuntimeError):  # the app has ended meanwhile
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, daemon=True).start()
    return await ended


def start(
    node: DOMNode, flow: Coroutine[object, object, None], *, name: str, exclusive: bool = False, at_end: Callable[[], object] | None = None
) -> Worker[None]:
    """Run a flow as a worker of `node`. An error of ours ends it, and is shown; `at_end` is called however it ended.

    The worker is described by its `name` alone: Textual would keep the repr of arguments, and log it. With `exclusive` a flow of the
    same name that still runs is cancelled.
    """

    async def guarded() -> None:
        try:
            await flow
        except GaveUp:
            pass
        except SsmmError as error:
            node.app.notify(str(error), title="Not done", severity="error", timeout=12, markup=False)
        finally:
            if at_end is not None:
                at_end()

    worker: Worker[None] = node.run_worker(guarded, name=name, group=name, description=name, exclusive=exclusive)
    weakref.finalize(worker, flow.close).atexit = False  # one that is cancelled before it began is never awaited
    return worker
