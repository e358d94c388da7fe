"""Declarations of what is called and not there: their types, where they stand, and what cannot be told."""

from __future__ import annotations

import pytest

from enzyme_lsp.dialect import callee_types, convention
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Function, Mode
from enzyme_lsp.syntax import types
from tests.fixture import check_action, check_no_action


def test_of_a_reverse_derivative():
    check_action(
        "create callee",
        before="""
            module {
              func.func @d(%x: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %n: i32, %dr: tensor<2x3xf32>) -> tensor<2xf64> {
                %0 = enzyme.autodiff @<|>f(%x, %m, %dm, %n, %dr) {
                  activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
                  ret_activity = [#enzyme<activity enzyme_activenoneed>],
                  width = 2 : i64
                } : (f64, memref<4xf64>, memref<4xf64>, i32, tensor<2x3xf32>) -> tensor<2xf64>
                return %0 : tensor<2xf64>
              } // the end
            }
        """,
        after="""
            module {
              func.func @d(%x: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %n: i32, %dr: tensor<2x3xf32>) -> tensor<2xf64> {
                %0 = enzyme.autodiff @f(%x, %m, %dm, %n, %dr) {
                  activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
                  ret_activity = [#enzyme<activity enzyme_activenoneed>],
                  width = 2 : i64
                } : (f64, memref<4xf64>, memref<4xf64>, i32, tensor<2x3xf32>) -> tensor<2xf64>
                return %0 : tensor<2xf64>
              } // the end
              func.func private @f(f64, memref<4xf64>, i32) -> tensor<3xf32>
            }
        """,
    )


def test_of_a_forward_derivative():
    check_action(
        "create callee",
        before="""
            func.func @d(%x: f64, %dx: f64) {
              %0:3 = enzyme.fwddiff @"my f"(%x, %dx)<|> <
                activity = [#enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dupnoneed>]
              > : (f64, f64) -> (f32, f32, tensor<3xf64>)
              return
            }
            func.func private @behind()
        """,
        after="""
            func.func @d(%x: f64, %dx: f64) {
              %0:3 = enzyme.fwddiff @"my f"(%x, %dx) <
                activity = [#enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dupnoneed>]
              > : (f64, f64) -> (f32, f32, tensor<3xf64>)
              return
            }
            func.func private @"my f"(f64) -> (f32, tensor<3xf64>)
            func.func private @behind()
        """,
    )


def test_of_a_batch():
    check_action(
        "create callee",
        before="""
            func.func @b(%x: tensor<5xf64>, %y: tensor<5x2xf64>) -> tensor<5xi1> {
              %0 = enzyme.batch @f<|>(%x, %y) {batch_shape = array<i64: 5>} : (tensor<5xf64>, tensor<5x2xf64>) -> tensor<5xi1>
              return %0 : tensor<5xi1>
            }
        """,
        after="""
            func.func @b(%x: tensor<5xf64>, %y: tensor<5x2xf64>) -> tensor<5xi1> {
              %0 = enzyme.batch @f(%x, %y) {batch_shape = array<i64: 5>} : (tensor<5xf64>, tensor<5x2xf64>) -> tensor<5xi1>
              return %0 : tensor<5xi1>
            }
            func.func private @f(f64, tensor<2xf64>) -> i1
        """,
    )


def test_of_calls():
    check_action(
        "create callee",
        before="""
            func.func @g(%x: f64) -> f64 {
              %0:2 = call @f<|>(%x, %x) : (f64, f64) -> (f64, index) loc("here":1:2)
              return %0#0 : f64
            }
        """,
        after="""
            func.func @g(%x: f64) -> f64 {
              %0:2 = call @f(%x, %x) : (f64, f64) -> (f64, index) loc("here":1:2)
              return %0#0 : f64
            }
            func.func private @f(f64, f64) -> (f64, index)
        """,
    )
    check_action(
        "create callee",
        before="""
            llvm.func @g(%x: f64) {
              llvm.call @f<|>(%x) : (f64) -> ()
              llvm.return
            }
        """,
        after="""
            llvm.func @g(%x: f64) {
              llvm.call @f(%x) : (f64) -> ()
              llvm.return
            }
            llvm.func @f(f64)
        """,
    )


def test_inside_a_module_of_an_operation():
    check_action(
        "create callee",
        before="""
            "test.holder"() ({
              builtin.module {
                func.func @g(%x: f64) {
                  call @f<|>(%x) : (f64) -> ()
                  return
                }
              }
            }) : () -> ()
        """,
        after="""
            "test.holder"() ({
              builtin.module {
                func.func @g(%x: f64) {
                  call @f(%x) : (f64) -> ()
                  return
                }
                func.func private @f(f64)
              }
            }) : () -> ()
        """,
    )


CALL = """
    func.func @d(%x: f64, %dx: f64) -> f64 {{
      %0 = enzyme.autodiff @<|>f(%x, %dx) {{
        activity = [#enzyme<activity {0}>], ret_activity = [#enzyme<activity {1}>]
      }} : (f64, f64) -> f64
      return %0 : f64
    }}
"""


@pytest.mark.parametrize(
    ("activity", "return_activity", "reason"),
    [
        ("enzyme_active", "enzyme_dupnoneed", "nothing in the call has the type of result 0"),
        ("enzyme_active", "enzyme_const", "the operands do not fit the activities"),
        ("enzyme_active", "enzyme_odd", "the activities are not complete"),
        ("enzyme_dup", "enzyme_active", "there is no seed for result 0"),
    ],
)
def test_what_cannot_be_told(activity: str, return_activity: str, reason: str):
    fixture = CALL.format(activity, return_activity)
    check_no_action("create callee", fixture, reason=f"the type of @f is not to be told: {reason}")


def test_not_for_what_is_there():
    check_no_action("create callee", "func.func private @f()\nfunc.func @g() {\n  call @f<|>() : () -> ()\n  return\n}")


def test_the_convention_and_back():
    """Of every call that gives each result or its tangent the callee is told."""
    some = [types.read(text) for text in ("f64", "tensor<3xf32>", "complex<f64>", "memref<?xf64>", "i32")]
    activities = (Activity.ACTIVE, Activity.DUP, Activity.CONST)
    for width in (1, 2):
        for type_ in some[:3]:
            for activity in activities:
                for returned in (Activity.ACTIVE, Activity.ACTIVE_NO_NEED, Activity.DUP, Activity.CONST):
                    function = Function((type_, some[3]), (type_, some[4]))
                    asked = convention.reverse(function, (activity, Activity.DUP), (returned, Activity.CONST), width)
                    told = callee_types.of_derivative(
                        Mode.REVERSE,
                        (activity, Activity.DUP),
                        (returned, Activity.CONST),
                        width,
                        [slot.type for slot in asked.operands if slot.type is not None],
                        [slot.type for slot in asked.results if slot.type is not None],
                    )
                    assert told == function


@pytest.mark.parametrize(
    ("arguments", "results"),
    [
        (["tensor<3xf64>"], ["tensor<2x4xf64>", "tensor<f64>"]),
        (["tensor<f64>", "tensor<3xf32>"], ["tensor<2xf64>"]),
        (["tensor<?x3xf64>", "tensor<f32>"], ["tensor<3xf32>", "tensor<5xf64>"]),
    ],
)
def test_the_convention_of_jacobians_and_back(arguments: list[str], results: list[str]):
    function = Function(tuple(map(types.read, arguments)), tuple(map(types.read, results)))
    asked = convention.jacobian(function)
    assert (
        callee_types.of_jacobian(
            [slot.type for slot in asked.operands if slot.type is not None],
            [slot.type for slot in asked.results if slot.type is not None],
        )
        == function
    )
