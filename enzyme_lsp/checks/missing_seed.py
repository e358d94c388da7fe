"""A result that is `enzyme_active` or `enzyme_activenoneed` in reverse mode takes a seed.

The seed is the cotangent that the derivative starts from: 1 for the gradient of a scalar. Seeds stand behind all primals
and shadows, in the order of the results. The engine reports a missing one without saying where.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x) {
      //                           ^^ error[missing-seed]: result 0 of @square is enzyme_activenoneed, so its seed (f64) must follow the primals and their shadows
      //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, seed of result 0: f64) and gives (gradient of %x: f64)
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import operands
from enzyme_lsp.dialect.convention import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "missing-seed"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    yield from operands.missing(reading, CODE, Role.SEED)
