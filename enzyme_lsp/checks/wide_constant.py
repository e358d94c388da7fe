"""Forward mode with a width other than 1 cannot give a tangent that is constant, in engines 0.0.15 and 0.0.16.

The tangent of an integer, or of a result that depends on no argument with a tangent, is a zero. The engine makes it of
the primal's type and not of the width's, which does not verify: `type of return operand 1 doesn't match function
result type`. At width 1 it works.

    func.func @next(%i: i32) -> i32 {
    //        ^^^^^^^^^^^^^^^^^^^^^ note: the callee: @next : (i32) -> i32
      %y = arith.addi %i, %i : i32
      return %y : i32
    }
    func.func @d(%i: i32) -> tensor<2xi32> {
      %0 = enzyme.fwddiff @next(%i) {
        activity = [#enzyme<activity enzyme_const>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>],
        //                               ^^^^^^^^^^^^^^^^ warning[wide-constant]: engines 0.0.15 and 0.0.16 cannot give the tangent of result 0 at width 2: it is the constant 0, since no argument has a tangent
        width = 2
      } : (i32) -> tensor<2xi32>
      return %0 : tensor<2xi32>
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities, inside
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Severity, warning
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Side
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "wide-constant"
SEVERITY = Severity.WARNING
_INACTIVE = frozenset({TypeKind.INTEGER, TypeKind.INDEX})


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    function, returns = reading.function, reading.return_activities or ()
    if reading.mode is not Mode.FORWARD or reading.slots is None or function is None or reading.width == 1:
        return
    asked = [index for index, activity in enumerate(returns) if activity not in inside.CONSTANT]
    body = inside.body(reading) if asked else None
    active = inside.bits(reading.activities)
    constant = body.constant_results(active) if body is not None else frozenset[int]()
    handed_on = body.handed_on(active) if body is not None else frozenset[int]()
    for index in asked:
        type_ = function.results[index]
        if type_.is_memory or index in handed_on:
            continue
        if not active or index in constant:
            why = "no argument with a tangent leads to it" if active else "no argument has a tangent"
        elif type_.kind in _INACTIVE:
            why = f"{type_} carries no derivative"
        else:
            continue
        message = (
            f"engines 0.0.15 and 0.0.16 cannot give the tangent of result {index} at width {reading.width}: "
            f"it is the constant 0, since {why}"
        )
        fixes = activities.changed(reading, Side.RESULT, index, Activity.CONST, certain=False)
        yield warning(CODE, activities.place(reading, Side.RESULT, index), message, *callee_note(reading), fixes=fixes)
