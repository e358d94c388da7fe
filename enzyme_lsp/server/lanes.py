"""Where the work behind a request runs, and how it ends early; must not know what the work is.

* INLINE: on the event loop, at once. For what takes well under a millisecond.
* THREAD: on one of a few threads. For features, which are plain functions of a snapshot.
* ENGINE: on the event loop, as a coroutine. For what waits for a compiler or for other work.
* STEPS: on a thread, but for the waiting. For features that are generators and yield what a compiler is to be asked.

Work ends early in two ways, and either way its request gets its one answer at once. A client that cancels a
request cancels the task that waits in `run`. An edit outdates all work on its document: `run` raises
`Outdated`, which the protocol calls "content modified". A function that is running on a thread then goes on
until it asks its snapshot whether it is still current, and what it gives is dropped; it cannot be stopped.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from enzyme_lsp.workspace.snapshot import Outdated

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_THREADS = 4
"""Python runs one at a time; a few keep a short question from waiting behind a long one."""


class Lane(Enum):
    INLINE = "inline"
    THREAD = "thread"
    ENGINE = "engine"
    STEPS = "steps"


class Lanes:
    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="feature")
        # Invariant: no set in it is empty, so that it does not grow with every document ever asked about.
        self._running: dict[str, set[asyncio.Future[Any]]] = {}

    async def run(self, lane: Lane, work: Callable[[], Any], *, uri: str | None) -> Any:
        """What `work` gives. With `uri`, an edit of that document ends it with `Outdated`."""
        if lane is Lane.INLINE:
            return work()
        waits = lane in (Lane.ENGINE, Lane.STEPS)
        future = asyncio.ensure_future(work()) if waits else self._in_thread(work)
        if uri is None:
            return await future
        running = self._running.setdefault(uri, set())
        running.add(future)
        try:
            return await future
        except asyncio.CancelledError:
            if _is_cancelled_from_outside():
                raise
            raise Outdated(uri) from None
        finally:
            running.discard(future)
            if not running and self._running.get(uri) is running:
                del self._running[uri]

    async def in_thread(self, work: Callable[[], T]) -> T:
        """For work that no request waits for."""
        return await self._in_thread(work)

    def outdate(self, uri: str) -> None:
        """End all work on a document, since its text has changed."""
        for future in self._running.pop(uri, ()):
            future.cancel()

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _in_thread(self, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._executor, work)


def _is_cancelled_from_outside() -> bool:
    """Whether the waiting task itself was cancelled, not only the work it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
