"""Switch the mode: reverse into forward and back, `enzyme.autodiff` <-> `enzyme.fwddiff`, and their region forms.

    %0 = enzyme.autodiff @f(%x, %dr) {activity = [active], ret_activity = [activenoneed]} : (f64, f64) -> f64
    %0 = enzyme.fwddiff @f(%x, %dr) {activity = [dup], ret_activity = [dupnoneed]} : (f64, f64) -> f64

What is active takes a shadow as an operand, and back; memory keeps its shadow, constants stay. Shadows and seeds are
values in scope whose names say so, else new ones. Primal results stay with their uses. A gradient is not a tangent, but
for a function of one number to one number. Where one is only returned, and nothing calls the function around, that one
follows: it takes what the operation takes in the other mode, and returns what that gives. Where one is used otherwise,
the operation cannot be switched, and the reason names what uses it.

Kind: refactor.rewrite.enzyme.mode. Id: switch mode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, can_be_active
from enzyme_lsp.features.actions import choices
from enzyme_lsp.features.actions.choices import Choice
from enzyme_lsp.features.actions.plan import Plan
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.features.actions.offer import Offer
    from enzyme_lsp.syntax.types import Type
    from enzyme_lsp.text.edit import EditSet
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot

KIND: Final = "refactor.rewrite.enzyme.mode"


def offered(snapshot: Snapshot, span: Span) -> Iterator[Offer]:
    """The other mode, for the operation at the place."""
    return choices.offered(snapshot, span, _choices)


def apply(snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
    """The edits of what was offered as `id_`; none when there is nothing of that name."""
    return choices.applied(snapshot, span, id_, _choices)


def _choices(reading: Reading, now: Plan, _: Span) -> Iterator[Choice]:
    plan = switched(reading, now)
    if plan is not None:
        to = "forward" if plan.mode is Mode.FORWARD else "reverse"
        yield Choice("switch mode", f"Switch to {to} mode", plan)


def switched(reading: Reading, now: Plan) -> Plan | None:
    """The same derivative in the other mode; None where the callee is not known."""
    function = reading.function
    if function is None:
        return None
    forward = now.mode is Mode.REVERSE
    taken = [
        _TO_FORWARD.get(one, one) if forward else _to_reverse(one, type_, now.width)
        for one, type_ in zip(now.activities, function.arguments, strict=True)
    ]
    given = [
        _returned(one, type_) if forward else _to_reverse(one, type_, now.width)
        for one, type_ in zip(now.returns, function.results, strict=True)
    ]
    return Plan(Mode.FORWARD if forward else Mode.REVERSE, tuple(taken), tuple(given), now.width)


_TO_FORWARD: Final = {Activity.ACTIVE: Activity.DUP, Activity.ACTIVE_NO_NEED: Activity.DUP_NO_NEED}
_TO_REVERSE: Final = {Activity.DUP: Activity.ACTIVE, Activity.DUP_NO_NEED: Activity.ACTIVE_NO_NEED}
_TO_CONSTANT: Final = {Activity.DUP: Activity.CONST, Activity.DUP_NO_NEED: Activity.CONST_NO_NEED}


def _returned(activity: Activity, type_: Type) -> Activity:
    """What a result of reverse mode is in forward mode: one that takes no seed is constant, unless it is memory."""
    if type_.is_memory:
        return activity
    return _TO_CONSTANT.get(activity) or _TO_FORWARD.get(activity, activity)


def _to_reverse(activity: Activity, type_: Type, width: int) -> Activity:
    """What moves with a tangent has a gradient, unless it is memory, which keeps its shadow, or cannot have one."""
    if type_.is_memory:
        return activity
    moves = type_.scalar.kind not in (TypeKind.INTEGER, TypeKind.INDEX) and can_be_active(type_, width) is not False
    return (_TO_REVERSE if moves else _TO_CONSTANT).get(activity, activity)
