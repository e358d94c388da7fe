"""Properties of the form for upstream MLIR: any text has one, in as many lines, and every byte leads back to its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import example, given, settings
from hypothesis import strategies as st

from enzyme_lsp.dialect import spelling
from enzyme_lsp.dialect.ops import OPS
from enzyme_lsp.dialect.spelling import Move, restored
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.tokens import tokenize
from enzyme_lsp.text.edit import EditSet
from enzyme_lsp.verification.origins import Origins
from tests.dialect.test_ops import module
from tests.fuzz.test_spelling import ANY

if TYPE_CHECKING:
    from enzyme_lsp.dialect.spelling.unit import Converted

_EXAMPLES = tuple(module(op, op.example_in(strict=strict)).encode() for op in OPS.values() for strict in (False, True))


@st.composite
def mutilated(draw: st.DrawFn) -> bytes:
    """An operation of the dialect with some tokens gone, or in the place of others."""
    text = draw(st.sampled_from(_EXAMPLES))
    text = text[text.index(b"func.func private @user") :]
    for _ in range(draw(st.integers(1, 4))):
        tokens = tokenize(text)
        if not len(tokens):
            break
        at, other = (draw(st.integers(0, len(tokens) - 1)) for _ in range(2))
        new = draw(st.sampled_from([b"", b"\n", tokens.word(other)]))
        text = text[: tokens.starts[at]] + new + text[tokens.ends[at] :]
    return text


_LINES_BEFORE_REGION = b"""func.func private @user(%x: f64, %t: tensor<2xf64>) {
"enzyme.genericAdjoint"(%x, %t) <{indexing_maps = [ // one
affine_map<(d0) -> ()>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"],
  operandSegmentSizes = array<i32: 1, 1>}> ({
^bb0(%a: f64, %b: f64):
  "enzyme.addTo"(%a) : (f64) -> ()
}) : (f64, tensor<2xf64>) -> ()
  return
}
"""


@settings(deadline=None)
@given(st.one_of(mutilated(), ANY))
@example(_LINES_BEFORE_REGION)
def test_any_text(text: bytes) -> None:
    piece = Piece(PieceKind.ITEM, text, 0)
    found: Converted = spelling.converted(piece, "generic")
    made = EditSet(found.edits).apply(text)
    assert made.count(b"\n") == text.count(b"\n")
    origins = Origins.of(found.edits)
    for edit, start in zip(origins.edits, origins.starts, strict=True):
        for begin, span in edit.origins if isinstance(edit, Move) else ():
            assert edit.new[begin : begin + len(span)] == span.of(text)
            assert origins.of_byte(start + begin) == span.start or not len(span)
    assert restored(made).count(b"\n") == made.count(b"\n")
