"""Folding: what can be folded away, each drawn as the first and the last line that it takes."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from enzyme_lsp.features.folding import folding
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.snapshot import Snapshot
from tests.fixture import check_folds


def test_regions_and_modules() -> None:
    check_folds("""
        module @m {
        //        ^ brackets to 13
          func.func @f(%c: i1) -> f64 {
          //                          ^ brackets to 11
            %r = scf.if %c -> (f64) {
            //                      ^ brackets to 6
              %a = "test.a"() : () -> f64
              scf.yield %a : f64
            } else {
            //     ^ brackets to 9
              %b = "test.b"() : () -> f64
              scf.yield %b : f64
            }
            return %r : f64
          }
          func.func private @g(f64) -> f64
        } loc(unknown)
    """)


def test_generic_form() -> None:
    check_folds("""
        "builtin.module"() ({
        //                  ^ brackets to 10
          "func.func"() <{
          //             ^ brackets to 5
            function_type = () -> (),
            sym_name = "f"
          }> ({
          // ^ brackets to 7
            "func.return"() : () -> ()
          }) {
          // ^ brackets to 9
            "test.attr" = 1 : i32
          } : () -> ()
        }) : () -> ()
    """)


def test_attribute_dictionaries_and_lists() -> None:
    check_folds("""
        func.func @d(%x: f64, %dr: f64) -> f64 {
        //                                     ^ brackets to 14
          %0 = enzyme.autodiff @square(%x, %dr) {
          //                                    ^ brackets to 7
            activity = [
            //         ^ brackets to 5
              #enzyme<activity enzyme_active>
            ],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          %1 = enzyme.autodiff @square(%x, %dr) <
          //                                    ^ brackets to 11
            activity = [#enzyme.activity<enzyme_active>],
            ret_activity = [#enzyme.activity<enzyme_activenoneed>]
          > : (f64, f64) -> f64
          %2 = "test.op"(%x) {a = "}", b = [1, 2]} : (f64) -> f64
          return %0 : f64
        }
    """)


def test_long_signatures_and_types() -> None:
    check_folds("""
        func.func @f(
        //          ^ brackets to 6
          %x: f64,
          %y: tuple<
          //       ^ brackets to 5
            f64, f64
          >
        ) -> (
        //   ^ brackets to 8
          f64
        ) {
        //^ brackets to 10
          return %x : f64
        }
    """)


def test_comments() -> None:
    check_folds("""
        // RUN: opt %s | \\
        //<^ comment to 3
        // RUN:   FileCheck %s
        // REQUIRES: enzyme
        // What it tests,
        //<^ comment to 5
        // in two lines.

        // One line.
        func.func @f() {
        //             ^ brackets to 13
          // CHECK: {
        //<^ comment to 10
          // CHECK-NEXT: return
          return // behind
          // code
        }
    """)


def test_a_header_alone() -> None:
    check_folds("""
        // RUN: opt %s
        //<^ comment to 2
        // RUN: opt %s --enzyme

        func.func private @f()
    """)


def test_sections() -> None:
    check_folds("""
        // RUN: opt %s --split-input-file
        //<^ comment to 2
        // RUN: opt %s
        //            ^ section to 6

        func.func @f() {
        //             ^ brackets to 6
          return
        }

        // -----
        //      ^ section to 10

        func.func private @g()

        // -----
        // -----
        //      ^ section to 17

        // About h,
        //<^ comment to 16
        // at length.
        func.func private @h()
    """)


def test_broken_text() -> None:
    check_folds("""
        func.func @f( {
        //            ^ brackets to 6
          %a = [
            (]
          //^ brackets to 4
          )
          "a {
          }
        func.func @g() {
        //             ^ brackets to 9
          return
        }
        }}
    """)


def test_the_outer_ones_when_they_are_too_many() -> None:
    check_folds(
        """
        module {
        //     ^ brackets to 11
          func.func @f() {
          //             ^ brackets to 7
            scf.execute_region {
              scf.yield
            }
            return
          }
          func.func @g() {
            return
          }
        }
        // One
        //<^ comment to 13
        // and two.
        """,
        most=3,
    )


@given(st.text(alphabet='%x @f:=(){}[]<>,"/ -\n', max_size=80), st.integers(0, 4))
def test_folds_of_any_text(text: str, most: int) -> None:
    snapshot = Snapshot(Document.of("untitled:1", text), Settings())
    every = folding(snapshot)
    assert all(before.span.start <= after.span.start for before, after in pairwise(every))
    assert all("\n" in text[fold.span.start : fold.span.end] for fold in every)
    fewer = folding(snapshot, most)
    assert len(fewer) == min(most, len(every))
    assert set(fewer) <= set(every)
