"""Carry: what an engine said of the pieces of a text that still holds after an edit; it must not know what that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.verification import modules

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_AROUND: Final = (PieceKind.OPEN, PieceKind.CLOSE, PieceKind.MARKER, PieceKind.ALIAS)
"""Kinds of pieces that may change the meaning of all others."""


def keep(said: dict[int, T], before: Sequence[Piece], after: Sequence[Piece]) -> None:
    """Takes out of `said`, whose keys are the identities of pieces, what the edit from `before` to `after` put in
    question: pieces that are gone, and pieces that see another one which now looks different.
    """
    removed, added = differing(before, after)
    for piece in removed:
        said.pop(id(piece), None)
    if any(piece.kind in _AROUND for piece in (*removed, *added)):
        said.clear()
    if not said:
        return
    changed = {p.fact(modules.interface) for p in removed} ^ {p.fact(modules.interface) for p in added}
    names = {interface[0] for interface in changed if interface is not None}
    for piece in after if names else ():
        # The cheap test first: most of ten thousand pieces mention none of the names.
        mentioned = [name for name in names if piece.mentions(name.encode())]
        if mentioned and any(name[1:] in piece.fact(symbols.references) for name in mentioned):
            said.pop(id(piece), None)


def differing(before: Sequence[Piece], after: Sequence[Piece]) -> tuple[list[Piece], list[Piece]]:
    """The pieces, by identity, that are in `before` alone, and those that are in `after` alone."""
    least, first, last = min(len(before), len(after)), 0, 0
    while first < least and before[first] is after[first]:
        first += 1
    while last < least - first and before[-1 - last] is after[-1 - last]:
        last += 1
    old, new = before[first : len(before) - last], after[first : len(after) - last]
    there, here = set(map(id, old)), set(map(id, new))
    return [piece for piece in old if id(piece) not in here], [piece for piece in new if id(piece) not in there]
