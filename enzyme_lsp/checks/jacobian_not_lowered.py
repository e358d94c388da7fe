"""`enzyme.jacobian` is lowered only where `stablehlo.dot_general` multiplies it with a tangent.

The pass `lower-enzyme-jacobian-stablehlo` of engines 0.0.15 and 0.0.16 rewrites such a product as forward mode. All
other jacobians stay in the module, also those of scalars; and a product with a cotangent, over the sizes of the result,
is taken for one with a tangent, so that the derivative is called with the wrong types.

    func.func @f(%x: tensor<2xf64>) -> tensor<3xf64> {
      %y = arith.constant dense<0.0> : tensor<3xf64>
      return %y : tensor<3xf64>
    }
    func.func @d(%x: tensor<2xf64>) -> tensor<3x2xf64> {
      %0 = enzyme.jacobian @f(%x) {
      //   ^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: nothing lowers this jacobian: engines 0.0.15 and 0.0.16 do so only where stablehlo.dot_general multiplies it with a tangent
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (tensor<2xf64>) -> tensor<3x2xf64>
      return %0 : tensor<3x2xf64>
    }
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Note, Severity, warning
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.syntax import scopes
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.workspace.readings import Reading

CODE = "jacobian-not-lowered"
SEVERITY = Severity.WARNING
_CONTRACTED = re.compile(rb"contracting_dims\s*=\s*\[([\d,\s]*)\]\s*x\s*\[([\d,\s]*)\]")


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    function = reading.function
    if reading.mode is not Mode.JACOBIAN or reading.slots is None or function is None or not function.arguments:
        return
    products = list(_products(reading))
    if not products:
        message = (
            "nothing lowers this jacobian: engines 0.0.15 and 0.0.16 do so only where stablehlo.dot_general "
            "multiplies it with a tangent"
        )
        yield warning(CODE, reading.call.name_span, message)
    for operation, number, side in products:
        out = number // len(function.arguments)
        if out >= len(function.results):
            continue
        given = function.results[out]
        match = _CONTRACTED.search(operation.span.of(operation.tree.tokens.text))
        if match is None or not given.shape:
            continue
        sizes = {int(size) for size in re.findall(rb"\d{1,9}", match[1 + side])}
        if sizes & set(range(len(given.shape))):
            message = (
                "engines 0.0.15 and 0.0.16 take this product over the sizes of the result for one with a tangent, "
                "and call the derivative with the wrong types"
            )
            note = Note("the product", operation.name_span)
            yield warning(CODE, reading.call.name_span, message, note)


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
