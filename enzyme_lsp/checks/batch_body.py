"""A function that is batched holds operations that work on tensors alike.

The pass `enzyme-batch` of engines 0.0.15 and 0.0.16 copies each operation with all its values as tensors of the batch.
Operations of `complex`, `llvm`, `vector`, `memref`, `affine` and `linalg`, control flow on numbers and some others do
not take tensors, so that the copy does not verify; and on a constant that is no tensor the pass reads memory that it
never wrote.

    func.func @half(%x: f64) -> f64 {
      %c = arith.constant 0.5 : f64
      //   ^^^^^^^^^^^^^^ note: here
      %y = arith.mulf %x, %c : f64
      return %y : f64
    }
    func.func @d(%x: tensor<2xf64>) -> tensor<2xf64> {
      %0 = enzyme.batch @half(%x) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64>
      //                ^^^^^ warning[batch-body]: engines 0.0.15 and 0.0.16 cannot batch @half: it has a constant that is no tensor (f64)
      return %0 : tensor<2xf64>
    }

Write the function on tensors, for instance `tensor<f64>`, with operations of StableHLO.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import slots
from enzyme_lsp.checks.calls import CalleeNote
from enzyme_lsp.checks.diagnostic import Severity, warning
from enzyme_lsp.dialect.batch_rules import takes_no_batch
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.syntax import values
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.workspace.readings import Reading

CODE = "batch-body"
SEVERITY = Severity.WARNING
_TENSORS = (TypeKind.TENSOR, TypeKind.UNRANKED_TENSOR, TypeKind.BROKEN)


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    definition = reading.definition
    if reading.mode is not Mode.BATCH or reading.slots is None or definition is None:
        return
    if definition.name == "llvm.func":
        return  # wrong-kind-of-function speaks about this.
    inside = (one for region in definition.regions[:1] for block in region.blocks for one in block.operations)
    for operation in inside:
        if (why := _obstacle(reading, operation)) is not None:
            message = f"engines 0.0.15 and 0.0.16 cannot batch {slots.callee(reading)}: {why}"
            span = reading.call.callee_span or reading.call.name_span
            yield warning(CODE, span, message, CalleeNote("here", operation.name_span))
            return


def _obstacle(reading: Reading, operation: Operation) -> str | None:
    """Why a function with an operation cannot be batched."""
    if takes_no_batch(operation.name):
        return f"it holds {operation.name}, which takes no tensors of a batch"
    if operation.name != "arith.constant":
        return None
    types = values.result_types(operation)
    if not types and operation.tree.tokens.word(operation.last - 1) in (b"true", b"false"):
        types = ("i1",)
    if not types or reading.type_of(types[0]).kind in _TENSORS:
        return None
    return f"it has a constant that is no tensor ({types[0]})"
