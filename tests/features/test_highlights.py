"""Highlights: definitions are writes, uses are reads."""

from __future__ import annotations

from enzyme_lsp.features.highlights import highlights
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_highlights


def test_a_value():
    check_highlights("""
        func.func @f(%x: f64) -> f64 {
          %0 = arith.mulf %x, %x : f64
        //^^ write
          %1 = arith.addf %<|>0, %0 : f64
          //              ^^ read
          //                  ^^ read
          return %1 : f64
        }
    """)


def test_one_result_of_several():
    check_highlights("""
        func.func @f() {
          %p:2 = "my.op"() : () -> (f64, f32)
        //^^ write
          "my.use"(%p#0, %p#<|>1) : (f64, f32) -> ()
          //             ^^ read
          return
        }
    """)


def test_a_block():
    check_highlights("""
        func.func @f() {
          cf.br ^bb<|>1
          //    ^^^^ read
        ^bb1:
        //<^^^^ write
          return
        }
    """)


def test_a_symbol():
    check_highlights("""
        func.func private @square(f64) -> f64
        //                ^^^^^^^ write
        func.func @f(%x: f64) -> f64 {
          %0 = call @squ<|>are(%x) : (f64) -> f64
          //        ^^^^^^^ read
          return %0 : f64
        }
    """)


def test_an_alias():
    check_highlights("""
        !t = f64
        //<^^ write
        func.func private @f(!<|>t) -> !t
        //                   ^^ read
        //                          ^^ read
    """)


def test_no_name():
    check_highlights("""
        func.func private @f(f<|>64) -> f64
    """)


def test_of_very_many_those_around_the_cursor():
    use = '"my.use"(%0) : (f64) -> ()\n'
    text = '%0 = "my.op"() : () -> f64\n' + use * 3_000
    snapshot = Workspace(Settings()).open(Document.of("file:///test.mlir", text))
    for cursor in (0, text.index("%0", len(text) // 2), text.rindex("%0")):
        found = highlights(snapshot, cursor)
        assert len(found) == 1_000
        assert cursor in [one.span.start for one in found]
