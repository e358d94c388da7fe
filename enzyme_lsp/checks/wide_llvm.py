"""A function of LLVM cannot be differentiated with a width other than 1, unless all its shadows are memory.

The shadow of a number at width 2 is `tensor<2xf64>`, which is no type of LLVM, and the derivative is called with LLVM's
types alone: `'llvm.call' op operand #1 must be variadic of LLVM dialect-compatible type`. Shadows of pointers stay
pointers and work.

    llvm.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      llvm.return %y : f64
    }
    func.func @d(%x: f64, %dr: tensor<2xf64>) -> tensor<2xf64> {
      %0 = enzyme.autodiff @square(%x, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>],
        width = 2
        //      ^ error[wide-llvm]: @square is an llvm.func, but the seed of result 0 would be tensor<2xf64>, which is no type of LLVM
      } : (f64, tensor<2xf64>) -> tensor<2xf64>
      return %0 : tensor<2xf64>
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import error
from enzyme_lsp.dialect.convention import Mode, Role
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "wide-llvm"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    convention, function, entry = reading.slots, reading.function, reading.call.entry("width")
    if convention is None or function is None or not function.is_llvm or entry is None or reading.width == 1:
        return
    if reading.mode not in (Mode.REVERSE, Mode.FORWARD):
        return
    every = (*convention.operands, *(part for slot in convention.results for part in (slot.parts or (slot,))))
    wide = [slot for slot in every if slot.role is not Role.PRIMAL and slot.type is not None]
    found = next((slot for slot in wide if slot.type is not None and slot.type.kind is TypeKind.TENSOR), None)
    if found is None:
        return
    what = slots.operand(reading, found) if found in convention.operands else slots.result(reading, found)
    message = f"{slots.callee(reading)} is an llvm.func, but {what} would be {found.type}, which is no type of LLVM"
    yield error(CODE, entry.value_span, message, *callee_note(reading))
