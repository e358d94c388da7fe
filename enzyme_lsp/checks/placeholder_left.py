"""`enzyme.placeholder` stands for a value that is still to be written.

Quick fixes put one where an operand is missing and no value of its type is there, so that the text is whole again and
the place can be found. It is no value: whatever uses it computes nothing that is defined.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64) -> f64 {
      %dx = "enzyme.placeholder"() : () -> f64
      %0 = enzyme.fwddiff @square(%x, %dx) {
      //                              ^^^ warning[placeholder-left]: %dx is a placeholder: write the value that it stands for
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Severity, warning
from enzyme_lsp.syntax import scopes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.workspace.readings import Reading

CODE = "placeholder-left"
SEVERITY = Severity.WARNING

_NAME = "enzyme.placeholder"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    """Where an operand of a call is a placeholder: elsewhere the pass itself makes and removes them."""
    if not reading.piece.fact(_has_any):
        return
    tokens, names = reading.call.operation.tree.tokens, reading.piece.fact(scopes.names)
    for operand in reading.call.operands:
        token = tokens.at(operand.span.start)
        defined = None if token is None else names.at.get(token)
        if defined is not None and defined.operation is not None and defined.operation.name == _NAME:
            message = f"{operand.text} is a placeholder: write the value that it stands for"
            yield warning(CODE, operand.span, message)


def _has_any(piece: Piece) -> bool:
    return piece.mentions(_NAME.encode())
