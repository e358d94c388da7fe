"""constant-tangent: in forward mode, the tangent of a result that is constant is a zero, which its type must have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane
from tests.fixture import Fixture, check_diagnostics

if TYPE_CHECKING:
    from tests.judges import EngineThread


def test_a_tensor_of_index_that_is_handed_on(classic: EngineThread):
    fixture = """
        func.func @f(%n: tensor<2xindex>, %x: f64) -> (tensor<2xindex>, f64) {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<2xindex>, f64) -> (tensor<2xindex>, f64)
          return %n, %x : tensor<2xindex>, f64
        }
        func.func @d(%n: tensor<2xindex>, %x: f64, %dx: f64) -> tensor<2xindex> {
          %0:3 = enzyme.fwddiff @f(%n, %x, %dx) {
            activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dupnoneed>]
            //                               ^^^^^^^^^^ error[constant-tangent]: the tangent of result 0 is the constant 0, since no argument with a tangent leads to it, and tensor<2xindex> has none
          } : (tensor<2xindex>, f64, f64) -> (tensor<2xindex>, tensor<2xindex>, f64)
          return %0#1 : tensor<2xindex>
        }
    """
    check_diagnostics(fixture)
    request = Request(Fixture.parse(fixture).file.text.encode(), "enzyme")
    assert classic.wait(classic.pool.run(request, lane=Lane.BACKGROUND)).outcome is Outcome.REJECTED


def test_what_has_a_zero_or_a_tangent_or_may_have_one():
    check_diagnostics("""
        func.func @f(%n: i32, %u: ui8, %m: memref<f64>) -> (i32, ui8, memref<f64>) {
          return %n, %u, %m : i32, ui8, memref<f64>
        }
        func.func @g(%u: ui8, %v: ui8, %c: i1) -> ui8 {
          cf.cond_br %c, ^a(%u : ui8), ^a(%v : ui8)
        ^a(%w: ui8):
          return %w : ui8
        }
        func.func @d(%n: i32, %u: ui8, %du: ui8, %m: memref<f64>, %c: i1) {
          %0:6 = enzyme.fwddiff @f(%n, %u, %du, %m) {
            activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>]
          } : (i32, ui8, ui8, memref<f64>) -> (i32, i32, ui8, ui8, memref<f64>, memref<f64>)
          %1 = enzyme.fwddiff @g(%u, %du, %u, %c) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (ui8, ui8, ui8, i1) -> ui8
          return
        }
    """)
