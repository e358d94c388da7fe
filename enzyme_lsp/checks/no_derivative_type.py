"""Only types that take part in differentiation have an activity other than const.

Vectors, `f80`, `f128`, `tf32` and the eight bit floats, unranked memrefs, tuples, tokens and Enzyme's own types have no
derivative type. The engine ends its whole process on them.

    func.func @twice(%v: vector<4xf64>) -> vector<4xf64> {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @twice : (vector<4xf64>) -> vector<4xf64>
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @twice : (vector<4xf64>) -> vector<4xf64>
      %y = arith.addf %v, %v : vector<4xf64>
      return %y : vector<4xf64>
    }
    func.func @d(%v: vector<4xf64>, %dv: vector<4xf64>) -> vector<4xf64> {
      %0 = enzyme.fwddiff @twice(%v, %dv) {
        activity = [#enzyme<activity enzyme_dup>],
        //                           ^^^^^^^^^^ error[no-derivative-type]: argument 0 (%v) cannot be enzyme_dup: vector<4xf64> has no derivative type, make it enzyme_const
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
        //                               ^^^^^^^^^^^^^^^^ error[no-derivative-type]: result 0 cannot be enzyme_dupnoneed: vector<4xf64> has no derivative type, make it enzyme_const
      } : (vector<4xf64>, vector<4xf64>) -> vector<4xf64>
      return %0 : vector<4xf64>
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities, slots
from enzyme_lsp.dialect.convention import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.convention import Fault
    from enzyme_lsp.workspace.readings import Reading

CODE = "no-derivative-type"

_WRONG = frozenset({Wrong.NO_SHADOW, Wrong.NO_WIDE_SHADOW})


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    yield from activities.faults(reading, CODE, _WRONG, _message)


def _message(reading: Reading, fault: Fault) -> str:
    what, word = slots.of_callee(reading, fault.side, fault.index), activities.word(reading, fault.side, fault.index)
    if fault.wrong is Wrong.NO_WIDE_SHADOW:
        return f"{what} cannot be {word} at width {reading.width}: {fault.type} has no rank that the width could be added to"
    return f"{what} cannot be {word}: {fault.type} has no derivative type, make it enzyme_const"
