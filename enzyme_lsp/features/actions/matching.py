"""Matching: which operands and results of a derivative call are those of another call of its callee, by their slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Role, Side
from enzyme_lsp.dialect.usual_activities import CONSTANT
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.dialect.convention import Function, Slot
    from enzyme_lsp.features.actions.plan import Plan

Key: TypeAlias = tuple[Role, Side, int, tuple[object, ...]]
"""What a slot is for, whatever its type."""


def matched(
    wanted: Sequence[Slot], before: Sequence[Slot], twins: dict[Key, Key]
) -> tuple[tuple[int | None, ...], frozenset[int]]:
    """For each of some slots the one of the same meaning, and which of these have another type."""
    at = {key(slot): number for number, slot in enumerate(before)}
    found = tuple(at.get(twins.get(key(slot), key(slot))) for slot in wanted)
    pairs = (
        (number, before[number].type, slot.type)
        for slot, number in zip(wanted, found, strict=True)
        if number is not None
    )
    return found, frozenset(number for number, old, new in pairs if old is None or new is None or old.differs(new))


def key(slot: Slot) -> Key:
    """What a slot is for."""
    return slot.role, slot.side, slot.index, tuple(key(part) for part in slot.parts)


def twins(function: Function, now: Plan, plan: Plan) -> dict[Key, Key]:
    """Slots of one mode that mean the same as some of the other.

    The derivative of a number by a number is one number: times a seed it is the gradient, times a tangent the tangent.
    """
    if now.mode is plan.mode:
        return {}
    reverse = now if now.mode is Mode.REVERSE else plan
    taken = [index for index, one in enumerate(reverse.activities) if one not in CONSTANT]
    given = [index for index, one in enumerate(reverse.returns) if one not in CONSTANT]
    if len(taken) != 1 or len(given) != 1 or reverse.activities[taken[0]] not in _ACTIVE:
        return {}
    by, of = function.arguments[taken[0]], function.results[given[0]]
    if by.kind is not TypeKind.FLOAT or by.differs(of) or reverse.returns[given[0]] not in _ACTIVE:
        return {}
    pairs = (
        ((Role.SEED, Side.RESULT, given[0], ()), (Role.SHADOW, Side.ARGUMENT, taken[0], ())),
        ((Role.GRADIENT, Side.ARGUMENT, taken[0], ()), (Role.SHADOW, Side.RESULT, given[0], ())),
    )
    return dict(pairs) if plan.mode is Mode.REVERSE else {forward: reverse for reverse, forward in pairs}


_ACTIVE: Final = frozenset({Activity.ACTIVE, Activity.ACTIVE_NO_NEED})
