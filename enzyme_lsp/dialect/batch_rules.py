"""Batch rules: which operations a function can hold that is batched, as data.

The pass `enzyme-batch` makes a copy of each operation with all its values as tensors of the batch. What works on
numbers and on tensors alike takes that, and StableHLO's operations have rules of their own; all others then do not
verify. A constant that is no tensor is worse: the pass reads memory that it never wrote.

Source: engines 0.0.15 and 0.0.16, which agree, asked to batch a function with each of some 400 operations.
"""

from __future__ import annotations

from typing import Final

_DIALECTS: Final = frozenset({"affine", "complex", "linalg", "llvm", "memref", "vector"})
"""Dialects whose operations take and give their own types only."""
_TAKES: Final = frozenset({"llvm.intr.canonicalize", "llvm.return", "llvm.unreachable", "memref.alloca_scope"})
"""Those of them that do all the same, or end a function."""
_OPERATIONS: Final = frozenset(
    {
        "cf.assert",
        "cf.cond_br",
        "cf.switch",
        "func.call_indirect",
        "scf.for",
        "scf.forall",
        "scf.if",
        "scf.index_switch",
        "scf.parallel",
        "stablehlo.all_reduce",
        "stablehlo.batch_norm_inference",
        "stablehlo.batch_norm_training",
        "stablehlo.case",
        "stablehlo.composite",
        "stablehlo.dot",
        "stablehlo.dynamic_broadcast_in_dim",
        "stablehlo.dynamic_gather",
        "stablehlo.dynamic_pad",
        "stablehlo.dynamic_reshape",
        "stablehlo.map",
        "stablehlo.real_dynamic_slice",
        "stablehlo.reduce_scatter",
        "stablehlo.select_and_scatter",
        "tensor.collapse_shape",
        "tensor.concat",
        "tensor.expand_shape",
        "tensor.extract",
        "tensor.extract_slice",
        "tensor.from_elements",
        "tensor.gather",
        "tensor.generate",
        "tensor.insert",
        "tensor.insert_slice",
        "tensor.reshape",
        "tensor.splat",
    }
)


def takes_no_batch(operation: str) -> bool:
    """Whether a function with an operation of that name cannot be batched."""
    return operation in _OPERATIONS or (operation.partition(".")[0] in _DIALECTS and operation not in _TAKES)
