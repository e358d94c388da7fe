"""Callee: the function that is differentiated, by its name or itself, and what is known of its types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mlir import ir  # pyright: ignore[reportMissingTypeStubs]

from enzyme_lsp.dialect.convention import Function
from enzyme_lsp.syntax import types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.types import Type

Callable: TypeAlias = "str | ir.FlatSymbolRefAttr | ir.Operation | ir.OpView"
"""A function, or its name."""


class WrongCallError(ValueError):
    """What was asked for cannot be built; the text says why. Nothing was built."""


@dataclass(frozen=True, slots=True)
class Callee:
    """A function; `function` is None when it is not known here, or takes any number of arguments."""

    name: str
    function: Function | None


_LLVM_WORDS: Final = frozenset({
    "ptr", "struct", "array", "void", "func", "token", "metadata", "label", "x86_amx", "ppc_fp128", "target",
})  # fmt: skip
"""What types of LLVM begin with, which have no `!llvm.` inside of one."""


def of(function: Callable, ip: ir.InsertionPoint | None) -> Callee:
    """The callee of an operation that is built at a place. Raises `WrongCallError` for what is no function."""
    if isinstance(function, str):
        return _named(function, ip)
    if isinstance(function, ir.FlatSymbolRefAttr):
        return _named(function.value, ip)
    if isinstance(function, ir.Operation | ir.OpView):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may have no types
        operation = function.operation
        name = operation.attributes.get("sym_name")
        if not isinstance(name, ir.StringAttr):
            raise WrongCallError(f"{operation.name} has no name that it could be called by")
        return Callee(name.value, _function(operation, name.value))
    raise WrongCallError(f"a function is given by its name or itself, and not as {type(function).__name__}")


def _named(name: str, ip: ir.InsertionPoint | None) -> Callee:
    if not name:
        raise WrongCallError("the name of a function is not empty")
    operation = ip.block.owner.operation if ip is not None else None
    while operation is not None:
        try:
            table = ir.SymbolTable(operation)
        except TypeError:
            operation = _parent(operation)
            continue
        return Callee(name, _function(table[name].operation, name) if name in table else None)
    return Callee(name, None)


def _parent(operation: ir.Operation) -> ir.Operation | None:
    try:
        return operation.parent.operation if operation.parent is not None else None
    except ValueError:  # it stands in nothing
        return None


def _function(operation: ir.Operation, name: str) -> Function | None:
    written = operation.attributes.get("function_type")
    if not isinstance(written, ir.TypeAttr):
        raise WrongCallError(f"@{name} is {operation.name}, which is no function")
    if operation.name == "llvm.func":
        return _of_llvm(str(written.value))
    type_: Any = ir.FunctionType(written.value)  # whose stub does not say what is in its lists
    return Function(
        tuple(types.read(str(one)) for one in type_.inputs), tuple(types.read(str(one)) for one in type_.results)
    )


def _of_llvm(text: str) -> Function | None:
    """What `!llvm.func<f64 (f64, ptr)>` takes and gives; None when it takes any number of arguments."""
    inside = text.removeprefix("!llvm.func<")[:-1]
    depth, start = 0, len(inside)
    for start in range(len(inside) - 1, -1, -1):
        depth += (inside[start] in ")>]}") - (inside[start] in "(<[{")
        if not depth:
            break
    arguments = list(_listed(inside[start + 1 : -1]))
    result = inside[:start].strip()
    if "..." in arguments:
        return None
    return Function(tuple(map(_llvm_type, arguments)), () if result == "void" else (_llvm_type(result),), is_llvm=True)


def _listed(text: str) -> Iterator[str]:
    depth = start = 0
    for index, letter in enumerate(text):
        depth += (letter in "(<[{") - (letter in ")>]}")
        if letter == "," and not depth:
            yield text[start:index].strip()
            start = index + 1
    if text.strip():
        yield text[start:].strip()


def _llvm_type(text: str) -> Type:
    return types.read(f"!llvm.{text}" if text.partition("<")[0] in _LLVM_WORDS else text)
