"""A derivative call lists one activity for each result of its callee.

A function without results, `!llvm.void` included, has the empty list `ret_activity = []`. The verifier accepts any
number; the pass of reverse mode then fails without a location, that of forward mode ignores what is too much.

    func.func @split(%x: f64) -> (f64, f64) {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @split : (f64) -> (f64, f64)
      return %x, %x : f64, f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwddiff @split(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
        //             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[return-activity-count]: @split has 2 results, but 1 activity is listed: nothing for f64
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import counts
from enzyme_lsp.dialect.convention import Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "return-activity-count"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    yield from counts.compare(reading, CODE, Side.RESULT)
