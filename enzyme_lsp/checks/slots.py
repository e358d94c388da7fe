"""Slots: what the checks of operands and results share: names for slots, the table of them, and where a mistake is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import Note, quoted
from enzyme_lsp.dialect import alignment
from enzyme_lsp.dialect.convention import Mode, Role, Side, Slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.dialect.activity import Activity
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading

NAMED: Final = 4
"""Slots that a message names."""
_MOST: Final = 12
"""Slots of a table that are spelled out."""


def activity_of(reading: Reading, slot: Slot) -> Activity | None:
    """The activity that asks for a slot; None in a batch."""
    listed = reading.activities if slot.side is Side.ARGUMENT else reading.return_activities
    return listed[slot.index] if listed is not None and slot.index < len(listed) else None


def primal_name(reading: Reading, index: int) -> str:
    """The operand that is written for argument `index`; else the argument itself."""
    return reading.primals.get(index) or argument(reading, index)


def argument(reading: Reading, index: int) -> str:
    """Argument `index` of the callee: `argument 0 (%x)`."""
    name = argument_name(reading, index)
    return f"argument {index} ({name})" if name else f"argument {index}"


def argument_name(reading: Reading, index: int) -> str:
    """The name of argument `index` in the callee, `%x`, or empty."""
    signature = reading.signature
    return signature.arguments[index].name if signature is not None and index < len(signature.arguments) else ""


def of_callee(reading: Reading, side: Side, index: int) -> str:
    """Argument or result `index` of the callee: `argument 0 (%x)`, `result 1`."""
    return argument(reading, index) if side is Side.ARGUMENT else f"result {index}"


def callee(reading: Reading) -> str:
    """The callee, as it is written; a region has no name."""
    span = reading.call.callee_span
    return "the region" if span is None else quoted(span.of(reading.call.operation.tree.tokens.text))


def operand(reading: Reading, slot: Slot) -> str:
    """What an operand is for."""
    match slot.role:
        case Role.SHADOW:
            return f"the shadow of {primal_name(reading, slot.index)}"
        case Role.SEED:
            return f"the seed of result {slot.index}"
        case _:
            return f"{argument(reading, slot.index)} of {callee(reading)}"


def operand_in_callee(reading: Reading, slot: Slot) -> str:
    """What an operand is for, told by the callee alone, for where the operands that are written mislead."""
    return f"the shadow of {argument(reading, slot.index)}" if slot.role is Role.SHADOW else operand(reading, slot)


def result(reading: Reading, slot: Slot) -> str:
    """What a result is."""
    match slot.role:
        case Role.SHADOW:
            return f"the tangent of result {slot.index}"
        case Role.GRADIENT:
            return f"the gradient of {argument(reading, slot.index)}"
        case Role.JACOBIAN:
            return f"the derivative of result {slot.index} by {argument(reading, slot.by)}"
        case Role.PACKED:
            return "all results in one struct"
        case _:
            return f"result {slot.index} of {callee(reading)}"


def table(reading: Reading) -> tuple[Note, ...]:
    """The slots of a call as a note at its name: what it takes and gives, in order."""
    slots = reading.slots
    if slots is None:
        return ()
    taken, given = _some(reading, slots.operands), _some(reading, slots.results)
    return (Note(f"{reading.call.op.name} takes ({taken}) and gives ({given})", reading.call.name_span),)


def place_before(reading: Reading, position: int) -> Span:
    """Where the operand before a gap at operand `position` stands; without one, the callee or the operation's name."""
    operands = reading.call.operands
    if 0 < position <= len(operands):
        return operands[position - 1].span
    return reading.call.callee_span or reading.call.name_span


def results_place(reading: Reading) -> Span:
    """The result types; where there are none, the operation's name."""
    written = reading.call.type
    if written is None or written.results_span is None:
        return reading.call.name_span
    return written.results_span


def suggested(reading: Reading, slot: Slot, names: Sequence[str], primal: str | None = None) -> list[str]:
    """Those of the names of values that say that they are for a slot; `primal` is the operand that a shadow is of."""
    match slot.role:
        case Role.SEED:
            return [name for name in names if alignment.suggests_seed(name)]
        case Role.SHADOW:
            primal = primal or primal_name(reading, slot.index)
            return [name for name in names if alignment.suggests_shadow(name, primal)]
        case _:
            return [name for name in names if name == argument_name(reading, slot.index)]


def new_name(reading: Reading, slot: Slot, primal: str | None = None) -> str:
    """How a new value for a slot is called, without its `%`; `primal` is the operand that a shadow is of."""
    if slot.role is Role.SEED:
        return "seed"
    primal = primal or primal_name(reading, slot.index)
    name = primal if primal.startswith("%") else argument_name(reading, slot.index) or f"x{slot.index}"
    base = name.removeprefix("%").replace("#", "_")
    return base if slot.role is Role.PRIMAL else f"d{base}"


def takes(reading: Reading) -> str:
    """What asks for the number of operands: `enzyme.autodiff of @f with these activities`."""
    name = reading.call.op.name
    of = f"{name} of {callee(reading)}" if reading.call.callee else name
    return of if reading.mode in (Mode.BATCH, Mode.JACOBIAN) else f"{of} with these activities"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`, and how many more there are."""
    if len(words) > NAMED:
        return f"{', '.join(words[:NAMED])} and {len(words) - NAMED} more"
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _in_table(reading: Reading, slot: Slot) -> str:
    match slot.role:
        case Role.SHADOW if slot.side is Side.ARGUMENT:
            return f"shadow of {primal_name(reading, slot.index)}"
        case Role.SHADOW:
            return f"tangent of result {slot.index}"
        case Role.SEED:
            return f"seed of result {slot.index}"
        case Role.GRADIENT:
            return f"gradient of {primal_name(reading, slot.index)}"
        case Role.JACOBIAN:
            return f"d result {slot.index} / d {primal_name(reading, slot.by)}"
        case Role.PACKED:
            return ", ".join(_in_table(reading, part) for part in slot.parts)
        case _:
            return f"result {slot.index}" if slot.side is Side.RESULT else primal_name(reading, slot.index)


def _type(slot: Slot) -> str:
    return slot.type.text if slot.type is not None else "?"


def _some(reading: Reading, slots: Sequence[Slot]) -> str:
    shown = ", ".join(f"{_in_table(reading, slot)}: {_type(slot)}" for slot in slots[:_MOST])
    return f"{shown}, and {len(slots) - _MOST} more" if len(slots) > _MOST else shown
