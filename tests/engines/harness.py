"""How tests of engines open a pool, watch it, and see that nothing of it is left."""

from __future__ import annotations

import asyncio
import os
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from enzyme_lsp.dialect import irdl
from enzyme_lsp.engines.api import Request, State
from enzyme_lsp.engines.enzyme import client as enzyme
from enzyme_lsp.engines.pool import Lane, Pool
from enzyme_lsp.engines.program import client as program
from enzyme_lsp.engines.supervisor import Launch, Patience
from enzyme_lsp.engines.upstream import client as upstream
from enzyme_lsp.settings import EngineSettings
from tests.engines import scripted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from enzyme_lsp.engines.api import Answer, Spelling, Status
from enzyme_lsp.engines.interpreters import Missing

VALID = b"func.func @f(%x: f64) -> f64 {\n  return %x : f64\n}\n"


@dataclass(frozen=True)
class Subject:
    """An engine under test."""

    name: str
    settings: EngineSettings
    spelling: Spelling
    small_memory_mb: int
    """A limit in which the engine loads, and which `greedy` exceeds."""
    quick_s: float = 0.05
    """A deadline within which it answers for something small."""
    many: int = 200
    """Requests that are asked where many are: fewer where each starts a program."""

    def absence(self) -> str:
        """Why the engine is not here; empty when it is."""
        return "" if self.settings.kind == "command" else _absence(self.settings)

    @property
    def fwddiff(self) -> bytes:
        """A derivative, in the spelling of this engine."""
        return (
            "func.func @f(%x: f64) -> f64 {\n  %y = arith.mulf %x, %x : f64\n  return %y : f64\n}\n"
            "func.func @g(%x: f64, %d: f64) -> f64 {\n  %r = "
            f"{_FWDDIFF[self.spelling]} : (f64, f64) -> f64\n  return %r : f64\n}}\n"
        ).encode()


def _sizes(types: str) -> str:
    return f"array<i32: {', '.join(map(str, irdl.segments(types.split(', ')) or ()))}>"


_FWDDIFF: Final = {
    "classic": "enzyme.fwddiff @f(%x, %d) {activity = [#enzyme<activity enzyme_dup>],"
    " ret_activity = [#enzyme<activity enzyme_dupnoneed>]}",
    "strict": "enzyme.fwddiff @f(%x, %d) <activity = [#enzyme.activity<enzyme_dup>],"
    " ret_activity = [#enzyme.activity<enzyme_dupnoneed>]>",
    "generic": '"enzyme.fwddiff"(%x, %d) {activity = [#enzyme.activity<"enzyme_dup">], fn = @f, ret_activity ='
    f' [#enzyme.activity<"enzyme_dupnoneed">], operandSegmentSizes = {_sizes("f64, f64")},'
    f" resultSegmentSizes = {_sizes('f64')}}}",
}


@cache
def _absence(settings: EngineSettings) -> str:
    finders = {"upstream": upstream.find, "program": program.find}
    found = asyncio.run(finders.get(settings.kind, enzyme.find)(settings))
    return found.reason if isinstance(found, Missing) else ""


@dataclass
class Opened:
    """A pool and what happened to it."""

    pool: Pool
    statuses: list[Status] = field(default_factory=list["Status"])
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def states(self) -> list[State]:
        return [status.state for status in self.statuses]

    @property
    def pids(self) -> tuple[int, ...]:
        return self.pool.pids

    async def ask(self, text: bytes | str, pipeline: str = "", *, lane: Lane = Lane.INTERACTIVE) -> Answer:
        data = text if isinstance(text, bytes) else text.encode()
        return await self.pool.run(Request(data, pipeline), lane=lane)

    def asking(self, text: bytes | str, *, lane: Lane = Lane.INTERACTIVE) -> asyncio.Task[Answer]:
        return asyncio.create_task(self.ask(text, lane=lane))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition that a change of status brings about."""
        async with asyncio.timeout(20):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def until_state(self, *states: State) -> None:
        await self.until(lambda: self.pool.status.state in states)

    def record(self, status: Status) -> None:
        self.statuses.append(status)
        self._changed.set()


@asynccontextmanager
async def opened(settings: EngineSettings, **changes: Any) -> AsyncGenerator[Opened]:
    """A pool, closed at the end."""
    pool = Pool.create(replace(settings, **{"workers": 1, **changes}))
    async with _watched(pool) as opened:
        yield opened


@asynccontextmanager
async def acting(
    *,
    settings: EngineSettings | None = None,
    patience: Patience | None = None,
    workers: int = 1,
    **arguments: object,
) -> AsyncGenerator[Opened]:
    """A pool of the scripted engine; `arguments` are those of `scripted.command`."""
    settings = replace(settings or EngineSettings(), workers=workers)
    launch = Launch("scripted", scripted.command(**arguments))

    async def find() -> Launch:
        return launch

    async with _watched(Pool(settings, find=find, patience=patience)) as opened:
        yield opened


@asynccontextmanager
async def _watched(pool: Pool) -> AsyncGenerator[Opened]:
    opened = Opened(pool)
    pool.on_status(opened.record)
    try:
        yield opened
    finally:
        await pool.close()
    assert pool.status.state is State.CLOSED


def children() -> set[int]:
    """The processes that this one started and that are not gone without a trace."""
    listing = subprocess.Popen(["ps", "-A", "-o", "pid=,ppid="], stdout=subprocess.PIPE, text=True)
    rows = [line.split() for line in listing.communicate()[0].splitlines()]
    return {int(pid) for pid, parent in rows if int(parent) == os.getpid()} - {listing.pid}
