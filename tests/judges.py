"""Engines for tests that are no coroutines: a pool and a verifier that live in a loop on a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self, TypeVar

from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.verification.asking import Asker
from enzyme_lsp.verification.deep import DeepVerifier
from enzyme_lsp.verification.value_types import TypeFinder
from enzyme_lsp.verification.verifier import Verifier

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from enzyme_lsp.settings import EngineSettings
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.verification.asking import Steps
    from enzyme_lsp.verification.deep import DeepVerdict
    from enzyme_lsp.verification.value_types import KnownTypes
    from enzyme_lsp.verification.verdict import Verdict
    from enzyme_lsp.workspace.snapshot import Snapshot

T = TypeVar("T")


class EngineThread:
    """A real engine to ask and wait for. Use as a context manager."""

    def __init__(self, settings: EngineSettings) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._settings = settings

    def __enter__(self) -> Self:
        self._thread.start()
        self.pool = self.wait(self._made())
        return self

    def __exit__(self, *_: object) -> None:
        self.wait(self.pool.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _made(self) -> Pool:
        return Pool.create(self._settings)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine that runs in the thread's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=120)

    def __call__(self, snapshot: Snapshot) -> Verdict:
        """The full verdict on a snapshot; so that an engine can be the judge of a fixture.

        From a verifier of its own: one remembers what it learned, and a test must not depend on those before it.
        """
        return self.wait(self.verifier().full(snapshot))

    def verifier(self) -> Verifier:
        """A verifier that knows nothing yet."""
        return Verifier(self.pool)

    def run(self, steps: Steps[T]) -> T:
        """What some work that asks gives."""
        return self.wait(Asker(self.pool).run(steps))

    def deep(self, snapshot: Snapshot, errors: Sequence[Span] = ()) -> DeepVerdict:
        """The verdict on all differentiation ops of a snapshot that have none of `errors`."""
        return self.wait(self._deep(snapshot, errors))

    def types(self, snapshot: Snapshot) -> KnownTypes:
        """The types of all values of a snapshot of which the text tells none."""
        return self.wait(self._types(snapshot))

    async def _types(self, snapshot: Snapshot) -> KnownTypes:
        finder, verdict = TypeFinder(self.pool), await self.verifier().full(snapshot)
        async for _ in finder.find(snapshot, verdict):
            pass
        return finder.known(snapshot)

    async def _deep(self, snapshot: Snapshot, errors: Sequence[Span]) -> DeepVerdict:
        verifier = DeepVerifier(self.pool)
        async for _ in verifier.judge(snapshot, errors):
            pass
        return verifier.known(snapshot)
