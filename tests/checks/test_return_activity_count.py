"""A derivative call lists one activity for each result of its callee."""

from __future__ import annotations

import pytest

from tests.fixture import check_diagnostics


def test_void_functions_have_none():
    check_diagnostics("""
        llvm.func @f(%p: !llvm.ptr) -> !llvm.void {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (!llvm.ptr) -> ()
          llvm.return
        }
        func.func @d(%p: !llvm.ptr) {
          enzyme.autodiff @f(%p, %p) {activity = [#enzyme<activity enzyme_dup>], ret_activity = []} : (!llvm.ptr, !llvm.ptr) -> ()
          enzyme.autodiff @f(%p, %p) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_const>]} : (!llvm.ptr, !llvm.ptr) -> ()
          //                                                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[return-activity-count]: @f has no results, but 1 activity is listed
          return
        }
    """)


def test_an_empty_list_for_several_results():
    check_diagnostics("""
        func.func @f() -> (f64, tensor<2xf64>) {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : () -> (f64, tensor<2xf64>)
          %c0 = arith.constant 1.0 : f64
          %c1 = arith.constant dense<1.0> : tensor<2xf64>
          return %c0, %c1 : f64, tensor<2xf64>
        }
        func.func @d() {
          enzyme.fwddiff @f() {activity = [], ret_activity = []} : () -> ()
          //                                                 ^^ error[return-activity-count]: @f has 2 results, but 0 activities are listed: none for f64, tensor<2xf64>
          return
        }
    """)


@pytest.mark.parametrize("results", ["f64", "- f64", "> f64", "tensor<<f64>", "(f64)"])
def test_nothing_is_said_of_a_callee_whose_results_are_half_typed(results: str):
    check_diagnostics(f"""
        func.func private @f(%x: f64) {results} {{
          return %x : f64
        }}
        func.func @d(%x: f64, %dr: f64) -> f64 {{
          %0 = enzyme.autodiff @f(%x, %dr) {{
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          }} : (f64, f64) -> f64
          return %0 : f64
        }}
    """)
