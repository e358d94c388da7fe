"""A derivative call gives a result or writes to memory."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_in_both_modes_and_in_a_region():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
        //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) {
          enzyme.fwddiff @square(%x, %dx) {
        //^^^^^^^^^^^^^^ warning[no-effect]: enzyme.fwddiff of @square with these activities gives no result and writes no memory, so it has no effect
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_constnoneed>]
          } : (f64, f64) -> ()
          "enzyme.autodiff"(%x) <{
        //^^^^^^^^^^^^^^^^^ warning[no-effect]: enzyme.autodiff of @square with these activities gives no result and writes no memory, so it has no effect
            fn = @square, activity = [#enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_constnoneed>]
          }> : (f64) -> ()
          enzyme.autodiff_region(%x) {
        //^^^^^^^^^^^^^^^^^^^^^^ warning[no-effect]: enzyme.autodiff_region with these activities gives no result and writes no memory, so it has no effect
          ^bb0(%a: f64):
            enzyme.yield %a : f64
          } attributes {
            activity = [#enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_constnoneed>]
          } : (f64) -> ()
          return
        }
    """)


def test_memory_may_be_written():
    check_diagnostics("""
        func.func @f(%m: memref<2xf64>) {
          return
        }
        func.func @g(%t: !my.handle) {
          return
        }
        func.func @d(%m: memref<2xf64>, %t: !my.handle) {
          enzyme.autodiff @f(%m, %m) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = []> : (memref<2xf64>, memref<2xf64>) -> ()
          enzyme.fwddiff @f(%m) <activity = [#enzyme.activity<enzyme_const>], ret_activity = []> : (memref<2xf64>) -> ()
          enzyme.fwddiff @g(%t) <activity = [#enzyme.activity<enzyme_const>], ret_activity = []> : (!my.handle) -> ()
          enzyme.batch @h() <batch_shape = [2]> : () -> ()
          return
        }
        func.func @h() {
          return
        }
    """)


def test_a_result_that_is_only_missing_is_another_mistake():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) {
          enzyme.fwddiff @square(%x, %dx) {
        //^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, shadow of %x: f64) and gives (tangent of result 0: f64)
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> ()
          //                ^^ error[missing-result]: the tangent of result 0 (f64) is missing: enzyme.fwddiff of @square with these activities gives 1 result, none is written
          return
        }
    """)
