"""A derivative call gives a result or writes to memory.

One that does neither computes a derivative that nobody can see; most often an activity is not what was meant.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dr: f64) {
      enzyme.autodiff @square(%x, %dr) {
    //^^^^^^^^^^^^^^^ warning[no-effect]: enzyme.autodiff of @square with these activities gives no result and writes no memory, so it has no effect
        activity = [#enzyme<activity enzyme_const>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> ()
      return
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Severity, warning
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "no-effect"
SEVERITY = Severity.WARNING


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    convention, function = reading.slots, reading.function
    if convention is None or function is None or convention.results or not reading.call.op.takes_activities:
        return
    if any(type_.is_memory or type_.kind in _MAY_BE_MEMORY for type_ in function.arguments):
        return
    message = f"{slots.takes(reading)} gives no result and writes no memory, so it has no effect"
    yield warning(CODE, reading.call.name_span, message, *callee_note(reading))


_MAY_BE_MEMORY = (TypeKind.OTHER, TypeKind.AGGREGATE, TypeKind.BROKEN)
