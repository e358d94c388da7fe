"""The type of a derivative call names a type for each of its operands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics, check_fix, check_fix_all, check_no_fix

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_it_is_all_that_is_said_of_the_operands():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x, %dx) <
          //   ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (argument 0 (%x): f64, shadow of argument 0 (%x): f64) and gives (tangent of result 0: f64)
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : () -> f64
          //  ^^^^^^^^^ error[unpaired-operand]: enzyme.fwddiff has 2 operands, but no types are written for them
          %1 = "enzyme.fwddiff"(%x) <{
          //   ^^^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (argument 0 (%x): f64, shadow of argument 0 (%x): f64) and gives (tangent of result 0: f64)
            fn = @square, activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          }> : (f64, f64, f64) -> f64
          //   ^^^^^^^^^^^^^^^^^^^^^^ error[unpaired-operand]: enzyme.fwddiff has 1 operand, but 3 types are written for it
          return %0 : f64
        }
    """)


def test_what_is_half_typed_is_a_problem_of_syntax():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x, ) {
          //                            ^ error[missing-element]: something is missing between `,` and `)`
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_the_types_are_those_of_the_operands(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%t: tensor<2xf64>) -> tensor<2xf64> {
              return %t : tensor<2xf64>
            }
            func.func @d(%t: tensor<2xf64>) -> tensor<2xf64> {
              %dt = arith.constant dense<1.0> : tensor<2xf64>
              %0 = enzyme.fwddiff @f(%t, %dt) {
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (tensor<2xf64>)<|> -> tensor<2xf64>
              return %0 : tensor<2xf64>
            }
        """,
        after="""
            func.func @f(%t: tensor<2xf64>) -> tensor<2xf64> {
              return %t : tensor<2xf64>
            }
            func.func @d(%t: tensor<2xf64>) -> tensor<2xf64> {
              %dt = arith.constant dense<1.0> : tensor<2xf64>
              %0 = enzyme.fwddiff @f(%t, %dt) {
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (tensor<2xf64>, tensor<2xf64>) -> tensor<2xf64>
              return %0 : tensor<2xf64>
            }
        """,
    )


def test_where_an_operand_may_be_missing_it_is_not_preferred():
    before = """
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x) {
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64)<|> -> f64
          return %0 : f64
        }
    """
    check_fix_all(before, before.replace("<|>", ""))
    check_fix(
        before,
        after="""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x) {
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64) -> f64
          return %0 : f64
        }
    """,
        title="Write the types (f64)",
    )


def test_types_that_the_text_does_not_tell_cannot_be_written():
    check_no_fix("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64) -> f64 {
          %dx = my.value %x
          %0 = enzyme.fwddiff @square(%x, %dx) {
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64)<|> -> f64
          return %0 : f64
        }
    """)
