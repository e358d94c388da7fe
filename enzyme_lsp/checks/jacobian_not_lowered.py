"""`enzyme.jacobian` is lowered only where `stablehlo.dot_general` multiplies it with a tangent or a cotangent.

The pass `lower-enzyme-jacobian-stablehlo` of engines 0.0.15 and 0.0.16 rewrites such a product: over the sizes of the
argument, with a tangent, as forward mode, and over the sizes of the result, with a cotangent, as reverse mode. All other
jacobians stay in the module, also those of scalars. Which of the two it is the pass tells by numbers of elements where
the numbers of sizes count, so that most products with a cotangent, and some with a tangent, are taken for the other
kind, and the derivative is called with the wrong values.

    func.func @f(%x: tensor<2xf64>) -> tensor<3xf64> {
      %y = arith.constant dense<0.0> : tensor<3xf64>
      return %y : tensor<3xf64>
    }
    func.func @d(%x: tensor<2xf64>) -> tensor<3x2xf64> {
      %0 = enzyme.jacobian @f(%x) {
      //   ^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: nothing lowers this jacobian: engines 0.0.15 and 0.0.16 do so only where stablehlo.dot_general multiplies it with a tangent or a cotangent
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (tensor<2xf64>) -> tensor<3x2xf64>
      return %0 : tensor<3x2xf64>
    }
"""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import Note, Severity, warning
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.syntax import scopes
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.types import Type
    from enzyme_lsp.workspace.readings import Reading

CODE = "jacobian-not-lowered"
SEVERITY = Severity.WARNING
_CONTRACTED: Final = (
    re.compile(rb"\bcontracting_dims\s*=\s*\[([\d,\s]*)\]\s*x\s*\["),
    re.compile(rb"\bcontracting_dims\s*=\s*\[[\d,\s]*\]\s*x\s*\[([\d,\s]*)\]"),
)
_CONTRACTED_GENERIC: Final = (
    re.compile(rb"\blhs_contracting_dimensions\s*=\s*\[([\d,\s]*)\]"),
    re.compile(rb"\brhs_contracting_dimensions\s*=\s*\[([\d,\s]*)\]"),
)
"""What is contracted on the left and on the right of a product."""
_KINDS: Final = {
    Mode.FORWARD: "with a tangent",
    Mode.REVERSE: "with a cotangent",
}


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    function = reading.function
    if reading.mode is not Mode.JACOBIAN or reading.slots is None or function is None or not function.arguments:
        return
    products = list(_products(reading))
    if not products:
        message = (
            "nothing lowers this jacobian: engines 0.0.15 and 0.0.16 do so only where stablehlo.dot_general "
            "multiplies it with a tangent or a cotangent"
        )
        yield warning(CODE, reading.call.name_span, message)
    for operation, number, side in products:
        out, by = divmod(number, len(function.arguments))
        if out >= len(function.results):
            continue
        given, taken, sizes = function.results[out], function.arguments[by], _contracted(operation, side)
        if sizes is None or not (given.is_static and taken.is_static):
            continue
        meant, read = _meant(given, taken, sizes), _read(given, taken, sizes)
        if meant is not read:
            note = Note("the product", operation.name_span)
            yield warning(CODE, reading.call.name_span, _message(meant, read), note)


def _message(meant: Mode | None, read: Mode | None) -> str:
    engines = "engines 0.0.15 and 0.0.16"
    this = f"this product {_KINDS[meant] if meant is not None else 'over neither all sizes of the argument nor of the result'}"
    if read is None:
        return f"{engines} leave {this} as it is"
    return f"{engines} take {this} for one {_KINDS[read]}, and call the derivative with the wrong values"


def _meant(given: Type, taken: Type, sizes: list[int]) -> Mode | None:
    """What a product over `sizes` of the derivative of a result by an argument is; None for one that is no derivative."""
    if sizes == list(range(len(given.shape))):
        return Mode.REVERSE
    return Mode.FORWARD if sizes == list(range(len(given.shape), len(given.shape) + len(taken.shape))) else None


def _read(given: Type, taken: Type, sizes: list[int]) -> Mode | None:
    """What the pass takes it for; None for one that it leaves. Measured over 84 pairs of shapes and products of each."""
    border = _elements(taken) * (_elements(given) - 1)
    if all(size < border for size in sizes):
        return Mode.FORWARD
    return Mode.REVERSE if all(size >= border for size in sizes) else None


def _elements(type_: Type) -> int:
    return prod(size for size in type_.shape if size is not None)


def _contracted(operation: Operation, side: int) -> list[int] | None:
    """The sizes that a product contracts on one side; None where they cannot be read."""
    text = operation.span.of(operation.tree.tokens.text)
    match = _CONTRACTED[side].search(text) or _CONTRACTED_GENERIC[side].search(text)
    return None if match is None else [int(size) for size in re.findall(rb"\d{1,9}", match[1])]


def _products(reading: Reading) -> Iterator[tuple[Operation, int, int]]:
    """Each use of a result in a `stablehlo.dot_general`: the operation, the number of the result, and the side."""
    own, names, position = reading.call.operation, reading.piece.fact(scopes.names), 0
    tree, tokens = own.tree, own.tree.tokens
    for result in own.results:
        for use in names.at[result.token].uses:
            operation = tree.operation_at(tokens.starts[use])
            if operation is None or operation.name != "stablehlo.dot_general":
                continue
            used = [index for index in operation.own_tokens(operation.name_token) if tokens.kinds[index] == Kind.VALUE]
            if use in used[:2]:
                yield operation, position + names.number(use), used.index(use)
        position += result.count
