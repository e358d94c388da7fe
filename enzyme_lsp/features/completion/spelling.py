"""Spelling: in which of its two spellings Enzyme's text is to be written at a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import spelling
from enzyme_lsp.features.completion.excerpt import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.dialect.spelling import Spelling
    from enzyme_lsp.features.completion.context import Context
    from enzyme_lsp.syntax.piece import Piece

_LOOKED_AT: Final = 1_000
"""Pieces before the place and behind it, of which those are parsed that hold something of Enzyme's."""
_ENOUGH: Final = 8
"""Pieces that say which spelling they are in."""


def is_strict(context: Context) -> bool:
    """Whether what is written at the place is to be in the strict spelling: as the nearest pieces are."""
    return of_text(context) == "strict"


def of_text(context: Context) -> Spelling:
    """The spelling of the text around the place; classic, which the default engine reads, where it has none."""
    classic = strict = seen = 0
    for piece in _outward(context):
        if not any(piece.fact(spelling.may_hold)):
            continue
        counts = piece.fact(spelling.tally)
        classic, strict, seen = classic + counts[0], strict + counts[1], seen + 1
        if seen == _ENOUGH:
            break
    return "strict" if strict > classic else "classic"


def activity(word: str, *, strict: bool) -> str:
    """An activity attribute."""
    return f"#enzyme.activity<{word}>" if strict else f"#enzyme<activity {word}>"


def _outward(context: Context) -> Iterator[Piece]:
    pieces, here = context.snapshot.layout.pieces, context.index
    first, last = max(here - _LOOKED_AT, 0), min(here + _LOOKED_AT, len(pieces) - 1)
    yield context.piece
    for distance in range(1, _LOOKED_AT):
        for index in (here - distance, here + distance):
            if first <= index <= last and len(pieces[index].text) <= LONGEST:
                yield pieces[index]
