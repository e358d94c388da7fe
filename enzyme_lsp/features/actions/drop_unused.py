"""Drop what is unused: a derivative gives no result that nothing uses, as with the pass `canonicalize`.

    %0:3 = enzyme.autodiff @f(%x, %y, %dr) {activity = [active, active], ret_activity = [active]} : ...
    return %0#1 : f64

    %0 = enzyme.autodiff @f(%x, %y, %dr) {activity = [active, const], ret_activity = [activenoneed]} : ...
    return %0 : f64

A primal result that is not used is left out, an argument whose gradient is not used is constant, and a result whose
tangent is not used too. Shadows of memory stay: who reads them is not to be told. The pass leaves some of what
nothing uses; here all of it goes.

Kind: refactor.rewrite.enzyme.unused. Id: drop unused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import rewriting
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Role, Side
from enzyme_lsp.features.actions import choices, packed
from enzyme_lsp.features.actions.choices import Choice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from enzyme_lsp.features.actions.offer import Offer
    from enzyme_lsp.features.actions.plan import Plan
    from enzyme_lsp.text.edit import EditSet
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot


KIND: Final = "refactor.rewrite.enzyme.unused"

_WITHOUT_PRIMAL: Final = {
    Activity.ACTIVE: Activity.ACTIVE_NO_NEED,
    Activity.DUP: Activity.DUP_NO_NEED,
    Activity.CONST: Activity.CONST_NO_NEED,
}
_WITHOUT_TANGENT: Final = {Activity.DUP: Activity.CONST, Activity.DUP_NO_NEED: Activity.CONST_NO_NEED}


def offered(snapshot: Snapshot, span: Span) -> Iterator[Offer]:
    """The operation at the place without what nothing uses, if there is something."""
    return choices.offered(snapshot, span, _choices)


def apply(snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
    """The edits of what was offered as `id_`; none when there is nothing of that name."""
    return choices.applied(snapshot, span, id_, _choices)


def _choices(reading: Reading, now: Plan, _: Span) -> Iterator[Choice]:
    plan = without_unused(reading, now)
    if plan != now:
        reason = "nothing uses any of its results" if _is_nothing(reading) else None
        yield Choice("drop unused", "Drop results and gradients that nothing uses", plan, reason)


def without_unused(reading: Reading, now: Plan) -> Plan:
    """The operation without results that nothing uses; as it is where they are used as one struct."""
    wanted = reading.slots
    if wanted is None:
        return now
    results = packed.flat(wanted.results)
    is_packed = len(results) > len(wanted.results)
    users = packed.taken_out(reading, len(results)) if is_packed else None
    if is_packed and users is None:
        return now
    is_used = {
        (slot.role, slot.index): rewriting.result_is_used(reading, number) if users is None else number in users
        for number, slot in enumerate(results)
    }
    taken = tuple(
        Activity.CONST if is_used.get((Role.GRADIENT, index)) is False else one
        for index, one in enumerate(now.activities)
    )
    given = tuple(_needed(now, index, one, is_used) for index, one in enumerate(now.returns))
    return replace(now, activities=taken, returns=given)


def _needed(now: Plan, index: int, activity: Activity, is_used: Mapping[tuple[Role, int], bool]) -> Activity:
    """What is left of the activity of a result."""
    if is_used.get((Role.PRIMAL, index)) is False:
        activity = _WITHOUT_PRIMAL[activity]
    if now.mode is Mode.FORWARD and is_used.get((Role.SHADOW, index)) is False:
        activity = _WITHOUT_TANGENT[activity]
    return activity


def _is_nothing(reading: Reading) -> bool:
    """Whether the operation gives nothing that is used, and has no memory that it may write to."""
    wanted = reading.slots
    shadows = [one for one in (wanted.operands if wanted else ()) if one.role is Role.SHADOW]
    in_memory = any(one.type is not None and one.type.is_memory and one.side is Side.ARGUMENT for one in shadows)
    return not in_memory and not rewriting.is_used(reading)
