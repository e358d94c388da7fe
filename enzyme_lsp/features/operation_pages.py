"""Operation pages: what a hover says of an operation: its slots, if it differentiates, and its documentation.

Enzyme's own documentation is the tables of `dialect`; that of other dialects is what is installed beside us.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import slots
from enzyme_lsp.dialect import catalog
from enzyme_lsp.dialect.ops import OPS
from enzyme_lsp.features.type_pages import code

if TYPE_CHECKING:
    from enzyme_lsp.dialect.catalog import OperationPage
    from enzyme_lsp.dialect.convention import Slot
    from enzyme_lsp.dialect.ops import Op
    from enzyme_lsp.workspace.readings import Reading


def page(name: str, reading: Reading | None) -> str:
    """All there is to say of the operation `name`; `reading` is the one at the place, if it differentiates."""
    full = full_name(name)
    parts = [f"**{full}**"]
    if reading is not None and (table := slot_table(reading)):
        parts.append(table)
    if (own := OPS.get(full)) is not None:
        parts.append(_own(own))
    elif (found := catalog.operation(full)) is not None:
        parts.append(_of_others(found))
    else:
        parts.append(f"No documentation of `{full}` is installed.")
    return "\n\n".join(parts)


def full_name(name: str) -> str:
    """`func.return` for `return`, which the dialect of functions lets go without its name."""
    if "." in name:
        return name
    return f"builtin.{name}" if name in ("module", "unrealized_conversion_cast") else f"func.{name}"


def slot_table(reading: Reading) -> str:
    """The slots of a derivative call: role, of which argument or result, type, value; empty while unknown."""
    asked = reading.slots
    if asked is None:
        return ""
    operands, results = reading.operand_alignment, reading.result_alignment
    taken = {pair.slot: pair.written for pair in operands.pairs} if operands is not None else {}
    given = {pair.slot: pair.written for pair in results.pairs} if results is not None else {}
    if not asked.operands and not asked.results:
        return "takes and gives nothing"
    rows = [
        _row("takes", slot, slots.operand(reading, slot), _operand(reading, number, taken))
        for number, slot in enumerate(asked.operands)
    ]
    rows += [
        _row("gives", slot, slots.result(reading, slot), _result(reading, number, given))
        for number, slot in enumerate(asked.results)
    ]
    return "\n".join(["| | | type | value |", "| --- | --- | --- | --- |", *rows])


def _row(verb: str, slot: Slot, what: str, value: str) -> str:
    type_ = f"`{slot.type}`" if slot.type is not None else "?"
    return f"| {verb} | {what} | {type_} | {value} |"


def _operand(reading: Reading, number: int, taken: dict[int | None, int | None]) -> str:
    """The value that is written for a slot; while the operands are out of order nobody knows."""
    if reading.operands is None or reading.operand_alignment is None:
        return "?"
    position = taken.get(number)
    return f"`{reading.operands[position].name}`" if position is not None else "missing"


def _result(reading: Reading, number: int, given: dict[int | None, int | None]) -> str:
    """The name that the result of a slot has: `%dx`, or `%r#1` of a name for several."""
    if reading.results is None or reading.result_alignment is None:
        return "?"
    position = given.get(number)
    if position is None:
        return "missing"
    tokens = reading.call.operation.tree.tokens
    first = 0
    for bound in reading.call.operation.results:
        if position < first + bound.count:
            name = tokens.word(bound.token).decode("utf-8", "replace")
            return f"`{name}`" if bound.count == 1 else f"`{name}#{position - first}`"
        first += bound.count
    return "not named"


def _own(op: Op) -> str:
    parts = [f"{op.meaning}."]
    if op.attributes:
        parts.append("\n".join(f"- `{one.name}`: {one.meaning}" for one in op.attributes))
    if op.example:
        parts.append(code(op.example.strip()))
    if op.lowered_by:
        parts.append("Lowered by " + ", ".join(f"`{name}`" for name in op.lowered_by) + ".")
    return "\n\n".join(parts)


def _of_others(found: OperationPage) -> str:
    named = (("operands", found.operands), ("attributes", found.attributes), ("results", found.results))
    rows = [f"- {what}: " + ", ".join(f"`{name}`" for name in names) for what, names in named if names]
    return "\n\n".join(part for part in (found.documentation, "\n".join(rows)) if part) or "It has no documentation."
