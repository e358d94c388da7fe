"""Selection: from the word at the cursor to the whole document, each step inside the next."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from enzyme_lsp.features.selection import selection, selections
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.snapshot import Snapshot
from tests.fixture import check_selection


def test_from_a_word_to_the_document() -> None:
    check_selection(
        """
        // Two functions.
        func.func @f(%x: f64) -> f64 {
          %y = arith.mulf %<|>x, %x : f64
          return %y : f64
        }
        func.func private @g()
        """,
        """
        %x
        %y = arith.mulf %x, %x : f64
        %y = arith.mulf %x, %x : f64 ... return %y : f64
        { ... }
        func.func @f(%x: f64) -> f64 { ... }
        // Two functions. ...
        """,
    )


def test_an_activity() -> None:
    check_selection(
        """
        %0 = enzyme.fwddiff @f(%x, %dx) {
          activity = [#enzyme<activity enzyme_<|>dup>, #enzyme<activity enzyme_const>],
          ret_activity = []
        } : (f64, f64) -> f64
        """,
        """
        enzyme_dup
        activity enzyme_dup
        <activity enzyme_dup>
        #enzyme<activity enzyme_dup>
        #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>
        [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>]
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>]
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>], ... ret_activity = []
        { ... }
        %0 = enzyme.fwddiff @f(%x, %dx) { ... } : (f64, f64) -> f64
        %0 = enzyme.fwddiff @f(%x, %dx) { ...
        """,
    )


def test_an_element_of_a_type() -> None:
    check_selection(
        "func.func private @f(f64, tensor<4xf6<|>4>) -> ()",
        """
        xf64
        4xf64
        <4xf64>
        tensor<4xf64>
        f64, tensor<4xf64>
        (f64, tensor<4xf64>)
        func.func private @f(f64, tensor<4xf64>) -> ()
        """,
    )


def test_blocks_and_regions() -> None:
    check_selection(
        """
        "test.op"() ({
          cf.br ^bb1
        ^bb1:
          cf.<|>br ^bb2
        ^bb2:
          "test.end"() : () -> ()
        }) : () -> ()
        """,
        """
        cf.br
        cf.br ^bb2
        ^bb1: ... cf.br ^bb2
        cf.br ^bb1 ... "test.end"() : () -> ()
        { ... }
        "test.op"() ({ ... }) : () -> ()
        "test.op"() ({ ...
        """,
    )


def test_modules_and_sections() -> None:
    check_selection(
        """
        module @a {
          module @b {
            %<|>0 = test.op
          }
          %1 = test.op
        }
        // -----
        %2 = test.op
        """,
        """
        %0
        %0 = test.op
        module @b { ... }
        module @b { ... %1 = test.op
        module @a { ... }
        module @a { ...
        module @a { ...
        """,
    )


def test_the_edge_of_a_module() -> None:
    check_selection(
        """
        module @a {
          %0 = test.op
        <|>}
        """,
        """
        }
        module @a { ... }
        module @a { ...
        """,
    )


def test_a_comment() -> None:
    check_selection(
        """
        func.func @f() {
          // Why it <|>returns.
          return
        }
        """,
        """
        // Why it returns.
        { ... }
        func.func @f() { ... }
        func.func @f() { ...
        """,
    )


def test_comments_before_an_operation() -> None:
    check_selection(
        """
        func.func private @g()
        // One
          // and<|> two.
        func.func private @f()
        """,
        """
        // and two.
        // One ... // and two.
        func.func private @g() ...
        """,
    )


def test_a_comment_behind_code() -> None:
    check_selection(
        """
        func.func @f() {
          return // no<|>w
        }
        """,
        """
        // now
        { ... }
        func.func @f() { ... }
        func.func @f() { ...
        """,
    )


def test_broken_text() -> None:
    check_selection(
        """
        func.func @f(%x: f64 {
          %y = arith.mulf %x, [%<|>x
          return
        """,
        """
        %x
        %y = arith.mulf %x, [%x
        %y = arith.mulf %x, [%x ... return
        { ... return
        func.func @f(%x: f64 { ... return
        func.func @f(%x: f64 { ...
        """,
    )


@given(st.text(alphabet='%x @f:=(){}[]<>,"#!^/ 1a\n', max_size=80), st.data())
def test_each_holds_the_one_before(text: str, data: st.DataObject) -> None:
    snapshot = Snapshot(Document.of("untitled:1", text), Settings())
    offset = data.draw(st.integers(0, len(text)))
    found = selection(snapshot, offset)
    assert found[0].start <= offset <= found[0].end
    assert (found[-1].start, found[-1].end) == (0, len(text))
    for inner, outer in pairwise(found):
        assert outer.covers(inner)
        assert len(outer) > len(inner)
    assert selections(snapshot, [offset, 0]) == [found, selection(snapshot, 0)]
