"""Every argument of the callee gets its value as an operand.

Operands are read from left to right: for each argument its primal and, where its activity asks for one, its shadow.
One that is left out gives all later ones another meaning, and the engine says so late or crashes.

    func.func @mul(%x: f64, %y: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @mul : (f64, f64) -> f64
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @mul : (f64, f64) -> f64
      %z = arith.mulf %x, %y : f64
      return %z : f64
    }
    func.func @d(%x: f64) -> f64 {
      %0 = enzyme.autodiff @mul(%x) {
      //                        ^^ error[missing-primal]: no operand for argument 1 (%y) of @mul (f64)
      //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, argument 1 (%y): f64) and gives (gradient of %x: f64)
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
        ret_activity = [#enzyme<activity enzyme_constnoneed>]
        //                               ^^^^^^^^^^^^^^^^^^ warning[zero-gradient]: the gradient of argument 0 (%x) is always 0: no result of @mul is enzyme_active, so none takes a seed
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

CODE = "missing-primal"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    yield from operands.missing(reading, CODE, Role.PRIMAL)
