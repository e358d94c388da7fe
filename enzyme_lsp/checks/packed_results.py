"""The derivative of an `llvm.func` gives its results in one struct.

A function of LLVM returns one value, so two or more results are packed as `!llvm.struct<(...)>`. Written one by one
they are accepted as long as nothing uses them, and crash the engine when something does.

    llvm.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      llvm.return %y : f64
    }
    func.func @d(%x: f64, %dr: f64) {
      %0:2 = enzyme.autodiff @square(%x, %dr) {
      //     ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, seed of result 0: f64) and gives (result 0, gradient of %x: !llvm.struct<(f64, f64)>)
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_active>]
      } : (f64, f64) -> (f64, f64)
      //                ^^^^^^^^^^ error[packed-results]: @square is an llvm.func, so its 2 results come as one !llvm.struct<(f64, f64)> (result 0 of @square, the gradient of argument 0 (%x))
      return
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import rewriting, slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Fix, error
from enzyme_lsp.dialect.convention import Role
from enzyme_lsp.text.edit import Edit, EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.convention import Slot
    from enzyme_lsp.workspace.readings import Reading

CODE = "packed-results"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    convention, written = reading.slots, reading.results
    if convention is None or written is None or len(convention.results) != 1:
        return
    packed = convention.results[0]
    if packed.role is not Role.PACKED or packed.type is None:
        return
    if len(written) == 1 and (written[0].type is None or not written[0].type.differs(packed.type)):
        return
    inside = ", ".join(slots.result(reading, part) for part in packed.parts)
    message = f"{slots.callee(reading)} is an llvm.func, so its {len(packed.parts)} results come as one {packed.type} ({inside})"
    notes = (*callee_note(reading), *slots.table(reading))
    yield error(CODE, slots.results_place(reading), message, *notes, fixes=_fixes(reading, packed))


def _fixes(reading: Reading, packed: Slot) -> tuple[Fix, ...]:
    """The struct as the type, where nothing uses the results and no more than one is named."""
    types = rewriting.result_types_set(reading, [packed.type] if packed.type is not None else [])
    named = sum(one.count for one in reading.call.operation.results)
    if types is None or rewriting.is_used(reading):
        return ()
    binding = rewriting.results_bound(reading, [0] if named else [])
    edits: list[Edit] = [types, *(binding.edits if binding is not None and named else ())]
    return (Fix(f"Give the results as {packed.type}", EditSet(edits)),)
