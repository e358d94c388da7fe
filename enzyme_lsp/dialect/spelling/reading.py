"""Reading: how to write a piece for an engine, in what that reads; it must not know which engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.dialect.spelling import generic, unit

if TYPE_CHECKING:
    from enzyme_lsp.dialect.spelling.edits import Read
    from enzyme_lsp.dialect.spelling.unit import Converted
    from enzyme_lsp.syntax.piece import Piece


def converted(piece: Piece, target: Read) -> Converted:
    """How to write a piece in a spelling, or for who reads the generic form alone; computed once."""
    return piece.fact(generic.converted) if target == "generic" else unit.converted(piece, target)
