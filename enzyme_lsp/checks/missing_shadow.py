"""An argument that is `enzyme_dup` or `enzyme_dupnoneed` is followed by its shadow.

In forward mode the shadow is the tangent, in reverse mode the memory that the gradient is added to. It has the type of
the primal; with a width other than 1 a scalar or tensor gets the width as its first size. A missing shadow shifts all
later operands, and in forward mode the engine crashes on it.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwddiff @square(%x) {
      //                          ^^ error[missing-shadow]: %x is enzyme_dup, so its shadow (f64) must follow it
      //   ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, shadow of %x: f64) and gives (tangent of result 0: f64)
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
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

CODE = "missing-shadow"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    yield from operands.missing(reading, CODE, Role.SHADOW)
