"""In forward mode, memory that active values are stored in has a shadow.

The tangent of what is stored goes into the shadow of the memory, which `enzyme_dup` brings. For memory that is
`enzyme_const` there is none, and the pass fails: `Unsupported constant arg to memory identity forward handler`. Reverse
mode takes such a store for the end of the gradient's way and goes on.

    func.func @put(%x: f64, %m: memref<f64>) {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @put : (f64, memref<f64>) -> ()
      memref.store %x, %m[] : memref<f64>
      return
    }
    func.func @d(%x: f64, %dx: f64, %m: memref<f64>) {
      enzyme.fwddiff @put(%x, %dx, %m) {
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
        //                                                         ^^^^^^^^^^^^ error[constant-memory]: memref.store puts an active value into argument 1 (%m), which is enzyme_const and has no shadow for its tangent
        ret_activity = []
      } : (f64, f64, memref<f64>) -> ()
      return
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import activities, inside, slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import error
from enzyme_lsp.dialect import spelling
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "constant-memory"
_STORES: Final = frozenset({"memref.store", "affine.store"})
"""The engines write through a pointer of LLVM's without its shadow, and have no rules for other stores."""


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    given = reading.activities
    if reading.mode is not Mode.FORWARD or reading.slots is None or given is None:
        return
    active = inside.bits(given)
    body = inside.body(reading) if 0 < active < (1 << len(given)) - 1 else None
    if body is None:
        return
    release = spelling.of_call(reading.call) or "classic"
    stores = body.stores(release, active, inside.bits(reading.return_activities))
    firsts = {index: step for step, index in reversed([*stores]) if step.name in _STORES and not active >> index & 1}
    for index, step in sorted(firsts.items()):
        of, word = slots.argument(reading, index), activities.word(reading, Side.ARGUMENT, index)
        message = f"{step.name} puts an active value into {of}, which is {word} and has no shadow for its tangent"
        fixes = activities.changed(reading, Side.ARGUMENT, index, Activity.DUP, certain=False)
        span = activities.place(reading, Side.ARGUMENT, index)
        yield error(CODE, span, message, *callee_note(reading), fixes=fixes)
