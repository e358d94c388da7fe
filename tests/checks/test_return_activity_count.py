"""A derivative call lists one activity for each result of its callee."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_void_functions_have_none():
    check_diagnostics("""
        llvm.func @f(f64) -> !llvm.void
        //        ^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> ()
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) {activity = [#enzyme<activity enzyme_const>], ret_activity = []} : (f64) -> ()
          enzyme.autodiff @f(%x) {activity = [#enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_const>]} : (f64) -> ()
          //                                                                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[return-activity-count]: @f has no results, but 1 activity is listed
          return
        }
    """)


def test_an_empty_list_for_several_results():
    check_diagnostics("""
        func.func private @f() -> (f64, tensor<2xf64>)
        //                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : () -> (f64, tensor<2xf64>)
        func.func @d() {
          enzyme.fwddiff @f() {activity = [], ret_activity = []} : () -> ()
          //                                                 ^^ error[return-activity-count]: @f has 2 results, but 0 activities are listed: none for f64, tensor<2xf64>
          return
        }
    """)
