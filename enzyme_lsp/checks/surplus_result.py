"""A derivative call gives no more results than its activities ask for.

A surplus result that nothing uses is dropped without a word in reverse mode; one that is used crashes the engine.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0:2 = enzyme.autodiff @square(%x, %dr) {
      //     ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, seed of result 0: f64) and gives (gradient of %x: f64)
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> (f64, f64)
      //                ^^^^^^^^^^ error[surplus-result]: a result too many (f64): enzyme.autodiff of @square with these activities gives 1 result
      return %0#0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import results
from enzyme_lsp.checks.diagnostic import error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "surplus-result"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    mismatch = results.mismatch(reading)
    if mismatch is None or not mismatch.surplus:
        return
    wanted = len(mismatch.slots)
    many = "a result" if len(mismatch.surplus) == 1 else f"{len(mismatch.surplus)} results"
    types = ", ".join(str(mismatch.written[number].type) for number in mismatch.surplus[:4])
    message = f"{many} too many ({types}): {results.asked(reading, wanted)}"
    yield error(CODE, mismatch.place, message, *mismatch.notes, fixes=results.fixes(reading))
