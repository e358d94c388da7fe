"""Layout: where pieces begin and end, also when brackets are missing."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from enzyme_lsp.syntax.layout import Layout

if TYPE_CHECKING:
    from enzyme_lsp.syntax.piece import Piece


def check_layout(text: str, expect: str) -> None:
    """`expect` has a line for each piece: modules open, kind, and the first line of its text."""
    layout = Layout.of(dedent(text).strip("\n").encode())
    lines = [
        f"{depth} {piece.kind.value:6} {piece.text.splitlines()[0].decode()}"
        for depth, piece in zip(layout.depths, layout.pieces, strict=True)
    ]
    assert "\n".join(lines) == dedent(expect).strip("\n")


def test_functions_and_aliases_are_pieces() -> None:
    check_layout(
        """
        #map = affine_map<(d0) -> (d0)>
        // A comment belongs to no piece.
        func.func private @f(f64)
            -> f64
        func.func @g() attributes {a = 1}
        {
          return
        }
        """,
        """
        0 alias  #map = affine_map<(d0) -> (d0)>
        0 item   func.func private @f(f64)
        0 item   func.func @g() attributes {a = 1}
        """,
    )


def test_modules_are_opened_and_closed_by_pieces() -> None:
    check_layout(
        """
        module @outer attributes {a = {}} {
          module {
            func.func private @f()
          } loc("a.py":1:2)
          func.func private @g()
        }
        """,
        """
        0 open   module @outer attributes {a = {}} {
        1 open   module {
        2 item   func.func private @f()
        2 close  } loc("a.py":1:2)
        1 item   func.func private @g()
        1 close  }
        """,
    )


def test_modules_in_the_generic_form_are_opened_too() -> None:
    check_layout(
        """
        "builtin.module"() <{sym_name = "m"}> ({
          "func.func"() <{function_type = () -> (), sym_name = "f"}> ({
            "func.return"() : () -> ()
          }) : () -> ()
          "builtin.module"() ({
          }) {a.b} : () -> ()
        }) : () -> ()
        func.func private @g()
        """,
        """
        0 open   "builtin.module"() <{sym_name = "m"}> ({
        1 item   "func.func"() <{function_type = () -> (), sym_name = "f"}> ({
        1 open   "builtin.module"() ({
        2 close  }) {a.b} : () -> ()
        1 close  }) : () -> ()
        0 item   func.func private @g()
        """,
    )


def test_a_missing_brace_stays_in_its_function() -> None:
    check_layout(
        """
        module {
          func.func @f(%c: i1) {
            scf.if %c {
            return
          }
          func.func @g() {
            return
          }
        }
        """,
        """
        0 open   module {
        1 item   func.func @f(%c: i1) {
        1 item   func.func @g() {
        1 close  }
        """,
    )


def test_a_missing_parenthesis_stays_in_its_function() -> None:
    check_layout(
        """
        func.func @f(%x: f64 {
          "a.b"(%x : (f64) -> ()
        }
        func.func @g()
        """,
        """
        0 item   func.func @f(%x: f64 {
        0 item   func.func @g()
        """,
    )


def test_brackets_in_strings_and_comments_do_not_count() -> None:
    check_layout(
        """
        func.func @f() { // {{{
          "a.b"() {s = "}}}((", t = "\\"{"} : () -> ()
          return
        }
        func.func @g()
        """,
        """
        0 item   func.func @f() { // {{{
        0 item   func.func @g()
        """,
    )


def test_marker_lines_split_sections_and_close_modules() -> None:
    text = b"module {\n// -----\nfunc.func @f()\n  // -----\n// ------\n"
    layout = Layout.of(text)
    assert [piece.kind.value for piece in layout.pieces] == ["open", "marker", "item", "marker"]
    assert [section.span.of(text) for section in layout.sections] == [
        b"module {\n",
        b"\nfunc.func @f()\n  ",
        b"\n// ------\n",
    ]


def test_lone_carriage_returns_end_lines() -> None:
    check_layout("func.func @f()\r// x {\rfunc.func @g()\r", "0 item   func.func @f()\n0 item   func.func @g()")


def test_the_piece_of_an_edit_is_the_only_new_one() -> None:
    functions = [b"func.func @f%d(%%x: f64) -> f64 {\n  return %%x : f64\n}\n" % number for number in range(100)]
    text = b"".join(functions)
    layout = Layout.of(text)
    at = text.index(b"return", text.index(b"@f50("))
    edited = text[:at] + b" " + text[at:]
    after = layout.edited(at, at, at + 1, edited)
    assert after == Layout.of(edited)
    # The pieces before the edit are read again too, since where they end depends on what follows, and are the same.
    assert [piece.symbol for piece in _new(layout, after)] == ["f50"]
    at = text.index(b"func.func @f50")
    inserted = text[:at] + b"func.func @g() {\n}\n" + text[at:]
    assert [piece.symbol for piece in _new(layout, layout.edited(at, at, at + 20, inserted))] == ["g"]


def test_equal_pieces_stay_two() -> None:
    text = b"func.func @f() {\n}\n" * 4
    layout = Layout.of(text)
    at = text.rindex(b"{") + 1
    after = layout.edited(at, at, at + 1, text[:at] + b" " + text[at:])
    assert len({id(piece) for piece in after.pieces}) == 4


def _new(before: Layout, after: Layout) -> list[Piece]:
    old = {id(piece) for piece in before.pieces}
    return [piece for piece in after.pieces if id(piece) not in old]
