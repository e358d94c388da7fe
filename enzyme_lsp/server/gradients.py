"""Gradients: derivatives of open documents are run and checked on request; must not know how one tells who is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.gradient import report
from enzyme_lsp.gradient.carry_out import carried_out
from enzyme_lsp.gradient.check import Wish
from enzyme_lsp.gradient.refusal import RefusedError as NotCheckedError

if TYPE_CHECKING:
    from enzyme_lsp.gradient.report import Entry
    from enzyme_lsp.server.session import Session
    from enzyme_lsp.workspace.snapshot import Snapshot

UNTRUSTED: Final = (
    "checking a gradient runs the file's code, for which its user must trust the workspace (experimental.enzymeTrusted)"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client wants to be checked: the op or function at a byte, a function by its name, or else all ops."""

    offset: int | None = None
    function: str = ""
    seed: int = 0
    is_full: bool = False


class Gradients:
    """One per session; used on its event loop."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def checked(self, snapshot: Snapshot, wanted: Wanted) -> tuple[Entry, ...]:
        """What came of the checks. Raises `RefusedError` where nothing may or can be run, and `Outdated`."""
        if not self._session.client.is_trusted:
            raise RefusedError(UNTRUSTED)
        wish = Wish(wanted.seed, wanted.is_full, deadline_s=snapshot.settings.lowering.deadline_s)
        functions = [wanted.function.removeprefix("@")] if wanted.function else []
        engines = self._session.compilers.engines
        try:
            found = await carried_out(engines, snapshot, wish, functions, wanted.offset)
        except NotCheckedError as error:
            raise RefusedError(str(error)) from None
        if not found:
            what = f"@{functions[0]} is no function of this document" if functions else "nothing is differentiated here"
            raise RefusedError(f"no gradient is checked: {what}")
        return found

    async def told(self, snapshot: Snapshot, wanted: Wanted) -> tuple[Entry, ...]:
        """The same, and the user is told in a line."""
        found = await self.checked(snapshot, wanted)
        outbox, text = self._session.outbox, report.told(found)
        if report.is_fine(found):
            outbox.show_information(text)
        else:
            outbox.show_warning(text)
        return found
