"""The gradient of an integer is zero.

Integers and `index` are accepted as active; their gradient is a zero of the same type, and a seed for an integer result
is taken and not used. `enzyme_const` says the same and saves the value.

    func.func @scale(%x: f64, %n: i32) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @scale : (f64, i32) -> f64
      return %x : f64
    }
    func.func @d(%x: f64, %n: i32, %dr: f64) -> (f64, i32) {
      %0:2 = enzyme.autodiff @scale(%x, %n, %dr) {
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
        //                                                            ^^^^^^^^^^^^^ warning[active-integer]: argument 1 (%n) is enzyme_active, but i32 carries no derivative: its gradient is 0
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, i32, f64) -> (f64, i32)
      return %0#0, %0#1 : f64, i32
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities, slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Severity, warning
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Side
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "active-integer"
SEVERITY = Severity.WARNING
_ACTIVE = frozenset({Activity.ACTIVE, Activity.ACTIVE_NO_NEED})


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    function = reading.function
    if reading.mode is not Mode.REVERSE or function is None or reading.slots is None:
        return
    both = (
        (Side.ARGUMENT, function.arguments, reading.activities or ()),
        (Side.RESULT, function.results, reading.return_activities or ()),
    )
    for side, types, listed in both:
        for index, (type_, activity) in enumerate(zip(types, listed, strict=True)):
            if activity not in _ACTIVE or type_.scalar.kind not in (TypeKind.INTEGER, TypeKind.INDEX):
                continue
            what = "its gradient is 0" if side is Side.ARGUMENT else "its seed has no effect"
            of = slots.of_callee(reading, side, index)
            message = f"{of} is {activity.value}, but {type_} carries no derivative: {what}"
            no_need = side is Side.RESULT and activity is Activity.ACTIVE_NO_NEED
            instead = Activity.CONST_NO_NEED if no_need else Activity.CONST
            fixes = activities.changed(reading, side, index, instead, certain=False)
            yield warning(CODE, activities.place(reading, side, index), message, *callee_note(reading), fixes=fixes)
