"""Return the primal: a derivative gives the results of its callee too, or no longer.

    %0 = enzyme.autodiff @f(%x, %dr) {..., ret_activity = [activenoneed]} : (f64, f64) -> f64
    %0:2 = enzyme.autodiff @f(%x, %dr) {..., ret_activity = [active]} : (f64, f64) -> (f64, f64)

At the activity of a result it is about that one, elsewhere in the operation about all of them. Uses of the other
results follow.

Kind: refactor.rewrite.enzyme.primal. Ids: `primal on`, `primal off`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.features.actions import choices
from enzyme_lsp.features.actions.choices import Choice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.features.actions.offer import Offer
    from enzyme_lsp.features.actions.plan import Plan
    from enzyme_lsp.text.edit import EditSet
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot


KIND: Final = "refactor.rewrite.enzyme.primal"

_WITH: Final = {Activity.ACTIVE_NO_NEED: Activity.ACTIVE, Activity.DUP_NO_NEED: Activity.DUP}
_WITHOUT: Final = {needed: alone for alone, needed in _WITH.items()}
_WAYS: Final = (
    ("primal on", _WITH, "Return {} too"),
    ("primal off", _WITHOUT, "No longer return {}"),
)


def offered(snapshot: Snapshot, span: Span) -> Iterator[Offer]:
    """With primals where some are not returned, without where some are."""
    return choices.offered(snapshot, span, _choices)


def apply(snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
    """The edits of what was offered as `id_`; none when there is nothing of that name."""
    return choices.applied(snapshot, span, id_, _choices)


def _choices(reading: Reading, now: Plan, span: Span) -> Iterator[Choice]:
    elements = reading.listed_returns.elements if reading.listed_returns is not None else None
    pointed = next((number for number, one in enumerate(elements or ()) if one.span.touches(span)), None)
    for id_, to, title in _WAYS:
        returns = tuple(
            to.get(one, one) if pointed in (None, number) else one for number, one in enumerate(now.returns)
        )
        count = sum(one is not other for one, other in zip(returns, now.returns, strict=True))
        if count:
            what = "the primal result" if count == 1 else f"the {count} primal results"
            yield Choice(id_, title.format(what), replace(now, returns=returns))
