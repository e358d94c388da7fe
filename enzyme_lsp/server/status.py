"""What the user is told about the compiler and the server's work; must not know how either is done.

The status line of an editor gets every change. Every other client is told in words, once for each event: in
its log, and before the user's eyes only when no compiler was found, since that is for the user to mend.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from enzyme_lsp.engines.api import State
from enzyme_lsp.server.protocol import StatusParams

if TYPE_CHECKING:
    from collections.abc import Callable

    from enzyme_lsp.engines.api import Status
    from enzyme_lsp.server.outbox import Outbox

_logger = logging.getLogger(__name__)

_HEALTH: dict[State, Literal["ok", "warning", "error"]] = {
    State.ABSENT: "warning",
    State.STARTING: "ok",
    State.READY: "ok",
    State.BUSY: "ok",
    State.RESTARTING: "warning",
    State.FAILED: "error",
    State.CLOSED: "ok",
}

_UNDER_WAY = (State.BUSY, State.RESTARTING)
"""Not STARTING, which is also the state of a compiler that nothing has been asked yet."""

_WELL = (State.READY, State.BUSY)
"""Nothing to say. A compiler goes from one to the other for each part of a file, which would make a status line
flicker; that work is under way is said by `quiescent`."""


class Reporter:
    """Turns changes into messages, each said once."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._shown: StatusParams | None = None
        self._said: set[str] = set()

    def show(self, engine: Status, *, trouble: str, quiescent: bool, wanted: bool) -> None:
        """Tell an editor that has a status line; what has not changed is not sent."""
        params = _params(engine, trouble, quiescent=quiescent, wanted=wanted)
        if params != self._shown:
            self._shown = params
            self._outbox.status(params)

    def tell(self, engine: Status) -> None:
        """Tell in words."""
        match engine.state:
            case State.READY if engine.identity is not None:
                identity = engine.identity
                reads = f"{identity} is ready and reads the {identity.spelling} spelling"
                self._once(self._outbox.log, f"{identity} is ready; {identity.lack}" if identity.lack else reads)
            case State.ABSENT:
                self._once(self._outbox.show_warning, engine.message)
            case State.RESTARTING | State.FAILED:
                _logger.warning("%s", engine.message)
                self._outbox.warn(engine.message)
            case _:
                pass

    def _once(self, say: Callable[[str], None], message: str) -> None:
        if message not in self._said:
            self._said.add(message)
            say(message)


def _params(engine: Status, trouble: str, *, quiescent: bool, wanted: bool) -> StatusParams:
    health = _HEALTH[engine.state]
    if trouble and health == "ok":
        health = "warning"
    identity = engine.identity
    return StatusParams(
        # Without a compiler because the settings say so is as it should be.
        health=health if wanted else "ok",
        quiescent=quiescent and engine.state not in _UNDER_WAY,
        message=trouble or (engine.message if engine.state not in _WELL else identity.lack if identity else ""),
        engine=identity.name if identity else "",
        version=identity.version if identity else "",
        spelling=identity.spelling if identity else "none",
    )
