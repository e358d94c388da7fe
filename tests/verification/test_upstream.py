"""Upstream MLIR as the judge of a text: its words at their places, whatever the spelling; and what it cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.engines.api import Outcome
from enzyme_lsp.lowering import pipeline as pipelines
from enzyme_lsp.lowering.lower import Lowered, Target, lower
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.verification.deep import NOTHING_DEEP
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.judges import EngineThread

pytestmark = pytest.mark.engine

SQUARE = """\
func.func @square(%x: f64) -> f64 {
  %y = arith.mulf %x, %x : f64
  return %y : f64
}
func.func @d(%x: f64) -> f64 {
  %c = arith.constant 1.0 : f64
  %0 = enzyme.autodiff @square(%x, %c) {
    activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64) -> f64
  %1 = enzyme.fwddiff_region(%0, %0) {
  ^bb0(%a: f64):
    enzyme.yield %a : f64
  } attributes {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]}
    : (f64, f64) -> f64
  return %1 : f64
}
"""


def lowered(engine: EngineThread, text: str, pipeline: str) -> Lowered:
    snapshot = Workspace(Settings()).open(Document.of("file:///a.mlir", text))
    return engine.wait(lower(engine.pool, snapshot, Target(), pipelines.parse(pipeline)))


def test_a_value_in_what_was_moved(upstream: EngineThread):
    check_diagnostics(
        """
        func.func private @square(f64) -> f64
        //                ^^^^^^^^^^^^^^^^^^^ note: @square is declared here
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.autodiff @square(%x, %nobody) {
          //                   ^^^^^^^ error[callee-declaration]: @square has no body, from which its derivative could be made
          //                               ^^^^^^^ error[undeclared-value]: %nobody is not defined before this use
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        engine=upstream,
    )


def test_types_in_strict_spelling(upstream: EngineThread):
    check_diagnostics(
        """
        func.func private @square(f64) -> f64
        //                ^^^^^^^^^^^^^^^^^^^ note: @square is declared here
        func.func @d(%x: f64, %s: f32) -> f64 {
        //                    ^^ note: %s is defined here
          %0 = enzyme.autodiff @square(%x, %s) <
          //                   ^^^^^^^ error[callee-declaration]: @square has no body, from which its derivative could be made
          //                               ^^ error[value-type-mismatch]: %s has type f32, but is used here as f64
            activity = [#enzyme.activity<enzyme_active>],
            ret_activity = [#enzyme.activity<enzyme_activenoneed>]
          > : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        engine=upstream,
    )


def test_operations_that_passes_make(upstream: EngineThread):
    check_diagnostics(
        """
        func.func @f(%x: f64, %cache: !enzyme.Cache<f32>) {
          "enzyme.push"(%cache, %x) : (!enzyme.Cache<f32>, f64) -> ()
        //^^^^^^^^^^^^^ error[operand-type]: the types of this operation do not go together: f64 stands where f32 should
          return
        }
        func.func @g(%x: f64, %cache: !enzyme.Cache<f64>) {
          "enzyme.push"(%cache) : (!enzyme.Cache<f64>) -> ()
        //^^^^^^^^^^^^^ error[operand-count]: this operation expects exactly 2 operands, but got 1
          return
        }
        func.func @h(%x: f64) {
          %0 = "enzyme.broadcast"(%x) : (f64) -> tensor<2xf64>
          //   ^^^^^^^^^^^^^^^^^^ error[missing-attribute]: enzyme.broadcast needs the attribute shape
          return
        }
        func.func @i(%x: f64) {
          enzyme.fill_zero %x : f64
        //^^^^^^^^^^^^^^^^ error[operand-type]: this operation takes or gives a value of the type builtin.memref, not builtin.f64
          return
        }
        func.func @j(%x: f64) {
          %0 = enzyme.dump %x {label = 1 : i64} : (f64) -> f64
          //   ^^^^^^^^^^^ error[invalid-attribute]: an attribute of this operation must be of the sort builtin.string, not builtin.integer
          return
        }
        func.func @k(%x: f64) {
          enzyme.yield %x : f64
        //^^^^^^^^^^^^ error[invalid-syntax]: enzyme.yield cannot be read, since it stands in no operation that it can end the region of
        }
        """,
        engine=upstream,
    )


def test_other_dialects(upstream: EngineThread):
    check_diagnostics(
        """
        func.func @f(%x: tensor<2xf64>) -> tensor<2xf64> {
          %0 = stablehlo.add %x, %x : tensor<2xf64>
          //   ^^^^^^^^^^^^^ info[unregistered-dialect]: the dialect stablehlo is not registered in mlir 22.1.8, so what it holds is not checked
          %1 = arith.addf %0, %x : tensor<3xf64>
          return %1 : tensor<2xf64>
        }
        """,
        engine=upstream,
    )


def test_what_cannot_be_read_is_said_where_that_shows(upstream: EngineThread):
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
          %0 = enzyme.dump %x {label = "x"} : (f64) ->
          //                                        ^^ error[invalid-syntax]: enzyme.dump cannot be read, since its function type is not complete
          return %x : f64
        }
        func.func @g(%x: f32, %m: memref<4xf64>, %i: index) {
          %0 = enzyme.atomic_rmw addf %x, %m[%i] monotonic {alignment = 7} : (f32, memref<4xf64>) -> f32
          //                                                            ^ error[invalid-syntax]: enzyme.atomic_rmw cannot be read, since its alignment is no power of two of type i64
          return
        }
        func.func @h(%x: f32, %m: memref<4xf64>, %i: index) {
          %0 = enzyme.atomic_rmw addf %x, %m[%i] monotonic : (f32, memref<4xf64>) -> f32
          //   ^^^^^^^^^^^^^^^^^ error[invalid-syntax]: enzyme.atomic_rmw cannot be read, since a f32 is put into a memory of f64
          return
        }
        func.func @i(%x: f64) {
          %0 = enzyme.ignore_derivatives %x : f64 -> f32
          //   ^^^^^^^^^^^^^^^^^^^^^^^^^ error[invalid-syntax]: enzyme.ignore_derivatives cannot be read, since what it takes and gives have other elements
          return
        }
        func.func @j(%x: f64, %t: tensor<2xf64>) {
          "enzyme.genericAdjoint"(%x, %t) <{indexing_maps = [], iterator_types = [], operandSegmentSizes = array<i32: 2, 1>}> ({
          //                                                                                               ^^^^^ error[invalid-syntax]: enzyme.genericAdjoint cannot be read, since its operandSegmentSizes is no array<i32: ...> that adds up to 2
            "enzyme.addTo"(%x) : (f64) -> ()
          }) : (f64, tensor<2xf64>) -> ()
          return
        }
        """,
        engine=upstream,
    )


def test_a_text_means_what_it_means_after_any_other(upstream: EngineThread):
    for body in ("i32", "i64", "i32"):
        text = f'llvm.func @f() {{\n  %0 = llvm.mlir.zero : !llvm.struct<"a", ({body})>\n  llvm.return\n}}\n'
        snapshot = Workspace(Settings()).open(Document.of("file:///a.mlir", text))
        assert upstream(snapshot).accepted == frozenset({0})
    for number in (1, 2):
        text = f"""\
func.func @f() -> tensor<1xi32> {{
  %0 = arith.constant dense_resource<x> : tensor<1xi32>
  return %0 : tensor<1xi32>
}}
{{-# dialect_resources: {{ builtin: {{ x: "0x040000000{number}000000" }} }} #-}}
"""
        assert "dense_resource<x> : " in lowered(upstream, text, "cse").stages[-1].text


def test_a_section_that_is_right(upstream: EngineThread):
    snapshot = Workspace(Settings()).open(Document.of("file:///a.mlir", SQUARE))
    assert upstream(snapshot).accepted == frozenset({0})
    assert upstream.deep(snapshot) == NOTHING_DEEP


def test_upstream_passes_run_and_enzyme_is_printed_as_it_is(upstream: EngineThread):
    found = lowered(upstream, SQUARE, "canonicalize,func.func(cse)")
    assert (found.outcome, found.failed, found.detail) == (Outcome.ACCEPTED, "", "")
    last = found.stages[-1]
    assert "SegmentSizes" not in last.text
    assert (
        '%0 = "enzyme.autodiff"(%x, %c) {activity = [#enzyme.activity<enzyme_active>], fn = @square,'
        " ret_activity = [#enzyme.activity<enzyme_activenoneed>]} : (f64, f64) -> f64"
    ) in last.text
    assert "      enzyme.yield %a : f64\n" in last.text
    number = next(number for number, line in enumerate(last.text.split("\n")) if "enzyme.autodiff" in line)
    assert last.lines[number] == 6


def test_what_is_printed_is_read_by_enzyme(upstream: EngineThread, classic: EngineThread):
    printed = lowered(upstream, SQUARE, "canonicalize").stages[-1].text
    assert lowered(classic, printed, "enzyme").outcome is Outcome.ACCEPTED


def test_it_cannot_differentiate(upstream: EngineThread):
    found = lowered(upstream, SQUARE, "canonicalize,enzyme")
    assert found.outcome is Outcome.REJECTED
    assert found.detail == (
        "this engine has no pass enzyme, which is in enzyme-ad: install that with"
        ' `pip install "enzyme-lsp[enzyme]"` on Python 3.11, and `engine.kind` "auto" uses it'
    )


def test_what_may_not_run_is_refused(upstream: EngineThread):
    assert "is not run for this text" in lowered(upstream, SQUARE, "print{filename=/tmp/x}").detail
