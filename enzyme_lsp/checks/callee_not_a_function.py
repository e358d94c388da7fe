"""The callee of a derivative call is a function.

Other symbols, such as globals and modules, have no body to differentiate; Enzyme's verifier refuses them.

    memref.global @weights : memref<4xf64>
    //            ^^^^^^^^ note: @weights is defined here
    func.func @d(%x: f64) -> f64 {
      %0 = enzyme.fwddiff @weights(%x, %x) {
        //                ^^^^^^^^ error[callee-not-a-function]: @weights is defined by memref.global and is no function
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }

Name a function, such as one defined by `func.func` or `llvm.func`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Diagnostic, Note, error
from enzyme_lsp.syntax import symbols

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.workspace.snapshot import Snapshot

CODE = "callee-not-a-function"


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for piece, call in snapshot.derivative_calls():
        callee = snapshot.callee(piece, call)
        if callee is None or call.callee_span is None:
            continue  # unknown-callee speaks about these.
        definer = callee.definition.operation.name
        if symbols.is_function(definer) is not False:
            continue  # None: an operation that we do not know may be a function; the engine decides.
        message = f"@{call.callee} is defined by {definer} and is no function"
        note = Note(f"@{call.callee} is defined here", callee.definition.span.shifted(callee.offset))
        yield error(CODE, snapshot.span_in(piece, call.callee_span), message, note)
