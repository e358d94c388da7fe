"""Reverse mode with a width other than 1 does not work on memory that is `enzyme_dup`, in engines 0.0.15 and 0.0.16.

The shadow is one memref for all seeds, and the engine adds gradients of the width's shape to it, which does not verify:
`'arith.addf' op requires the same type for all operands and results`. Memory that is `enzyme_const` is fine, and so is
forward mode.

    func.func @first(%m: memref<2xf64>) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @first : (memref<2xf64>) -> f64
      %c = arith.constant 0 : index
      %x = memref.load %m[%c] : memref<2xf64>
      return %x : f64
    }
    func.func @d(%m: memref<2xf64>, %dm: memref<2xf64>, %dr: tensor<2xf64>) {
      enzyme.autodiff @first(%m, %dm, %dr) {
        activity = [#enzyme<activity enzyme_dup>],
        //                           ^^^^^^^^^^ warning[wide-memory]: engines 0.0.15 and 0.0.16 cannot add a gradient of width 2 to the memory of argument 0 (%m)
        ret_activity = [#enzyme<activity enzyme_activenoneed>],
        width = 2
      } : (memref<2xf64>, memref<2xf64>, tensor<2xf64>) -> ()
      return
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities, slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Severity, warning
from enzyme_lsp.dialect.convention import Mode, Role, Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "wide-memory"
SEVERITY = Severity.WARNING


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    convention, function = reading.slots, reading.function
    if reading.mode is not Mode.REVERSE or convention is None or function is None or reading.width == 1:
        return
    for slot in convention.operands:
        if slot.role is not Role.SHADOW or not function.arguments[slot.index].is_memory:
            continue
        of = slots.argument(reading, slot.index)
        message = f"engines 0.0.15 and 0.0.16 cannot add a gradient of width {reading.width} to the memory of {of}"
        yield warning(CODE, activities.place(reading, Side.ARGUMENT, slot.index), message, *callee_note(reading))
