"""Implied types: those of results that the text does not write, but that follow from what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax import types
from enzyme_lsp.syntax.scopes import Defined
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.document import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enzyme_lsp.syntax.scopes import Definition

_LOADS: Final = frozenset({"memref.load", "affine.load", "tensor.extract", "enzyme.load"})
_COMPARISONS: Final = frozenset({"arith.cmpf", "arith.cmpi", "llvm.icmp", "llvm.fcmp"})
_OF_LLVM: Final = frozenset({
    "add", "and", "ashr", "fadd", "fdiv", "fmul", "fneg", "fsub", "lshr", "mul", "or", "sdiv", "shl", "srem", "sub",
    "udiv", "urem", "xor",
})  # fmt: skip
"""Operations of LLVM's dialect whose one type is that of their result."""
_BOOL: Final = "i1"
_LONGEST: Final = 2_000
"""Bytes of an operation that is looked at."""


def implied_type(definition: Definition, aliases: Mapping[str, bytes]) -> str | None:
    """The type of the one result of an operation, where its name and its type tell; else None."""
    operation = definition.operation
    if definition.defined is not Defined.RESULT or operation is None or operation.is_generic:
        return None
    name = operation.name
    is_of_llvm = name.startswith("llvm.") and name[5:] in _OF_LLVM
    if not is_of_llvm and name not in _LOADS and name not in _COMPARISONS:
        return None
    span = operation.span
    if len(span) > _LONGEST:
        return None
    written = types.read(decode(span.of(operation.tree.tokens.text).rpartition(b" : ")[2]), aliases)
    if is_of_llvm:
        return written.text if written.kind is not TypeKind.BROKEN else None
    if name in _LOADS:
        return written.element.text if written.element is not None else None
    if written.kind is TypeKind.TENSOR:
        return types.tensor(written.shape, types.read(_BOOL), written.tail).text
    return None if written.kind in (TypeKind.BROKEN, TypeKind.VECTOR) else _BOOL
