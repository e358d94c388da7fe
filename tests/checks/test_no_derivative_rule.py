"""The operations that a derivative passes through have derivative rules."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_what_both_releases_lack_and_what_one_has():
    check_diagnostics("""
        func.func @both(%x: f64) -> f64 {
          %y = math.tan %x : f64
          //   ^^^^^^^^ note: math.tan works on active values
          %z = math.erf %y : f64
          //   ^^^^^^^^ note: math.erf works on active values
          return %z : f64
        }
        func.func @one(%x: f64) -> f64 {
          %y = math.log %x : f64
          //   ^^^^^^^^ note: math.log works on active values
          return %y : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.autodiff @both(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          //                   ^^^^^ warning[no-derivative-rule]: @both cannot be differentiated in reverse mode: math.tan and math.erf have no derivative rules in Enzyme 0.0.15, nor in 0.0.16
          %1 = enzyme.fwddiff @one(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^^^ warning[no-derivative-rule]: @one cannot be differentiated in forward mode: math.log has no derivative rule in Enzyme 0.0.15; 0.0.16 has one
          return
        }
        // -----
        func.func @both(%x: f64) -> f64 {
          %y = math.tan %x : f64
          //   ^^^^^^^^ note: math.tan works on active values
          return %y : f64
        }
        func.func @one(%x: f64) -> f64 {
          %y = math.log %x : f64
          return %y : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.autodiff @both(%x, %x) <activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>]> : (f64, f64) -> f64
          //   ^^^^^^^^^^^^^^^ hint[mixed-spelling]: enzyme.autodiff is in the strict spelling, but 2 of 4 in this file are in the classic one, and no engine reads both
          //                   ^^^^^ warning[no-derivative-rule]: @both cannot be differentiated in reverse mode: math.tan has no derivative rule in Enzyme 0.0.16, nor in 0.0.15
          %1 = enzyme.fwddiff @one(%x, %x) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]> : (f64, f64) -> f64
          //   ^^^^^^^^^^^^^^ hint[mixed-spelling]: enzyme.fwddiff is in the strict spelling, but 2 of 4 in this file are in the classic one, and no engine reads both
          return
        }
    """)


def test_rules_that_crash_or_are_not_finished():
    check_diagnostics("""
        func.func @crashes(%x: f64) -> complex<f64> {
          %y = complex.create %x, %x : complex<f64>
          //   ^^^^^^^^^^^^^^ note: complex.create works on active values
          return %y : complex<f64>
        }
        func.func @unfinished(%x: f64) -> f64 {
          %s, %c = math.sincos %x : f64
          //       ^^^^^^^^^^^ note: math.sincos works on active values
          return %s : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.fwddiff @crashes(%x, %x) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]> : (f64, f64) -> complex<f64>
          //                  ^^^^^^^^ warning[no-derivative-rule]: @crashes cannot be differentiated in forward mode: complex.create has a derivative that crashes Enzyme 0.0.16 and 0.0.15
          %1 = enzyme.autodiff @unfinished(%x, %x) <activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>]> : (f64, f64) -> f64
          //                   ^^^^^^^^^^^ warning[no-derivative-rule]: @unfinished cannot be differentiated in reverse mode: math.sincos has no finished derivative rule in Enzyme 0.0.16, nor in 0.0.15
          return
        }
    """)


def test_only_what_is_active_needs_a_rule():
    check_diagnostics("""
        func.func @f(%x: f64, %k: f64, %m: memref<4xf64>) -> (f64, f64) {
          %i = arith.constant 0 : index
          %constant = math.tan %k : f64
          %unused = math.tan %x : f64
          %other = math.tan %x : f64
          %read = memref.load %m[%i] : memref<4xf64>
          %of_memory = math.tan %read : f64
          %ignored = enzyme.ignore_derivatives %x : f64 -> f64
          %behind = math.tan %ignored : f64
          %a = arith.mulf %x, %constant : f64
          %b = arith.mulf %a, %of_memory : f64
          %c = arith.mulf %b, %behind : f64
          return %c, %other : f64, f64
        }
        func.func @d(%x: f64, %m: memref<4xf64>) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %x, %x, %m) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_constnoneed>]
          } : (f64, f64, f64, memref<4xf64>) -> f64
          return %0 : f64
        }
    """)


def test_values_are_followed_through_loops_branches_blocks_memory_and_calls():
    check_diagnostics("""
        func.func @inner(%x: f64, %unused: f64) -> (f64, f64) {
          %y = math.tan %x : f64
          //   ^^^^^^^^ note: math.tan works on active values
          %z = math.erf %unused : f64
          return %y, %z : f64, f64
        }
        func.func @f(%x: f64, %t: i1, %m: memref<4xf64>) -> f64 {
          %i = arith.constant 0 : index
          %n = arith.constant 4 : index
          %s = arith.constant 1 : index
          %c = arith.constant 1.0 : f64
          %0 = scf.for %k = %i to %n step %s iter_args(%a = %x) -> (f64) {
            %1 = scf.if %t -> (f64) {
              %2 = math.asin %a : f64
              //   ^^^^^^^^^ note: math.asin works on active values
              scf.yield %2 : f64
            } else {
              scf.yield %a : f64
            }
            scf.yield %1 : f64
          }
          %l = memref.alloca() : memref<4xf64>
          memref.store %0, %l[%i] : memref<4xf64>
          %3 = memref.load %l[%i] : memref<4xf64>
          cf.cond_br %t, ^bb1(%3 : f64), ^bb2
        ^bb1(%4: f64):
          %5 = math.acos %4 : f64
          //   ^^^^^^^^^ note: math.acos works on active values
          cf.br ^bb3(%5 : f64)
        ^bb2:
          cf.br ^bb3(%c : f64)
        ^bb3(%6: f64):
          %7:2 = func.call @inner(%6, %x) : (f64, f64) -> (f64, f64)
          return %7#0 : f64
        }
        func.func @d(%x: f64, %t: i1, %m: memref<4xf64>) -> f64 {
          %0 = enzyme.autodiff @f(%x, %t, %m, %x) {
          //                   ^^ warning[no-derivative-rule]: @f cannot be differentiated in reverse mode: math.asin, math.acos and math.tan have no derivative rules in Enzyme 0.0.15, nor in 0.0.16
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, i1, memref<4xf64>, f64) -> f64
          return %0 : f64
        }
    """)


def test_memory_and_operations_without_results():
    check_diagnostics("""
        func.func @f(%in: memref<4xf64>, %out: memref<4xf64>) {
          memref.copy %in, %out : memref<4xf64> to memref<4xf64>
        //^^^^^^^^^^^ note: memref.copy works on active values
          %i = arith.constant 0 : index
          %v = memref.load %in[%i] : memref<4xf64>
          %y = math.tan %v : f64
          //   ^^^^^^^^ note: math.tan works on active values
          memref.store %y, %out[%i] : memref<4xf64>
          return
        }
        func.func @d(%m: memref<4xf64>, %c: memref<4xf64>) {
          enzyme.autodiff @f(%m, %m, %c, %c) {
          //              ^^ warning[no-derivative-rule]: @f cannot be differentiated in reverse mode: memref.copy and math.tan have no derivative rules in Enzyme 0.0.15, nor in 0.0.16
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>], ret_activity = []
          } : (memref<4xf64>, memref<4xf64>, memref<4xf64>, memref<4xf64>) -> ()
          return
        }
    """)


def test_a_region_is_a_function_too():
    check_diagnostics("""
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff_region(%x, %x) {
          //   ^^^^^^^^^^^^^^^^^^^^^ warning[no-derivative-rule]: this region cannot be differentiated in forward mode: math.tan has no derivative rule in Enzyme 0.0.15, nor in 0.0.16
          ^bb0(%a: f64):
            %1 = math.tan %a : f64
            //   ^^^^^^^^ note: math.tan works on active values
            enzyme.yield %1 : f64
          } attributes {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_functions_of_llvm():
    check_diagnostics("""
        llvm.func @square(%x: f64) -> f64 {
          %y = llvm.fmul %x, %x : f64
          //   ^^^^^^^^^ note: llvm.fmul works on active values
          llvm.return %y : f64
        }
        func.func @f(%x: f64) -> f64 {
          %y = llvm.call @square(%x) : (f64) -> f64
          //   ^^^^^^^^^ note: llvm.call works on active values
          return %y : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.autodiff @square(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          //                   ^^^^^^^ warning[no-derivative-rule]: @square cannot be differentiated in reverse mode: llvm.fmul has no derivative rule in Enzyme 0.0.15, nor in 0.0.16
          %1 = enzyme.autodiff @f(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          //                   ^^ warning[no-derivative-rule]: @f cannot be differentiated in reverse mode: llvm.call has no derivative rule in Enzyme 0.0.15; 0.0.16 has one
          return
        }
    """)


def test_what_is_not_known_is_not_spoken_about():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
          %y = "test.unknown"(%x) : (f64) -> f64
          %z = math.tan %y : f64
          return %z : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.fwddiff @f(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          %1 = enzyme.fwddiff @f(%x, %x) {activity = [#enzyme<activity enzyme_du>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                                                           ^^^^^^^^^ error[unknown-activity]: enzyme_du is no activity, did you mean enzyme_dup?
          return
        }
    """)
