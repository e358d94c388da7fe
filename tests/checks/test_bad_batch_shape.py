"""`batch_shape` lists the sizes of the batch, each at least 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_missing_of_another_kind_and_with_sizes_that_are_none():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: tensor<2xf64>) {
          %0 = enzyme.batch @square(%x) : (tensor<2xf64>) -> tensor<2xf64>
          //   ^^^^^^^^^^^^ error[bad-batch-shape]: enzyme.batch needs batch_shape, the sizes of the batch, such as `batch_shape = array<i64: 2>`
          %1 = enzyme.batch @square(%x) {batch_shape = array<i32: 2>} : (tensor<2xf64>) -> tensor<2xf64>
          //                                           ^^^^^^^^^^^^^ error[bad-batch-shape]: batch_shape is a list of 64 bit integers, here written as `array<i64: 2, 3>`
          %2 = "enzyme.batch"(%x) <{fn = @square, batch_shape = 2 : i64}> : (tensor<2xf64>) -> tensor<2xf64>
          //                                                    ^^^^^^^ error[bad-batch-shape]: batch_shape is a list of 64 bit integers, here written as `array<i64: 2, 3>`
          %3 = enzyme.batch @square(%x) {batch_shape = array<i64: 2, -1, 0>} : (tensor<2xf64>) -> tensor<2xf64>
          //                                           ^^^^^^^^^^^^^^^^^^^^ error[bad-batch-shape]: a size of a batch is at least 1, not -1
          return
        }
    """)


def test_every_way_to_write_a_good_one():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: tensor<2x3xf64>, %s: tensor<f64>) {
          %0 = "enzyme.batch"(%x) <{fn = @square, batch_shape = array<i64: 2, 3>}> : (tensor<2x3xf64>) -> tensor<2x3xf64>
          %1 = enzyme.batch @square(%x) <batch_shape = [2, 3]> : (tensor<2x3xf64>) -> tensor<2x3xf64>
          %2 = enzyme.batch @square(%x) <{batch_shape = array<i64: 2, 3>}> : (tensor<2x3xf64>) -> tensor<2x3xf64>
          %3 = enzyme.batch @square(%s) <batch_shape = []> : (tensor<f64>) -> tensor<f64>
          return
        }
    """)


def test_others_have_none():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) {
          %0 = enzyme.fwddiff @square(%x, %dx) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>], batch_shape = array<i64: 0>} : (f64, f64) -> f64
          //                                                                                                                                    ^^^^^^^^^^^ error[unknown-attribute]: enzyme.fwddiff has no attribute batch_shape and ignores it
          return
        }
    """)


def test_the_numbers_that_are_meant_are_written_as_the_form_asks(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
              %0 = enzyme.batch @square(%x) {batch_shape = <|>[2,3]} : (tensor<2x3xf64>) -> tensor<2x3xf64>
              return %0 : tensor<2x3xf64>
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: tensor<2x3xf64>) -> tensor<2x3xf64> {
              %0 = enzyme.batch @square(%x) {batch_shape = array<i64: 2, 3>} : (tensor<2x3xf64>) -> tensor<2x3xf64>
              return %0 : tensor<2x3xf64>
            }
        """,
        pipeline="enzyme-batch",
    )
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: tensor<2xf64>) -> tensor<2xf64> {
              %0 = enzyme.batch @square(%x) <batch_shape = <|>array<i64: 2>> : (tensor<2xf64>) -> tensor<2xf64>
              return %0 : tensor<2xf64>
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: tensor<2xf64>) -> tensor<2xf64> {
              %0 = enzyme.batch @square(%x) <batch_shape = [2]> : (tensor<2xf64>) -> tensor<2xf64>
              return %0 : tensor<2xf64>
            }
        """,
        pipeline="enzyme-batch",
    )


def test_the_sizes_that_all_operands_have_are_meant(check_mended: CheckMended):
    check_mended(
        """
        func.func @f(%x: f64, %v: tensor<4xf64>) -> f64 {
          return %x : f64
        }
        func.func @d(%x: tensor<2x3xf64>, %v: tensor<2x3x4xf64>) -> tensor<2x3xf64> {
          %0 = enzyme.batch @f(%x, %v) {batch_shape = <|>array<i64: 0, 3>} : (tensor<2x3xf64>, tensor<2x3x4xf64>) -> tensor<2x3xf64>
          return %0 : tensor<2x3xf64>
        }
        """,
        """
        func.func @f(%x: f64, %v: tensor<4xf64>) -> f64 {
          return %x : f64
        }
        func.func @d(%x: tensor<2x3xf64>, %v: tensor<2x3x4xf64>) -> tensor<2x3xf64> {
          %0 = enzyme.batch @f(%x, %v) {batch_shape = array<i64: 2, 3>} : (tensor<2x3xf64>, tensor<2x3x4xf64>) -> tensor<2x3xf64>
          return %0 : tensor<2x3xf64>
        }
        """,
        pipeline="enzyme-batch",
    )


def test_where_there_is_none_at_all_it_is_written_in_either_spelling(check_mended: CheckMended):
    check_mended(
        """
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: tensor<2xf64>) -> tensor<2xf64> {
          %0 = enzyme.batch<|> @f(%x) : (tensor<2xf64>) -> tensor<2xf64>
          return %0 : tensor<2xf64>
        }
        """,
        """
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: tensor<2xf64>) -> tensor<2xf64> {
          %0 = enzyme.batch @f(%x) <batch_shape = [2]> : (tensor<2xf64>) -> tensor<2xf64>
          return %0 : tensor<2xf64>
        }
        """,
        title="Write <batch_shape = [2]>",
        pipeline="enzyme-batch",
    )
