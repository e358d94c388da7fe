"""Every argument of the callee gets its value as an operand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics, check_fix, check_fix_all

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_the_types_tell_which_one():
    check_diagnostics("""
        func.func @f(%x: f64, %n: i32, %t: tensor<3xf32>) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, i32, tensor<3xf32>) -> f64
          return %x : f64
        }
        func.func @d(%x: f64, %n: i32, %t: tensor<3xf32>, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %t, %dr) {
          //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, argument 1 (%n): i32, %t: tensor<3xf32>, seed of result 0: f64) and gives (gradient of %x: f64)
          //                      ^^ error[missing-primal]: no operand for argument 1 (%n) of @f (i32)
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, tensor<3xf32>, f64) -> f64
          return %0 : f64
        }
    """)


def test_its_shadow_is_not_asked_for_on_its_own():
    check_diagnostics("""
        func.func @f(%x: f64, %m: memref<2xf64>) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, memref<2xf64>) -> f64
          return %x : f64
        }
        func.func @d(%x: f64) -> f64 {
          %0 = "enzyme.fwddiff"(%x) <{
          //   ^^^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, argument 1 (%m): memref<2xf64>, shadow of argument 1 (%m): memref<2xf64>) and gives (tangent of result 0: f64)
          //                    ^^ error[missing-primal]: no operand for argument 1 (%m) of @f (memref<2xf64>)
            fn = @f,
            activity = [#enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_dup>],
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          }> : (f64) -> f64
          return %0 : f64
        }
    """)


def test_several_in_one_place_are_said_once():
    check_diagnostics("""
        func.func @f(%a: f64, %b: f32, %c: f16, %d: bf16, %e: i32) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, f32, f16, bf16, i32) -> f64
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, f32, f16, bf16, i32) -> f64
          return %a : f64
        }
        func.func @d() -> f64 {
          %0 = enzyme.autodiff @f() <
          //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (argument 0 (%a): f64, argument 1 (%b): f32, argument 2 (%c): f16, argument 3 (%d): bf16, argument 4 (%e): i32, seed of result 0: f64) and gives (gradient of argument 0 (%a): f64)
          //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (argument 0 (%a): f64, argument 1 (%b): f32, argument 2 (%c): f16, argument 3 (%d): bf16, argument 4 (%e): i32, seed of result 0: f64) and gives (gradient of argument 0 (%a): f64)
          //                   ^^ error[missing-primal]: no operands for argument 0 (%a), argument 1 (%b), argument 2 (%c), argument 3 (%d) and 1 more of @f (f64, f32, f16, bf16, ...)
          //                   ^^ error[missing-seed]: result 0 of @f is enzyme_activenoneed, so its seed (f64) must follow the primals and their shadows
            activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_const>],
            ret_activity = [#enzyme.activity<enzyme_activenoneed>]
          > : () -> f64
          return %0 : f64
        }
    """)


def test_a_batch_and_a_jacobian_take_all_primals():
    check_diagnostics("""
        func.func @f(%x: tensor<2xf64>, %n: i32) -> tensor<2xf64> {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<2xf64>, i32) -> tensor<2xf64>
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<2xf64>, i32) -> tensor<2xf64>
          return %x : tensor<2xf64>
        }
        func.func @d(%x: tensor<2xf64>, %xs: tensor<4x2xf64>) {
          %0 = enzyme.batch @f(%xs) {batch_shape = array<i64: 4>} : (tensor<4x2xf64>) -> tensor<4x2xf64>
          //   ^^^^^^^^^^^^ note: enzyme.batch takes (%xs: tensor<4x2xf64>, argument 1 (%n): tensor<4xi32>) and gives (result 0: tensor<4x2xf64>)
          //                   ^^^ error[missing-primal]: no operand for argument 1 (%n) of @f (tensor<4xi32>)
          %1:2 = enzyme.jacobian @f(%x) {
          //     ^^^^^^^^^^^^^^^ note: enzyme.jacobian takes (%x: tensor<2xf64>, argument 1 (%n): i32) and gives (d result 0 / d %x: tensor<2x2xf64>, d result 0 / d argument 1 (%n): ?)
          //                        ^^ error[missing-primal]: no operand for argument 1 (%n) of @f (i32)
          //     ^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: nothing lowers this jacobian: engines 0.0.15 and 0.0.16 do so only where stablehlo.dot_general multiplies it with a tangent or a cotangent
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dup>]
          } : (tensor<2xf64>) -> (tensor<2x2xf64>, tensor<2xf64>)
          return
        }
    """)


def test_a_value_of_the_same_name_is_inserted(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @mul(%x: f64, %y: f64) -> f64 {
              %z = arith.mulf %x, %y : f64
              return %z : f64
            }
            func.func @d(%x: f64, %y: f64, %dr: f64) -> (f64, f64) {
              %0:2 = enzyme.autodiff @mul(%x<|>, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> (f64, f64)
              return %0#0, %0#1 : f64, f64
            }
        """,
        after="""
            func.func @mul(%x: f64, %y: f64) -> f64 {
              %z = arith.mulf %x, %y : f64
              return %z : f64
            }
            func.func @d(%x: f64, %y: f64, %dr: f64) -> (f64, f64) {
              %0:2 = enzyme.autodiff @mul(%x, %y, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64, f64) -> (f64, f64)
              return %0#0, %0#1 : f64, f64
            }
        """,
    )


def test_all_of_one_place_are_inserted_with_their_shadows(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%x: f64, %m: memref<2xf64>, %n: i32) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %m: memref<2xf64>, %dm: memref<2xf64>, %n: i32) -> f64 {
              %0 = enzyme.fwddiff @f<|>() <
                activity = [#enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
              > : () -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @f(%x: f64, %m: memref<2xf64>, %n: i32) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %m: memref<2xf64>, %dm: memref<2xf64>, %n: i32) -> f64 {
              %0 = enzyme.fwddiff @f(%x, %m, %dm, %n) <
                activity = [#enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
              > : (f64, memref<2xf64>, memref<2xf64>, i32) -> f64
              return %0 : f64
            }
        """,
    )


def test_where_no_value_is_likely_a_placeholder_is_offered_and_not_preferred():
    before = """
        func.func @mul(%x: f64, %y: f64) -> f64 {
          %z = arith.mulf %x, %y : f64
          return %z : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @mul(%x<|>, %dr) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
    """
    check_fix_all(before, before.replace("<|>", ""))
    check_fix(
        before,
        after="""
        func.func @mul(%x: f64, %y: f64) -> f64 {
          %z = arith.mulf %x, %y : f64
          return %z : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %y = "enzyme.placeholder"() : () -> f64
          %0 = enzyme.autodiff @mul(%x, %y, %dr) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64, f64) -> f64
          return %0 : f64
        }
    """,
        title="Insert a new value %y as argument 1 (%y) of @mul",
    )
