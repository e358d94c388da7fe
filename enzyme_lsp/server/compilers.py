"""Compilers of a connection: which one judges a document, and what each has said; must not know how one is run.

A document's settings say which it is, so that documents of several folders may have several. One that no open document
has is shut down some minutes after it was last asked.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.engines.engines import Engines, engine
from enzyme_lsp.lowering.passes import TABLE, Passes
from enzyme_lsp.server.status import CompilerStatus
from enzyme_lsp.verification.asking import Asker
from enzyme_lsp.verification.deep import DeepVerifier, has_derivatives
from enzyme_lsp.verification.value_types import TypeFinder
from enzyme_lsp.verification.verifier import Verifier

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from enzyme_lsp.engines.api import Status
    from enzyme_lsp.engines.pool import Pool
    from enzyme_lsp.server.session import Session
    from enzyme_lsp.settings import EngineSettings
    from enzyme_lsp.workspace.snapshot import Snapshot

IDLE_S: Final = 300.0
"""How long a compiler that no open document has is kept after it was last asked: each of its processes takes more than
100 MB, and loads in a second when the next document is opened."""
LOOK_S: Final = 60.0


# Compared by identity, as its pool is.
@dataclass(slots=True, eq=False)
class Compiler:
    """One engine, and those who ask it and keep what it said."""

    settings: EngineSettings
    pool: Pool
    verifier: Verifier
    deep: DeepVerifier
    types: TypeFinder
    asker: Asker
    was_ready: bool = False
    """When it was heard of last."""

    @property
    def passes(self) -> Passes:
        """Those that it has. Until it has been loaded they are taken to be Enzyme's."""
        identity = self.pool.status.identity
        return TABLE if identity is None else Passes(identity.catalogue)

    def forget(self, uri: str) -> None:
        """A document is closed, or another compiler judges it now."""
        self.verifier.forget(uri)
        self.deep.forget(uri)
        self.types.forget(uri)


class Compilers:
    """One per session; used on its event loop."""

    def __init__(self, session: Session, on_status: Callable[[Compiler, Status], None]) -> None:
        self._session = session
        self._on_status = on_status
        self.engines = Engines()
        """For work that is no document's."""
        self.make_verifier: Callable[[Pool], Verifier] = Verifier
        """Tests put another in its place."""
        self._compilers: dict[Pool, Compiler] = {}
        self._differentiating: dict[Compiler, Compiler] = {}
        """Which one has Enzyme's passes, for one that has not."""
        self._look: asyncio.TimerHandle | None = None

    def passes_of(self, program: str) -> Passes:
        """Those of the engine that is called so; Enzyme's where none is."""
        all_ = (compiler.passes for compiler in self._compilers.values())
        return next((one for one in all_ if one.catalogue is not None and one.catalogue.program == program), TABLE)

    def of(self, settings: EngineSettings) -> Compiler:
        """The one that settings mean."""
        pool = self.engines.of(settings)
        found = self._compilers.get(pool)
        if found is None:
            made = self.make_verifier(pool), DeepVerifier(pool), TypeFinder(pool), Asker(pool)
            compiler = found = self._compilers[pool] = Compiler(engine(settings), pool, *made)
            pool.on_status(lambda status: self._hear(compiler, status))
        return found

    def judging(self, snapshot: Snapshot) -> Compiler:
        """The one that judges a document."""
        return self.of(snapshot.settings.engine)

    async def find_differentiating(self, snapshot: Snapshot) -> DeepVerifier:
        """Who tells what in a document has a derivative, found out if there is anything to tell."""
        settings = snapshot.settings.engine
        if has_derivatives(snapshot) and await self.engines.differentiating(settings) is not self.engines.of(settings):
            self._differentiating[self.judging(snapshot)] = self.of(settings.of_kind("enzyme-ad"))
        return self.differentiating(snapshot).deep

    def differentiating(self, snapshot: Snapshot) -> Compiler:
        """The one that differentiates a document, as far as that has been found out: else the one that judges it."""
        judging = self.judging(snapshot)
        found = self._differentiating.get(judging, judging)
        return found if found.pool in self._compilers else judging

    def statuses(self, latest: Snapshot | None) -> list[CompilerStatus]:
        """How the compilers of the open documents are, that of `latest` first; where none is open, the user's."""
        documents: dict[Compiler, list[Snapshot]] = {} if latest is None else {self.judging(latest): []}
        for snapshot in self._session.workspace.snapshots():
            documents.setdefault(self.judging(snapshot), []).append(snapshot)
        if not documents:
            documents[self.of(self._session.settings.engine)] = []
        return [self._status(compiler, snapshots) for compiler, snapshots in documents.items()]

    def _status(self, compiler: Compiler, snapshots: Sequence[Snapshot]) -> CompilerStatus:
        uris = tuple(snapshot.uri for snapshot in snapshots)
        other = self._differentiating.get(compiler)
        return CompilerStatus(
            compiler.pool.status,
            self._session.publisher.trouble(uris),
            compiler.settings.is_wanted,
            uris,
            None if other is None else other.pool.status.identity,
        )

    def turn_to(self, snapshot: Snapshot) -> None:
        """A document has other settings: what others than its compiler have said of it is forgotten."""
        kept = (self.judging(snapshot), self.differentiating(snapshot))
        for other in self._compilers.values():
            if other not in kept:
                other.forget(snapshot.uri)

    def follow_settings(self) -> None:
        """The user has other engines: those that are not meant any more are shut down at once."""
        self._keep(idle_s=0)

    def forget(self, uri: str) -> None:
        """A document is closed."""
        for compiler in self._compilers.values():
            compiler.forget(uri)

    async def close(self) -> None:
        """Shut all down; when this returns, no process is left."""
        if self._look is not None:
            self._look.cancel()
        self._compilers = {}
        await self.engines.close()

    def _keep(self, *, idle_s: float) -> None:
        snapshots = self._session.workspace.snapshots()
        kept = [self._session.settings.engine] if not idle_s else []
        kept += [snapshot.settings.engine for snapshot in snapshots]
        kept += [self.differentiating(snapshot).settings for snapshot in snapshots]
        before = self.engines.pools
        self.engines.keep(kept, idle_s=idle_s)
        for pool in set(before).difference(self.engines.pools):
            if (gone := self._compilers.pop(pool, None)) is not None:
                self._differentiating.pop(gone, None)

    def _hear(self, compiler: Compiler, status: Status) -> None:
        if compiler.pool not in self._compilers:
            return  # The last words of one that is shut down.
        if self._look is None:
            self._look = asyncio.get_running_loop().call_later(LOOK_S, self._shut_down_idle)
        self._on_status(compiler, status)

    def _shut_down_idle(self) -> None:
        self._look = None
        self._keep(idle_s=IDLE_S)
        if any(pool.pids for pool in self.engines.pools):
            self._look = asyncio.get_running_loop().call_later(LOOK_S, self._shut_down_idle)
        self._session.show_status()
