"""The callee is a function of a kind that the operation takes.

Functions are not all alike to Enzyme. `enzyme.autodiff` takes any. `enzyme.jacobian` takes a `func.func` alone, and so
does `enzyme.fwddiff` in 0.0.15, which reads the classic spelling; the verifier refuses others as if they were missing.
`enzyme.batch` of an `llvm.func` passes the verifier and crashes the pass `enzyme-batch`.

    llvm.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = llvm.fmul %x, %x : f64
      llvm.return %y : f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwddiff @square(%x, %dx) {
        //                ^^^^^^^ error[wrong-kind-of-function]: enzyme.fwddiff of Enzyme 0.0.15 takes a func.func, but @square is an llvm.func
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import rewriting
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import error
from enzyme_lsp.dialect.derivative_rules import RELEASES
from enzyme_lsp.syntax import symbols

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "wrong-kind-of-function"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    call, definition = reading.call, reading.definition
    if definition is None or call.callee_span is None or symbols.is_function(definition.name) is not True:
        return  # unknown-callee and callee-not-a-function speak about these.
    kind = definition.name
    takes = _takes(reading, kind)
    if takes:
        message = f"{takes}, but @{call.callee} is an {kind}"
        yield error(CODE, call.callee_span, message, *callee_note(reading))


def _takes(reading: Reading, kind: str) -> str:
    """What the operation takes instead; empty when the kind of function is right, or not known to be wrong."""
    name = reading.call.op.name
    if kind == "llvm.func":
        if name == "enzyme.jacobian":
            return f"{name} takes a func.func"
        if name == "enzyme.fwddiff" and rewriting.spelling_of(reading) == "classic":
            return f"{name} of Enzyme {RELEASES['classic']} takes a func.func"
        if name == "enzyme.batch":
            return f"{name} crashes on all but a func.func"
    return ""
