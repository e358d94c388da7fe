"""A result that is `enzyme_active` or `enzyme_activenoneed` in reverse mode takes a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_seeds_come_last_and_in_order():
    check_diagnostics("""
        func.func @f(%x: f64) -> (f64, f32, f16) {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> (f64, f32, f16)
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> (f64, f32, f16)
          %a = arith.truncf %x : f64 to f32
          %b = arith.truncf %x : f64 to f16
          return %x, %a, %b : f64, f32, f16
        }
        func.func @d(%x: f64, %s: f16) -> f64 {
          %0 = enzyme.autodiff @f(%x, %s) {
          //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, seed of result 0: f64, seed of result 1: f32, seed of result 2: f16) and gives (gradient of %x: f64)
          //                      ^^ error[missing-seed]: results 0 and 1 of @f are enzyme_activenoneed, so their seeds (f64, f32) must follow the primals and their shadows
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_activenoneed>]
          } : (f64, f16) -> f64
          %1 = enzyme.autodiff @f(%x, %x, %s) {
          //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, seed of result 0: f64, seed of result 1: f32, seed of result 2: f16) and gives (gradient of %x: f64)
          //                          ^^ error[missing-seed]: result 1 of @f is enzyme_activenoneed, so its seed (f32) must follow the primals and their shadows
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_activenoneed>]
          } : (f64, f64, f16) -> f64
          return %0 : f64
        }
    """)


def test_forward_mode_takes_none():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x, %dx) <
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_a_value_that_is_named_like_one(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %w: f64, %dr: f64) -> (f64, f64) {
              %0:2 = enzyme.autodiff @square(%x<|>) <
                activity = [#enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme.activity<enzyme_active>]
              > : (f64) -> (f64, f64)
              return %0#0, %0#1 : f64, f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %w: f64, %dr: f64) -> (f64, f64) {
              %0:2 = enzyme.autodiff @square(%x, %dr) <
                activity = [#enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme.activity<enzyme_active>]
              > : (f64, f64) -> (f64, f64)
              return %0#0, %0#1 : f64, f64
            }
        """,
    )


def test_else_one(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: tensor<2xf64>) -> tensor<2xf64> {
              %y = arith.mulf %x, %x : tensor<2xf64>
              return %y : tensor<2xf64>
            }
            func.func @d(%x: tensor<2xf64>) -> tensor<2xf64> {
                %0 = "enzyme.autodiff"(%x<|>) <{
                  fn = @square,
                  activity = [#enzyme<activity enzyme_active>],
                  ret_activity = [#enzyme<activity enzyme_activenoneed>]
                }> : (tensor<2xf64>) -> tensor<2xf64>
                return %0 : tensor<2xf64>
            }
        """,
        after="""
            func.func @square(%x: tensor<2xf64>) -> tensor<2xf64> {
              %y = arith.mulf %x, %x : tensor<2xf64>
              return %y : tensor<2xf64>
            }
            func.func @d(%x: tensor<2xf64>) -> tensor<2xf64> {
                %seed = arith.constant dense<1.0> : tensor<2xf64>
                %0 = "enzyme.autodiff"(%x, %seed) <{
                  fn = @square,
                  activity = [#enzyme<activity enzyme_active>],
                  ret_activity = [#enzyme<activity enzyme_activenoneed>]
                }> : (tensor<2xf64>, tensor<2xf64>) -> tensor<2xf64>
                return %0 : tensor<2xf64>
            }
        """,
    )


def test_for_several_at_once(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%x: f64) -> (f64, f64) {
              return %x, %x : f64, f64
            }
            func.func @d(%x: f64, %seed: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x<|>) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_activenoneed>]
              } : (f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> (f64, f64) {
              return %x, %x : f64, f64
            }
            func.func @d(%x: f64, %seed: f64) -> f64 {
              %seed_1 = arith.constant 1.0 : f64
              %0 = enzyme.autodiff @f(%x, %seed, %seed_1) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_activenoneed>]
              } : (f64, f64, f64) -> f64
              return %0 : f64
            }
        """,
        title="Insert %seed and %seed_1",
    )
