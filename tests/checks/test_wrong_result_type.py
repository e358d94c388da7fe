"""Every result of a derivative call has the type of its slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics, check_fix, check_fix_all

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_each_where_it_stands():
    check_diagnostics("""
        func.func @f(%x: f64) -> (f64, i32) {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> (f64, i32)
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> (f64, i32)
          %n = arith.fptosi %x : f64 to i32
          return %x, %n : f64, i32
        }
        func.func @d(%x: f64, %dx: tensor<2xf64>) {
          %0:3 = enzyme.fwddiff @f(%x, %dx) <
          //     ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, shadow of %x: tensor<2xf64>) and gives (result 0: f64, tangent of result 0: tensor<2xf64>, result 1: i32)
          //     ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, shadow of %x: tensor<2xf64>) and gives (result 0: f64, tangent of result 0: tensor<2xf64>, result 1: i32)
            activity = [#enzyme.activity<enzyme_dup>],
            ret_activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>],
            width = 2
          > : (f64, tensor<2xf64>) -> (f64, tensor<2xf32>, i64)
          //                                ^^^^^^^^^^^^^ error[wrong-result-type]: tensor<2xf32> is written for the tangent of result 0, which is tensor<2xf64> at width 2
          //                                               ^^^ error[wrong-result-type]: i64 is written for result 1 of @f, which is i32
          return
        }
    """)


def test_a_batch_and_a_jacobian():
    check_diagnostics("""
        func.func @f(%x: tensor<2xf64>) -> tensor<3xf64> {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<2xf64>) -> tensor<3xf64>
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<2xf64>) -> tensor<3xf64>
          %c = arith.constant dense<1.0> : tensor<3xf64>
          return %c : tensor<3xf64>
        }
        func.func @d(%x: tensor<2xf64>, %xs: tensor<5x2xf64>) {
          %0 = enzyme.batch @f(%xs) {batch_shape = array<i64: 5>} : (tensor<5x2xf64>) -> tensor<3x5xf64>
          //   ^^^^^^^^^^^^ note: enzyme.batch takes (%xs: tensor<5x2xf64>) and gives (result 0: tensor<5x3xf64>)
          //                                                                             ^^^^^^^^^^^^^^^ error[wrong-result-type]: tensor<3x5xf64> is written for result 0 of @f, which is tensor<5x3xf64> in this batch
          %1 = "enzyme.jacobian"(%x) <{
          //   ^^^^^^^^^^^^^^^^^ note: enzyme.jacobian takes (%x: tensor<2xf64>) and gives (d result 0 / d %x: tensor<3x2xf64>)
          //   ^^^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: nothing lowers this jacobian: engines 0.0.15 and 0.0.16 do so only where stablehlo.dot_general multiplies it with a tangent or a cotangent
            fn = @f, activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dup>]
          }> : (tensor<2xf64>) -> tensor<2x3xf64>
          //                      ^^^^^^^^^^^^^^^ error[wrong-result-type]: tensor<2x3xf64> is written for the derivative of result 0 by argument 0 (%x), which is tensor<3x2xf64>
          return
        }
    """)


def test_what_nobody_uses_is_set_right(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%x: f64) -> (f64, i32) {
              %n = arith.fptosi %x : f64 to i32
              return %x, %n : f64, i32
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0:2 = enzyme.fwddiff @f(%x, %dx) {
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_const>]
              } : (f64, f64) -> (f64, <|>i64)
              return %0#0 : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> (f64, i32) {
              %n = arith.fptosi %x : f64 to i32
              return %x, %n : f64, i32
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0:2 = enzyme.fwddiff @f(%x, %dx) {
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_const>]
              } : (f64, f64) -> (f64, i32)
              return %0#0 : f64
            }
        """,
    )


def test_what_is_used_gets_another_type_only_when_the_user_says_so():
    before = """
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f32 {
          %0 = enzyme.fwddiff @square(%x, %dx) {
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> <|>f32
          return %0 : f32
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
          %0 = enzyme.fwddiff @square(%x, %dx) {
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
    """,
        title="Set the results to (f64), and return them so",
    )
