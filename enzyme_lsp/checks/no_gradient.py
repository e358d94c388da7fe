"""What is active has a type whose gradient can start from zero.

Floating point numbers, signless integers, complex numbers, LLVM's structs and arrays, and tensors of floating point or
signless integers have one. Signed integers, tensors of `index` and of small floats have none, and `index` and unranked
tensors only at width 1; the engine crashes on them or builds a constant that does not verify.

    func.func @pick(%x: f64, %i: si32) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @pick : (f64, si32) -> f64
      return %x : f64
    }
    func.func @d(%x: f64, %i: si32, %dr: f64) -> (f64, si32) {
      %0:2 = enzyme.autodiff @pick(%x, %i, %dr) {
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
        //                                                            ^^^^^^^^^^^^^ error[no-gradient]: argument 1 (%i) cannot be enzyme_active: si32 has no gradient, make it enzyme_const
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, si32, f64) -> (f64, si32)
      return %0#0, %0#1 : f64, si32
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

CODE = "no-gradient"

_WRONG = frozenset({Wrong.NO_GRADIENT})


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    yield from activities.faults(reading, CODE, _WRONG, _message)


def _message(reading: Reading, fault: Fault) -> str:
    word = activities.word(reading, fault.side, fault.index)
    at = f" at width {reading.width}" if reading.width != 1 else ""
    what = slots.of_callee(reading, fault.side, fault.index)
    return f"{what} cannot be {word}: {fault.type} has no gradient{at}, make it enzyme_const"
