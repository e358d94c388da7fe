"""A derivative call lists one activity for each argument of its callee."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_too_few_name_what_is_left_out():
    check_diagnostics("""
        func.func @f(%x: f64, %m: memref<4xf64>) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, memref<4xf64>) -> f64
          return %x : f64
        }
        func.func @d(%x: f64, %m: memref<4xf64>) {
          enzyme.fwddiff @f(%x, %x, %m, %m) {
            activity = [#enzyme<activity enzyme_dup>],
            //         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[activity-count]: @f has 2 arguments, but 1 activity is listed: nothing for %m: memref<4xf64>
            ret_activity = [#enzyme<activity enzyme_dup>]
          } : (f64, f64, memref<4xf64>, memref<4xf64>) -> (f64, f64)
          return
        }
    """)


def test_too_many_are_underlined():
    check_diagnostics("""
        func.func private @f() -> f64
        //                ^^^^^^^^^^^ note: the callee: @f : () -> f64
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) <activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_const>]> : (f64) -> f64
          //                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[activity-count]: @f has no arguments, but 2 activities are listed
          return
        }
    """)


def test_the_list_of_an_alias_is_counted():
    check_diagnostics("""
        #list = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>]
        func.func private @f(f64) -> ()
        //                ^^^^^^^^^^^^^ note: the callee: @f : (f64) -> ()
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) {activity = #list, ret_activity = []} : (f64) -> ()
          //                                 ^^^^^ error[activity-count]: @f has 1 argument, but 2 activities are listed
          return
        }
    """)


def test_a_region_is_not_counted():
    check_diagnostics("""
        func.func @d(%x: f64) {
          enzyme.autodiff_region(%x) {
          ^bb0(%a: f64):
            enzyme.yield %a : f64
          } attributes {activity = [], ret_activity = []} : (f64) -> ()
          return
        }
    """)
