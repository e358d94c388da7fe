"""In forward mode an argument or result is `enzyme_dup` or `enzyme_const`, with or without `noneed`, and never active.

Forward mode pushes tangents from arguments to results: an argument that is `enzyme_dup` brings its tangent, a result
that is `enzyme_dup` gives one. Active is a word of reverse mode. The engine crashes on it or counts results wrong.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwddiff @square(%x, %dx) {
        activity = [#enzyme<activity enzyme_active>],
        //                           ^^^^^^^^^^^^^ error[forward-active]: enzyme_active is for reverse mode: in forward mode argument 0 (%x) is enzyme_dup, with its tangent behind it, or enzyme_const
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities, slots
from enzyme_lsp.dialect.convention import Side, Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.convention import Fault
    from enzyme_lsp.workspace.readings import Reading

CODE = "forward-active"

_WRONG = frozenset({Wrong.ACTIVE_IN_FORWARD})


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    yield from activities.faults(reading, CODE, _WRONG, _message)


def _message(reading: Reading, fault: Fault) -> str:
    word = activities.word(reading, fault.side, fault.index)
    if fault.side is Side.ARGUMENT:
        return f"{word} is for reverse mode: in forward mode {slots.argument(reading, fault.index)} is enzyme_dup, with its tangent behind it, or enzyme_const"
    return f"{word} is for reverse mode: in forward mode result {fault.index} is enzyme_dup, which gives its tangent, or enzyme_const"
