"""The callee is a function of a kind that the operation takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.fixture import Judge


def test_every_operation_with_a_function_of_llvm():
    check_diagnostics("""
        llvm.func @f(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
          %y = llvm.intr.exp(%x) : (f64) -> f64
          llvm.return %y : f64
        }
        func.func @d(%x: f64, %t: tensor<2xf64>) {
          %0 = enzyme.autodiff @f(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          %1 = enzyme.fwddiff @f(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^ error[wrong-kind-of-function]: enzyme.fwddiff of Enzyme 0.0.15 takes a func.func, but @f is an llvm.func
          %2 = enzyme.jacobian @f(%x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dup>]} : (f64) -> f64
          //                   ^^ error[wrong-kind-of-function]: enzyme.jacobian takes a func.func, but @f is an llvm.func
          //   ^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: nothing lowers this jacobian: engines 0.0.15 and 0.0.16 do so only where stablehlo.dot_general multiplies it with a tangent or a cotangent
          %3 = enzyme.batch @f(%t) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64>
          //                ^^ error[wrong-kind-of-function]: enzyme.batch crashes on all but a func.func, but @f is an llvm.func
          return
        }
    """)


def test_strict_spelling_is_read_by_a_release_that_takes_it():
    check_diagnostics("""
        llvm.func @f(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
          %y = llvm.intr.exp(%x) : (f64) -> f64
          llvm.return %y : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.fwddiff @f(%x, %x) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]> : (f64, f64) -> f64
          %1 = enzyme.jacobian @f(%x) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dup>]> : (f64) -> f64
          //                   ^^ error[wrong-kind-of-function]: enzyme.jacobian takes a func.func, but @f is an llvm.func
          //   ^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: nothing lowers this jacobian: engines 0.0.15 and 0.0.16 do so only where stablehlo.dot_general multiplies it with a tangent or a cotangent
          return
        }
    """)


@pytest.mark.engine
def test_the_engine_does_not_call_it_missing(classic: Judge):
    check_diagnostics(
        """
        llvm.func @f(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
          %y = llvm.intr.exp(%x) : (f64) -> f64
          llvm.return %y : f64
        }
        func.func @d(%x: f64) {
          %1 = enzyme.fwddiff @f(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^ error[wrong-kind-of-function]: enzyme.fwddiff of Enzyme 0.0.15 takes a func.func, but @f is an llvm.func
          return
        }
        """,
        engine=classic,
    )


@pytest.mark.engine
def test_the_strict_engine_takes_what_is_not_reported(strict: Judge):
    check_diagnostics(
        """
        llvm.func @f(%x: f64) -> f64 {
          %y = llvm.intr.exp(%x) : (f64) -> f64
          llvm.return %y : f64
        }
        func.func @d(%x: f64) {
          %1 = enzyme.fwddiff @f(%x, %x) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]> : (f64, f64) -> f64
          return
        }
        """,
        engine=strict,
    )
