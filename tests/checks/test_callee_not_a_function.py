"""The callee of a derivative call is a function."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_functions_of_other_dialects_are_functions():
    check_diagnostics("""
        llvm.func @f(%x: f64) -> f64 {
          llvm.return %x : f64
        }
        tt.func @g(%x: f64) -> f64 {
          tt.return %x : f64
        }
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) {activity = [#enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_const>]} : (f64) -> f64
          enzyme.autodiff @g(%x) {activity = [#enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_const>]} : (f64) -> f64
          return
        }
    """)


def test_modules_and_globals_are_none():
    check_diagnostics("""
        module @m {
          //   ^^ note: @m is defined here
        }
        llvm.mlir.global internal constant @text("x")
        //                                 ^^^^^ note: @text is defined here
        func.func @d(%x: f64) {
          enzyme.autodiff @m(%x) {activity = [], ret_activity = []} : (f64) -> f64
          //              ^^ error[callee-not-a-function]: @m is defined by module and is no function
          "enzyme.autodiff"(%x) {fn = @text, activity = [], ret_activity = []} : (f64) -> f64
          //                          ^^^^^ error[callee-not-a-function]: @text is defined by llvm.mlir.global and is no function
          return
        }
    """)


def test_an_operation_that_we_do_not_know_may_be_a_function():
    check_diagnostics("""
        mine.subroutine @f
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) {activity = [], ret_activity = []} : (f64) -> f64
          return
        }
    """)
