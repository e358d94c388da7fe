"""The operands of a derivative call stand in the order of its slots.

For each argument its primal and, where its activity asks for one, its shadow right behind it; in reverse mode all seeds
come last. Operands that are all there in another order are exchanged by the fix.

    func.func @scale(%x: f64, %n: i32) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @scale : (f64, i32) -> f64
      return %x : f64
    }
    func.func @d(%x: f64, %n: i32, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @scale(%n, %x, %dr) {
      //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (argument 0 (%x): f64, argument 1 (%n): i32, seed of result 0: f64) and gives (gradient of argument 0 (%x): f64)
      //                          ^^^^^^ error[operand-order]: the operands are in the wrong order, write (%x, %n, %dr): %x is argument 0 (%x) of @scale
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (i32, f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Fix, error
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "operand-order"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    convention, order, type_ = reading.slots, reading.operand_order, reading.call.type
    if convention is None or order is None or type_ is None or type_.operands is None:
        return
    names, types = reading.call.operands, type_.operands
    moved = [index for index, source in enumerate(order) if index != source]
    span = Span(names[moved[0]].span.start, names[moved[-1]].span.end)
    wanted = ", ".join(names[source].text for source in order)
    first = convention.operands[moved[0]]
    message = (
        f"the operands are in the wrong order, write ({wanted}): "
        f"{names[order[moved[0]]].text} is {slots.operand(reading, first)}"
    )
    edits = [Edit(names[index].span, names[order[index]].text.encode()) for index in moved]
    edits += [Edit(types[index].span, types[order[index]].text.encode()) for index in moved]
    fix = Fix(f"Reorder the operands to ({wanted})", EditSet(edits))
    yield error(CODE, span, message, *callee_note(reading), *slots.table(reading), fixes=(fix,))
