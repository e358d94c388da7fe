"""Telling the client to ask again, one such question at a time; must not know what it asks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from enzyme_lsp.server.session import Session

_REFRESH_S = 5.0
"""How long a client may take to answer that it was told to ask again."""


class Refresher:
    """Tells of news of one kind. While the client has not answered, all further news are told of together."""

    def __init__(self, session: Session, tell: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._session = session
        self._tell = tell
        self._task: asyncio.Task[None] | None = None
        self._again = False

    def ask(self) -> None:
        """There is news."""
        self._again = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send())

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _send(self) -> None:
        while self._again:
            self._again = False
            # Not canceled when it takes too long: pygls takes the answer to a canceled question for a fault.
            asked = self._session.spawn(self._tell())
            await asyncio.wait({asked}, timeout=_REFRESH_S)
