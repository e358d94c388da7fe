"""Properties of the two spellings: there and back is where one was; lines stay; every byte leads back to its own."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from enzyme_lsp.dialect import spelling
from enzyme_lsp.dialect.spelling import units
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.piece import Piece
from enzyme_lsp.verification import masking
from enzyme_lsp.verification.origins import Origins
from tests.spellings import as_sent, converted, modules

if TYPE_CHECKING:
    from enzyme_lsp.text.edit import Edit

_FRAGMENTS = (
    b"#a = #enzyme<activity enzyme_dup>\n",
    b"#enzyme.activity<enzyme_dup>",
    b"#enzyme<activity<enzyme_dup>>",
    b"#enzyme<activity enzyme_dup>",
    b"#enzyme<activity",
    b"#enzyme.activity",
    b"  %0 = enzyme.fwddiff @f(%x) ",
    b"enzyme.batch @f(%x)",
    b"enzyme.autodiff_region(%x) {\n",
    b'"enzyme.fwddiff"(%x) <{',
    b"enzyme.atomic_rmw addf %x, %m[%i] monotonic ",
    b"enzyme.affine_atomic_rmw addf %x, %m, (#map) [%i] ",
    b"fastmath<fast>",
    b"attributes ",
    b"{activity = [], ret_activity = #a, ",
    b"<activity = [], ",
    b"<{activity = []}>",
    b"width = 2 : i64",
    b"width = 2",
    b"a.b = 1, ",
    b", ",
    b"  ",
    b'"width" = ',
    b"batch_shape = array<i64: 2>",
    b"batch_shape = [2]",
    b"strong_zero",
    b"fn = @g",
    b"}",
    b">",
    b"<",
    b"{",
    b"]",
    b" : (f64) -> f64\n",
    b"// a > b\n",
    b"\r\n",
    b'"',
    b"loc(",
    b")",
    b"\n// -----\n",
    b"\xff",
)
ANY = st.lists(st.one_of(st.sampled_from(_FRAGMENTS), st.binary(max_size=6)), max_size=40).map(b"".join)


@given(modules("classic"))
def test_classic_to_strict_and_back_is_the_same_text(text: bytes) -> None:
    strict, left, _ = converted(text, "strict")
    assert converted(strict, "classic")[0] == text
    # Once is enough, and only what was left is still in the other spelling.
    assert converted(strict, "strict")[0] == strict
    unread = [unit for unit in _units(strict) if "classic" in unit.spellings]
    assert len(unread) == len(left)


@given(modules("strict", printed=True))
def test_printed_strict_to_classic_and_back_is_the_same_text(text: bytes) -> None:
    classic, left, _ = converted(text, "classic")
    assert not left
    assert converted(classic, "strict")[0] == text


@given(modules("strict"))
def test_all_strict_that_is_right_can_be_classic(text: bytes) -> None:
    classic, left, _ = converted(text, "classic")
    assert not left
    assert not any("strict" in unit.spellings for unit in _units(classic))


@given(st.one_of(modules("classic"), modules("strict")), st.sampled_from(["classic", "strict"]))
def test_lines_comments_and_bytes_stay(text: bytes, target: spelling.Spelling) -> None:
    made, _, edits = converted(text, target)
    assert made.count(b"\n") == text.count(b"\n")
    assert _COMMENT.findall(made) == _COMMENT.findall(text)
    _leads_back(text, made, edits)


@given(ANY, st.sampled_from(["classic", "strict"]))
def test_any_text_can_be_converted(text: bytes, target: spelling.Spelling) -> None:
    made, _, edits = converted(text, target)
    assert made.count(b"\n") == text.count(b"\n")
    _leads_back(text, made, edits)
    for piece in Layout.of(text).pieces:
        # What is cheap to tell must not be told otherwise.
        cheap = spelling.converted(piece, target)
        assert cheap.edits == tuple(sorted((e for u in units(piece) for e in u.to(target).edits), key=lambda e: e.span))
        masked = masking.masked(piece, target)
        assert masked.text.count(b"\n") == piece.text.count(b"\n")
        assert masking.masked(piece, "none").text.count(b"\n") == piece.text.count(b"\n")


@given(ANY)
def test_any_classic_text_comes_back(text: bytes) -> None:
    if any("strict" in unit.spellings for unit in _units(text)):
        text = converted(text, "classic")[0]
    if all("strict" not in unit.spellings for unit in _units(text)):
        assert converted(converted(text, "strict")[0], "classic")[0] == text


def test_hostile_texts_cost_no_more_than_their_length() -> None:
    entries = b", ".join(b"k%d.k = #enzyme<activity x>" % number for number in range(1_500))
    texts = (
        b"enzyme.fwddiff @f(%x) {" + entries + b", activity = []} : t",
        b"enzyme.fwddiff @f(%x) <activity = []> {" + entries + b"} : t",
        b"enzyme.batch @f(%x) " + b"<//" * 15_000,
        b"enzyme.batch @f(%x) <batch_shape = [" + b"// " * 15_000 + b"\n]> : t",
        b"#enzyme<activity //" * 10_000,
        b"#a = " + b"#enzyme<activity\n" * 10_000,
        b"enzyme.autodiff_region(%x) {\n" * 1_500 + b"#enzyme<activity x>" * 1_500,
    )
    for text in texts:
        start = time.process_time()
        as_sent(text, "classic")
        as_sent(text, "strict")
        # A quadratic step would take half a minute; a slow machine does not.
        assert time.process_time() - start < 10


_COMMENT = re.compile(rb"//[^\n\r]*")


def _units(text: bytes) -> list[spelling.Unit]:
    return [unit for piece in Layout.of(text).pieces for unit in units(Piece(piece.kind, piece.text, piece.column))]


def _leads_back(text: bytes, made: bytes, edits: tuple[Edit, ...]) -> None:
    """Every byte that was kept, moved ones included, leads to itself; every other one into the text."""
    origins = Origins.of(edits)
    put = {start + n for edit, start in zip(edits, origins.starts, strict=True) for n in range(len(edit.new))}
    for offset in range(len(made)):
        origin = origins.of_byte(offset)
        assert 0 <= origin <= len(text)
        if offset not in put:
            assert made[offset] == text[origin]
    for edit, start in zip(edits, origins.starts, strict=True):
        for begin, span in edit.origins if isinstance(edit, spelling.Move) else ():
            moved = made[start + begin : start + begin + len(span)]
            assert moved == span.of(text)
            if span.start < span.end:
                assert origins.of_byte(start + begin) == span.start
