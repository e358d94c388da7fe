"""Enzyme's operations in the form that upstream MLIR reads."""

from __future__ import annotations

import re
from functools import cache
from textwrap import dedent

import pytest

from enzyme_lsp.dialect import spelling
from enzyme_lsp.dialect.ops import OPS
from enzyme_lsp.dialect.spelling import Move
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.text.edit import EditSet
from enzyme_lsp.verification.origins import Origins
from tests import update
from tests.dialect.test_ops import module
from tests.dialect.upstream import NEEDS_UPSTREAM, said


def written(text: str, kind: PieceKind = PieceKind.ITEM) -> str:
    """A text so, with the sizes of groups cut short; lines stay, and what is moved leads to where it is from."""
    piece = Piece(kind, text.encode(), 0)
    found = spelling.converted(piece, "generic")
    new = EditSet(found.edits).apply(piece.text)
    assert new.count(b"\n") == piece.text.count(b"\n")
    origins = Origins.of(found.edits)
    for edit, start in zip(origins.edits, origins.starts, strict=True):
        for begin, span in edit.origins if isinstance(edit, Move) else ():
            assert edit.new[begin : begin + len(span)] == span.of(piece.text)
            assert origins.of_byte(start + begin) == span.start
    return re.sub(r"(?:, 0)+>", ", 0...>", new.decode())


def check(text: str, expected: str) -> None:
    found = written(dedent(text).strip("\n")).strip("\n")
    if found != dedent(expected).strip("\n"):
        if not update.is_wanted():
            assert found == dedent(expected).strip("\n")
        update.replace(
            expected, "\n" + "".join(f"        {line}".rstrip() + "\n" for line in found.split("\n")) + "        "
        )


def test_classic_and_strict_become_the_same():
    check(
        """
        %0 = enzyme.autodiff @square(%x, %dr) {
          activity = [#enzyme<activity enzyme_active>],
          ret_activity = [#enzyme<activity enzyme_activenoneed>], width = 2 : i64, mine
        } : (f64, f64) -> f64
        """,
        """
        %0 = "enzyme.autodiff"(%x, %dr) {fn = @square, activity = [#enzyme.activity<"enzyme_active">], ret_activity = [#enzyme.activity<"enzyme_activenoneed">], width = 2 : i64, mine, operandSegmentSizes = array<i32: 2, 0...>, resultSegmentSizes = array<i32: 1, 0...>} : (f64, f64) -> (f64)
        """,
    )
    check(
        """
        %0 = enzyme.autodiff @square(%x, %dr) <activity = [#enzyme.activity<enzyme_active>], // why
          ret_activity = [#enzyme.activity<enzyme_activenoneed>], width = 2> {mine} : (f64, f32) -> f64 loc("a")
        """,
        """
        %0 = "enzyme.autodiff"(%x, %dr) {fn = @square, activity = [#enzyme.activity<"enzyme_active">], ret_activity = [#enzyme.activity<"enzyme_activenoneed">], width = 2 : i64, mine, operandSegmentSizes = array<i32: 1, 1, 0...>, resultSegmentSizes = array<i32: 1, 0...>} : (f64, f32) -> (f64)
         loc("a")
        """,
    )


def test_a_region():
    check(
        """
        %0 = enzyme.fwddiff_region(%x, %x) {
        ^bb0(%a: f64):
          enzyme.yield %a : f64
        } attributes {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dup>]} :
          (f64, f64) -> (f64, f64)
        """,
        """
        %0 = "enzyme.fwddiff_region"(%x, %x) ({
        ^bb0(%a: f64):
          vector.yield %a : f64
        }) {activity = [#enzyme.activity<"enzyme_dup">], ret_activity = [#enzyme.activity<"enzyme_dup">], operandSegmentSizes = array<i32: 2, 0...>, resultSegmentSizes = array<i32: 2, 0...>} : (f64, f64) -> (f64, f64)
        """,
    )


def test_the_generic_form():
    check(
        """
        "enzyme.genericAdjoint"(%x, %t) <{indexing_maps = [], iterator_types = [],
          operandSegmentSizes = array<i32: 1, 1>}> ({
        ^bb0(%a: f64, %b: f64):
          "enzyme.addTo"(%a) : (f64) -> ()
        }) {mine = 1 : i64} : (f64, tensor<2xf64>) -> ()
        """,
        """
        "enzyme.genericAdjoint"(%x, %t)
         ({
        ^bb0(%a: f64, %b: f64):
          "vector.yield"(%a) : (f64) -> ()
        }) {indexing_maps = [], iterator_types = [], enzyme_groups = array<i32: 1, 1>, mine = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0...>, resultSegmentSizes = array<i32: 0, 0...>} : (f64, tensor<2xf64>) -> ()
        """,
    )
    check(
        """
        %0 = "enzyme.dump"(%x) <{label = "x"}> {mine} : (f64) -> f64
        """,
        """
        %0 = "enzyme.dump"(%x) {label = "x", mine} : (f64) -> f64
        """,
    )


def test_attributes_elsewhere():
    assert written("#a = #enzyme<activity enzyme_dup>", PieceKind.ALIAS) == '#a = #enzyme.activity<"enzyme_dup">'
    check(
        """
        func.func private @f(f64 {a = #enzyme<activity enzyme_const>, b = #enzyme.argorigin<@f(0)>})
        """,
        """
        func.func private @f(f64 {a = #enzyme.activity<"enzyme_const">, b = #enzyme.argorigin<@f,0 >})
        """,
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("enzyme.yield %a : f64", "it stands in no operation that it can end the region of"),
        ("%0 = enzyme.autodiff @f(%x) {activity = [", "its attributes are not complete"),
        ("%0 = enzyme.autodiff @f %x : f64", "it has no `(` where that should be"),
        ("%0 = enzyme.autodiff @f(%x)", "it has no type where that should be"),
        ("%0 = enzyme.autodiff", "it is not complete"),
        ("%0 = enzyme.autodiff @f(%x) : (f64", "a bracket in it is never closed"),
        ("%0 = enzyme.autodiff @f(%x) : f64", "it has no function type"),
        ("%0 = enzyme.load %m[%i] ([2]) : !m", "the text does not say the type of the elements of its memref"),
        ("%0 = enzyme.atomic_rmw addd %x, %m[%i] monotonic : (f64, memref<4xf64>) -> f64", "addd is no kind"),
    ],
)
def test_what_cannot_be_written(text: str, reason: str):
    found = spelling.converted(Piece(PieceKind.ITEM, text.encode(), 0), "generic")
    assert [one.reason for one in found.left] == [reason]


FORMS = [(op.name, strict) for op in OPS.values() for strict in (False, True)]


@cache
def _verdicts() -> dict[tuple[str, bool], str]:
    texts: list[str] = []
    for name, strict in FORMS:
        whole = module(OPS[name], OPS[name].example_in(strict=strict))
        before, user, after = whole.partition("func.func private @user")
        piece = Piece(PieceKind.ITEM, (user + after).encode(), 0)
        texts.append(before + EditSet(spelling.converted(piece, "generic").edits).apply(piece.text).decode())
    return dict(zip(FORMS, said(*texts), strict=True))


@NEEDS_UPSTREAM
@pytest.mark.parametrize(("name", "strict"), FORMS)
def test_an_example_is_accepted_by_upstream(name: str, *, strict: bool):
    assert _verdicts()[name, strict] == ""
