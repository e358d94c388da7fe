"""On save: a saved file is lowered, so that what fails is shown in it; what it becomes nobody has asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import pass_verdict
from enzyme_lsp.lowering import wish
from enzyme_lsp.lowering.carry_out import carried_out
from enzyme_lsp.lowering.wish import NotLoweredError
from enzyme_lsp.server.progress import CanceledError, Purpose
from enzyme_lsp.workspace import paths
from enzyme_lsp.workspace.snapshot import Outdated

if TYPE_CHECKING:
    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.server.session import Session
    from enzyme_lsp.workspace.snapshot import Snapshot


class OnSave:
    """One per session; used on its event loop."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._refused: dict[str, str] = {}
        """Why the last save of a file lowered nothing, by its URI, so that it is told once."""

    def saved(self, uri: str) -> None:
        """The document `uri` was saved."""
        snapshot = self._session.workspace.get(uri)
        if snapshot is None or snapshot.settings.lowering.on_save != "always":
            return
        if snapshot.settings.diagnostics.enabled:
            self._session.spawn(self._follow(snapshot))

    async def _follow(self, snapshot: Snapshot) -> None:
        name = paths.name(snapshot.uri)
        purpose = Purpose(("saved", snapshot.uri), snapshot)
        try:
            found = await self._session.progress.follow(f"Lowering {name}", self._lowered(snapshot), purpose=purpose)
        except (CanceledError, Outdated):
            return
        except NotLoweredError as error:
            if self._refused.get(snapshot.uri) != str(error):
                self._refused[snapshot.uri] = str(error)
                self._session.outbox.warn(f"{name} was not lowered when it was saved: {error}")
            return
        self._refused.pop(snapshot.uri, None)
        await self._session.publisher.lowered(snapshot, found)

    async def _lowered(self, snapshot: Snapshot) -> tuple[Diagnostic, ...]:
        session = self._session
        found: list[Diagnostic] = []
        for order in wish.on_save(snapshot, trusted=session.trusted_pipelines):
            lowered = await carried_out(session.compilers.engines, snapshot, order)
            found += pass_verdict.diagnose(snapshot, lowered)
        return tuple(dict.fromkeys(found))
