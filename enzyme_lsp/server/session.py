"""The state of one connection, all that changes in the server: documents, settings, compilers, client.

It must not know how messages look; `outbox` says what is to be said.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from enzyme_lsp import log, settings
from enzyme_lsp.server.bytecode import Bytecode
from enzyme_lsp.server.client import Client
from enzyme_lsp.server.compilers import Compilers
from enzyme_lsp.server.gradients import Gradients
from enzyme_lsp.server.indexing import Indexing
from enzyme_lsp.server.lanes import Lanes
from enzyme_lsp.server.on_save import OnSave
from enzyme_lsp.server.previews import Previews
from enzyme_lsp.server.progress import Progress
from enzyme_lsp.server.project_files import ProjectFiles
from enzyme_lsp.server.publish import Publisher
from enzyme_lsp.server.shown_files import ShownFiles
from enzyme_lsp.server.status import Reporter
from enzyme_lsp.server.tokens import TokenStore
from enzyme_lsp.settings import Settings
from enzyme_lsp.workspace.library import Library
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from enzyme_lsp.engines.api import Status
    from enzyme_lsp.server.compilers import Compiler
    from enzyme_lsp.server.outbox import Outbox

_logger = logging.getLogger(__name__)

_CONFIGURATION_S = 2.0
"""How long the client's settings are waited for before the defaults apply. Later ones still apply when they come."""


class Session:
    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self._loop = asyncio.get_running_loop()
        self.client = Client()
        self.settings = Settings()
        self.projects = ProjectFiles(self)
        self.workspace = Workspace(self.settings, self.projects.settings)
        self.lanes = Lanes()
        self.publisher = Publisher(self)
        self.tokens = TokenStore()
        self.library = Library(self.workspace, self._warn)
        self.indexing = Indexing(self)
        self.previews = Previews(self)
        self.progress = Progress(self)
        self.shown_files = ShownFiles(self)
        self.bytecode = Bytecode(self)
        self.gradients = Gradients(self)
        self.on_save = OnSave(self)
        self.configured = asyncio.Event()
        """The settings that the client has are known. No compiler is started before."""
        self._reporter = Reporter(outbox)
        self._initial_settings: object = None
        self._questions = 0
        self._answered = 0
        """The last question about settings that was answered, and so the newest settings."""
        self._settings_problems: list[str] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self.compilers = Compilers(self, self._hear)

    def begin(self, client: Client, initial_settings: object) -> None:
        """The client has introduced itself."""
        self.client = client
        self._initial_settings = initial_settings
        self._apply(None)  # Before the answer to `initialize` no status may be sent.
        if not client.answers_configuration:
            self.configured.set()

    async def fetch_settings(self) -> None:
        """Ask the client for its settings and apply them; gives up waiting in time, but not listening."""
        self._questions += 1
        # A task of its own, since giving up would otherwise cancel the question, and pygls takes the answer to
        # a canceled one for a fault.
        applied = self.spawn(self._apply_answer(self._questions))
        await asyncio.wait({applied}, timeout=_CONFIGURATION_S)
        self.configured.set()

    def configure(self, data: object) -> None:
        """Apply settings as a client sends them, over those it sent at the beginning."""
        self._apply(data)
        self.show_status()

    async def _apply_answer(self, question: int) -> None:
        data = await self.outbox.configuration()
        if question > self._answered:  # Else a later question was answered sooner.
            self._answered = question
            self.configure(data)

    def _apply(self, data: object) -> None:
        new, problems = settings.read(settings.merged(self._initial_settings, data))
        if problems and problems != self._settings_problems:
            self.outbox.show_warning("\n".join(problems))
        self._settings_problems = problems
        # Some clients answer with every setting that there is; at the beginning they send what their user wrote.
        said = settings.read(self._initial_settings)[0].said
        new = replace(new, said=said)
        if new == self.settings and said == self.settings.said:
            return
        old, self.settings = self.settings, new
        log.set_up(new.log)
        if new.workspace != old.workspace:
            self.indexing.follow_settings()
        self.renew()
        if new.engine != old.engine:
            self.compilers.follow_settings()

    @property
    def trusted_pipelines(self) -> tuple[str, ...]:
        """Those of the client's settings, where its user trusts the workspace: they may do more than compute."""
        return self.settings.lowering.pipelines if self.client.is_trusted else ()

    def renew(self) -> None:
        """Put all documents under the settings as they are now, of the client and of their projects."""
        self.workspace.configure(self.settings)
        for snapshot in self.workspace.snapshots():
            self.lanes.outdate(snapshot.uri)
            self.compilers.turn_to(snapshot)
            self.publisher.follow(snapshot, pause_ms=0)

    def show_status(self) -> None:
        """Bring the editor's status line up to date."""
        if self.client.shows_status:
            shown, *others = self.compilers.statuses(self.publisher.latest)
            self._reporter.show(shown, others, quiescent=self.publisher.is_quiescent)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something that nobody needs to wait for; what it raises is logged."""
        task = asyncio.create_task(_logged(work))
        self._tasks.add(task)  # The loop itself keeps no task alive.
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End all work; when this returns, no compiler is left."""
        self.publisher.close()
        self.shown_files.close()
        await self.indexing.close()
        for snapshot in self.workspace.snapshots():
            self.workspace.close(snapshot.uri)  # What runs on a thread sees that nobody waits.
        self.lanes.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.bytecode.close()
        await self.compilers.close()

    def _warn(self, message: str) -> None:
        """Into the client's log, from any thread."""
        with suppress(RuntimeError):  # The loop has ended, and nobody listens.
            self._loop.call_soon_threadsafe(self.outbox.warn, message)

    def _hear(self, compiler: Compiler, status: Status) -> None:
        if compiler.settings.is_wanted:
            self._reporter.tell(status)
        is_ready = status.answers
        if is_ready and not compiler.was_ready:
            self.publisher.retry(compiler)
        compiler.was_ready = is_ready
        self.show_status()


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        _logger.exception("background work failed")
