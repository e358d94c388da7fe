"""Annotations for what the engine says: where they stand, how far they point, and what stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_engine_action, check_engine_refusal, check_no_action

if TYPE_CHECKING:
    from tests.judges import EngineThread


def test_each_section_has_its_own(classic: EngineThread) -> None:
    check_engine_action(
        classic,
        "annotate",
        before="""
            // RUN: enzymexlamlir-opt %s -split-input-file --verify-diagnostics<|>
            func.func @f(%x: f64) -> f64 {
              %y = arith.negf %z : f64
              return %y : f64
            }
            // -----
            module {
                func.func @f(%x: f64) -> f32 {
                    return %x : f64
                }
            }
        """,
        after="""
            // RUN: enzymexlamlir-opt %s -split-input-file --verify-diagnostics
            func.func @f(%x: f64) -> f64 {
              // expected-error @+1 {{use of undeclared SSA value name}}
              %y = arith.negf %z : f64
              return %y : f64
            }
            // -----
            module {
                func.func @f(%x: f64) -> f32 {
                    // expected-error @+1 {{type of return operand 0 ('f64') doesn't match function result type ('f32') in function @f}}
                    return %x : f64
                }
            }
        """,
    )


def test_what_is_there_stays_and_points_to_its_line(classic: EngineThread) -> None:
    check_engine_action(
        classic,
        "annotate",
        before="""
            func.func private @g(f64) -> f64<|>
            // expected-error @+3 {{operand count}}
            func.func @f(%x: f64) -> f64 {
              // expected-note @-1 {{nothing}}
              %y = func.call @g() : () -> f64
              return %y : f64
            }
            // -----
            // expected-error @+6 {{something else}}
            func.func @h(%x: f64) -> f64 {
              // Words.
              // expected-remark @below {{not this}}
              %y = func.call @nobody(%x) : (f64) -> f64
              return %y : f64
            }
        """,
        after="""
            func.func private @g(f64) -> f64
            // expected-error @+4 {{operand count}}
            func.func @f(%x: f64) -> f64 {
              // expected-error @+2 {{'func.call' op incorrect number of operands for callee}}
              // expected-note @-2 {{nothing}}
              %y = func.call @g() : () -> f64
              return %y : f64
            }
            // -----
            // expected-error @+7 {{something else}}
            func.func @h(%x: f64) -> f64 {
              // Words.
              // expected-error @+2 {{'func.call' op 'nobody' does not reference a valid function}}
              // expected-remark @below {{not this}}
              %y = func.call @nobody(%x) : (f64) -> f64
              return %y : f64
            }
        """,
    )


def test_of_two_that_do_not_go_together_the_later_one_is_annotated(classic: EngineThread) -> None:
    check_engine_action(
        classic,
        "annotate",
        before="""
            // verify-diagnostics<|>
            func.func private @f()
            func.func private @f()
        """,
        after="""
            // verify-diagnostics
            func.func private @f()
            // expected-error @+1 {{redefinition of symbol named 'f'}}
            func.func private @f()
        """,
    )


def test_nothing_is_missing(classic: EngineThread) -> None:
    check_engine_refusal(
        classic,
        "annotate",
        "// expected-error @+1 {{redefinition}}<|>\nfunc.func private @f()\n",
        "the compiler says nothing that is not annotated",
    )


def test_it_is_offered_where_annotations_are_spoken_of() -> None:
    check_no_action("annotate", "func.func private @f()<|>")
