"""Progress: work that a user waits for is shown after a second, and ends when its user does not want to wait.

It must not know what the work is.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from enzyme_lsp.server.session import Session

T = TypeVar("T")
Token = int | str

_SHOWN_AFTER_S: Final = 1.0
"""Work that takes less than this is not shown."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What work is for: at one place only the newest wish counts."""

    place: object
    wish: object


class CanceledError(Exception):
    """The work was given up, by the user or for newer work; the message says which."""


class Progress:
    """One per session; used on its event loop."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shown: dict[Token, asyncio.Task[Any]] = {}
        """The work under each token that the client has."""
        self._newest: dict[object, tuple[Purpose, set[asyncio.Task[Any]]]] = {}
        """The newest purpose at each place, and all the work for it."""
        self._reasons: dict[asyncio.Task[Any], str] = {}
        self._numbers = count(1)

    async def follow(
        self, title: str, work: Coroutine[Any, Any, T], *, token: Token | None = None, purpose: Purpose | None = None
    ) -> T:
        """What `work` gives. `token`: the client has one for it. Raises `CanceledError`.

        Work with a purpose ends other work that is still under way for the same place.
        """
        task = asyncio.ensure_future(work)
        place = None if purpose is None else purpose.place
        if purpose is not None:
            before, tasks = self._newest.get(place, (purpose, set[asyncio.Task[Any]]()))
            if before != purpose:
                for one in tasks:
                    self._end(one, "a newer request has taken its place")
                tasks = set[asyncio.Task[Any]]()
            tasks.add(task)
            self._newest[place] = purpose, tasks
        showing = asyncio.ensure_future(self._show(title, task, token))
        # Not given up before it has told the end of what it began.
        task.add_done_callback(lambda _: showing.cancel())
        try:
            return await task
        except asyncio.CancelledError:
            if (reason := self._reasons.get(task)) is not None:
                raise CanceledError(reason) from None
            raise
        finally:
            self._reasons.pop(task, None)
            _, tasks = self._newest.get(place, (None, set[asyncio.Task[Any]]()))
            tasks.discard(task)
            if not tasks:
                self._newest.pop(place, None)

    def cancel(self, token: Token) -> None:
        """The user does not want to wait for what is shown under this token."""
        if (task := self._shown.get(token)) is not None:
            self._end(task, "it was canceled")

    async def _create(self, token: Token) -> bool:
        """Whether the client will show work under a token."""
        created = asyncio.get_running_loop().create_future()

        async def ask() -> None:
            answer = await self._session.outbox.create_progress(str(token))
            if not created.done():
                created.set_result(answer)

        # A task of its own: pygls takes the answer to a question that was given up for a fault.
        self._session.spawn(ask())
        return await created

    def _end(self, task: asyncio.Task[Any], reason: str) -> None:
        if not task.done():
            self._reasons[task] = reason
            task.cancel()

    async def _show(self, title: str, task: asyncio.Task[Any], token: Token | None) -> None:
        outbox = self._session.outbox
        await asyncio.sleep(_SHOWN_AFTER_S)
        if token is None:
            if not self._session.client.shows_progress:
                return
            token = f"work-{next(self._numbers)}"
            if not await self._create(token):
                return
        self._shown[token] = task
        outbox.begin_work(token, title)
        try:
            await asyncio.wait({task})
        finally:
            del self._shown[token]
            outbox.end_progress(token, "")
