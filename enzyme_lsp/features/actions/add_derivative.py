"""Add a derivative: that of the function which a call calls, behind the call, of the same operands.

    %0 = func.call @f(%x) : (f64) -> f64
    %gradient = enzyme.autodiff @f(%x, %dr) {activity = [active], ret_activity = [activenoneed]} : (f64, f64) -> f64

Activities follow from the types: numbers are active, memory has a shadow, all else is constant. Shadows and seeds are
values in scope whose names say so, else new ones.

Kind: refactor.rewrite.enzyme.call.add. Ids: `add reverse`, `add forward`.
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

KIND: Final = "refactor.rewrite.enzyme.call.add"

_WAYS: Final = {
    "add reverse": (Mode.REVERSE, "Add the gradient of {} behind this call, in reverse mode"),
    "add forward": (Mode.FORWARD, "Add the derivative of {} in a direction behind this call, in forward mode"),
}


def offered(snapshot: Snapshot, span: Span) -> Iterator[Offer]:
    """Both modes, for the call at the place."""
    return called.offered(snapshot, span, _WAYS, replaces=False)


def apply(snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
    """The edits of what was offered as `id_`; none when there is nothing of that name."""
    return called.applied(snapshot, span, _WAYS.get(id_), replaces=False)
