"""Reduce: makes a module smaller for as long as it still crashes the engine, so that its crash can be reported.

First passes go, then symbols, then operations from the last one on. What the engine refuses after a step, because
something is missing, is put back, so nothing has to be known of what operations need.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.lowering.lower import elements, module_text
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.parse import parse
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from enzyme_lsp.engines.api import Answer
    from enzyme_lsp.engines.pool import Pool
    from enzyme_lsp.lowering.wish import Order
    from enzyme_lsp.workspace.snapshot import Snapshot

Cut: TypeAlias = "Callable[[bytes], Iterator[Span]]"
"""The parts of a text that may be left out."""
SECONDS: Final = 60.0
"""How long it may take: each attempt that crashes costs the start of an engine."""


@dataclass(frozen=True, slots=True)
class Reproducer:
    """A module and the passes that crash the engine on it. `tries`: it is the smallest of so many."""

    text: bytes
    steps: tuple[str, ...]
    detail: str
    tries: int

    @property
    def command(self) -> str:
        """The command line that does the same, for a program of the mlir-opt family and the file `%s`."""
        return f"enzymexlamlir-opt %s --pass-pipeline='builtin.module({','.join(self.steps)})'"

    def file(self) -> bytes:
        """The module under its command line, as a test."""
        words = " ".join(self.detail.split())
        return f"// RUN: {self.command}\n// {words}\n".encode() + self.text


async def reduced(pool: Pool, snapshot: Snapshot, order: Order, *, seconds: float = SECONDS) -> Reproducer | None:
    """The smallest module that was found to crash; None when the whole does not. Raises `Outdated` after an edit."""
    text = await asyncio.to_thread(module_text, snapshot, order.target, (await pool.ready()).spelling)
    reducer = _Reducer(pool, snapshot, is_trusted=order.is_trusted, until=time.monotonic() + seconds)
    answer = await reducer.crash(text, elements(order.pipeline))
    return None if answer is None else await reducer.run(text, elements(order.pipeline), answer)


class _Reducer:
    def __init__(self, pool: Pool, snapshot: Snapshot, *, is_trusted: bool, until: float) -> None:
        self._pool = pool
        self._snapshot = snapshot
        self._is_trusted = is_trusted
        self._until = until
        self._tries = 0

    async def run(self, text: bytes, steps: tuple[str, ...], answer: Answer) -> Reproducer:
        detail = answer.detail
        for number in range(len(steps) - 1, -1, -1):
            fewer = steps[:number] + steps[number + 1 :]
            if (crash := await self.crash(text, fewer)) is not None:
                steps, detail = fewer, crash.detail
        for cut in (_symbols, _operations):
            behind = len(text)
            while (span := await asyncio.to_thread(_last_before, cut, text, behind)) is not None:
                behind = span.start
                smaller = EditSet([Edit(span, b"")]).apply(text)
                if (crash := await self.crash(smaller, steps)) is not None:
                    text, detail = smaller, crash.detail
        return Reproducer(text, steps, detail, self._tries)

    async def crash(self, text: bytes, steps: tuple[str, ...]) -> Answer | None:
        """The answer to a module that crashes the engine; None when it does not, or time is up."""
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            return None
        # The first may crash as late as the run that is to be reproduced; what hangs after that costs no more than all.
        deadline_s = self._snapshot.settings.lowering.deadline_s
        if self._tries:
            deadline_s = min(deadline_s, left_s)
        self._tries += 1
        request = Request(text, elements=steps, is_trusted=self._is_trusted, deadline_s=deadline_s)
        answer = await self._pool.run(request)
        self._snapshot.check_current()
        return answer if answer.outcome is Outcome.CRASHED and answer.repeatable else None


def _last_before(cut: Cut, text: bytes, behind: int) -> Span | None:
    """The last part of a text that begins before a byte."""
    return max((span for span in cut(text) if span.start < behind), default=None)


def _symbols(text: bytes) -> Iterator[Span]:
    """The operations at the top of a text and in its modules, and the aliases."""
    layout = Layout.of(text)
    for start, piece in zip(layout.starts, layout.pieces, strict=True):
        if piece.kind in (PieceKind.ITEM, PieceKind.ALIAS):
            yield Span(start, start + len(piece.text))


def _operations(text: bytes) -> Iterator[Span]:
    """The operations inside of others, each with its regions."""
    tree = parse(text)
    outermost = {operation.first for operation in tree.operations}
    return (
        operation.span for operation in tree.walk() if operation.first not in outermost and operation.name_token >= 0
    )
