"""Operations, selections and files in the other spelling."""

from __future__ import annotations

import pytest

from enzyme_lsp.features.actions import convert_spelling
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_action, check_no_action

TEXT = """
    #one = #enzyme<activity enzyme_dup>
    #two = #enzyme<activity enzyme_dup>
    func.func @f(%x: f64) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64) -> (f64, f64, f64) {
      %0 = enzyme.dump %x {label = "a", b.c = #one} : (f64) -> f64
      %1 = enzyme.dump %x {label = "b", b.c = [#one, #two]} : (f64) -> f64
      %2 = arith.negf %x : f64
      %3 = enzyme.dump %x {label = "c"} : (f64) -> f64
      return %0, %1, %3 : f64, f64, f64
    }
"""


def with_cursors(*at: str) -> str:
    text = TEXT
    for one in at:
        assert text.count(one) == 1
        text = text.replace(one, f"<|>{one}")
    return text


def test_the_operation_at_the_cursor_with_the_aliases_that_are_its_own():
    check_action(
        "place strict",
        with_cursors('label = "b"'),
        TEXT.replace('{label = "b", b.c = [#one, #two]}', '<label = "b"> {b.c = [#one, #two]}').replace(
            "#two = #enzyme<activity enzyme_dup>", "#two = #enzyme.activity<enzyme_dup>"
        ),
    )


def test_a_selection():
    check_action(
        "place strict",
        with_cursors("%0 = enzyme", "%2 = arith"),
        TEXT.replace('{label = "a", b.c = #one}', '<label = "a"> {b.c = #one}')
        .replace('{label = "b", b.c = [#one, #two]}', '<label = "b"> {b.c = [#one, #two]}')
        .replace("#enzyme<activity enzyme_dup>", "#enzyme.activity<enzyme_dup>"),
    )


def test_the_file():
    strict = (
        TEXT.replace('{label = "a", b.c = #one}', '<label = "a"> {b.c = #one}')
        .replace('{label = "b", b.c = [#one, #two]}', '<label = "b"> {b.c = [#one, #two]}')
        .replace('{label = "c"}', '<label = "c">')
        .replace("#enzyme<activity enzyme_dup>", "#enzyme.activity<enzyme_dup>")
    )
    check_action("file strict", with_cursors('label = "c"'), strict)
    check_action("file classic", strict.replace('<label = "c">', '<<|>label = "c">'), TEXT)


def test_an_alias():
    check_action(
        "place strict",
        with_cursors("#two = #enzyme"),
        TEXT.replace("#two = #enzyme<activity enzyme_dup>", "#two = #enzyme.activity<enzyme_dup>"),
    )


@pytest.mark.parametrize("at", ["%2 = arith", "return %x", "func.func @d"])
def test_nothing_is_offered_where_nothing_is_to_be_converted(at: str):
    for id_ in ("place strict", "place classic", "file strict", "file classic"):
        check_no_action(id_, with_cursors(at))


def test_what_is_in_a_spelling_is_not_offered_in_it():
    check_no_action("place classic", with_cursors('label = "c"'))
    check_no_action("file classic", with_cursors('label = "c"'))


def test_what_cannot_be_converted_says_why():
    check_no_action(
        "place strict",
        """
        func.func @f(%x: f64, %m: memref<4xf64>, %i: index) {
          %0 = enzyme.affine_<|>atomic_rmw addf %x, %m, (affine_map<(d0) -> (d0)>) [%i] : (f64, memref<4xf64>) -> f64
          return
        }
        """,
        reason="enzyme.affine_atomic_rmw cannot be converted, since strict spelling needs its ordering, which classic does"
        " not have",
    )


def test_an_operation_in_a_region_and_the_one_around_it():
    text = """
        func.func @f(%x: f64) {
          %0 = enzyme.autodiff_region(%x) {
          ^bb0(%y: f64):
            %1 = enzyme.dump %y {label = "y"} : (f64) -> f64
            enzyme.yield %1 : f64
          } attributes {activity = [], ret_activity = []} : (f64) -> f64
          return
        }
    """
    check_action(
        "place strict",
        text.replace("label", "la<|>bel"),
        text.replace('{label = "y"}', '<label = "y">'),
    )
    check_action(
        "place strict",
        text.replace("attributes", "attri<|>butes"),
        text.replace("attributes {activity = [], ret_activity = []}", "<activity = [], ret_activity = []>"),
    )


def test_the_functions_are_plain():
    text = b'func.func @f(%x: f64) {\n  %0 = enzyme.dump %x {label = "y"} : (f64) -> f64\n  return\n}\n'
    strict = text.replace(b'{label = "y"}', b'<label = "y">')
    snapshot = Workspace(Settings()).open(Document.of("untitled:a", text))
    at = text.index(b"label")
    for edits in (
        convert_spelling.convert_operation(snapshot, at, "strict"),
        convert_spelling.convert_selection(snapshot, Span(0, len(text)), "strict"),
        convert_spelling.convert_document(snapshot, "strict"),
    ):
        assert edits.apply(text) == strict
    assert not convert_spelling.convert_document(snapshot, "classic").edits
    assert not convert_spelling.apply(snapshot, Span(at, at), "no such thing").edits


def test_an_empty_document_offers_nothing():
    snapshot = Workspace(Settings()).open(Document.of("untitled:a", b""))
    assert list(convert_spelling.offered(snapshot, Span(0, 0))) == []
