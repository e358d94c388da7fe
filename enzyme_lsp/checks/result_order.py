"""The results of a derivative call stand in the order of its slots.

In reverse mode all primals come before all gradients; in forward mode each primal is followed by its tangent. The engine
gives them in this order whatever the types say, and notices only where a use needs another type.

    func.func @scale(%x: f64, %n: i32) -> (f64, i32) {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @scale : (f64, i32) -> (f64, i32)
      return %x, %n : f64, i32
    }
    func.func @d(%x: f64, %dx: f64, %n: i32) -> f64 {
      %0:2 = enzyme.fwddiff @scale(%x, %dx, %n) {
      //     ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, shadow of %x: f64, %n: i32) and gives (tangent of result 0: f64, result 1: i32)
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_const>]
      } : (f64, f64, i32) -> (i32, f64)
      //                     ^^^^^^^^^^ error[result-order]: the results are in the wrong order, write (f64, i32): the tangent of result 0 is f64
      return %0#1 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import rewriting, slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Fix, error
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "result-order"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    convention, order = reading.slots, reading.result_order
    if convention is None or order is None:
        return
    types = [slot.type for slot in convention.results if slot.type is not None]
    wanted = ", ".join(str(type_) for type_ in types)
    moved = next(slot for number, slot in enumerate(convention.results) if order[number] != number)
    message = f"the results are in the wrong order, write ({wanted}): {slots.result(reading, moved)} is {moved.type}"
    binding, set_types = rewriting.results_bound(reading, order), rewriting.result_types_set(reading, types)
    fixes = (
        (Fix(f"Reorder the results to ({wanted})", EditSet([set_types, *binding.edits])),)
        if binding is not None and set_types is not None
        else ()
    )
    notes = (*callee_note(reading), *slots.table(reading))
    yield error(CODE, slots.results_place(reading), message, *notes, fixes=fixes)
