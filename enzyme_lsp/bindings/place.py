"""Place: where an operation is built, with its location and context; must not know which operands are right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlir import ir  # pyright: ignore[reportMissingTypeStubs]

from enzyme_lsp.bindings.callee import WrongCallError
from enzyme_lsp.bindings.registration import is_registered
from enzyme_lsp.dialect import irdl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.bindings.callee import Callee
    from enzyme_lsp.dialect.convention import Slot


def current_context() -> ir.Context:
    """The context that is entered. Raises `WrongCallError` when there is none."""
    context = ir.Context.current
    if context is None:
        raise WrongCallError("there is no context: hand one over, or enter one")
    return context


class Place:
    """Where an operation is built. Raises `WrongCallError` when there is no location."""

    def __init__(self, loc: ir.Location | None, ip: ir.InsertionPoint | None) -> None:
        try:
            found = ir.Location.current if loc is None else loc
        except ValueError:
            found = None
        if found is None:
            raise WrongCallError(
                "there is no location: hand one over, or build inside of `with ir.Location.unknown():`"
            )
        self.loc, self.context = found, found.context
        try:
            self.ip = ir.InsertionPoint.current if ip is None else ip
        except ValueError:
            self.ip = None

    def check(self, op: str) -> None:
        """Raise `WrongCallError` when the context does not let the operation be."""
        if not is_registered(self.context) and not self.context.allow_unregistered_dialects:
            raise WrongCallError(f"the context has no {op}: register(context), or allow unregistered dialects")

    def built(
        self,
        op: str,
        callee: Callee,
        operands: Sequence[ir.Value],
        results: Sequence[ir.Type],
        attributes: dict[str, ir.Attribute],
    ) -> ir.Operation:
        """The operation, where the context has it or takes any."""
        self.check(op)
        found = {"fn": ir.FlatSymbolRefAttr.get(callee.name, self.context), **attributes}
        if is_registered(self.context):
            found |= self._segments(op, [str(one.type) for one in operands], [str(one) for one in results])
        return self._created(op, list(results), list(operands), found)

    def one(self, slot: Slot) -> ir.Value:
        """The number 1 as a seed."""
        type_ = ir.Type.parse(str(slot.type), self.context)
        value = ir.FloatAttr.get(type_, 1.0, self.loc)
        return self._created("arith.constant", [type_], [], {"value": value}).result

    def _created(
        self, op: str, results: list[ir.Type], operands: list[ir.Value], attributes: dict[str, ir.Attribute]
    ) -> ir.Operation:
        operations: Any = ir.Operation  # whose stub says `dict`
        # Without a place it must be said that there is none: None would be the current one.
        return operations.create(
            op, results, operands, attributes, loc=self.loc, ip=self.ip if self.ip is not None else False
        )

    def _segments(self, op: str, *types: list[str]) -> dict[str, ir.Attribute]:
        """What IRDL wants of operations with values of several types."""
        found: dict[str, ir.Attribute] = {}
        for key, some in zip(("operandSegmentSizes", "resultSegmentSizes"), types, strict=True):
            sizes = irdl.segments(some)
            if sizes is None:
                message = f"a context with the dialect registered takes {irdl.GROUPS} changes of type among the values"
                raise WrongCallError(f"{message} of {op} at most")
            found[key] = ir.DenseI32ArrayAttr.get(list(sizes), self.context)
        return found
