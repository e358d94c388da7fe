"""Our own messages, which no other server has, as dataclasses; must not know who sends them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

STATUS = "enzyme/status"
"""To a client that declares `experimental.enzymeStatus`, whenever one of the fields changes."""


@dataclass(frozen=True, slots=True)
class StatusParams:
    """How the server and its compiler are, for an editor's status line."""

    health: Literal["ok", "warning", "error"]
    """"warning": answers lack the compiler's verdict for now; "error": until the user does something."""
    quiescent: bool
    """Nothing is being started or checked: what is shown is all there is to show."""
    message: str
    """One sentence, or empty when there is nothing to say."""
    engine: str
    """The compiler's name; empty as long as it is not known."""
    version: str
    spelling: Literal["classic", "strict", "none"]
    """Which text form of the dialect the compiler reads."""

    def as_json(self) -> dict[str, object]:
        return asdict(self)
