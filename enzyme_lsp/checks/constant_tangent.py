"""In forward mode, the tangent of a result that is constant is a zero, which its type must have.

A result that depends on no argument with a tangent has the tangent 0. Signed and unsigned integers, tensors of `index`
and some others have no such constant: the pass crashes or fails on what it has made.

    func.func @first(%n: ui8, %x: f64) -> ui8 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @first : (ui8, f64) -> ui8
      return %n : ui8
    }
    func.func @d(%n: ui8, %x: f64, %dx: f64) -> ui8 {
      %0 = enzyme.fwddiff @first(%n, %x, %dx) {
        activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
        //                               ^^^^^^^^^^^^^^^^ error[constant-tangent]: the tangent of result 0 is the constant 0, since no argument with a tangent leads to it, and ui8 has none
      } : (ui8, f64, f64) -> ui8
      return %0 : ui8
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities, inside
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import error
from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "constant-tangent"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    function, returns = reading.function, reading.return_activities
    if reading.mode is not Mode.FORWARD or reading.slots is None or function is None or returns is None:
        return
    if reading.width != 1:
        return  # wide-constant speaks about this.
    without_zero = [
        index
        for index, (type_, activity) in enumerate(zip(function.results, returns, strict=True))
        if activity not in inside.CONSTANT and not type_.is_memory and convention.can_be_active(type_, 1) is False
    ]
    body = inside.body(reading) if without_zero else None
    if body is None:
        return
    constant = body.constant_results(inside.bits(reading.activities))
    for index in without_zero:
        if index not in constant:
            continue
        message = (
            f"the tangent of result {index} is the constant 0, since no argument with a tangent leads to it,"
            f" and {function.results[index]} has none"
        )
        instead = Activity.CONST if returns[index] is Activity.DUP else Activity.CONST_NO_NEED
        fixes = activities.changed(reading, Side.RESULT, index, instead, certain=False)
        yield error(CODE, activities.place(reading, Side.RESULT, index), message, *callee_note(reading), fixes=fixes)
