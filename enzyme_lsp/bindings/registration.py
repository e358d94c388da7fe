"""Registration: makes the dialect known to a context of upstream MLIR, from the tables, through IRDL."""

from __future__ import annotations

from typing import Any

from mlir import ir  # pyright: ignore[reportMissingTypeStubs]
from mlir.dialects import irdl as upstream  # pyright: ignore[reportMissingTypeStubs]

from enzyme_lsp.dialect import irdl


def register(context: ir.Context) -> None:
    """Register the dialect in a context. A second time does nothing."""
    if is_registered(context):
        return
    with context, ir.Location.unknown(context):
        module = ir.Module.parse(irdl.text())
        module.operation.walk(_spelled, ir.WalkOrder.POST_ORDER)
        # It is in a native module that has no stub.
        loader: Any = upstream
        loader.load_dialects(module)


def is_registered(context: ir.Context) -> bool:
    """Whether the context has the dialect."""
    return context.is_registered_operation("enzyme.autodiff")


def _spelled(operation: ir.Operation) -> ir.WalkResult:
    """The name with capitals, which IRDL's verifier would refuse."""
    if "spelled" in operation.attributes:
        name = "sym_name" if "sym_name" in operation.attributes else "base_type"
        operation.attributes[name] = operation.attributes["spelled"]
        del operation.attributes["spelled"]
    return ir.WalkResult.ADVANCE
