"""Replace a call by its derivative, which gives the results of the call too where they are used.

    %0 = func.call @f(%x) : (f64) -> f64
    return %0 : f64

    %0:2 = enzyme.autodiff @f(%x, %dr) {activity = [active], ret_activity = [active]} : (f64, f64) -> (f64, f64)
    return %0#0 : f64

Activities follow from the types: numbers are active, memory has a shadow, all else is constant. Shadows and seeds are
values in scope whose names say so, else new ones. What a function of LLVM gives in a struct is taken out of it.

Kind: refactor.rewrite.enzyme.call.replace. Ids: `replace reverse`, `replace forward`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.features.actions import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.features.actions.offer import Offer
    from enzyme_lsp.text.edit import EditSet
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Snapshot

KIND: Final = "refactor.rewrite.enzyme.call.replace"

_WAYS: Final = {
    "replace reverse": (Mode.REVERSE, "Replace this call of {} by its gradient, in reverse mode"),
    "replace forward": (Mode.FORWARD, "Replace this call of {} by its derivative in a direction, in forward mode"),
}


def offered(snapshot: Snapshot, span: Span) -> Iterator[Offer]:
    """Both modes, for the call at the place."""
    return called.offered(snapshot, span, _WAYS, replaces=True)


def apply(snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
    """The edits of what was offered as `id_`; none when there is nothing of that name."""
    return called.applied(snapshot, span, _WAYS.get(id_), replaces=True)
