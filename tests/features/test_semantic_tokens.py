"""Semantic tokens: what each word of a text is."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from enzyme_lsp.features.semantic_tokens import Modifier, semantic_tokens
from enzyme_lsp.server.tokens import TokenStore, all_numbers, numbers
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.snapshot import Snapshot
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_tokens


def test_a_function_and_its_values() -> None:
    check_tokens("""
        #map = affine_map<(d0) -> (d0)>
      //^^^^ macro.declaration
        //     ^^^^^^^^^^ keyword
        //                 ^^ keyword
        //                         ^^ keyword
        func.func @f(%x: tensor<2x?xf64>) -> f64 {
      //^^^^ namespace
        //   ^^^^ function
        //           ^^ parameter.declaration
        //               ^^^^^^ type
        //                      ^ number
        //                       ^ type
        //                                   ^^^ type
        //        ^^ function.declaration
        //                         ^^^^ type
          %p:2 = "my.op"(%x) {key = 1 : i64, m = #map} : (tensor<2x?xf64>) -> (f64, f64)
        //^^ variable.declaration
          // ^ number
          //      ^^ namespace
          //         ^^ function
          //             ^^ parameter
          //                  ^^^ property
          //                        ^ number
          //                            ^^^ type
          //                                 ^ property
          //                                     ^^^^ macro
          //                                              ^^^^^^ type
          //                                                     ^ number
          //                                                      ^ type
          //                                                                   ^^^ type
          //                                                                        ^^^ type
          //                                                        ^^^^ type
          cf.br ^bb1(%p#1 : f64) // why
        //^^ namespace
          // ^^ function
          //    ^^^^ label
          //         ^^ variable
          //           ^^ number
          //                ^^^ type
          //                     ^^^^^^ comment
        ^bb1(%q: f64):
      //^^^^ label.declaration
        //   ^^ parameter.declaration
        //       ^^^ type
          return %q : f64
        //^^^^^^ function
          //     ^^ parameter
          //          ^^^ type
        }
    """)


def test_enzyme_is_told_apart() -> None:
    check_tokens("""
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %dx) {
        //^^ variable.declaration
          //   ^^^^^^ namespace.default_library
          //          ^^^^^^^ function.default_library
          //                  ^^ function
          //                     ^^ parameter
          //                         ^^^ parameter
            activity = [#enzyme<activity enzyme_dup>],
          //^^^^^^^^ property
            //          ^^^^^^^ macro
            //                  ^^^^^^^^ keyword
            //                           ^^^^^^^^^^ enum_member.default_library
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_what_is_active_under_a_derivative_is_marked() -> None:
    check_tokens("""
        func.func @f(%x: f64, %c: f64) -> f64 {
        //<^^^^ namespace
        //   ^^^^ function
        //        ^^ function.declaration
        //           ^^ parameter.declaration.active
        //               ^^^ type
        //                    ^^ parameter.declaration
        //                        ^^^ type
        //                                ^^^ type
          %y = arith.mulf %x, %c : f64
        //^^ variable.declaration.active
          //   ^^^^^ namespace
          //         ^^^^ function
          //              ^^ parameter.active
          //                  ^^ parameter
          //                       ^^^ type
          %k = arith.addf %c, %c : f64
        //^^ variable.declaration
          //   ^^^^^ namespace
          //         ^^^^ function
          //              ^^ parameter
          //                  ^^ parameter
          //                       ^^^ type
          %z:2 = call @g(%y, %k) : (f64, f64) -> (f64, f64)
        //^^ variable.declaration.active
          // ^ number
          //     ^^^^ function
          //          ^^ function
          //             ^^ variable.active
          //                 ^^ variable
          //                        ^^^ type
          //                             ^^^ type
          //                                      ^^^ type
          //                                           ^^^ type
          return %z#0 : f64
        //^^^^^^ function
          //     ^^ variable.active
          //       ^^ number
          //            ^^^ type
        }
        func.func @g(%a: f64, %b: f64) -> (f64, f64) {
        //<^^^^ namespace
        //   ^^^^ function
        //        ^^ function.declaration
        //           ^^ parameter.declaration.active
        //               ^^^ type
        //                    ^^ parameter.declaration
        //                        ^^^ type
        //                                 ^^^ type
        //                                      ^^^ type
          %0 = math.sin %a : f64
        //^^ variable.declaration.active
          //   ^^^^ namespace
          //        ^^^ function
          //            ^^ parameter.active
          //                 ^^^ type
          return %0, %b : f64, f64
        //^^^^^^ function
          //     ^^ variable.active
          //         ^^ parameter
          //              ^^^ type
          //                   ^^^ type
        }
        func.func @d(%x: f64, %dx: f64, %c: f64) -> f64 {
        //<^^^^ namespace
        //   ^^^^ function
        //        ^^ function.declaration
        //           ^^ parameter.declaration
        //               ^^^ type
        //                    ^^^ parameter.declaration
        //                         ^^^ type
        //                              ^^ parameter.declaration
        //                                  ^^^ type
        //                                          ^^^ type
          %0 = enzyme.fwddiff @f(%x, %dx, %c) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_the_body_of_a_derivative_is_active_too() -> None:
    check_tokens("""
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff_region(%x, %dr) {
          ^bb0(%a: f64):
        //^^^^ label.declaration
          //   ^^ parameter.declaration.active
          //       ^^^ type
            %b = arith.mulf %a, %a : f64
          //^^ variable.declaration.active
            //   ^^^^^ namespace
            //         ^^^^ function
            //              ^^ parameter.active
            //                  ^^ parameter.active
            //                       ^^^ type
            enzyme.yield %b : f64
          //^^^^^^ namespace.default_library
            //     ^^^^^ function.default_library
            //           ^^ variable.active
            //                ^^^ type
          } attributes {
            activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_directives_in_comments() -> None:
    check_tokens("""
        // RUN: opt %s | FileCheck %s
      //^^^ comment
        // ^^^^ decorator
        //     ^^^^^^^^^^^^^^^^^^^^^^ comment
        // CHECK-LABEL: @f
      //^^^ comment
        // ^^^^^^^^^^^^ decorator
        //             ^^^ comment
        // Prose, and nothing else.
      //^^^^^^^^^^^^^^^^^^^^^^^^^^^ comment
        func.func @f() {
          // CHECK-NEXT: return
        //^^^ comment
          // ^^^^^^^^^^^ decorator
          //            ^^^^^^^ comment
          return
        }
    """)


TEXT = """\
// RUN: x
func.func @f(%x: f64) -> f64 { // größer 😀 CHECK: y
  %s = "a.b"(%x) {s = "ä😀"} : (f64) -> f64
  return %s : f64
}
"""


def _snapshot(text: str) -> Snapshot:
    return Snapshot(Document.of("file:///a.mlir", text), Settings())


def _decoded(data: list[int]) -> list[tuple[int, int, int]]:
    """Line, column and length of each token in the protocol's numbers."""
    found: list[tuple[int, int, int]] = []
    line = column = 0
    for index in range(0, len(data), 5):
        down, right, length = data[index : index + 3]
        line, column = line + down, right if down else column + right
        found.append((line, column, length))
    return found


@given(st.text(alphabet='%x @f:=(){}<>"#!^/ 1a😀ä\n\r', max_size=120))
def test_numbers_lead_back_to_the_tokens(text: str) -> None:
    snapshot = _snapshot(text)
    tokens = [one for one in semantic_tokens(snapshot) if one.end > one.start]
    lines = snapshot.document.lines
    expected = [
        (
            *lines.position(one.start, "utf-16"),
            lines.position(one.end, "utf-16").column - lines.position(one.start, "utf-16").column,
        )
        for one in tokens
    ]
    found = _decoded(numbers(snapshot.document, tokens, "utf-16"))
    assert all_numbers(snapshot, "utf-16") == numbers(snapshot.document, tokens, "utf-16")
    assert found == [one for one in expected if one[2] > 0]
    assert all(before.end <= after.start for before, after in pairwise(tokens))


@given(st.integers(0, len(TEXT)), st.integers(0, 8), st.text(alphabet="%x/ \nä", max_size=4))
def test_a_difference_makes_the_new_numbers_of_the_old(at: int, cut: int, new: str) -> None:
    store = TokenStore()
    before = store.full(_snapshot(TEXT), "utf-16")
    changed = _snapshot(TEXT[:at] + new + TEXT[at + cut :])
    assert before.result_id is not None
    delta = store.delta(changed, before.result_id, "utf-16")
    data = list(before.data)
    for edit in getattr(delta, "edits", ()):
        data[edit.start : edit.start + edit.delete_count] = edit.data or []
    assert data == TokenStore().full(changed, "utf-16").data


PRIMAL = """\
func.func @f(%x: f64) -> f64 {
  %y = arith.mulf %x, %x : f64
  return %y : f64
}
"""
DERIVATIVE = """\
func.func @d(%x: f64, %dx: f64) -> f64 {
  %0 = enzyme.fwddiff @f(%x, %dx) {
    activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
  } : (f64, f64) -> f64
  return %0 : f64
}
"""


def test_a_derivative_marks_what_stands_in_another_piece() -> None:
    workspace = Workspace(Settings())
    store = TokenStore()
    snapshot = workspace.open(Document.of("file:///a.mlir", PRIMAL))
    plain = store.full(snapshot, "utf-16").data
    edit = Edit(Span(len(PRIMAL), len(PRIMAL)), DERIVATIVE.encode())
    snapshot = workspace.change(snapshot.document.edited(edit, version=2), [edit])
    marked = store.full(snapshot, "utf-16").data[: len(plain)]
    assert {old ^ new for old, new in zip(plain, marked, strict=True)} == {0, Modifier.ACTIVE}
    back = Edit(Span(len(PRIMAL), len(PRIMAL + DERIVATIVE)), b"")
    snapshot = workspace.change(snapshot.document.edited(back, version=3), [back])
    assert store.full(snapshot, "utf-16").data == plain


def test_an_unknown_answer_gets_everything() -> None:
    found = TokenStore().delta(_snapshot(TEXT), "17", "utf-16")
    assert found == TokenStore().full(_snapshot(TEXT), "utf-16")


def test_a_part_has_the_tokens_that_touch_it() -> None:
    snapshot = _snapshot(TEXT)
    at = TEXT.encode().index(b"%s")
    span = Span(at, at + 2)
    assert [TEXT.encode()[one.start : one.end] for one in semantic_tokens(snapshot, span)] == [b"%s"]
