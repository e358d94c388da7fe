"""Every result of a derivative call has the type of its slot.

A primal has the type of the callee's result; a tangent has the type of its result and a gradient that of its argument,
with the width in front when it is not 1. The engine compares them only where something uses the result.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dr: f64) {
      %0 = enzyme.autodiff @square(%x, %dr) {
      //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, seed of result 0: f64) and gives (gradient of %x: f64)
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f32
      //                ^^^ error[wrong-result-type]: f32 is written for the gradient of argument 0 (%x), which is f64
      return
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import results
from enzyme_lsp.checks.diagnostic import error
from enzyme_lsp.dialect.convention import Mode, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "wrong-result-type"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    mismatch = results.mismatch(reading)
    if mismatch is None or not mismatch.mistyped:
        return
    fixes = results.fixes(reading)
    for slot, number in mismatch.mistyped:
        message = f"{mismatch.written[number].type} is written for {results.described(reading, slot, typed=False)}, which is {slot.type}"
        if reading.mode is Mode.BATCH:
            message += " in this batch"
        elif reading.width not in (None, 1) and slot.role in (Role.SHADOW, Role.GRADIENT):
            message += f" at width {reading.width}"
        yield error(CODE, results.place(reading, number), message, *mismatch.notes, fixes=fixes)
