"""`enzyme.jacobian` is lowered only where `stablehlo.dot_general` multiplies it with a tangent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane
from tests.fixture import Fixture, check_diagnostics

if TYPE_CHECKING:
    from tests.judges import EngineThread


def test_a_product_with_a_tangent_is_lowered(classic: EngineThread):
    fixture = """
        func.func @f(%x: tensor<2xf64>) -> tensor<3xf64> {
          %y = stablehlo.concatenate %x, %x, dim = 0 : (tensor<2xf64>, tensor<2xf64>) -> tensor<4xf64>
          %z = stablehlo.slice %y [0:3] : (tensor<4xf64>) -> tensor<3xf64>
          return %z : tensor<3xf64>
        }
        func.func @d(%x: tensor<2xf64>, %dx: tensor<2xf64>) -> tensor<3xf64> {
          %0 = enzyme.jacobian @f(%x) {
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (tensor<2xf64>) -> tensor<3x2xf64>
          %1 = stablehlo.dot_general %0, %dx, contracting_dims = [1] x [0] : (tensor<3x2xf64>, tensor<2xf64>) -> tensor<3xf64>
          return %1 : tensor<3xf64>
        }
    """
    check_diagnostics(fixture)
    text = Fixture.parse(fixture).file.text.encode()
    request = Request(text, "lower-enzyme-jacobian-stablehlo,enzyme")
    answer = classic.wait(classic.pool.run(request, lane=Lane.BACKGROUND))
    assert answer.outcome is Outcome.ACCEPTED
    assert "fwddiffe" in (answer.output or "")


def test_a_product_with_a_cotangent_is_taken_for_one_with_a_tangent():
    check_diagnostics("""
        func.func @f(%x: tensor<2xf64>, %y: tensor<4xf64>) -> tensor<3xf64> {
          %z = arith.constant dense<1.0> : tensor<3xf64>
          return %z : tensor<3xf64>
        }
        func.func @d(%x: tensor<2xf64>, %y: tensor<4xf64>, %dr: tensor<3xf64>) -> tensor<4xf64> {
          %0:2 = "enzyme.jacobian"(%x, %y) <{
          //     ^^^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: engines 0.0.15 and 0.0.16 take this product over the sizes of the result for one with a tangent, and call the derivative with the wrong types
            fn = @f,
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          }> : (tensor<2xf64>, tensor<4xf64>) -> (tensor<3x2xf64>, tensor<3x4xf64>)
          %1 = stablehlo.dot_general %dr, %0#1, contracting_dims = [0] x [0] : (tensor<3xf64>, tensor<3x4xf64>) -> tensor<4xf64>
          //   ^^^^^^^^^^^^^^^^^^^^^ note: the product
          return %1 : tensor<4xf64>
        }
    """)


def test_scalars_and_other_uses_are_not_lowered():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.jacobian @square(%x) <
          //   ^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: nothing lowers this jacobian: engines 0.0.15 and 0.0.16 do so only where stablehlo.dot_general multiplies it with a tangent
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64) -> tensor<f64>
          return %x : f64
        }
    """)
