"""Engines 0.0.15 and 0.0.16 cannot add derivatives of complex tensors, nor complex derivatives of a width other than 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane
from tests.fixture import Fixture, check_diagnostics

if TYPE_CHECKING:
    from tests.judges import EngineThread


def test_each_use_in_reverse_mode_and_products_in_forward_mode():
    check_diagnostics("""
        func.func @f(%z: tensor<2xcomplex<f64>>, %u: tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>> {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<2xcomplex<f64>>, tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>>
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<2xcomplex<f64>>, tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>>
          %y = stablehlo.multiply %z, %u : tensor<2xcomplex<f64>>
          return %y : tensor<2xcomplex<f64>>
        }
        func.func @d(%z: tensor<2xcomplex<f64>>, %dz: tensor<2xcomplex<f64>>) {
          %0 = enzyme.autodiff @f(%z, %z, %dz) <
            activity = [#enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_active>],
            //                                                           ^^^^^^^^^^^^^ warning[complex-gradient]: engines 0.0.15 and 0.0.16 cannot add derivatives of type tensor<2xcomplex<f64>>, as they must here
            ret_activity = [#enzyme.activity<enzyme_activenoneed>]
          > : (tensor<2xcomplex<f64>>, tensor<2xcomplex<f64>>, tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>>
          %1 = enzyme.fwddiff @f(%z, %z, %dz) <
            activity = [#enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_dup>],
            //                                                           ^^^^^^^^^^ warning[complex-gradient]: engines 0.0.15 and 0.0.16 cannot add derivatives of type tensor<2xcomplex<f64>>, as they must here
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (tensor<2xcomplex<f64>>, tensor<2xcomplex<f64>>, tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>>
          return
        }
    """)


def test_the_engine_refuses_even_a_single_use(classic: EngineThread):
    fixture = """
        func.func @same(%z: tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>> {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @same : (tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>>
          return %z : tensor<2xcomplex<f64>>
        }
        func.func @d(%z: tensor<2xcomplex<f64>>, %dz: tensor<2xcomplex<f64>>) {
          %0 = "enzyme.autodiff"(%z, %dz) <{
            fn = @same, activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]
            //                                       ^^^^^^^^^^^^^ warning[complex-gradient]: engines 0.0.15 and 0.0.16 cannot add derivatives of type tensor<2xcomplex<f64>>, as they must here
          }> : (tensor<2xcomplex<f64>>, tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>>
          return
        }
    """
    check_diagnostics(fixture)
    request = Request(Fixture.parse(fixture).file.text.encode(), "enzyme")
    answer = classic.wait(classic.pool.run(request, lane=Lane.BACKGROUND))
    assert answer.outcome is Outcome.REJECTED
    assert "'complex.add' op operand #0 must be complex type" in answer.problems[0].message


def test_what_works(classic: EngineThread):
    check_diagnostics(
        """
        func.func @twice(%z: complex<f64>) -> complex<f64> {
          %y = complex.add %z, %z : complex<f64>
          return %y : complex<f64>
        }
        func.func @one(%z: tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>> {
          %c = stablehlo.constant dense<(1.0, 0.0)> : tensor<2xcomplex<f64>>
          return %c : tensor<2xcomplex<f64>>
        }
        func.func @scaled(%z: tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>> {
          %c = stablehlo.constant dense<(2.0, 0.0)> : tensor<2xcomplex<f64>>
          %y = stablehlo.multiply %z, %c : tensor<2xcomplex<f64>>
          %w = stablehlo.add %y, %z : tensor<2xcomplex<f64>>
          return %w : tensor<2xcomplex<f64>>
        }
        func.func @d(%z: complex<f64>, %dz: complex<f64>, %t: tensor<2xcomplex<f64>>, %dt: tensor<2xcomplex<f64>>) {
          %0 = enzyme.autodiff @twice(%z, %dz) {
            activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (complex<f64>, complex<f64>) -> complex<f64>
          %1 = enzyme.autodiff @one(%t, %dt) {
            activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (tensor<2xcomplex<f64>>, tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>>
          %2 = enzyme.fwddiff @scaled(%t, %dt) {
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (tensor<2xcomplex<f64>>, tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>>
          return
        }
        """,
        engine=classic,
        deep=classic.deep,
    )


def test_nothing_is_said_where_the_file_names_the_pass_that_helps():
    check_diagnostics("""
        // RUN: opt %s --enzyme --arith-raise --verify-each=0
        func.func @f(%z: tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>> {
          %y = stablehlo.multiply %z, %z : tensor<2xcomplex<f64>>
          return %y : tensor<2xcomplex<f64>>
        }
        func.func @d(%z: tensor<2xcomplex<f64>>, %dz: tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>> {
          %0 = enzyme.autodiff @f(%z, %dz) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (tensor<2xcomplex<f64>>, tensor<2xcomplex<f64>>) -> tensor<2xcomplex<f64>>
          return %0 : tensor<2xcomplex<f64>>
        }
    """)


def test_the_shadow_of_a_value_and_a_result_without_a_seed():
    check_diagnostics("""
        func.func @f(%z: complex<f32>) -> complex<f32> {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (complex<f32>) -> complex<f32>
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (complex<f32>) -> complex<f32>
          %y = complex.mul %z, %z : complex<f32>
          return %y : complex<f32>
        }
        func.func @d(%z: complex<f32>, %dz: tensor<3xcomplex<f32>>) -> complex<f32> {
          %0 = enzyme.autodiff @f(%z, %dz) {
            activity = [#enzyme<activity enzyme_dup>],
            //                           ^^^^^^^^^^ warning[complex-gradient]: engines 0.0.15 and 0.0.16 cannot add derivatives of type tensor<3xcomplex<f32>>, as they must here
            //                           ^^^^^^^^^^ warning[lost-gradient]: the gradient of argument 0 (%z) is lost: enzyme_dup adds it to a shadow in memory, and complex<f32> is a value
            ret_activity = [#enzyme<activity enzyme_dup>],
            width = 3
          } : (complex<f32>, tensor<3xcomplex<f32>>) -> complex<f32>
          return %0 : complex<f32>
        }
    """)
