"""What the user is told about the compiler and the server's work; must not know how either is done.

The status line of an editor gets every change. Every other client is told in words, once for each event: in
its log, and before the user's eyes only when no compiler was found, since that is for the user to mend.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from enzyme_lsp.engines.api import State
from enzyme_lsp.server.protocol import EngineStatus, StatusParams

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from enzyme_lsp.engines.api import Identity, Status
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


@dataclass(frozen=True, slots=True)
class CompilerStatus:
    """How a compiler is. `trouble` is what keeps it from judging one of its documents, empty when nothing does."""

    engine: Status
    trouble: str = ""
    is_wanted: bool = True
    """Without one because the settings say so is as it should be."""
    documents: tuple[str, ...] = ()
    """Those open that it judges."""
    differentiates: Identity | None = None
    """Another engine that does, in the place of one that cannot."""

    @property
    def health(self) -> Literal["ok", "warning", "error"]:
        if not self.is_wanted:
            return "ok"
        health = _HEALTH[self.engine.state]
        return "warning" if self.trouble and health == "ok" else health

    @property
    def message(self) -> str:
        identity = self.engine.identity
        if self.trouble or not self.engine.answers:
            return self.trouble or self.engine.message
        if identity is None:
            # Not whether it works on something: it does for each part of a file, which would make a status line
            # flicker, and is said by `quiescent`.
            return ""
        if identity.lack and self.differentiates is not None:
            return f"{identity} verifies, and {self.differentiates} differentiates"
        return identity.lack


class Reporter:
    """Turns changes into messages, each said once."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._shown: StatusParams | None = None
        self._said: set[str] = set()

    def show(self, shown: CompilerStatus, others: Sequence[CompilerStatus] = (), *, quiescent: bool) -> None:
        """Tell an editor that has a status line; what has not changed is not sent.

        `shown` is the compiler of the document at work; `others` are those of the other open documents.
        """
        params = _params(shown, others, quiescent=quiescent)
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


def _params(shown: CompilerStatus, others: Sequence[CompilerStatus], *, quiescent: bool) -> StatusParams:
    every = (shown, *others)
    identity = shown.engine.identity
    return StatusParams(
        health=shown.health,
        quiescent=quiescent and all(one.engine.state not in _UNDER_WAY for one in every),
        message=shown.message,
        engine=identity.name if identity else "",
        version=identity.version if identity else "",
        spelling=shown.engine.spelling,
        engines=tuple(map(_of_engine, every)) if others else (),
    )


def _of_engine(one: CompilerStatus) -> EngineStatus:
    identity = one.engine.identity
    name, version = (identity.name, identity.version) if identity else ("", "")
    return EngineStatus(one.documents, one.health, one.message, name, version, one.engine.spelling)
