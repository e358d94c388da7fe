"""One activity into another; operands, results, types and uses follow."""

from __future__ import annotations

import pytest

from enzyme_lsp.features import code_actions
from enzyme_lsp.features.actions import change_activity
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_action, check_no_action

TEXT = """
    func.func @f(%x: f64, %y: f64, %m: memref<4xf64>) -> (f64, f32) {
      %z = arith.constant 1.0 : f32
      return %x, %z : f64, f32
    }
    func.func @d(%x: f64, %y: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %dr: f64) -> (f64, f64) {
      %0:3 = enzyme.autodiff @f(%x, %y, %m, %dm, %dr) {
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_constnoneed>]
      } : (f64, f64, memref<4xf64>, memref<4xf64>, f64) -> (f64, f64, f64)
      return %0#0, %0#2 : f64, f64
    }
"""


def at(before: str, text: str = TEXT) -> str:
    """The text with a cursor in the first activity behind some words."""
    place = text.index("<activity", text.index(before)) + 3
    return text[:place] + "<|>" + text[place:]


def test_a_gradient_that_nothing_uses_goes_with_its_activity():
    check_action(
        "argument 0 enzyme_const",
        at("activity ="),
        after="""
    func.func @f(%x: f64, %y: f64, %m: memref<4xf64>) -> (f64, f32) {
      %z = arith.constant 1.0 : f32
      return %x, %z : f64, f32
    }
    func.func @d(%x: f64, %y: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %dr: f64) -> (f64, f64) {
      %0:2 = enzyme.autodiff @f(%x, %y, %m, %dm, %dr) {
        activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_constnoneed>]
      } : (f64, f64, memref<4xf64>, memref<4xf64>, f64) -> (f64, f64)
      return %0#0, %0#1 : f64, f64
    }
""",
    )


def test_a_gradient_that_is_used_stays():
    check_no_action(
        "argument 1 enzyme_const",
        at("enzyme_active>, #", TEXT),
        reason="the gradient of argument 1 (%y) is used by return",
    )


def test_a_shadow_goes_with_its_activity():
    check_action(
        "argument 2 enzyme_const",
        at("enzyme_active>, #enzyme<activity enzyme_dup", TEXT),
        after="""
    func.func @f(%x: f64, %y: f64, %m: memref<4xf64>) -> (f64, f32) {
      %z = arith.constant 1.0 : f32
      return %x, %z : f64, f32
    }
    func.func @d(%x: f64, %y: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %dr: f64) -> (f64, f64) {
      %0:3 = enzyme.autodiff @f(%x, %y, %m, %dr) {
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
        ret_activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_constnoneed>]
      } : (f64, f64, memref<4xf64>, f64) -> (f64, f64, f64)
      return %0#0, %0#2 : f64, f64
    }
""",
    )


def test_a_result_takes_a_seed():
    check_action(
        "result 1 enzyme_active",
        at("enzyme_active>, #enzyme<activity enzyme_constnoneed"),
        after="""
    func.func @f(%x: f64, %y: f64, %m: memref<4xf64>) -> (f64, f32) {
      %z = arith.constant 1.0 : f32
      return %x, %z : f64, f32
    }
    func.func @d(%x: f64, %y: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %dr: f64) -> (f64, f64) {
      %seed = arith.constant 1.0 : f32
      %0:4 = enzyme.autodiff @f(%x, %y, %m, %dm, %dr, %seed) {
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>]
      } : (f64, f64, memref<4xf64>, memref<4xf64>, f64, f32) -> (f64, f32, f64, f64)
      return %0#0, %0#3 : f64, f64
    }
""",
    )


def test_a_primal_that_is_used_stays():
    check_no_action("result 0 enzyme_activenoneed", at("ret_activity"), reason="result 0 of @f is used by return")


def offered(text: str) -> list[str]:
    place = text.index("<|>")
    snapshot = Workspace(Settings()).open(Document.of("file:///test.mlir", text.replace("<|>", "")))
    actions = code_actions.code_actions(snapshot, Span(place, place), (change_activity.KIND,))
    return [f"{one.id}{' (disabled)' * (one.disabled_reason is not None)}" for one in actions]


def test_what_is_legal_is_offered_the_sensible_first():
    assert offered(at("activity =")) == [
        "argument 0 enzyme_const",
        "argument 0 enzyme_dup",
        "argument 0 enzyme_dupnoneed",
        "argument 0 enzyme_activenoneed",
        "argument 0 enzyme_constnoneed",
    ]
    assert offered(at("enzyme_active>, #enzyme<activity enzyme_dup>")) == [
        "argument 2 enzyme_const",
        "argument 2 enzyme_dupnoneed",
        "argument 2 enzyme_constnoneed",
    ]


@pytest.mark.parametrize("place", ["autodiff @f", "@f(%x, %y, %m, %dm", "return %0#0"])
def test_nothing_is_offered_elsewhere(place: str):
    assert not offered(TEXT.replace(place, f"<|>{place}"))


ALIASES = """
    #both = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>]
    #dup = #enzyme<activity enzyme_dup>
    func.func @f(%x: f64, %y: f64) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64, %dx: f64, %y: f64) -> f64 {
      %r:2 = enzyme.fwddiff @f(%x, %dx, %y) {activity = #both, ret_activity = [#du<|>p]} : (f64, f64, f64) -> (f64, f64)
      return %r#1 : f64
    }
"""


def test_an_alias_is_left_alone():
    check_action(
        "result 0 enzyme_dupnoneed",
        ALIASES,
        after="""
    #both = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>]
    #dup = #enzyme<activity enzyme_dup>
    func.func @f(%x: f64, %y: f64) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64, %dx: f64, %y: f64) -> f64 {
      %r = enzyme.fwddiff @f(%x, %dx, %y) {activity = #both, ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64, f64) -> f64
      return %r : f64
    }
""",
    )


def test_an_alias_for_a_whole_list_is_no_place_for_one_activity():
    assert not offered(ALIASES.replace("<|>", "").replace("#both,", "#bo<|>th,"))
