"""`enzyme.jacobian` is lowered only where `stablehlo.dot_general` multiplies it with a tangent or a cotangent."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane
from tests.differential.compare import said
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
          //     ^^^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: engines 0.0.15 and 0.0.16 take this product with a cotangent for one with a tangent, and call the derivative with the wrong values
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
          //   ^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: nothing lowers this jacobian: engines 0.0.15 and 0.0.16 do so only where stablehlo.dot_general multiplies it with a tangent or a cotangent
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64) -> tensor<f64>
          return %x : f64
        }
    """)


def test_a_product_with_a_tangent_is_taken_for_one_with_a_cotangent():
    check_diagnostics("""
        func.func @norm(%x: tensor<4xf64>) -> tensor<1xf64> {
          %z = arith.constant dense<1.0> : tensor<1xf64>
          return %z : tensor<1xf64>
        }
        func.func @d(%x: tensor<4xf64>, %dx: tensor<4xf64>) -> tensor<1xf64> {
          %0 = enzyme.jacobian @norm(%x) {
          //   ^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: engines 0.0.15 and 0.0.16 take this product with a tangent for one with a cotangent, and call the derivative with the wrong values
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (tensor<4xf64>) -> tensor<1x4xf64>
          %1 = "stablehlo.dot_general"(%dx, %0) <{dot_dimension_numbers = #stablehlo.dot<
          //   ^^^^^^^^^^^^^^^^^^^^^^^ note: the product
            lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [1]
          >}> : (tensor<4xf64>, tensor<1x4xf64>) -> tensor<1xf64>
          return %1 : tensor<1xf64>
        }
    """)


def test_a_product_over_some_sizes_is_no_derivative():
    check_diagnostics("""
        func.func @f(%x: tensor<2x3xf64>) -> tensor<4xf64> {
          %z = arith.constant dense<1.0> : tensor<4xf64>
          return %z : tensor<4xf64>
        }
        func.func @d(%x: tensor<2x3xf64>, %dx: tensor<2xf64>) -> tensor<4x3xf64> {
          %0 = enzyme.jacobian @f(%x) {
          //   ^^^^^^^^^^^^^^^ warning[jacobian-not-lowered]: engines 0.0.15 and 0.0.16 take this product over neither all sizes of the argument nor of the result for one with a tangent, and call the derivative with the wrong values
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (tensor<2x3xf64>) -> tensor<4x2x3xf64>
          %1 = stablehlo.dot_general %0, %dx, contracting_dims = [1] x [0] : (tensor<4x2x3xf64>, tensor<2xf64>) -> tensor<4x3xf64>
          //   ^^^^^^^^^^^^^^^^^^^^^ note: the product
          return %1 : tensor<4x3xf64>
        }
    """)


def test_what_the_pass_makes_of_a_product_is_what_we_say(classic: EngineThread):
    shapes = ((1,), (2,), (4,), (1, 1), (1, 2), (3, 2), (1, 1, 2))
    products = list(itertools.product(shapes, shapes, ("fwddiff", "autodiff")))
    texts = [_product(*product, number) for number, product in enumerate(products)]
    request = Request("".join(texts).encode(), "lower-enzyme-jacobian-stablehlo")
    answer = classic.wait(classic.pool.run(request, lane=Lane.BACKGROUND))
    made = re.findall(r"func\.func @d\d+\(.*?\n  }", answer.output or "", re.DOTALL)
    for product, text, lowered in zip(products, texts, made, strict=True):
        is_as_meant = f"enzyme.{product[2]}" in lowered
        expected = [] if is_as_meant else ["jacobian-not-lowered"]
        assert [one.code for one in said(text)] == expected, (product, lowered)


def _product(taken: tuple[int, ...], given: tuple[int, ...], meant: str, number: int) -> str:
    """A function, and another that multiplies its Jacobian with a tangent or with a cotangent."""
    whole, border = (*given, *taken), len(given)
    sizes = range(border, len(whole)) if meant == "fwddiff" else range(border)
    beside, left = (taken, given) if meant == "fwddiff" else (given, taken)
    jacobian, x, y, beside_, left_ = (_tensor(one) for one in (whole, taken, given, beside, left))
    return f"""
func.func @f{number}(%x: {x}) -> {y} {{
  %y = arith.constant dense<0.0> : {y}
  return %y : {y}
}}
func.func @d{number}(%x: {x}, %d: {beside_}) -> {left_} {{
  %j = enzyme.jacobian @f{number}(%x) {{
    activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dup>]
  }} : ({x}) -> {jacobian}
  %r = stablehlo.dot_general %j, %d, contracting_dims = {list(sizes)} x {list(range(len(sizes)))}
    : ({jacobian}, {beside_}) -> {left_}
  return %r : {left_}
}}
"""


def _tensor(shape: tuple[int, ...]) -> str:
    return f"tensor<{'x'.join(map(str, shape))}xf64>"
