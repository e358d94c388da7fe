"""In reverse mode the gradient of an immutable argument that is `enzyme_dup` is lost.

The shadow of memory is where its gradient is added to; the shadow of a number or tensor is a value that nothing can be
added to, so the gradient goes nowhere. `enzyme_active` returns it, `enzyme_const` does not compute it.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dx: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x, %dx, %dr) {
        activity = [#enzyme<activity enzyme_dup>],
        //                           ^^^^^^^^^^ warning[lost-gradient]: the gradient of argument 0 (%x) is lost: enzyme_dup adds it to a shadow in memory, and f64 is a value
        ret_activity = [#enzyme<activity enzyme_active>]
      } : (f64, f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities, slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Severity, warning
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Role, Side
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "lost-gradient"
SEVERITY = Severity.WARNING


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    if reading.mode is not Mode.REVERSE or reading.slots is None or reading.function is None:
        return
    for slot in reading.slots.operands:
        if slot.role is not Role.SHADOW:
            continue
        type_ = reading.function.arguments[slot.index]
        if type_.is_memory or type_.kind in (TypeKind.OTHER, TypeKind.AGGREGATE, TypeKind.BROKEN):
            continue
        of = slots.argument(reading, slot.index)
        word = activities.word(reading, Side.ARGUMENT, slot.index)
        message = f"the gradient of {of} is lost: {word} adds it to a shadow in memory, and {type_} is a value"
        span = activities.place(reading, Side.ARGUMENT, slot.index)
        fixes = activities.changed(reading, Side.ARGUMENT, slot.index, Activity.ACTIVE, certain=False)
        yield warning(CODE, span, message, *callee_note(reading), fixes=fixes)
