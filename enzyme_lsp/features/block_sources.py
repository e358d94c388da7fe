"""Block sources: the values that branches hand to the arguments of a block, as far as the text tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.scopes import Defined, names
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.document import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enzyme_lsp.syntax.nodes import Tree
    from enzyme_lsp.syntax.piece import Piece

_ENDS: Final = (b":", b")")


def sources(piece: Piece) -> Mapping[int, tuple[str, ...]]:
    """By the token before which a block's argument has ended, the values that it may be. Use through `piece.fact`.

    Nothing is said of a block that is reached from a branch whose values are not written behind the block's name, as
    in generic form: there would be more than is told.
    """
    known = piece.fact(names)
    found: dict[int, tuple[str, ...]] = {}
    for definition in known.definitions:
        block = definition.block
        if definition.defined is not Defined.LABEL or block is None or not block.arguments or not definition.uses:
            continue
        handed = [_handed(known.tree, use) for use in definition.uses]
        if any(len(values) != len(block.arguments) for values in handed):
            continue
        for argument, values in zip(block.arguments, zip(*handed, strict=True), strict=True):
            found[argument.type_last] = tuple(dict.fromkeys(values))
    return found


def _handed(tree: Tree, use: int) -> list[str]:
    """The values behind a use of a block's name: `^bb1(%a, %b#1 : f64, f64)`."""
    tokens = tree.tokens
    if tokens.word(use + 1) != b"(":
        return []
    values: list[str] = []
    index = use + 2
    while index < len(tokens) and tokens.word(index) not in _ENDS:
        if tokens.kinds[index] == Kind.CARET:
            return []  # the list is being typed, and this is the next block
        if tokens.kinds[index] == Kind.VALUE:
            number = tokens.word(index + 1) if tokens.kinds[index + 1 : index + 2] == [Kind.HASH] else b""
            values.append(decode(tokens.word(index) + number))
        index += 1
    return values
