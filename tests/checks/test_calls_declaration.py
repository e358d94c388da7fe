"""A function that is differentiated calls, with active values, functions with bodies only."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_in_both_spellings_and_through_other_functions():
    check_diagnostics("""
        func.func private @ext(f64) -> f64
        //                ^^^^ note: @ext has no body
        func.func @inner(%x: f64) -> f64 {
          %y = call @ext(%x) : (f64) -> f64
          //        ^^^^ note: @ext is called here with values that are active
          return %y : f64
        }
        func.func @f(%x: f64) -> f64 {
          %y = func.call @inner(%x) : (f64) -> f64
          return %y : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.autodiff @f(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          //                   ^^ warning[calls-declaration]: @f cannot be differentiated: @inner calls @ext with active values, which has no body, and Enzyme 0.0.15 crashes
          return
        }
        // -----
        func.func private @ext(f64)
        //                ^^^^ note: @ext has no body
        func.func @f(%x: f64) -> f64 {
          "func.call"(%x) <{callee = @ext}> : (f64) -> ()
          //                         ^^^^ note: @ext is called here with values that are active
          return %x : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.fwddiff @f(%x, %x) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]> : (f64, f64) -> f64
          //   ^^^^^^^^^^^^^^ hint[mixed-spelling]: enzyme.fwddiff is in the strict spelling, but 1 of 2 in this file are in the classic one, and no engine reads both
          //                  ^^ warning[calls-declaration]: @f cannot be differentiated: it calls @ext with active values, which has no body, and Enzyme 0.0.16 refuses that
          return
        }
    """)


def test_calls_with_constants_and_of_the_library_are_fine():
    check_diagnostics("""
        func.func private @ext(f64) -> f64
        llvm.func @printf(!llvm.ptr, ...) -> i32
        func.func private @unused(f64) -> f64
        func.func @f(%x: f64, %p: !llvm.ptr) -> f64 {
          %c = arith.constant 1.0 : f64
          %0 = func.call @ext(%c) : (f64) -> f64
          %1 = llvm.call @printf(%p, %x) vararg(!llvm.func<i32 (ptr, ...)>) : (!llvm.ptr, f64) -> i32
          %2 = arith.mulf %0, %x : f64
          return %2 : f64
        }
        func.func @d(%x: f64, %p: !llvm.ptr) {
          %0 = enzyme.fwddiff @f(%x, %x, %p) {activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64, !llvm.ptr) -> f64
          return
        }
    """)
