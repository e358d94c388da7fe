"""The results of a derivative call stand in the order of its slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_all_primals_before_all_gradients():
    check_diagnostics("""
        func.func @f(%x: f64, %t: tensor<3xf32>) -> f16 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, tensor<3xf32>) -> f16
          %y = arith.truncf %x : f64 to f16
          return %y : f16
        }
        func.func @d(%x: f64, %t: tensor<3xf32>, %dr: f16) -> (f64, f16) {
          %0:3 = enzyme.autodiff @f(%x, %t, %dr) <
          //     ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, %t: tensor<3xf32>, seed of result 0: f16) and gives (result 0: f16, gradient of %x: f64, gradient of %t: tensor<3xf32>)
            activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_active>],
            ret_activity = [#enzyme.activity<enzyme_active>]
          > : (f64, tensor<3xf32>, f16) -> (f64, tensor<3xf32>, f16)
          //                               ^^^^^^^^^^^^^^^^^^^^^^^^^ error[result-order]: the results are in the wrong order, write (f16, f64, tensor<3xf32>): result 0 of @f is f16
          return %0#0, %0#2 : f64, f16
        }
    """)


def test_uses_keep_their_types(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%x: f64, %t: tensor<3xf32>) -> f16 {
              %y = arith.truncf %x : f64 to f16
              return %y : f16
            }
            func.func @d(%x: f64, %t: tensor<3xf32>, %dr: f16) -> (f64, f16) {
              %0:3 = enzyme.autodiff @f(%x, %t, %dr) <
                activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme.activity<enzyme_active>]
              > : (f64, tensor<3xf32>, f16) -> (<|>f64, tensor<3xf32>, f16)
              return %0#0, %0#2 : f64, f16
            }
        """,
        after="""
            func.func @f(%x: f64, %t: tensor<3xf32>) -> f16 {
              %y = arith.truncf %x : f64 to f16
              return %y : f16
            }
            func.func @d(%x: f64, %t: tensor<3xf32>, %dr: f16) -> (f64, f16) {
              %0:3 = enzyme.autodiff @f(%x, %t, %dr) <
                activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme.activity<enzyme_active>]
              > : (f64, tensor<3xf32>, f16) -> (f16, f64, tensor<3xf32>)
              return %0#1, %0#0 : f64, f16
            }
        """,
    )


def test_names_move_with_them(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%x: f64, %n: i32) -> (i32, f64) {
              return %n, %x : i32, f64
            }
            func.func @d(%x: f64, %dx: f64, %n: i32) -> (f64, i32) {
              %tangent, %next = "enzyme.fwddiff"(%x, %dx, %n) <{
                fn = @f,
                activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_dupnoneed>]
              }> : (f64, f64, i32) -> (f64<|>, i32)
              return %tangent, %next : f64, i32
            }
        """,
        after="""
            func.func @f(%x: f64, %n: i32) -> (i32, f64) {
              return %n, %x : i32, f64
            }
            func.func @d(%x: f64, %dx: f64, %n: i32) -> (f64, i32) {
              %next, %tangent = "enzyme.fwddiff"(%x, %dx, %n) <{
                fn = @f,
                activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_dupnoneed>]
              }> : (f64, f64, i32) -> (i32, f64)
              return %tangent, %next : f64, i32
            }
        """,
    )
