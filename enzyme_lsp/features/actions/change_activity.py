"""Change an activity: the one at the cursor into each other one that is legal there.

    %0 = enzyme.autodiff @f(%x, %y, %dr) {activity = [active, active], ...} : (f64, f64, f64) -> (f64, f64)
    %0 = enzyme.autodiff @f(%x, %y, %dr) {activity = [active, const], ...} : (f64, f64, f64) -> f64

Operands, results, their types and uses follow. A result that is used cannot vanish. What makes sense for the type comes
first.

Kind: refactor.rewrite.enzyme.activity. Ids: `argument 0 enzyme_const`, `result 1 enzyme_dupnoneed`...
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import activities, slots
from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Function, Mode, Side
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


KIND: Final = "refactor.rewrite.enzyme.activity"


def offered(snapshot: Snapshot, span: Span) -> Iterator[Offer]:
    """Each other activity of the argument or result whose activity is at the place."""
    return choices.offered(snapshot, span, _choices)


def apply(snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
    """The edits of what was offered as `id_`; none when there is nothing of that name."""
    return choices.applied(snapshot, span, id_, _choices)


def _choices(reading: Reading, now: Plan, span: Span) -> Iterator[Choice]:
    """The other legal activities of the entry at a place, the most sensible first."""
    for side, listed in ((Side.ARGUMENT, now.activities), (Side.RESULT, now.returns)):
        number = _entry_at(reading, side, span)
        if number is None:
            continue
        what = slots.of_callee(reading, side, number)
        for activity in _legal(reading, now, side, number):
            if activity is not listed[number]:
                changed = (*listed[:number], activity, *listed[number + 1 :])
                is_argument = side is Side.ARGUMENT
                plan = replace(now, activities=changed) if is_argument else replace(now, returns=changed)
                yield Choice(f"{side.value} {number} {activity.value}", f"Make {what} {activity.value}", plan)


def _entry_at(reading: Reading, side: Side, span: Span) -> int | None:
    """The entry of a list that a place is in, or at the edge of."""
    listed = activities.listed(reading, side)
    elements = listed.elements if listed is not None else None
    if elements is None or listed is None or any(one.span == listed.span for one in elements):
        return None  # An alias stands for the list, and no place in it for one entry.
    return next((number for number, one in enumerate(elements) if one.span.touches(span)), None)


def _legal(reading: Reading, now: Plan, side: Side, number: int) -> Iterator[Activity]:
    """The activities without a fault for an argument or result, whatever the others are."""
    type_ = activities.type_of(reading, side, number)
    if type_ is None:
        return
    of = convention.reverse if now.mode is Mode.REVERSE else convention.forward
    sensible = activities.possible(reading, side, type_)
    for activity in dict.fromkeys((*sensible, *Activity)):
        one = ((activity,), ()) if side is Side.ARGUMENT else ((), (activity,))
        callee = Function((type_,), ()) if side is Side.ARGUMENT else Function((), (type_,))
        if not of(callee, *one, now.width).faults:
            yield activity
