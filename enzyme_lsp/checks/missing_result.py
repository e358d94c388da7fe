"""A derivative call gives all the results that its activities ask for.

In reverse mode the primals come first and then the gradients; in forward mode each primal is followed by its tangent.
In reverse mode the engine replaces results one by one from the front, so that a primal that is left out makes the
gradient a primal; nothing reports it.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x, %dr) {
      //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, seed of result 0: f64) and gives (result 0: f64, gradient of %x: f64)
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_active>]
      } : (f64, f64) -> f64
      //                ^^^ error[missing-result]: the gradient of argument 0 (%x) (f64) is missing: enzyme.autodiff of @square with these activities gives 2 results, 1 is written
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import results, slots
from enzyme_lsp.checks.diagnostic import error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "missing-result"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    mismatch = results.mismatch(reading)
    if mismatch is None or not mismatch.missing:
        return
    written, wanted = len(mismatch.written), len(mismatch.slots)
    left_out = slots.listed([results.described(reading, slot) for slot in mismatch.missing])
    is_ = "is" if len(mismatch.missing) == 1 else "are"
    message = f"{left_out} {is_} missing: {results.asked(reading, wanted)}, {written or 'none'} {results.verb(written)}"
    yield error(CODE, mismatch.place, message, *mismatch.notes, fixes=results.fixes(reading))
