"""Diagnostics of the open documents: found after each edit, pushed or kept for the client's next pull.

A client gets its diagnostics in one of the two ways, never both: VS Code shows what was pushed beside what
was pulled, so that everything would be there twice. One that declares that it can pull is told that we
answer; any other is pushed to.

After an edit of a document:

1. A pause, `debounce_ms`, in which a further key ends this and begins it anew. None for a text just opened, nor for
   an edit that comes later than that after the one before: it is no part of a burst.
2. The compiler is asked what it can say at once. If that takes longer than `_PATIENCE_S`, what we know
   without it is told first.
3. A pause, `idle_ms`, which saving the file ends. Then the compiler is asked for its verdict on the whole, and
   what has changed is told. In a small file it has judged the whole at once, and says so again at no cost.
4. The compiler is asked for the types that the text does not tell, which inlay hints and hovers show.
5. The compiler is asked to lower each differentiation op that is not known as it stands, one after the other; what
   that shows is told from time to time, and at the end. With `deep` "save" this waits until the file is saved.

What is known of differentiation ops that no edit has touched is part of every report.
What is told belongs to the newest version always, since an edit ends the work on the one before. This module
must not know how problems are found.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
from contextlib import aclosing, suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from enzyme_lsp import log
from enzyme_lsp.checks.deep_verdict import CODES
from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.features.diagnostics import diagnostics
from enzyme_lsp.server import encode
from enzyme_lsp.server.refresh import Refresher
from enzyme_lsp.verification.deep import NOTHING_DEEP
from enzyme_lsp.verification.verdict import NOTHING_YET
from enzyme_lsp.workspace.snapshot import Outdated, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lsprotocol import types as lsp

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.server.compilers import Compiler
    from enzyme_lsp.server.session import Session
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.verification.verdict import Verdict

_logger = logging.getLogger(__name__)

_PATIENCE_S = 0.15
"""How long our own findings wait for the compiler's, so that they do not come and go in two steps."""

_PATIENCE_WITHOUT_REFRESH_S = 3.0
"""How long the answer to a client that pulls only once, as Neovim 0.11 does, waits for the compiler: it cannot be
told to pull again. Longer than nearly every verdict, shorter than a hung compiler's deadline."""

_PACE_S = 1.0
"""How long what is found of types or of differentiation ops waits to be told, while more are being asked about."""

_MOST_CRASHES = 16
"""Of the compiler, before further differentiation ops wait for the next pause: each costs it a start."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is wrong with one version of a document, as this client can show it."""

    uri: str
    version: int | None
    items: list[lsp.Diagnostic]
    result_id: str
    """Changes whenever `items` do, and only then."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """The answer to a pull."""

    report: Report
    is_known: bool
    """The client has these items from an earlier pull."""


class _Watch:
    """One open document, followed from version to version."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.task: asyncio.Task[None] | None = None
        self.report: Report | None = None
        self.pulled_id: str | None = None
        """What the client has of this version, if it has pulled."""
        self.verdict: Verdict | None = None
        """The compiler's word on the whole of this version, once it is there."""
        self.errors: tuple[Span, ...] = ()
        """The errors of the last report, but for those of differentiation: an op that has one is not differentiated."""
        self.lowered: tuple[Diagnostic, ...] = ()
        """What came of lowering this version when it was saved."""
        self.trouble = ""
        self.edited_s = -math.inf
        """When the last edit came, on the event loop's clock."""
        self.first = asyncio.Event()
        """There is a report of this version."""
        self.judged = asyncio.Event()
        """It has the compiler's word on every part of the text, or there will be none."""
        self.settled = asyncio.Event()
        """It is the last one."""
        self.saved = asyncio.Event()
        """The user pauses here."""

    def renew(self, snapshot: Snapshot) -> None:
        """Turn to the next version."""
        self.end()
        if snapshot.version != self.snapshot.version:
            self.pulled_id = None  # The client knows that it must pull again.
        self.snapshot = snapshot
        self.verdict = None
        self.lowered = ()
        self.first, self.judged = asyncio.Event(), asyncio.Event()
        self.settled, self.saved = asyncio.Event(), asyncio.Event()

    def end(self) -> None:
        if self.task is not None:
            self.task.cancel()
        # Whoever waits for this version looks again and finds the next one.
        self.settle()

    def settle(self) -> None:
        """There will be no further report of this version."""
        self.first.set()
        self.judged.set()
        self.settled.set()


class Publisher:
    """The diagnostics of all open documents of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._watches: dict[str, _Watch] = {}
        self._latest = ""
        # A client may keep result ids longer than a server lives, so they must not begin at 1 in each.
        self._life = secrets.token_hex(4)
        self._numbers = count(1)
        self._reports = Refresher(session, session.outbox.refresh_diagnostics)
        self._hints = Refresher(session, session.outbox.refresh_hints)

    def trouble(self, documents: Iterable[str]) -> str:
        """What keeps the compiler from judging one of some documents, in one sentence; empty when nothing does."""
        watches = (self._watches[uri] for uri in documents if uri in self._watches)
        return next((watch.trouble for watch in watches if watch.trouble), "")

    @property
    def latest(self) -> Snapshot | None:
        """The document that was opened or edited last, if it is open."""
        watch = self._watches.get(self._latest)
        return None if watch is None else watch.snapshot

    @property
    def is_quiescent(self) -> bool:
        return all(watch.settled.is_set() for watch in self._watches.values())

    def follow(self, snapshot: Snapshot, *, pause_ms: int) -> None:
        """Find out about a snapshot, instead of the one before it of the same document."""
        watch = self._watches.get(snapshot.uri)
        if watch is None:
            watch = self._watches[snapshot.uri] = _Watch(snapshot)
            self._latest = snapshot.uri
        watch.renew(snapshot)
        watch.task = asyncio.create_task(self._follow(watch, snapshot, pause_ms))
        self._session.show_status()

    def edited(self, snapshot: Snapshot) -> None:
        """The document has a next version."""
        now = asyncio.get_running_loop().time()
        self._latest = snapshot.uri
        watch = self._watches.get(snapshot.uri)
        before, pause_ms = watch.edited_s if watch else -math.inf, snapshot.settings.diagnostics.debounce_ms
        is_burst = (now - before) * 1000 < pause_ms
        self.follow(snapshot, pause_ms=pause_ms if is_burst else 0)
        self._watches[snapshot.uri].edited_s = now

    def saved(self, uri: str) -> None:
        """Do not wait until the editor is idle."""
        watch = self._watches.get(uri)
        if watch is None:
            return
        watch.saved.set()
        if watch.settled.is_set() and watch.verdict is not None and watch.snapshot.settings.diagnostics.deep == "save":
            watch.settled = asyncio.Event()
            watch.task = asyncio.create_task(self._follow_saved(watch, watch.snapshot, watch.verdict))
            self._session.show_status()

    async def lowered(self, snapshot: Snapshot, found: tuple[Diagnostic, ...]) -> None:
        """A version of a document was saved, and this came of lowering it."""
        watch = self._watches.get(snapshot.uri)
        if watch is None or watch.snapshot is not snapshot or watch.lowered == found:
            return
        watch.lowered = found
        if watch.verdict is not None:  # Else the report that is under way has it.
            with suppress(Outdated):
                await self._find_with(watch, snapshot, watch.verdict)

    def forget(self, uri: str) -> None:
        """The document is closed: what was pushed about it goes."""
        watch = self._watches.pop(uri, None)
        if watch is None:
            return
        watch.end()
        if not self._session.client.pulls_diagnostics:
            self._session.outbox.publish(uri, [], version=None)
        self._session.show_status()

    def retry(self, compiler: Compiler) -> None:
        """A compiler is back: ask again where it could not answer."""
        for watch in self._watches.values():
            if watch.trouble and self._session.compilers.judging(watch.snapshot) is compiler:
                self.follow(watch.snapshot, pause_ms=0)

    def close(self) -> None:
        for watch in self._watches.values():
            watch.end()
        self._reports.close()
        self._hints.close()

    async def pull(self, uri: str, known_id: str | None) -> Pulled:
        """What is wrong with a document now; nothing with one that is not open."""
        watch = self._watches.get(uri)
        report = None if watch is None else await self._ready(watch)
        if watch is None or report is None:
            return Pulled(Report(uri, None, [], self._next_id()), is_known=False)
        watch.pulled_id = report.result_id
        return Pulled(report, is_known=known_id == report.result_id)

    async def pull_all(self, known_ids: Mapping[str, str]) -> list[Pulled]:
        """What is wrong with each open document. Nothing is read that is not open."""
        # All at once, so that the client waits for the slowest and not for the sum.
        return await asyncio.gather(*(self.pull(uri, known_ids.get(uri)) for uri in self._watches))

    async def _ready(self, watch: _Watch) -> Report | None:
        """A report good enough for an answer, of whatever version is the newest by then."""
        if not self._session.client.refreshes_diagnostics:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_WITHOUT_REFRESH_S):
                    await watch.judged.wait()
        event = None
        while event is not watch.first:
            event = watch.first
            await event.wait()
        return watch.report

    async def _follow(self, watch: _Watch, snapshot: Snapshot, pause_ms: int) -> None:
        try:
            await asyncio.sleep(pause_ms / 1000)
            # The settings say which compiler to start; a wrong one would cost seconds and megabytes.
            await self._session.configured.wait()
            if snapshot.settings.diagnostics.enabled:
                await self._find(watch, snapshot)
            else:
                self._tell(watch, snapshot, [])
        except Outdated:
            return  # The snapshot that took its place is followed by a task of its own.
        except Exception:
            _logger.exception("the diagnostics of %s failed", snapshot.uri)
            if not watch.first.is_set():
                self._tell(watch, snapshot, [])
        watch.settle()
        self._session.show_status()

    async def _follow_saved(self, watch: _Watch, snapshot: Snapshot, verdict: Verdict) -> None:
        """What waited until the file was saved."""
        try:
            await self._find_deep(watch, snapshot, verdict)
        except Outdated:
            return
        except Exception:
            _logger.exception("the deep diagnostics of %s failed", snapshot.uri)
        watch.settle()
        self._session.show_status()

    async def _find(self, watch: _Watch, snapshot: Snapshot) -> None:
        verifier = self._session.compilers.judging(snapshot).verifier
        asked = asyncio.ensure_future(verifier.quick(snapshot))
        try:
            await asyncio.wait({asked}, timeout=_PATIENCE_S)
            if not asked.done():
                await self._find_with(watch, snapshot, NOTHING_YET)
            verdict = await asked
        finally:
            asked.cancel()
        await self._find_with(watch, snapshot, verdict)
        if verdict.complete:
            watch.judged.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(snapshot.settings.diagnostics.idle_ms / 1000):
                await watch.saved.wait()
        watch.verdict = await verifier.full(snapshot)
        await self._find_with(watch, snapshot, watch.verdict)
        await self._find_types(snapshot, watch.verdict)
        mode = snapshot.settings.diagnostics.deep
        if mode == "pause" or (mode == "save" and watch.saved.is_set()):
            await self._find_deep(watch, snapshot, watch.verdict)

    async def _find_types(self, snapshot: Snapshot, verdict: Verdict) -> None:
        """Ask for the types that the text does not tell, and have the client show them."""
        if verdict.trouble:
            return
        told_s, is_news = asyncio.get_running_loop().time(), False
        async with aclosing(self._session.compilers.judging(snapshot).types.find(snapshot, verdict)) as steps:
            async for _ in steps:
                is_news = True
                if asyncio.get_running_loop().time() - told_s >= _PACE_S:
                    self._show_hints()
                    told_s, is_news = asyncio.get_running_loop().time(), False
        if is_news:
            self._show_hints()

    def _show_hints(self) -> None:
        if self._session.client.refreshes_hints and self._session.settings.hints.types:
            self._hints.ask()

    async def _find_deep(self, watch: _Watch, snapshot: Snapshot, verdict: Verdict) -> None:
        """Ask about the differentiation ops that are not known as they stand, and tell what that shows."""
        if verdict.trouble:
            return
        loop = asyncio.get_running_loop()
        told_s, is_news = loop.time(), False
        deep = await self._session.compilers.find_differentiating(snapshot)
        async with aclosing(deep.judge(snapshot, watch.errors, most_crashes=_MOST_CRASHES)) as steps:
            async for _ in steps:
                is_news = True
                if loop.time() - told_s >= _PACE_S:
                    await self._find_with(watch, snapshot, verdict)
                    told_s, is_news = loop.time(), False
        if is_news:
            await self._find_with(watch, snapshot, verdict)

    async def _find_with(self, watch: _Watch, snapshot: Snapshot, verdict: Verdict) -> None:
        client = self._session.client
        compilers, is_deep = self._session.compilers, snapshot.settings.diagnostics.deep != "off"
        judge, passes = (
            compilers.differentiating(snapshot).deep if is_deep else None,
            compilers.judging(snapshot).passes,
        )

        def items() -> tuple[tuple[Span, ...], list[lsp.Diagnostic]]:
            with log.span("diagnostics", snapshot.uri):
                deep = NOTHING_DEEP if judge is None else judge.known(snapshot)
                found = diagnostics(snapshot, verdict, deep, watch.lowered, passes)
                errors = (one.span for one in found if one.severity is Severity.ERROR and one.code not in CODES)
                return tuple(errors), encode.problems.diagnostics(snapshot.document, found, client)

        watch.errors, found = await self._session.lanes.in_thread(items)
        if verdict is not NOTHING_YET:
            watch.trouble = verdict.trouble
        self._tell(watch, snapshot, found)

    def _tell(self, watch: _Watch, snapshot: Snapshot, items: list[lsp.Diagnostic]) -> None:
        """Make this the report of the newest version, and see that the client has it."""
        before = watch.report
        is_first = not watch.first.is_set()
        is_same = before is not None and before.items == items
        result_id = before.result_id if before is not None and is_same else self._next_id()
        watch.report = Report(snapshot.uri, snapshot.version, items, result_id)
        watch.first.set()
        if self._session.client.pulls_diagnostics:
            # Once for each report that is better than what the client has.
            is_better = not is_same and watch.pulled_id not in (None, result_id)
            if is_better and self._session.client.refreshes_diagnostics:
                self._reports.ask()
        elif is_first or not is_same:
            version = snapshot.version if self._session.client.shows_version else None
            self._session.outbox.publish(snapshot.uri, items, version=version)

    def _next_id(self) -> str:
        return f"{self._life}-{next(self._numbers)}"
