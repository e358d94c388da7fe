"""A batch takes what a tensor can hold.

Every argument and result becomes a tensor with the batch's sizes in front. There is no tensor of memory, so a function
on memrefs cannot be batched, nor one on tensors without a rank; the engine reads memory that is not set and crashes.

    func.func @fill(%m: memref<4xf64>) {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @fill : (memref<4xf64>) -> ()
      return
    }
    func.func @d(%m: memref<2x4xf64>) {
      enzyme.batch @fill(%m) {
      //           ^^^^^ error[unbatchable]: @fill cannot be batched: argument 0 is memory (memref<4xf64>), and no tensor holds that
        batch_shape = array<i64: 2>
      } : (memref<2x4xf64>) -> ()
      return
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import error
from enzyme_lsp.dialect.convention import Mode, batched
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "unbatchable"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    if reading.mode is not Mode.BATCH or reading.function is None:
        return
    span, notes = reading.call.callee_span or reading.call.name_span, callee_note(reading)
    for what, types in (("argument", reading.function.arguments), ("result", reading.function.results)):
        for index, type_ in enumerate(types):
            if type_.kind is TypeKind.BROKEN or not type_.is_certain or batched(type_, (1,)) is not None:
                continue
            why = "is memory" if type_.is_memory else "has no rank"
            message = (
                f"{slots.callee(reading)} cannot be batched: {what} {index} {why} ({type_}), and no tensor holds that"
            )
            yield error(CODE, span, message, *notes)
            return
