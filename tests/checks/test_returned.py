"""Returned: when results become what they are, the function around the call returns them so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_fix

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_a_result_of_another_type(check_mended: CheckMended):
    check_mended(
        """
        func.func @f(%x: f32) -> f32 {
          %y = arith.mulf %x, %x : f32
          return %y : f32
        }
        func.func @d(%x: f32, %dx: f32, %n: i32) -> (i32, f64 {my.mark}, f32) {
          %0:2 = enzyme.fwddiff @f(%x, %dx) {
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dup>]
          } : (f32, f32) -> (<|>f64, f32)
          return %n, %0#0, %0#1 : i32, f64, f32
        }
        """,
        """
        func.func @f(%x: f32) -> f32 {
          %y = arith.mulf %x, %x : f32
          return %y : f32
        }
        func.func @d(%x: f32, %dx: f32, %n: i32) -> (i32, f32 {my.mark}, f32) {
          %0:2 = enzyme.fwddiff @f(%x, %dx) {
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dup>]
          } : (f32, f32) -> (f32, f32)
          return %n, %0#0, %0#1 : i32, f32, f32
        }
        """,
        title="Set the results to (f32, f32), and return them so",
    )


def test_results_that_are_gone(check_mended: CheckMended):
    check_mended(
        """
        func.func @f(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        module {
          func.func @f(%x: f64) -> f64 {
            %y = arith.mulf %x, %x : f64
            return %y : f64
          }
          func.func @d(%x: f64, %dr: f64) -> (f64, i32) {
            %0:2 = enzyme.autodiff @f(%x, %dr) <
              activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>]
            > : (f64, f64) -> (f64, <|>i32)
            return %0#0, %0#1 : f64, i32
          }
        }
        """,
        """
        func.func @f(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        module {
          func.func @f(%x: f64) -> f64 {
            %y = arith.mulf %x, %x : f64
            return %y : f64
          }
          func.func @d(%x: f64, %dr: f64) -> (f64) {
            %0 = enzyme.autodiff @f(%x, %dr) <
              activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>]
            > : (f64, f64) -> f64
            return %0 : f64
          }
        }
        """,
        title="Set the results to (f64), and return them so",
    )


def test_nothing_is_left_to_return(check_mended: CheckMended):
    check_mended(
        """
        func.func @f(%m: memref<f64>) {
          return
        }
        func.func @d(%m: memref<f64>, %dm: memref<f64>) -> f64 {
          %0 = enzyme.autodiff @f(%m, %dm) {
            activity = [#enzyme<activity enzyme_dup>], ret_activity = []
          } : (memref<f64>, memref<f64>) -> <|>f64
          return %0 : f64
        }
        """,
        """
        func.func @f(%m: memref<f64>) {
          return
        }
        func.func @d(%m: memref<f64>, %dm: memref<f64>) -> () {
          enzyme.autodiff @f(%m, %dm) {
            activity = [#enzyme<activity enzyme_dup>], ret_activity = []
          } : (memref<f64>, memref<f64>) -> ()
          return
        }
        """,
        title="Set the results to (), and return them so",
    )


def test_other_uses_are_left_alone():
    check_fix(
        """
        func.func @f(%x: f32) -> f32 {
          return %x : f32
        }
        func.func @d(%x: f32, %dx: f32) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %dx) {
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f32, f32) -> <|>f64
          %1 = arith.addf %0, %0 : f64
          return %1 : f64
        }
        """,
        """
        func.func @f(%x: f32) -> f32 {
          return %x : f32
        }
        func.func @d(%x: f32, %dx: f32) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %dx) {
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f32, f32) -> f32
          %1 = arith.addf %0, %0 : f64
          return %1 : f64
        }
        """,
        title="Set the results to (f32)",
    )
