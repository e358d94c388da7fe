"""A function is not differentiated inside itself."""

from __future__ import annotations

from enzyme_lsp.checks import self_differentiation
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_diagnostics

FORWARD = "{activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64"


def test_two_and_three_functions_that_differentiate_each_other():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @g(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^ error[self-differentiation]: @f and @g differentiate each other, which does not end
          return %0 : f64
        }
        func.func @g(%x: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          //                   ^^ error[self-differentiation]: @g and @f differentiate each other, which does not end
          return %0 : f64
        }
        func.func @a(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @b(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^ error[self-differentiation]: @a differentiates @b, which leads back to @a and does not end
          return %0 : f64
        }
        func.func @b(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @c(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^ error[self-differentiation]: @b differentiates @c, which leads back to @b and does not end
          return %0 : f64
        }
        func.func @c(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @a(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^ error[self-differentiation]: @c differentiates @a, which leads back to @c and does not end
          return %0 : f64
        }
        func.func @apart(%x: f64) -> f64 {
          // The circle is not this one's, and is said where it is.
          %0 = enzyme.fwddiff @a(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_constants_do_not_help():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x) {activity = [#enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_const>]} : (f64) -> f64
          //                  ^^ error[self-differentiation]: the derivative of @f is taken inside @f itself, which does not end
          return %0 : f64
        }
    """)


def test_a_call_of_the_function_in_which_the_derivative_is_taken():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @g(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^ error[self-differentiation]: @g calls @f with active values, in which its derivative is taken
          return %0 : f64
        }
        func.func @g(%x: f64) -> f64 {
          %0 = func.call @f(%x) : (f64) -> f64
          return %0 : f64
        }
    """)


def test_a_call_with_constants_is_no_circle():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @g(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
        func.func @g(%x: f64) -> f64 {
          %c = arith.constant 1.0 : f64
          %0 = func.call @f(%c) : (f64) -> f64
          %1 = arith.mulf %0, %x : f64
          return %1 : f64
        }
    """)


def test_recursion_and_derivatives_of_derivatives_are_no_circles():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
          %0 = func.call @f(%x) : (f64) -> f64
          return %0 : f64
        }
        func.func @df(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
        func.func @ddf(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @df(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_a_large_circle_costs_no_more_than_its_length():
    count = 300
    functions = (
        f"func.func @f{number}(%x: f64) -> f64 {{\n  %0 = enzyme.fwddiff @f{(number + 1) % count}(%x, %x) {FORWARD}\n"
        f"  return %0 : f64\n}}\n"
        for number in range(count)
    )
    snapshot = Workspace(Settings()).open(Document.of("untitled:a", "".join(functions)))
    found = [*self_differentiation.check(snapshot)]
    assert len(found) == count
    assert found[0].message == "@f0 differentiates @f1, which leads back to @f0 and does not end"
