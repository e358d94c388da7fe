"""Shown files: lowered texts as files of this connection, for clients that show no documents of a server."""

from __future__ import annotations

import asyncio
import re
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.engines.api import Outcome
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.workspace import paths

if TYPE_CHECKING:
    from enzyme_lsp.lowering.lower import Lowered
    from enzyme_lsp.lowering.wish import Wish
    from enzyme_lsp.server.session import Session
    from enzyme_lsp.workspace.snapshot import Snapshot


class ShownFiles:
    """One per session; used on its event loop."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._paths: dict[tuple[str, Wish], Path] = {}
        self._numbers = count(1)

    async def show(self, snapshot: Snapshot, asked: Wish) -> str:
        """Lower, and have the client show what comes of it; gives its URI. Raises `RefusedError`, and `Outdated`."""
        session = self._session
        if not session.client.shows_documents:
            raise RefusedError("this client does not show documents (window.showDocument)")
        text = _text(await session.previews.lower(snapshot, asked))
        path = await asyncio.to_thread(self._written, snapshot.uri, asked, text)
        await session.outbox.show_document(path.as_uri())
        return path.as_uri()

    def close(self) -> None:
        """The files go."""
        if self._folder is not None:
            self._folder.cleanup()

    def _written(self, source: str, asked: Wish, text: str) -> Path:
        """The file of a lowering; the same one each time."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="enzyme-lsp-", ignore_cleanup_errors=True)
        path = self._paths.get((source, asked))
        if path is None:
            name = paths.name(source).removesuffix(".mlir") or "lowered"
            parts = [name, asked.symbol.removeprefix("@"), asked.preset, "lowered", "mlir"]
            safe = ".".join(re.sub(r"[^\w-]", "_", part, flags=re.ASCII)[:60] for part in parts if part)
            path = self._paths[source, asked] = Path(self._folder.name, str(next(self._numbers)), safe)
            path.parent.mkdir()
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
        return path


def _text(found: Lowered) -> str:
    """The last stage, under a line that says why there is no further one, if so."""
    reason = " ".join(found.detail.split()) or found.outcome.value
    if not found.stages:
        raise RefusedError(f"not lowered: {reason}")
    if found.outcome is Outcome.ACCEPTED:
        return found.stages[-1].text
    return f"// {found.failed or 'not lowered'} failed: {reason}\n{found.stages[-1].text}"
