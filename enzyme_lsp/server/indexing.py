"""The thread that reads the workspace's files for their symbols, and what the client is shown of it.

Python runs one thread at a time, so the work is done in slices with pauses between them, and while the user types, and
for a moment after, none is done at all. This module must not know what is read.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.server.session import Session
    from enzyme_lsp.workspace.library import Library

_logger = logging.getLogger(__name__)

_SLICE_S: Final = 0.002
_PAUSE_S: Final = 0.001
_HOLD_S: Final = 0.5
"""How long an edit keeps the thread quiet."""

_SHOWN_AFTER_S: Final = 1.0
"""Work that takes less than this is not shown."""
_SHOWN_EVERY_S: Final = 0.25
_END_S: Final = 2.0
"""How long the end of the server waits for the slice that is under way."""


class Indexing:
    """Must be made with a running loop; nothing is read before `begin`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._folders: list[str] = []
        self._thread = threading.Thread(target=self._run, name="symbols", daemon=True)
        self._wanted = threading.Event()
        """There may be work."""
        self._ending = threading.Event()
        self._slice_ends_s = 0.0
        self._held_until_s = 0.0
        self._showing: asyncio.Task[None] | None = None
        self._token: str | None = None
        """Of the progress that is shown, as long as the client has not canceled it."""
        self._numbers = count(1)

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of the workspace, by their URIs."""
        return tuple(self._folders)

    async def begin(self, folders: Sequence[str]) -> None:
        """Read the files below some folders, given by their URIs, as soon as the settings are known."""
        session = self._session
        self._folders = [*folders]
        session.library.is_watched = session.client.watches_files
        await session.configured.wait()
        self.follow_settings()
        if session.client.watches_files:
            await session.outbox.register_watched_files()

    def change_folders(self, added: list[str], removed: list[str]) -> None:
        """Some folders have come, some have gone."""
        kept = [uri for uri in self._folders if uri not in removed]
        self._folders = [*kept, *(uri for uri in added if uri not in kept)]
        self.follow_settings()

    def follow_settings(self) -> None:
        """The settings may have changed."""
        self._session.library.set_folders(self._folders, self._session.settings.workspace.max_files)
        self.wake()

    def hold(self) -> None:
        """The user types."""
        self._held_until_s = time.monotonic() + _HOLD_S

    def wake(self) -> None:
        """The library may have work."""
        if self._ending.is_set() or not self._session.library.is_busy:
            return
        if not self._thread.is_alive():
            self._thread.start()
        self._wanted.set()
        if self._showing is None or self._showing.done():
            self._showing = self._session.spawn(self._show())

    def cancel(self, token: object) -> None:
        """The user does not want to wait for what is shown under this token."""
        if token == self._token:
            self._token = None
            self._session.library.stop()
            _logger.info("the reading of the workspace's files was canceled")

    async def close(self) -> None:
        """When this returns, the thread does nothing more, or ends with its slice."""
        self._ending.set()
        self._wanted.set()
        self._session.library.stop()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, _END_S)

    def _run(self) -> None:
        while not self._ending.is_set():
            self._breathe()
            if not self._step(self._session.library):
                self._wanted.wait()
                self._wanted.clear()

    def _breathe(self) -> None:
        """Rests if it is time to."""
        now_s = time.monotonic()
        if now_s > self._slice_ends_s:
            self._ending.wait(_PAUSE_S)
            self._slice_ends_s = time.monotonic() + _SLICE_S
        while now_s < self._held_until_s and not self._ending.is_set():
            self._ending.wait(self._held_until_s - now_s)
            now_s = time.monotonic()

    def _step(self, library: Library) -> bool:
        try:
            return library.step(self._breathe)
        except Exception:
            _logger.exception("a file was left out of the symbols of the workspace")
            return True

    async def _show(self) -> None:
        session = self._session
        await asyncio.sleep(_SHOWN_AFTER_S)
        if not session.client.shows_progress or not session.library.is_busy:
            return
        token = f"symbols-{next(self._numbers)}"
        if not await session.outbox.create_progress(token):
            return
        self._token = token
        session.outbox.begin_progress(token, "Reading .mlir files for their symbols")
        shown = ""
        while session.library.is_busy:
            progress = session.library.progress
            message = f"{progress.done:,} of {progress.total:,}"
            if message != shown:
                session.outbox.report_progress(token, message, 100 * progress.done // max(progress.total, 1))
                shown = message
            await asyncio.sleep(_SHOWN_EVERY_S)
        self._token = None
        session.outbox.end_progress(token, f"{len(session.library):,} symbols")
