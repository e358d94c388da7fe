"""width-mismatch: the width, or the sizes of a batch, are those of the operands and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_one_operand_alone_is_wrong_itself():
    check_diagnostics("""
        func.func @f(%x: f64, %y: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, f64) -> f64
          %z = arith.mulf %x, %y : f64
          return %z : f64
        }
        func.func @d(%x: f64, %dx: f64, %w: tensor<2xf64>) {
          %0 = enzyme.fwddiff @f(%x, %w, %x, %dx) {
          //   ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, shadow of %x: f64, %x: f64, shadow of %x: f64) and gives (tangent of result 0: f64)
          //                         ^^ error[wrong-operand-type]: %w is tensor<2xf64>, but the shadow of %x is f64
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, tensor<2xf64>, f64, f64) -> f64
          return
        }
    """)


def test_the_width_that_is_not_written(check_mended: CheckMended):
    check_mended(
        """
        func.func @f(%x: f64) -> f64 {
          %z = arith.mulf %x, %x : f64
          return %z : f64
        }
        func.func @d(%x: f64, %dr: tensor<2xf64>) -> tensor<2xf64> {
          %0 = enzyme.autodiff<|> @f(%x, %dr) <
            activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>]
          > : (f64, tensor<2xf64>) -> tensor<2xf64>
          return %0 : tensor<2xf64>
        }
        """,
        """
        func.func @f(%x: f64) -> f64 {
          %z = arith.mulf %x, %x : f64
          return %z : f64
        }
        func.func @d(%x: f64, %dr: tensor<2xf64>) -> tensor<2xf64> {
          %0 = enzyme.autodiff @f(%x, %dr) <
            activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>], width = 2
          > : (f64, tensor<2xf64>) -> tensor<2xf64>
          return %0 : tensor<2xf64>
        }
        """,
    )


def test_the_width_that_is_too_much(check_mended: CheckMended):
    check_mended(
        """
        func.func @f(%x: f64) -> f64 {
          %z = arith.mulf %x, %x : f64
          return %z : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = "enzyme.autodiff"(%x, %dr) <{
            fn = @f, activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>],
            width = <|>2 : i64
          }> : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        """
        func.func @f(%x: f64) -> f64 {
          %z = arith.mulf %x, %x : f64
          return %z : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = "enzyme.autodiff"(%x, %dr) <{
            fn = @f, activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]
          }> : (f64, f64) -> f64
          return %0 : f64
        }
        """,
    )


def test_the_sizes_of_a_batch(check_mended: CheckMended):
    check_mended(
        """
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
          %0 = enzyme.batch @f(%x) {batch_shape = array<i64: <|>3, 2>} : (tensor<2x3xf64>) -> tensor<2x3xf64>
          return %0 : tensor<2x3xf64>
        }
        """,
        """
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
          %0 = enzyme.batch @f(%x) {batch_shape = array<i64: 2, 3>} : (tensor<2x3xf64>) -> tensor<2x3xf64>
          return %0 : tensor<2x3xf64>
        }
        """,
        pipeline="enzyme-batch",
    )
