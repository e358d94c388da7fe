"""A derivative is taken inside a function."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_in_modules_of_every_form():
    check_diagnostics("""
        func.func @zero() -> f64 {
          %y = arith.constant 0.0 : f64
          return %y : f64
        }
        %0 = enzyme.fwddiff @zero() {activity = [], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : () -> f64
        //   ^^^^^^^^^^^^^^ error[outside-function]: enzyme.fwddiff stands in no function, where no pass finds it
        module @inner {
          func.func @zero() -> f64 {
            %y = arith.constant 0.0 : f64
            return %y : f64
          }
          %0 = "enzyme.fwddiff"() <{fn = @zero, activity = [], ret_activity = [#enzyme<activity enzyme_dupnoneed>]}> : () -> f64
          //   ^^^^^^^^^^^^^^^^ error[outside-function]: enzyme.fwddiff stands in no function, where no pass finds it
        }
        gpu.module @kernels {
          func.func @zero() -> f64 {
            %y = arith.constant 0.0 : f64
            return %y : f64
          }
          %0 = enzyme.fwddiff @zero() {activity = [], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : () -> f64
          //   ^^^^^^^^^^^^^^ error[outside-function]: enzyme.fwddiff stands in no function, where no pass finds it
        }
    """)


def test_in_anything_else_it_may_be_found():
    check_diagnostics("""
        func.func @zero() -> f64 {
          %y = arith.constant 0.0 : f64
          return %y : f64
        }
        llvm.func @d() -> f64 {
          %0 = enzyme.fwddiff @zero() {activity = [], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : () -> f64
          llvm.return %0 : f64
        }
        "test.wrap"() ({
          %0 = enzyme.fwddiff @zero() {activity = [], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : () -> f64
        }) : () -> ()
    """)
