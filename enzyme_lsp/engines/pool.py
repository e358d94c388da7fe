"""The engine that the server asks: a few workers, a queue, a cache; must not know what requests are about.

    run      -> an answer from the cache
             -> or the job for an equal request that somebody waits for already
             -> or a new job, queued in its lane
    dispatch -> jobs to idle workers: interactive ones first, and background ones only as long as a worker
                remains for the others
    cancel   -> when nobody waits for a job any more it leaves the queue, or its worker is killed

There is one `_dispatch`, called whenever a job or a worker may have become free; it looks at everything anew, so
that no event has to be handled by its own rule.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from enzyme_lsp.engines.api import Engine, State, Status, unavailable
from enzyme_lsp.engines.cache import Cache
from enzyme_lsp.engines.enzyme import client as enzyme
from enzyme_lsp.engines.interpreters import Missing
from enzyme_lsp.engines.program import client as program
from enzyme_lsp.engines.supervisor import Launch, Patience, Supervisor
from enzyme_lsp.engines.upstream import client as upstream

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from enzyme_lsp.engines.api import Answer, Request
    from enzyme_lsp.settings import EngineSettings

_logger = logging.getLogger(__name__)

CANCEL_GRACE_S = 0.2
"""How long a job that nobody waits for any more may go on. Most are done within milliseconds, and a killed worker takes
a quarter of a second or more to replace; and the answer is worth keeping, since people undo."""


class Lane(Enum):
    """Who waits for an answer."""

    INTERACTIVE = "interactive"
    """A person, after a key or a click."""

    BACKGROUND = "background"
    """Nobody in particular: the whole file while the editor is idle."""


class Pool(Engine):
    """Answers requests. Made anywhere, used on one event loop."""

    def __init__(
        self,
        settings: EngineSettings,
        *,
        find: Callable[[], Awaitable[Launch | Missing]],
        patience: Patience | None = None,
    ) -> None:
        self._settings = settings
        self._find = find
        self._patience = patience or Patience()
        self._cache = Cache(settings.cache_entries)
        self._status = Status(State.STARTING, None, "the engine starts with the first request")
        self._callbacks: list[Callable[[Status], None]] = []
        self._finding: asyncio.Task[None] | None = None
        self._found_at = -math.inf
        self._used_at = time.monotonic()
        self._workers: tuple[Supervisor, ...] = ()
        self._instead: Callable[[], Awaitable[Launch | Missing]] | None = None
        """Finds the engine that is used where that of the workers cannot be loaded."""
        # Invariant: a job is in `_jobs` from when it is made until it is answered or abandoned, and until then in
        # either a queue or `_at_work`.
        self._jobs: dict[str, _Job] = {}
        self._queues: dict[Lane, OrderedDict[str, _Job]] = {lane: OrderedDict() for lane in Lane}
        self._at_work: dict[Supervisor, _Job] = {}
        self._tasks: set[asyncio.Task[Answer]] = set()

    @staticmethod
    def create(settings: EngineSettings) -> Pool:
        """The pool that `settings` describe. Nothing is looked for or started before it is needed."""
        return Pool(settings, find=lambda: find(settings))

    @property
    def status(self) -> Status:
        """What the engine is doing, all workers taken together."""
        return self._status

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the workers that run, for people who want to look at them."""
        return tuple(pid for worker in self._workers if (pid := worker.pid) is not None)

    @property
    def idle_s(self) -> float:
        """Seconds since somebody last waited for it."""
        return 0.0 if self._jobs else time.monotonic() - self._used_at

    def on_status(self, callback: Callable[[Status], None]) -> Callable[[], None]:
        """Call `callback` at each change of status, on the event loop. The result ends that."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    async def ready(self) -> Status:
        """The status once an engine is loaded, or could not be."""
        self._look()
        while True:
            while self._finding is not None:
                await asyncio.wait((self._finding,))
            if not self._workers:
                return self._status
            await self._workers[0].ready()
            # Where it could not be loaded, another one may be looked for now.
            if self._finding is None:
                return self._status

    def cached(self, request: Request) -> Answer | None:
        """The answer to `request` if it is kept. None as long as no engine has been loaded."""
        identity = self._status.identity
        return None if identity is None else self._cache.get(identity, request)

    async def run(self, request: Request, *, lane: Lane = Lane.INTERACTIVE) -> Answer:
        """The answer to `request`. Raises nothing but `CancelledError`."""
        answer = self.cached(request)
        if answer is not None:
            return answer
        if self._status.state is State.CLOSED:
            return unavailable(self._status.message)
        job = self._job(request, lane)
        job.waiters += 1
        self._used_at = time.monotonic()
        try:
            self._look()
            self._dispatch()
            # A shield, since others may wait for the same job.
            return await asyncio.shield(job.answer)
        finally:
            job.waiters -= 1
            self._used_at = time.monotonic()
            if not job.waiters and not job.answer.done():
                self._abandon(job)

    async def close(self) -> None:
        """Shut down; when this returns no process is left. Requests under way are answered UNAVAILABLE."""
        self._set(Status(State.CLOSED, self._status.identity, "the engine was shut down"))
        self._refuse_queued()
        if self._finding is not None:
            self._finding.cancel()
            await asyncio.wait((self._finding,))
        await asyncio.gather(*(worker.close() for worker in self._workers))
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _set(self, status: Status) -> None:
        if status == self._status or self._status.state is State.CLOSED:
            return
        self._status = status
        for callback in tuple(self._callbacks):
            callback(status)

    # Finding the engine.

    def _look(self) -> None:
        """Begin to look for the engine, unless it is known or was missing a moment ago."""
        if self._workers or self._finding is not None or self._status.state is State.CLOSED:
            return
        if time.monotonic() < self._found_at + self._patience.retry_s:
            self._refuse_queued()
            return
        self._finding = asyncio.create_task(self._find_workers())
        self._finding.add_done_callback(self._looked)

    async def _find_workers(self) -> None:
        found = await self._find()
        self._found_at = time.monotonic()
        if isinstance(found, Missing):
            self._set(Status(State.ABSENT, None, found.reason))
            self._refuse_queued()
            return
        self._employ(found)

    def _employ(self, found: Launch) -> None:
        """Have workers of an engine, which start when they are needed."""
        self._instead = found.instead
        self._workers = tuple(
            Supervisor(found, self._settings, patience=self._patience) for _ in range(self._settings.workers)
        )
        for worker in self._workers:
            worker.on_status(self._worker_changed)
        self._dispatch()

    async def _find_instead(
        self, find: Callable[[], Awaitable[Launch | Missing]], failed: tuple[Supervisor, ...], why: Status
    ) -> None:
        """Put another engine in the place of one that cannot be loaded; where there is none, its failure counts."""
        found = await find()
        if isinstance(found, Missing):
            self._workers = failed
            self._set(why)
            self._refuse_queued()
            return
        _logger.warning("%s, so %s is used", why.message, found.name)
        await asyncio.gather(*(worker.close() for worker in failed))
        self._employ(found)

    def _looked(self, task: asyncio.Task[None]) -> None:
        self._finding = None
        if not task.cancelled() and (error := task.exception()) is not None:
            _logger.error("looking for the engine: %s", error, exc_info=error)
            self._set(Status(State.FAILED, None, f"looking for the engine failed: {error}"))
            self._refuse_queued()

    def _worker_changed(self, status: Status) -> None:
        """Say what the workers do, taken together, and give them something to do."""
        if self._instead is not None and status.state is State.FAILED and status.identity is None:
            find, self._instead = self._instead, None
            failed, self._workers = self._workers, ()
            self._finding = asyncio.create_task(self._find_instead(find, failed, status))
            self._finding.add_done_callback(self._looked)
            return
        # One that was never needed says nothing about the engine.
        wanted = [worker.status for worker in self._workers if not worker.is_fresh]
        if wanted:
            self._set(min(wanted, key=lambda status: _PROMINENCE.index(status.state)))
        self._dispatch()

    # Jobs.

    def _job(self, request: Request, lane: Lane) -> _Job:
        """The job for `request`, queued if it is new."""
        job = self._jobs.get(request.key)
        if job is None:
            job = _Job(request, asyncio.get_running_loop().create_future())
            self._jobs[request.key] = job
            self._queues[lane][request.key] = job
        elif lane is Lane.INTERACTIVE and self._queues[Lane.BACKGROUND].pop(request.key, None):
            self._queues[lane][request.key] = job
        return job

    def _dispatch(self) -> None:
        """Give queued jobs to idle workers, as far as there are both."""
        while self._workers and (lane := self._next_lane()) is not None:
            worker = next((worker for worker in self._workers if self._is_idle(worker)), None)
            if worker is None:
                self._want_worker()
                return
            _, job = self._queues[lane].popitem(last=False)
            self._begin(job, lane, worker)

    def _next_lane(self) -> Lane | None:
        """The lane whose turn it is. None: nothing is queued that may begin now."""
        if self._queues[Lane.INTERACTIVE]:
            return Lane.INTERACTIVE
        in_background = sum(job.lane is Lane.BACKGROUND for job in self._at_work.values())
        # With more than one worker, one is always kept for people.
        if self._queues[Lane.BACKGROUND] and in_background < max(1, len(self._workers) - 1):
            return Lane.BACKGROUND
        return None

    def _is_idle(self, worker: Supervisor) -> bool:
        return worker.status.state is State.READY and worker not in self._at_work

    def _want_worker(self) -> None:
        """Jobs wait and no worker is idle: see to it that one will be, or refuse them."""
        if any(worker.status.state in _COMING and not worker.is_fresh for worker in self._workers):
            return
        failed = next((worker.status for worker in self._workers if _has_failed(worker)), None)
        startable = next((worker for worker in self._workers if worker.can_start), None)
        # Where one does not start the next will not either.
        if startable is not None and failed is None:
            startable.start()
        elif failed is not None and not self._at_work:
            self._refuse_queued()

    def _begin(self, job: _Job, lane: Lane, worker: Supervisor) -> None:
        job.lane = lane
        job.task = asyncio.create_task(worker.run(job.request))
        self._at_work[worker] = job
        self._tasks.add(job.task)

        def ended(task: asyncio.Task[Answer]) -> None:
            self._tasks.discard(task)
            del self._at_work[worker]
            self._finish(job, task)
            self._dispatch()

        job.task.add_done_callback(ended)

    def _finish(self, job: _Job, task: asyncio.Task[Answer]) -> None:
        if task.cancelled():
            return  # Only `_kill` does that, when nobody waits any more.
        error = task.exception()
        if error is not None:
            # A bug of ours costs one answer.
            _logger.error("asking the engine: %s", error, exc_info=error)
            self._answer(job, unavailable(f"asking the engine failed: {error}"))
            return
        self._cache.put(job.request, task.result())
        self._answer(job, task.result())

    def _answer(self, job: _Job, answer: Answer) -> None:
        self._forget(job)
        if not job.answer.done():
            job.answer.set_result(answer)

    def _refuse_queued(self) -> None:
        """Answer what is queued: nobody is there to ask."""
        for queue in self._queues.values():
            while queue:
                _, job = queue.popitem(last=False)
                self._answer(job, unavailable(self._status.message))

    def _abandon(self, job: _Job) -> None:
        """Nobody waits for `job` any more."""
        if job.task is None:
            for queue in self._queues.values():
                queue.pop(job.request.key, None)
            self._forget(job)
        else:
            asyncio.get_running_loop().call_later(CANCEL_GRACE_S, self._kill, job, job.task)

    def _kill(self, job: _Job, task: asyncio.Task[Answer]) -> None:
        # Meanwhile it may have ended, or somebody may have asked for the same again.
        if not job.waiters and not task.done():
            self._forget(job)
            task.cancel()

    def _forget(self, job: _Job) -> None:
        if self._jobs.get(job.request.key) is job:
            del self._jobs[job.request.key]


async def find(settings: EngineSettings) -> Launch | Missing:
    """The engine that `settings` describe."""
    if not settings.enabled:
        return Missing("no engine is used; set `engine.enabled` to true to change that")
    match settings.kind:
        case "none":
            return Missing("no engine is used, as `engine.kind` or `engine.files` says")
        case "enzyme-ad":
            return await enzyme.find(settings)
        case "upstream":
            return await upstream.find(settings)
        case "program":
            return await program.find(settings)
        case "auto":
            return await _best(settings)
        case "command":
            if not settings.command:
                return Missing('`engine.kind` is "command"; set `engine.command` to a program too')
            return Launch(name=settings.command[0], argv=settings.command)


async def _best(settings: EngineSettings) -> Launch | Missing:
    """The real Enzyme where it can be loaded, else upstream MLIR; where neither can, why not the first."""
    found = await enzyme.find(settings)
    # A folder is one of enzyme-ad, and whoever names it wants that.
    if settings.path:
        return found
    if isinstance(found, Launch):
        # Its libraries may be newer than the system's, which only shows when they are loaded.
        return replace(found, instead=lambda: upstream.find(settings))
    instead = await upstream.find(settings)
    if isinstance(instead, Missing):
        return found
    _logger.info("%s, so %s is used, which cannot differentiate", found.reason, instead.name)
    return instead


# Compared by identity: two jobs are never the same.
@dataclass(slots=True, eq=False)
class _Job:
    """A request that somebody waits for."""

    request: Request
    answer: asyncio.Future[Answer]
    lane: Lane = Lane.INTERACTIVE
    """In which it began; only read once it has."""

    waiters: int = 0
    task: asyncio.Task[Answer] | None = None
    """None while it is queued."""


_COMING = (State.STARTING, State.RESTARTING)

_PROMINENCE = (
    State.BUSY,
    State.READY,
    State.RESTARTING,
    State.STARTING,
    State.FAILED,
    State.ABSENT,
    State.CLOSED,
)
"""Of several workers' states, which one is shown: the one that says most about the next request."""


def _has_failed(worker: Supervisor) -> bool:
    """Whether a worker gave up, and not so long ago that it is time to try again."""
    return worker.status.state is State.FAILED and not worker.can_start
