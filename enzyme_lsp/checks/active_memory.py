"""Memory is `enzyme_dup` or `enzyme_const` in reverse mode, and never active.

The gradient of memory is added to its shadow, which `enzyme_dup` brings as an operand; there is no gradient to return.
The engine crashes on a memref or pointer that is active.

    func.func @sum(%m: memref<2xf64>) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @sum : (memref<2xf64>) -> f64
      %c = arith.constant 0 : index
      %x = memref.load %m[%c] : memref<2xf64>
      return %x : f64
    }
    func.func @d(%m: memref<2xf64>, %dm: memref<2xf64>, %dr: f64) {
      enzyme.autodiff @sum(%m, %dm, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        //                           ^^^^^^^^^^^^^ error[active-memory]: argument 0 (%m) is memory (memref<2xf64>) and cannot be enzyme_active: its gradient is added to a shadow, which enzyme_dup brings
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (memref<2xf64>, memref<2xf64>, f64) -> ()
      return
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

CODE = "active-memory"

_WRONG = frozenset({Wrong.ACTIVE_MEMORY})


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    yield from activities.faults(reading, CODE, _WRONG, _message)


def _message(reading: Reading, fault: Fault) -> str:
    word = activities.word(reading, fault.side, fault.index)
    if fault.side is Side.ARGUMENT:
        return f"{slots.argument(reading, fault.index)} is memory ({fault.type}) and cannot be {word}: its gradient is added to a shadow, which enzyme_dup brings"
    return f"result {fault.index} is memory ({fault.type}) and cannot be {word}: it takes no seed, make it enzyme_const or enzyme_dup"
