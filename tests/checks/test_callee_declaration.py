"""A function that is differentiated has a body."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_in_both_modes_and_every_form():
    check_diagnostics("""
        func.func private @f(f64) -> f64
        //                ^^^^^^^^^^^^^^ note: @f is declared here
        llvm.func @g(f64) -> f64
        //        ^^^^^^^^^^^^^^ note: @g is declared here
        "func.func"() <{function_type = (f64) -> f64, sym_name = "h", sym_visibility = "private"}> ({}) : () -> ()
        //                              ^^^^^^^^^^^^ note: @h is declared here
        func.func @d(%x: f64) {
          %0 = enzyme.fwddiff @f(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^ error[callee-declaration]: @f has no body, from which its derivative could be made
          %1 = enzyme.autodiff @g(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          //                   ^^ error[callee-declaration]: @g has no body, from which its derivative could be made
          %2 = "enzyme.autodiff"(%x, %x) <{fn = @h, activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]}> : (f64, f64) -> f64
          //                                    ^^ error[callee-declaration]: @h has no body, from which its derivative could be made
          return
        }
    """)


def test_batches_and_jacobians_take_declarations():
    check_diagnostics("""
        func.func private @f(tensor<3xf64>) -> tensor<3xf64>
        func.func @d(%x: tensor<3xf64>, %b: tensor<2x3xf64>) -> (tensor<3x3xf64>, tensor<2x3xf64>) {
          // lower-enzyme-jacobian-stablehlo
          %0 = enzyme.jacobian @f(%x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_active>]} : (tensor<3xf64>) -> tensor<3x3xf64>
          //   ^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: nothing lowers this jacobian: engines 0.0.15 and 0.0.16 do so only where stablehlo.dot_general multiplies it with a tangent or a cotangent
          %1 = enzyme.batch @f(%b) {batch_shape = array<i64: 2>} : (tensor<2x3xf64>) -> tensor<2x3xf64>
          return %0, %1 : tensor<3x3xf64>, tensor<2x3xf64>
        }
    """)


def test_a_body_that_is_still_typed_is_one():
    check_diagnostics("""
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
        func.func @f(%x: f64) -> f64 {
        //                           ^ error[unclosed-bracket]: `{` is never closed by `}`
    """)


def test_what_may_be_a_function_is_left_to_the_engine():
    check_diagnostics("""
        "test.function"() {sym_name = "f"} : () -> ()
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
    """)
