"""Every operand of a derivative call has the type of its slot.

A primal has the type of its argument; a shadow and a seed have the type of what they belong to, and with a width w other
than 1 `tensor<wxT>` for a scalar T and w as the first size of a tensor. Memory keeps its type. Types are compared only
when the pass builds its call, and its message names neither the operation nor the operand.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %seed: f32) -> f64 {
      %0 = enzyme.autodiff @square(%x, %seed) {
      //                               ^^^^^ error[wrong-operand-type]: %seed is f32, but the seed of result 0 is f64
      //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, seed of result 0: f64) and gives (gradient of %x: f64)
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f32) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import rewriting, slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Fix, error
from enzyme_lsp.dialect.convention import Mode, Role
from enzyme_lsp.text.edit import Edit, EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.convention import Slot
    from enzyme_lsp.workspace.readings import Reading

CODE = "wrong-operand-type"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    found, convention, written = reading.operand_alignment, reading.slots, reading.operands
    if found is None or convention is None or written is None:
        return
    for pair in found.mistyped:
        if pair.slot is None or pair.written is None:
            continue
        slot, operand = convention.operands[pair.slot], reading.call.operands[pair.written]
        if slot.type is None:
            continue
        what = slots.operand(reading, slot)
        message = f"{operand.text} is {written[pair.written].type}, but {what} is {slot.type}"
        if reading.mode is Mode.BATCH:
            message += " in this batch"
        elif reading.width not in (None, 1) and slot.role is not Role.PRIMAL:
            message += f" at width {reading.width}"
        notes = (*callee_note(reading), *slots.table(reading))
        yield error(CODE, operand.span, message, *notes, fixes=_fixes(reading, slot, pair.written))


def _fixes(reading: Reading, slot: Slot, position: int) -> tuple[Fix, ...]:
    call = reading.call
    if slot.type is None or call.type is None or call.type.operands is None:
        return ()
    operand, type_ = call.operands[position], call.type.operands[position]
    to_type = Edit(type_.span, slot.type.text.encode())
    own = rewriting.visible(reading).get(operand.text)
    if own is not None and not own.differs(slot.type):
        # The value is right, and only its type is written wrong.
        return (Fix(f"Write {slot.type} as the type of {operand.text}", EditSet([to_type])),)
    supply = rewriting.values_for(reading, slot)[0]
    edits = [Edit(operand.span, supply.name.encode()), to_type, *([supply.edit] if supply.edit is not None else [])]
    made = supply.name if supply.edit is None else f"a new value {supply.name}"
    return (Fix(f"Replace {operand.text} by {made}", EditSet(edits), is_certain=False),)
