"""A derivative call gives all the results that its activities ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics, check_fix, check_fix_all

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_primals_gradients_and_tangents():
    check_diagnostics("""
        func.func @f(%x: f64, %t: tensor<2xf64>) -> (f64, i32) {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, tensor<2xf64>) -> (f64, i32)
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, tensor<2xf64>) -> (f64, i32)
          %n = arith.fptosi %x : f64 to i32
          return %x, %n : f64, i32
        }
        func.func @d(%x: f64, %t: tensor<2xf64>, %dr: f64) {
          %0:2 = enzyme.autodiff @f(%x, %t, %dr) {
          //     ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, %t: tensor<2xf64>, seed of result 0: f64) and gives (result 0: f64, result 1: i32, gradient of %x: f64, gradient of %t: tensor<2xf64>)
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>]
          } : (f64, tensor<2xf64>, f64) -> (f64, tensor<2xf64>)
          //                               ^^^^^^^^^^^^^^^^^^^^ error[missing-result]: result 1 of @f (i32) and the gradient of argument 0 (%x) (f64) are missing: enzyme.autodiff of @f with these activities gives 4 results, 2 are written
          enzyme.fwddiff @f(%x, %dr, %t) {
        //^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, shadow of %x: f64, %t: tensor<2xf64>) and gives (result 0: f64, tangent of result 0: f64, result 1: i32)
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>]
          } : (f64, f64, tensor<2xf64>) -> ()
          //                               ^^ error[missing-result]: result 0 of @f (f64), the tangent of result 0 (f64) and result 1 of @f (i32) are missing: enzyme.fwddiff of @f with these activities gives 3 results, none is written
          return
        }
    """)


def test_a_tensor_for_each_result_by_each_argument():
    check_diagnostics("""
        func.func @f(%x: tensor<2xf64>, %y: tensor<3xf64>) -> tensor<4xf64> {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<2xf64>, tensor<3xf64>) -> tensor<4xf64>
          %c = arith.constant dense<1.0> : tensor<4xf64>
          return %c : tensor<4xf64>
        }
        func.func @d(%x: tensor<2xf64>, %y: tensor<3xf64>) {
          %0 = enzyme.jacobian @f(%x, %y) {
          //   ^^^^^^^^^^^^^^^ note: enzyme.jacobian takes (%x: tensor<2xf64>, %y: tensor<3xf64>) and gives (d result 0 / d %x: tensor<4x2xf64>, d result 0 / d %y: tensor<4x3xf64>)
          //   ^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: nothing lowers this jacobian: engines 0.0.15 and 0.0.16 do so only where stablehlo.dot_general multiplies it with a tangent or a cotangent
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dup>]
          } : (tensor<2xf64>, tensor<3xf64>) -> tensor<4x2xf64>
          //                                    ^^^^^^^^^^^^^^^ error[missing-result]: the derivative of result 0 by argument 1 (%y) (tensor<4x3xf64>) is missing: enzyme.jacobian of @f gives 2 results, 1 is written
          return
        }
    """)


def test_names_and_uses_follow(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%x: f64, %t: tensor<2xf64>) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %t: tensor<2xf64>, %dr: f64) -> tensor<2xf64> {
              %g = enzyme.autodiff @f(%x, %t, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_active>]
              } : (f64, tensor<2xf64>, f64) -> <|>tensor<2xf64>
              %h = arith.addf %g, %g : tensor<2xf64>
              return %h : tensor<2xf64>
            }
        """,
        after="""
            func.func @f(%x: f64, %t: tensor<2xf64>) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %t: tensor<2xf64>, %dr: f64) -> tensor<2xf64> {
              %g:3 = enzyme.autodiff @f(%x, %t, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_active>]
              } : (f64, tensor<2xf64>, f64) -> (f64, f64, tensor<2xf64>)
              %h = arith.addf %g#2, %g#2 : tensor<2xf64>
              return %h : tensor<2xf64>
            }
        """,
    )


def test_of_several_names_the_new_one_is_put_in_its_place(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%x: f64, %n: i32) -> (f64, i32) {
              return %x, %n : f64, i32
            }
            func.func @d(%x: f64, %dx: f64, %n: i32) -> i32 {
              %a, %result = "enzyme.fwddiff"(%x, %dx, %n) <{
                fn = @f,
                activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>],
                ret_activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>]
              }> : (f64, f64, i32) -> <|>(f64, i32)
              return %result : i32
            }
        """,
        after="""
            func.func @f(%x: f64, %n: i32) -> (f64, i32) {
              return %x, %n : f64, i32
            }
            func.func @d(%x: f64, %dx: f64, %n: i32) -> i32 {
              %a, %result_1, %result = "enzyme.fwddiff"(%x, %dx, %n) <{
                fn = @f,
                activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>],
                ret_activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>]
              }> : (f64, f64, i32) -> (f64, f64, i32)
              return %result : i32
            }
        """,
        title="Set the results to (f64, f64, i32)",
    )


def test_names_of_another_branch_are_other_values(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%c: i1, %x: f64, %dx: f64) -> f64 {
              %r = scf.if %c -> (f64) {
                %0 = enzyme.fwddiff @square(%x, %dx) {
                  activity = [#enzyme<activity enzyme_dup>],
                  ret_activity = [#enzyme<activity enzyme_dup>]
                } : (f64, f64) -> <|>f64
                scf.yield %x : f64
              } else {
                %0 = arith.negf %x : f64
                scf.yield %0 : f64
              }
              return %r : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%c: i1, %x: f64, %dx: f64) -> f64 {
              %r = scf.if %c -> (f64) {
                %0:2 = enzyme.fwddiff @square(%x, %dx) {
                  activity = [#enzyme<activity enzyme_dup>],
                  ret_activity = [#enzyme<activity enzyme_dup>]
                } : (f64, f64) -> (f64, f64)
                scf.yield %x : f64
              } else {
                %0 = arith.negf %x : f64
                scf.yield %0 : f64
              }
              return %r : f64
            }
        """,
        title="Set the results to (f64, f64)",
    )


def test_which_one_is_used_is_not_known_and_so_none_is_preferred():
    before = """
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @square(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_active>]
          } : (f64, f64) -> <|>f64
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
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @square(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
    """,
        title="Make result 0 enzyme_activenoneed",
    )
    check_fix(
        before,
        after="""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0:2 = enzyme.autodiff @square(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_active>]
          } : (f64, f64) -> (f64, f64)
          return %0#0 : f64
        }
    """,
        title="Set the results to (f64, f64)",
    )
