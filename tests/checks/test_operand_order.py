"""The operands of a derivative call stand in the order of its slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_all_seeds_behind_all_primals():
    check_diagnostics("""
        func.func @f(%x: f64, %n: i32) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, i32) -> f64
          return %x : f64
        }
        func.func @d(%x: f64, %n: i32, %dr: tensor<2xf64>) -> tensor<2xf64> {
          %0 = enzyme.autodiff @f(%x, %dr, %n) <
          //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (argument 0 (%x): f64, argument 1 (%n): i32, seed of result 0: tensor<2xf64>) and gives (gradient of argument 0 (%x): tensor<2xf64>)
          //                          ^^^^^^^ error[operand-order]: the operands are in the wrong order, write (%x, %n, %dr): %n is argument 1 (%n) of @f
            activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_const>],
            ret_activity = [#enzyme.activity<enzyme_activenoneed>],
            width = 2
          > : (f64, tensor<2xf64>, i32) -> tensor<2xf64>
          return %0 : tensor<2xf64>
        }
    """)


def test_types_that_tell_nothing_are_left_alone():
    check_diagnostics("""
        func.func @mul(%x: f64, %y: f64) -> f64 {
          %z = arith.mulf %x, %y : f64
          return %z : f64
        }
        func.func @d(%x: f64, %y: f64, %dx: f64, %dy: f64) -> f64 {
          %0 = enzyme.fwddiff @mul(%y, %dy, %x, %dx) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64, f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_they_are_exchanged_with_their_types(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%x: f64, %t: tensor<2xf32>, %n: i32) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %t: tensor<2xf32>, %n: i32, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, <|>%n, %t, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, i32, tensor<2xf32>, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @f(%x: f64, %t: tensor<2xf32>, %n: i32) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %t: tensor<2xf32>, %n: i32, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, %t, %n, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, tensor<2xf32>, i32, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_in_generic_form(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%m: memref<4xf64>, %x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%m: memref<4xf64>, %x: f64) -> f64 {
              %0 = "enzyme.fwddiff"(%x<|>, %m) <{
                fn = @f,
                activity = [#enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_const>],
                ret_activity = [#enzyme.activity<enzyme_const>]
              }> : (f64, memref<4xf64>) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @f(%m: memref<4xf64>, %x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%m: memref<4xf64>, %x: f64) -> f64 {
              %0 = "enzyme.fwddiff"(%m, %x) <{
                fn = @f,
                activity = [#enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_const>],
                ret_activity = [#enzyme.activity<enzyme_const>]
              }> : (memref<4xf64>, f64) -> f64
              return %0 : f64
            }
        """,
    )
