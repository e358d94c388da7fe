"""In reverse mode, functions that are called with active values do not touch memory."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_through_other_functions_and_in_the_strict_spelling_alone():
    check_diagnostics("""
        func.func @store(%x: f64, %m: memref<4xf64>) {
          %i = arith.constant 0 : index
          memref.store %x, %m[%i] : memref<4xf64>
        //^^^^^^^^^^^^ note: memref.store touches memory
          return
        }
        func.func @inner(%x: f64, %m: memref<4xf64>) -> f64 {
          func.call @store(%x, %m) : (f64, memref<4xf64>) -> ()
          return %x : f64
        }
        func.func @f(%x: f64, %m: memref<4xf64>) -> f64 {
          %y = func.call @inner(%x, %m) : (f64, memref<4xf64>) -> f64
          //             ^^^^^^ note: @inner is called here with values that are active
          return %y : f64
        }
        func.func @d(%x: f64, %m: memref<4xf64>) {
          %0 = enzyme.autodiff @f(%x, %m, %m, %x) <activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_activenoneed>]> : (f64, memref<4xf64>, memref<4xf64>, f64) -> f64
          //                   ^^ warning[memory-call]: @f cannot be differentiated in reverse mode: it calls @inner with active values, which touches memory, and Enzyme 0.0.16 refuses that
          %1 = enzyme.fwddiff @f(%x, %x, %m, %m) <activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]> : (f64, f64, memref<4xf64>, memref<4xf64>) -> f64
          return
        }
        // -----
        func.func @inner(%x: f64) -> f64 {
          %m = memref.alloca() : memref<4xf64>
          return %x : f64
        }
        func.func @f(%x: f64) -> f64 {
          %y = func.call @inner(%x) : (f64) -> f64
          return %y : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.autodiff @f(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          //   ^^^^^^^^^^^^^^^ hint[mixed-spelling]: enzyme.autodiff is in the classic spelling, but 2 of 3 in this file are in the strict one, and no engine reads both
          return
        }
    """)


def test_pure_functions_recursion_and_calls_with_constants_are_fine():
    check_diagnostics("""
        func.func @pure(%x: f64) -> f64 {
          %0 = func.call @pure(%x) : (f64) -> f64
          %1 = math.sin %0 : f64
          return %1 : f64
        }
        func.func @impure(%x: f64) -> f64 {
          %m = memref.alloca() : memref<4xf64>
          return %x : f64
        }
        func.func @f(%x: f64) -> f64 {
          %c = arith.constant 1.0 : f64
          %0 = func.call @impure(%c) : (f64) -> f64
          %1 = func.call @pure(%x) : (f64) -> f64
          %2 = arith.mulf %0, %1 : f64
          return %2 : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.autodiff @f(%x, %x) <activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>]> : (f64, f64) -> f64
          return
        }
    """)
