"""The width, or the sizes of a batch, are those of the operands and results.

Where several operands and results are wrong and all are right for another width, it is the width that is wrong, or not
written: at width 2 shadows, seeds and gradients of `f64` are `tensor<2xf64>`.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dx: tensor<3xf64>) -> tensor<3xf64> {
      %0 = enzyme.fwddiff @square(%x, %dx) {
      //   ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, shadow of %x: tensor<2xf64>) and gives (tangent of result 0: tensor<2xf64>)
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>],
        width = 2
        //      ^ error[width-mismatch]: the operands and results are those of width 3, not 2
      } : (f64, tensor<3xf64>) -> tensor<3xf64>
      return %0 : tensor<3xf64>
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import rewriting, slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Fix, error
from enzyme_lsp.dialect.calls import Braces
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "width-mismatch"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    meant = reading.meant
    if meant is None:
        return
    entry = reading.call.entry(_key(reading))
    if reading.mode is Mode.BATCH:
        message = f"the operands and results are those of a batch of {list(meant)}, not {list(reading.sizes or ())}"
    elif entry is None:
        message = f"the operands and results are those of width {meant[0]}, and no width is written, which means 1"
    else:
        message = f"the operands and results are those of width {meant[0]}, not {reading.width}"
    span = entry.value_span if entry is not None else reading.call.name_span
    notes = (*callee_note(reading), *slots.table(reading))
    yield error(CODE, span, message, *notes, fixes=_fixes(reading, meant))


def _key(reading: Reading) -> str:
    return "batch_shape" if reading.mode is Mode.BATCH else "width"


def _fixes(reading: Reading, meant: tuple[int, ...]) -> tuple[Fix, ...]:
    entry, entries = reading.call.entry(_key(reading)), reading.call.entries
    if entry is None:
        at = entries[-1].value_span.end if entries else -1
        edits = [Edit(Span(at, at), f", width = {meant[0]}".encode())] if entries else []
        return (Fix(f"Insert width = {meant[0]}", EditSet(edits)),) if edits else ()
    if reading.mode is not Mode.BATCH and meant == (1,):
        return rewriting.entry_removed(reading, entry, "Remove the width, which is 1 then", certain=True)
    sizes = ", ".join(map(str, meant))
    written = sizes
    if reading.mode is Mode.BATCH:
        written = f"[{sizes}]" if entry.braces is Braces.BARE else f"array<i64{': ' if meant else ''}{sizes}>"
    return (Fix(f"Write {_key(reading)} = {written}", EditSet([Edit(entry.value_span, written.encode())])),)
