"""Several directions at once, and one again."""

from __future__ import annotations

import pytest

from tests.fixture import check_action, check_no_action

TEXT = """
    func.func @f(%x: f64, %m: memref<4xf64>) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64, %dx: f64, %m: memref<4xf64>, %dm: memref<4xf64>) -> f64 {
      %0:2 = enzyme.fwddiff @f(%x, %dx, %m, %dm) {
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dup>]
      } : (f64, f64, memref<4xf64>, memref<4xf64>) -> (f64, f64)
      return %0#0 : f64
    }
"""
HERE = TEXT.replace("fwddiff", "fwd<|>diff")


def test_shadows_of_numbers_get_another_type_and_those_of_memory_stay():
    check_action(
        "width 4",
        HERE,
        after="""
    func.func @f(%x: f64, %m: memref<4xf64>) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64, %dx: tensor<4xf64>, %m: memref<4xf64>, %dm: memref<4xf64>) -> f64 {
      %0:2 = enzyme.fwddiff @f(%x, %dx, %m, %dm) {
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dup>],
        width = 4 : i64
      } : (f64, tensor<4xf64>, memref<4xf64>, memref<4xf64>) -> (f64, tensor<4xf64>)
      return %0#0 : f64
    }
""",
    )


def test_a_value_in_scope_is_taken():
    check_action(
        "width 2",
        HERE.replace("%dx: f64,", "%dx: f64, %x_d: tensor<2xf64>,"),
        after="""
    func.func @f(%x: f64, %m: memref<4xf64>) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64, %dx: f64, %x_d: tensor<2xf64>, %m: memref<4xf64>, %dm: memref<4xf64>) -> f64 {
      %0:2 = enzyme.fwddiff @f(%x, %x_d, %m, %dm) {
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dup>],
        width = 2 : i64
      } : (f64, tensor<2xf64>, memref<4xf64>, memref<4xf64>) -> (f64, tensor<2xf64>)
      return %0#0 : f64
    }
""",
    )


STRICT = """
    func.func @f(%x: tensor<3xf64>) -> tensor<3xf64> {
      return %x : tensor<3xf64>
    }
    func.func @d(%x: tensor<3xf64>, %dr: tensor<3xf64>) {
      %0 = enzyme.auto<|>diff @f(%x, %dr) <activity = [#enzyme.activity<enzyme_active>],
        ret_activity = [#enzyme.activity<enzyme_activenoneed>]> : (tensor<3xf64>, tensor<3xf64>) -> tensor<3xf64>
      return
    }
"""


def test_strict_spelling_and_a_seed():
    check_action(
        "width 8",
        STRICT,
        after="""
    func.func @f(%x: tensor<3xf64>) -> tensor<3xf64> {
      return %x : tensor<3xf64>
    }
    func.func @d(%x: tensor<3xf64>, %dr: tensor<8x3xf64>) {
      %0 = enzyme.autodiff @f(%x, %dr) <activity = [#enzyme.activity<enzyme_active>],
        ret_activity = [#enzyme.activity<enzyme_activenoneed>],
        width = 8> : (tensor<3xf64>, tensor<8x3xf64>) -> tensor<8x3xf64>
      return
    }
""",
    )


WIDE = """
    func.func @f(%x: f64) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64, %dx: f64, %dxs: tensor<2xf64>) {
      %0 = enzyme.fwd<|>diff @f(%x, %dxs) {
        activity = [#enzyme<activity enzyme_dup>],
        width = 2 : i64,
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, tensor<2xf64>) -> tensor<2xf64>
      return
    }
"""


def test_back_to_one():
    check_action(
        "width 1",
        WIDE,
        after="""
    func.func @f(%x: f64) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64, %dx: f64, %dxs: tensor<2xf64>) {
      %0 = enzyme.fwddiff @f(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> f64
      return
    }
""",
    )


@pytest.mark.parametrize("width", ["width 2", "width 8", "width 3"])
def test_with_a_width_twice_and_half_of_it_and_the_way_back_are_offered(width: str):
    check_no_action(width, WIDE)


def test_twice_the_width():
    check_action(
        "width 4",
        """
    func.func @f(%x: tensor<3xf64>) -> tensor<3xf64> {
      return %x : tensor<3xf64>
    }
    func.func @d(%x: tensor<3xf64>, %dx: tensor<2x3xf64>) -> tensor<2x3xf64> {
      %0 = enzyme.fwd<|>diff @f(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>],
        width = 2 : i64
      } : (tensor<3xf64>, tensor<2x3xf64>) -> tensor<2x3xf64>
      return %0 : tensor<2x3xf64>
    }
""",
        """
    func.func @f(%x: tensor<3xf64>) -> tensor<3xf64> {
      return %x : tensor<3xf64>
    }
    func.func @d(%x: tensor<3xf64>, %dx: tensor<4x3xf64>) -> tensor<4x3xf64> {
      %0 = enzyme.fwddiff @f(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>],
        width = 4 : i64
      } : (tensor<3xf64>, tensor<4x3xf64>) -> tensor<4x3xf64>
      return %0 : tensor<4x3xf64>
    }
""",
    )


RETURNED = """
    // CHECK: func.func @d
    func.func @d(%x: f64, %dx: f64, %y: f64, %dy: f64) -> (f64, f64 {a.b = 1}) {
      %k = arith.negf %dy : f64
      %r, %dr = enzyme.fwd<|>diff @f(%x, %dx, %y, %dy) {
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dup>]
      } : (f64, f64, f64, f64) -> (f64, f64)
      return %r, %dr : f64, f64
    }
    func.func @f(%x: f64, %y: f64) -> f64 {
      return %x : f64
    }
"""


def test_a_function_around_that_nothing_calls_follows():
    check_action(
        "width 2",
        RETURNED,
        after="""
    // CHECK: func.func @d
    func.func @d(%x: f64, %dx: tensor<2xf64>, %y: f64, %dy: f64) -> (f64, tensor<2xf64> {a.b = 1}) {
      %k = arith.negf %dy : f64
      %dy_1 = "enzyme.placeholder"() : () -> tensor<2xf64>
      %r, %dr = enzyme.fwddiff @f(%x, %dx, %y, %dy_1) {
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dup>],
        width = 2 : i64
      } : (f64, tensor<2xf64>, f64, tensor<2xf64>) -> (f64, tensor<2xf64>)
      return %r, %dr : f64, tensor<2xf64>
    }
    func.func @f(%x: f64, %y: f64) -> f64 {
      return %x : f64
    }
""",
    )


def test_a_function_around_that_something_calls_stays():
    check_no_action(
        "width 2",
        f"{RETURNED}func.func @e() attributes {{calls = @d}} {{ return }}",
        reason="the tangent of result 0 is used as f64, and would be tensor<2xf64>",
    )


def test_a_result_that_is_computed_with_keeps_its_type():
    check_no_action(
        "width 2",
        RETURNED.replace("return %r, %dr", "%s = arith.negf %dr : f64 return %r, %dr"),
        reason="the tangent of result 0 is used as f64, and would be tensor<2xf64>",
    )


def test_two_returns_are_not_changed():
    check_no_action(
        "width 2",
        RETURNED.replace("return %r, %dr", "cf.br ^bb1 ^bb1: return %r, %dr : f64, f64 ^bb2: return %r, %dr"),
        reason="the tangent of result 0 is used as f64, and would be tensor<2xf64>",
    )


def test_what_engines_cannot_do_is_not_done():
    check_no_action(
        "width 2",
        """
            func.func @f(%m: memref<4xf64>) {
              return
            }
            func.func @d(%m: memref<4xf64>, %dm: memref<4xf64>) {
              enzyme.auto<|>diff @f(%m, %dm) {activity = [#enzyme<activity enzyme_dup>], ret_activity = []}
                : (memref<4xf64>, memref<4xf64>) -> ()
              return
            }
        """,
        reason="engines 0.0.15 and 0.0.16 cannot add a gradient of width 2 to the memory of argument 0 (%m)",
    )
