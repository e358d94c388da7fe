"""A function that is differentiated has a body.

`enzyme.autodiff` and `enzyme.fwddiff` make the derivative from the operations of their callee. For a declaration there
is nothing to make it from: 0.0.15 aborts, 0.0.16 refuses. `enzyme.batch` and `enzyme.jacobian` take declarations.

    func.func private @square(f64) -> f64
    //                ^^^^^^^^^^^^^^^^^^^ note: @square is declared here
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwddiff @square(%x, %dx) {
        //                ^^^^^^^ error[callee-declaration]: @square has no body, from which its derivative could be made
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }

Write the body of the function in the same module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks.calls import CalleeNote
from enzyme_lsp.checks.diagnostic import error
from enzyme_lsp.dialect.bodies import has_body
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.syntax import symbols

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "callee-declaration"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    call, definition, signature = reading.call, reading.definition, reading.signature
    if definition is None or call.callee_span is None or reading.mode not in (Mode.REVERSE, Mode.FORWARD):
        return  # unknown-callee speaks about what is not defined.
    if symbols.is_function(definition.name) is not True or has_body(definition):
        return
    notes = [] if signature is None else [CalleeNote(f"@{call.callee} is declared here", signature.span)]
    message = f"@{call.callee} has no body, from which its derivative could be made"
    yield error(CODE, call.callee_span, message, *notes)
