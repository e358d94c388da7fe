"""One worker process: started, asked, timed, killed, started again; must not know which engine runs in it.

This is the only code that changes a worker's state:

    STARTING -> READY <-> BUSY          while all is well
    BUSY -> RESTARTING -> READY         a crash, a deadline, or a canceled request: the process is replaced at once
    STARTING, RESTARTING -> FAILED      when it does not start in several attempts, with pauses between them
    any -> CLOSED

Every request is answered exactly once, or canceled. What the worker wrote to its stderr is read from a file of
ours, which survives it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import re
import signal
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast, get_args

from enzyme_lsp.engines import catalogue, endings, problems, wire
from enzyme_lsp.engines.api import (
    NOBODY,
    Answer,
    Engine,
    Identity,
    Outcome,
    Print,
    Spelling,
    State,
    Status,
    unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from typing import BinaryIO

    from enzyme_lsp.engines.api import Request
    from enzyme_lsp.engines.interpreters import Missing
    from enzyme_lsp.settings import EngineSettings

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a worker."""

    name: str
    """What to call the engine until it has said who it is."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """Variables in addition to ours."""

    instead: Callable[[], Awaitable[Launch | Missing]] | None = None
    """What is started where this one cannot be loaded; None: nothing is."""


@dataclass(frozen=True, slots=True)
class Patience:
    """What a supervisor does about a worker that does not start."""

    pauses_s: tuple[float, ...] = (0.2, 1.0)
    """Seconds before each further attempt. After the last one it gives up."""

    retry_s: float = 30.0
    """Seconds after giving up before a request makes it try again."""


ALARM_GRACE_S = 5
"""Seconds after the deadline at which a worker kills itself. We come first, unless we are gone."""

GONE_S = 2.0
"""Seconds that a process may take to end after it closed its side of the wire, before it is killed."""

ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}
"""glibc reserves up to 128 MB of address space for each thread's arena, and the engine has a thread for each core. On
a large machine that alone would exceed a limit on address space."""

READ_AHEAD_BYTES = 1 << 20

WORDS_BYTES = 1 << 20
"""How much of what a worker wrote to stderr is looked at."""

LAST_WORDS = 300
"""How many characters of it are quoted when it died."""

_OUT_OF_MEMORY = re.compile(
    "bad_alloc|MemoryError|out of memory|[Cc]annot allocate memory|failed to map segment|pthread_create failed"
)

_FROM_OUTSIDE = frozenset({"SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"})
"""Signals that no text causes: somebody sent them, if only the system when its memory ran out."""

_STACK_FRAME = re.compile(r"\s*(#\d+ |@ +0x|PLEASE submit a bug report|Stack dump)")


class Supervisor(Engine):
    """An engine in a process. Made anywhere, used on one event loop."""

    def __init__(self, launch: Launch, settings: EngineSettings, *, patience: Patience | None = None) -> None:
        self._launch = launch
        self._settings = settings
        self._patience = patience or Patience()
        self._status = Status(State.STARTING, None, f"{launch.name} starts with the first request")
        self._callbacks: list[Callable[[Status], None]] = []
        self._turn = asyncio.Lock()
        self._number = 0
        self._worker: _Worker | None = None
        self._starting: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures = 0
        """How many workers in a row ended before they were asked anything."""
        self._gave_up_at = -math.inf

    @property
    def status(self) -> Status:
        """What the worker is doing now."""
        return self._status

    @property
    def pid(self) -> int | None:
        """The process id of the worker, for people who want to look at it."""
        return None if self._worker is None else self._worker.pid

    @property
    def is_fresh(self) -> bool:
        """Whether no worker was ever wanted."""
        return self._status.state is State.STARTING and self.can_start

    @property
    def can_start(self) -> bool:
        """Whether `start` would do something."""
        if self._worker is not None or self._starting is not None or self._status.state is State.CLOSED:
            return False
        return time.monotonic() >= self._gave_up_at + self._patience.retry_s

    def on_status(self, callback: Callable[[Status], None]) -> Callable[[], None]:
        """Call `callback` at each change of status. The result ends that."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def start(self) -> None:
        """Begin to start a worker, unless there is one or it is too early to try again."""
        if self.can_start:
            self._begin_start(State.STARTING, f"{self._name} is starting")

    async def ready(self) -> Status:
        """The status once a worker has started or failed to."""
        self.start()
        while self._starting is not None:
            # Not awaited directly: whoever waits here may be canceled, and the start goes on for the others.
            await asyncio.wait((self._starting,))
        return self._status

    async def run(self, request: Request) -> Answer:
        """The answer to `request`, after those of earlier callers. Raises nothing but `CancelledError`."""
        async with self._turn:
            worker = await self._living_worker()
            if worker is None:
                return unavailable(self._status.message)
            return await self._ask(worker, request)

    async def close(self) -> None:
        """Kill the worker and wait for its end."""
        self._set(State.CLOSED, f"{self._name} was shut down")
        if self._starting is not None:
            self._starting.cancel()
        if self._worker is not None:
            self._worker.kill()
        # Whoever asks the worker sees it end, and frees it.
        async with self._turn:
            if self._worker is not None:
                self._drop(self._worker)
        while self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def _name(self) -> str:
        identity = self._status.identity
        return str(identity) if identity else self._launch.name

    def _set(self, state: State, message: str, identity: Identity | None = None) -> None:
        """The only place where the status changes. From CLOSED it does not."""
        if self._status.state is State.CLOSED:
            return
        self._status = Status(state, identity or self._status.identity, message)
        _logger.debug("%s: %s", state.name, message)
        for callback in tuple(self._callbacks):
            callback(self._status)

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do `work` in the background; `close` waits for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_log_bug)
        return task

    # Starting.

    def _begin_start(self, state: State, message: str) -> None:
        def ended(task: asyncio.Task[None]) -> None:
            if self._starting is task:
                self._starting = None

        self._starting = self._spawn(self._start())
        self._starting.add_done_callback(ended)
        # After: whoever hears of it may ask whether we can start.
        self._set(state, message)

    async def _start(self) -> None:
        """Start a worker, in several attempts if need be."""
        while True:
            if self._failures:
                await asyncio.sleep(self._patience.pauses_s[self._failures - 1])
            failure = await self._attempt()
            if failure is None:
                return
            _logger.warning("%s did not start: %s", self._name, failure.reason)
            self._failures += 1
            if failure.is_final or self._failures > len(self._patience.pauses_s):
                self._give_up(failure.reason)
                return

    async def _attempt(self) -> _Failure | None:
        """Start a worker once. None: it is there."""
        try:
            worker = await _Worker.launch(self._launch)
        except (OSError, ValueError) as error:
            return _Failure(f"{self._launch.argv[0]} cannot be run: {error}", is_final=True)
        try:
            return await self._greet(worker)
        finally:
            # After a failure, and also when this start was canceled.
            if self._worker is not worker:
                worker.kill()
                self._spawn(worker.finish())

    async def _greet(self, worker: _Worker) -> _Failure | None:
        """Have the worker load its engine."""
        deadline_s = self._settings.start_deadline_s
        start = wire.Start(memory_mb=self._settings.memory_mb, alarm_s=_alarm_s(deadline_s))
        try:
            async with asyncio.timeout(deadline_s):
                reply = await worker.ask(start)
        except TimeoutError:
            # Another attempt would take as long, and people wait.
            return _Failure(f"no answer in {deadline_s:g} s", is_final=True)
        except (EOFError, OSError):
            await worker.end()
            return _Failure(self._death(worker).detail)
        except wire.WireError as error:
            return _Failure(f"{self._launch.argv[0]} is no worker of ours: {error}", is_final=True)
        if not isinstance(reply, wire.Ready):
            return _Failure(self._refusal(reply), is_final=True)
        self._worker = worker
        self._spawn(self._watch(worker))
        listed = catalogue.read(reply.name, reply.version, reply.catalogue)
        identity = Identity(reply.name, reply.version, _spelling(reply.spelling), listed)
        self._set(State.READY, f"{identity} is ready", identity)
        return None

    def _refusal(self, reply: wire.Message) -> str:
        if not isinstance(reply, wire.Failed):
            return f"it answered {type(reply).__name__} to a start"
        if _OUT_OF_MEMORY.search(reply.message):
            return f"{self._memory_words()}: {reply.message}"
        return reply.message

    def _give_up(self, reason: str) -> None:
        self._failures = 0
        self._gave_up_at = time.monotonic()
        self._set(State.FAILED, f"{self._name} does not start: {reason}")

    # Ending.

    async def _watch(self, worker: _Worker) -> None:
        """Notice a worker that dies while nobody asks it anything."""
        await worker.wait()
        # A death during a request is for whoever asks, who sees it too.
        if self._worker is worker and self._status.state is State.READY:
            self._lost_idle(worker)

    def _lost_idle(self, worker: _Worker) -> None:
        death = self._death(worker)
        # One that was good for something is replaced at once.
        self._failures = 0 if worker.was_asked else self._failures + 1
        if self._failures > len(self._patience.pauses_s):
            self._drop(worker)
            self._give_up(death.detail)
        else:
            self._replace(worker, death.cause)

    def _replace(self, worker: _Worker, reason: str) -> None:
        """Kill a worker and start another, in the background."""
        self._drop(worker)
        if self._status.state is not State.CLOSED:
            self._begin_start(State.RESTARTING, f"{self._name} is starting again ({reason})")

    def _drop(self, worker: _Worker) -> None:
        worker.kill()
        if self._worker is worker:
            self._worker = None
            self._spawn(worker.finish())

    def _death(self, worker: _Worker) -> _Death:
        """Why a worker that has ended did."""
        return self._death_of(worker.returncode, worker.printed())

    def _death_of(self, returncode: int | None, printed: bytes) -> _Death:
        status = endings.words(returncode)
        words = _last_words(printed)
        cause = self._memory_words() if _OUT_OF_MEMORY.search(words) else status
        detail = cause if cause == status else f"{cause} ({status})"
        return _Death(status, cause, f"{detail}; last words: {words}" if words else detail)

    def _memory_words(self) -> str:
        limit_mb = self._settings.memory_mb
        return f"the memory limit of {limit_mb} MB (engine.memoryMb) was reached" if limit_mb else "out of memory"

    # Asking.

    async def _living_worker(self) -> _Worker | None:
        """A worker to ask, started if need be."""
        while True:
            await self.ready()
            worker = self._worker
            if worker is None or worker.returncode is None:
                return worker
            # It ended a moment ago, and `_watch` has not run yet.
            self._lost_idle(worker)

    async def _ask(self, worker: _Worker, request: Request) -> Answer:
        deadline_s = request.deadline_s or self._settings.deadline_s
        self._number += 1
        self._failures = 0
        worker.was_asked = True
        run = _message(self._number, request, _alarm_s(deadline_s))
        worker.forget_printed()
        self._set(State.BUSY, f"{self._name} is at work")
        try:
            answer, trouble = await self._converse(worker, run, deadline_s)
        except asyncio.CancelledError:
            # A native call cannot be interrupted, only its process killed.
            self._replace(worker, "a request was canceled")
            raise
        if trouble:
            self._replace(worker, trouble)
        else:
            self._set(State.READY, f"{self._name} is ready")
            if worker.returncode is not None:
                self._lost_idle(worker)
        return answer

    async def _converse(self, worker: _Worker, run: _Asked, deadline_s: float) -> tuple[Answer, str]:
        """The answer, and what is wrong with the worker afterwards, if anything."""
        identity = self._status.identity or NOBODY
        began = time.perf_counter()

        def failure(outcome: Outcome, detail: str, *, repeatable: bool) -> Answer:
            found = problems.parse(worker.printed())
            seconds = time.perf_counter() - began
            return Answer(outcome, found, None, detail, identity, seconds, repeatable=repeatable)

        try:
            async with asyncio.timeout(deadline_s):
                reply = await worker.ask(run)
            if isinstance(reply, wire.Failed):
                answer = unavailable(f"{self._name} does not answer any more: {reply.message}")
                return answer, reply.message
            if not isinstance(reply, _REPLIES[type(run)]) or reply.number != run.number:
                raise wire.WireError(f"{type(reply).__name__} does not answer request {run.number}")
        except TimeoutError:
            detail = f"no answer in {deadline_s:g} s"
            return failure(Outcome.TIMED_OUT, detail, repeatable=False), detail
        except wire.WireError as error:
            detail = f"it sent something that is no answer: {error}"
            return failure(Outcome.CRASHED, detail, repeatable=False), detail
        except (EOFError, OSError):
            await worker.end()
            if self._status.state is State.CLOSED:
                return unavailable(self._status.message), "shut down"
            death = self._death(worker)
            if death.status == "SIGALRM":
                # Its own alarm came before our deadline: this process was stopped for a while, or very busy.
                detail = f"no answer in {deadline_s:g} s"
                return failure(Outcome.TIMED_OUT, detail, repeatable=False), detail
            repeatable = death.status not in _FROM_OUTSIDE
            return failure(Outcome.CRASHED, death.detail, repeatable=repeatable), death.cause
        seconds = time.perf_counter() - began
        prints = _prints(reply) if isinstance(reply, wire.Lowered) else ()
        if isinstance(reply, wire.Lowered) and reply.death:
            death = self._death_of(-reply.death, worker.printed())
            repeatable = death.status not in _FROM_OUTSIDE
            crash = failure(Outcome.CRASHED, death.detail, repeatable=repeatable)
            return replace(crash, prints=prints), ""
        if not reply.accepted:
            # What machine code prints is its own; its worker has said in a sentence what came of it.
            printed = b"" if isinstance(reply, wire.Executed) else worker.printed()
            found = problems.explain(printed, reply.error)
            return Answer(Outcome.REJECTED, found, None, "", identity, seconds, prints=prints), ""
        found = problems.parse(worker.printed())
        if isinstance(run, wire.Convert) and run.version >= 0 and isinstance(reply, wire.Converted):
            return Answer(Outcome.ACCEPTED, found, None, "", identity, seconds, bytecode=reply.output), ""
        is_text = not isinstance(reply, wire.Lowered) and reply.output is not None
        output = reply.output.decode("utf-8", "replace") if is_text and reply.output is not None else None
        return Answer(Outcome.ACCEPTED, found, output, "", identity, seconds, prints=prints), ""


if TYPE_CHECKING:
    _Asked = wire.Run | wire.Lower | wire.Execute | wire.Convert
    _Reply = wire.Done | wire.Lowered | wire.Executed | wire.Converted

_REPLIES: Final[Mapping[type[_Asked], type[_Reply]]] = {
    wire.Run: wire.Done,
    wire.Lower: wire.Lowered,
    wire.Execute: wire.Executed,
    wire.Convert: wire.Converted,
}
"""What answers what."""


def _message(number: int, request: Request, alarm_s: int) -> _Asked:
    if request.calls is not None:
        return wire.Execute(number, request.pipeline, request.calls, alarm_s, request.text)
    if request.bytecode_version is not None:
        return wire.Convert(number, request.bytecode_version, alarm_s, request.text)
    if request.elements is None:
        return wire.Run(number, request.pipeline, request.generic, alarm_s, request.text)
    return wire.Lower(number, [*request.elements], request.is_trusted, alarm_s, request.text)


def _prints(reply: wire.Lowered) -> tuple[Print, ...]:
    """Raises `WireError` for lengths that are not those of the output."""
    if len(reply.lengths) != len(reply.nanoseconds) or sum(max(one, 0) for one in reply.lengths) != len(reply.output):
        raise wire.WireError("the lengths of prints are not those of the output")
    found: list[Print] = []
    start, text = 0, ""
    before = reply.nanoseconds[0] if reply.nanoseconds else 0
    for length, at in zip(reply.lengths, reply.nanoseconds, strict=True):
        if length >= 0:
            text = reply.output[start : start + length].decode("utf-8", "replace")
            start += length
        found.append(Print(text, max(at - before, 0) / 1e9))
        before = at
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a worker did not start."""

    reason: str
    is_final: bool = False
    """Another attempt at once would end the same way."""


@dataclass(frozen=True, slots=True)
class _Death:
    """Why a worker ended."""

    status: str
    """The signal or the exit status."""

    cause: str
    """In a few words."""

    detail: str
    """All that is known, for people."""


class _Worker:
    """A process and its wire. Says what happens to it; what that means is for the supervisor."""

    def __init__(self, process: asyncio.subprocess.Process, printed: BinaryIO) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._requests = process.stdin
        self._answers = process.stdout
        self._printed = printed
        self.was_asked = False

    @classmethod
    async def launch(cls, launch: Launch) -> _Worker:
        """Start the process. Raises OSError when it cannot be."""
        printed = _scratch_file()
        try:
            # On Linux a worker asks to be killed when the *thread* ends that starts it here. This is the thread
            # of the event loop, which lives as long as the server; it must not become one of a pool.
            process = await asyncio.create_subprocess_exec(
                *launch.argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=printed,
                env={**os.environ, **ENVIRONMENT, **launch.environment},
                # Ctrl-C in a terminal is for the server, which then ends its workers; and a group of its own lets
                # us kill what a wrapper script started.
                start_new_session=True,
                limit=READ_AHEAD_BYTES,
            )
        except BaseException:
            printed.close()
            raise
        return cls(process, printed)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How the process ended. None: it runs."""
        return self._process.returncode

    async def ask(self, message: wire.Message) -> wire.Message:
        """Send `message` and wait for what comes back. Raises EOFError or OSError when the process ends."""
        self._requests.write(wire.encode(message))
        await self._requests.drain()
        head_length, body_length = wire.lengths(await self._answers.readexactly(wire.PREFIX_LENGTH))
        head = await self._answers.readexactly(head_length)
        return wire.decode(head, await self._answers.readexactly(body_length))

    def forget_printed(self) -> None:
        """Make room for the next diagnostics. Only while the worker is idle."""
        self._printed.truncate(0)
        # The position is shared with the worker's descriptor 2.
        self._printed.seek(0)

    def printed(self) -> bytes:
        """What the worker wrote to its stderr since; beginning and end of it when that is very much."""
        # Not by reading: that would move the position at which the worker writes.
        descriptor = self._printed.fileno()
        size = os.fstat(descriptor).st_size
        if size <= WORDS_BYTES:
            return os.pread(descriptor, size, 0)
        half = WORDS_BYTES // 2
        return os.pread(descriptor, half, 0) + b"\n...\n" + os.pread(descriptor, half, size - half)

    def kill(self) -> None:
        """Kill the process and those it started, if it still runs."""
        if self._process.returncode is None:
            # macOS forbids to signal a group whose processes have all ended.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def wait(self) -> None:
        """Wait until the process ends."""
        await self._process.wait()

    async def end(self) -> None:
        """Wait until the process ends, which it is about to do, or else is made to."""
        try:
            async with asyncio.timeout(GONE_S):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()

    async def finish(self) -> None:
        """Free everything that belongs to a killed process. Only when nobody waits in `ask` any more."""
        self._requests.close()
        # Its pipes count as open until they were read to the end. A descendant that left the process group may
        # hold them for longer than we want to wait.
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(GONE_S):
                while await self._answers.read(READ_AHEAD_BYTES):
                    pass
                await self._requests.wait_closed()
        await self._process.wait()
        self._printed.close()


def _scratch_file() -> BinaryIO:
    """A file without a name, so that nothing is left of it and two servers cannot meet in it."""
    if sys.platform == "linux":
        return os.fdopen(os.memfd_create("enzyme-lsp-worker-stderr"), "w+b", buffering=0)
    return cast("BinaryIO", tempfile.TemporaryFile(buffering=0))


def _alarm_s(deadline_s: float) -> int:
    return math.ceil(deadline_s) + ALARM_GRACE_S


def _spelling(name: str) -> Spelling:
    return cast("Spelling", name) if name in get_args(Spelling) else "none"


def _last_words(printed: bytes) -> str:
    """The end of what a worker wrote, without stack traces."""
    text = printed[-16 * LAST_WORDS :].decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not _STACK_FRAME.match(line)]
    words = " ".join(lines[-3:])
    return words if len(words) <= LAST_WORDS else "..." + words[-LAST_WORDS:]


def _log_bug(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _logger.error("supervisor: %s", error, exc_info=error)
