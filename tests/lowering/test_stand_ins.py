"""Operations that the engine does not know: what stands for them, and how they come back in the stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.engines.api import Outcome
from enzyme_lsp.lowering import pipeline as pipelines
from enzyme_lsp.lowering.lower import Lowered, Target, lower
from enzyme_lsp.lowering.stand_ins import StandIns
from enzyme_lsp.settings import Settings
from enzyme_lsp.syntax.parse import parse
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from tests.judges import EngineThread

CUSTOM_CALL = '"stablehlo.custom_call"({}) <{{call_target_name = "enzyme_lsp.0", has_side_effect = true}}>'


def replaced(text: str) -> tuple[StandIns, str | None]:
    (operation,) = parse(text.encode()).operations
    stand_ins = StandIns()
    found = stand_ins.replacement(operation)
    return stand_ins, None if found is None else found.decode()


@pytest.mark.parametrize(
    ("operation", "call", "declaration"),
    [
        (
            "check.expect_eq_const %a#1, dense<[1.0, 2.0]> : tensor<2xf64>",
            f"{CUSTOM_CALL.format('%a#1')} : (tensor<2xf64>) -> ()",
            "",
        ),
        (
            "check.expect_close %a, %b, max_ulp_difference = 3 : tensor<2xf64>, tensor<f32>",
            f"{CUSTOM_CALL.format('%a, %b')} : (tensor<2xf64>, tensor<f32>) -> ()",
            "",
        ),
        (
            '%r:2 = "test.op"(%a)\n {x = 1 : i32} : (tensor<f32>) -> (tensor<f32>, tensor<2xf32>) loc("x":1:2)',
            f"%r:2 = {CUSTOM_CALL.format('%a')} : (tensor<f32>) -> (tensor<f32>, tensor<2xf32>)\n",
            "",
        ),
        (
            '"test.use"(%m, %i) : (memref<4xf32, strided<[1], offset: ?>>, index) -> ()',
            '"func.call"(%m, %i) <{callee = @enzyme_lsp.0}> : (memref<4xf32, strided<[1], offset: ?>>, index) -> ()',
            " func.func private @enzyme_lsp.0(memref<4xf32, strided<[1], offset: ?>>, index) -> ()",
        ),
        (
            '%r = "test.make"() : () -> !llvm.ptr',
            '%r = "func.call"() <{callee = @enzyme_lsp.0}> : () -> !llvm.ptr',
            " func.func private @enzyme_lsp.0() -> !llvm.ptr",
        ),
        ('"test.if"(%a) ({ }) : (i1) -> ()', None, None),
        ('"test.br"(%a)[^bb1] : (i1) -> ()', None, None),
        ('"test.use"(%a, %b) : (i1) -> ()', None, None),
        ('"test.use"(%a) {map = #map} : (i1) -> ()', None, None),
        ("test.use %a", None, None),
        ("test.use %a, %b, %c : f32, f32", None, None),
        ("%r = test.use %a : f32", None, None),
        ('"test.use"(', None, None),
        ("test.use :", None, None),
    ],
)
def test_the_call_that_stands_for_an_operation(operation: str, call: str | None, declaration: str | None) -> None:
    stand_ins, found = replaced(operation)
    assert found == call
    assert stand_ins.behind().decode() == (declaration or "")


def test_an_operation_comes_back_with_the_operands_and_types_of_now() -> None:
    stand_ins, _ = replaced("check.expect_close %a, %b, max_ulp_difference = 3 : tensor<2xf64>, tensor<f32>")
    call = "stablehlo.custom_call @enzyme_lsp.0({}) {{has_side_effect = true}} : ({}) -> ()"
    assert (
        stand_ins.put_back(call.format("%0#1, %arg1", "tensor<4xf64>, tensor<f32>"))
        == "check.expect_close %0#1, %arg1, max_ulp_difference = 3 : tensor<4xf64>, tensor<f32>"
    )
    assert (
        stand_ins.put_back(call.format("%0, %1, %2", "f32, f32, f32"))
        == '"check.expect_close"(%0, %1, %2) : (f32, f32, f32) -> ()'
    )
    for other in ("stablehlo.custom_call @enzyme_lsp.7(%0) : (f32) -> ()", "call @enzyme_lsp.x(%0) : (f32) -> ()"):
        assert stand_ins.put_back(other) == other


TEXT = """\
func.func @f(%x: tensor<2xf64>, %i: i32) -> tensor<2xf64> {
  %y = stablehlo.sine %x : tensor<2xf64>
  %unused = stablehlo.cosine %x : tensor<2xf64>
  check.expect_almost_eq %y, %x : tensor<2xf64>
  %z = "test.op"(%y, %i) {some = "thing"} : (tensor<2xf64>, i32) -> tensor<2xf64>
  "test.use"(%i) : (i32) -> ()
  return %z : tensor<2xf64>
}
"""


def lowered(engine: EngineThread, text: str, pipeline: str, *, piece: int | None = None) -> Lowered:
    snapshot = Workspace(Settings()).open(Document.of("file:///a.mlir", text))
    return engine.wait(lower(engine.pool, snapshot, Target(0, piece), pipelines.parse(pipeline)))


@pytest.mark.parametrize("piece", [None, 0])
def test_what_is_around_unknown_operations_is_lowered(classic: EngineThread, piece: int | None) -> None:
    found = lowered(classic, TEXT, "canonicalize,cse,symbol-dce", piece=piece)
    assert found.outcome is Outcome.ACCEPTED
    expect = "".join(f"  {line}\n" for line in TEXT.splitlines() if "unused" not in line)
    assert found.stages[-1].text == f"module {{\n{expect}}}\n"
    # The first line's comment of the engine, and `module`, are from nowhere.
    assert found.stages[-1].lines == (None, 0, 1, 3, 4, 5, 6, None, None)
    assert [(one.problem.severity, one.problem.message, one.offset) for one in found.findings] == [
        ("warning", f"{name} is unknown to the engine; it is lowered as a call that may do anything", TEXT.index(word))
        for name, word in (
            ("check.expect_almost_eq", "check.expect"),
            ("test.op", '"test.op"'),
            ("test.use", '"test.use"'),
        )
    ]


def test_an_operation_at_the_end_of_a_block_that_has_no_terminator_in_the_text(classic: EngineThread) -> None:
    text = """\
module {
  func.func @f(%p: i1) {
    scf.if %p {
      "test.something"() : () -> ()
    }
    return
  }
}
"""
    assert lowered(classic, text, "canonicalize").stages[-1].text == text


def test_a_call_that_is_lowered_further_comes_back_too(classic: EngineThread) -> None:
    text = 'func.func @f(%i: i32) {\n  "test.use"(%i) : (i32) -> ()\n  return\n}\n'
    found = lowered(classic, text, "convert-func-to-llvm")
    assert found.stages[-1].text == (
        'module {\n  llvm.func @f(%i: i32) {\n    "test.use"(%i) : (i32) -> ()\n    llvm.return\n  }\n}\n'
    )


def test_the_call_is_declared_in_its_module(classic: EngineThread) -> None:
    text = """\
module @a {
  func.func @f(%i: i32) {
    "test.use"(%i) : (i32) -> ()
    return
  }
  module @b {
    func.func @f(%i: index) -> index {
      %j = "test.op"(%i) : (index) -> index
      return %j : index
    }
  }
}
"""
    found = lowered(classic, text, "canonicalize")
    assert found.stages[-1].text == text
    assert found.stages[-1].lines == (0, 1, 2, 3, None, 5, 6, 7, 8, None, None, None)


def test_where_nothing_can_stand_for_it_the_engine_has_said_why(classic: EngineThread) -> None:
    text = 'func.func @f(%i: i1) {\n  "test.if"(%i) ({\n  }) : (i1) -> ()\n  return\n}\n'
    found = lowered(classic, text, "cse")
    assert (found.outcome, found.stages) == (Outcome.REJECTED, ())
    assert "unregistered dialect" in found.detail
    broken = TEXT.replace("%z :", "%w :")
    assert (
        "unregistered" in lowered(classic, broken, "cse").detail or "Dialect" in lowered(classic, broken, "cse").detail
    )
