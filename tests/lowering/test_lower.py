"""Lowering with the real engine: stages, names, places, failures; and that stages are what the engine prints itself."""

from __future__ import annotations

import re

import pytest

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.lowering import pipeline as pipelines
from enzyme_lsp.lowering.lower import Lowered, Target, lower, needed
from enzyme_lsp.lowering.presets import PRESETS
from enzyme_lsp.settings import EngineSettings, LoweringSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.engines import scripted
from tests.judges import EngineThread

PROGRAM = """\
func.func @f(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = math.sin %x : f64
  %s = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %y) -> (f64) {
    %next = arith.mulf %acc, %x : f64
    scf.yield %next : f64
  }
  %z = arith.mulf %y, %s : f64
  return %z : f64
}
func.func @df(%x: f64, %n: index, %dr: f64) -> f64 {
  %dx = enzyme.autodiff @f(%x, %n, %dr) {
    activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, index, f64) -> f64
  return %dx : f64
}
func.func @other() {
  return
}
"""


def lowered(
    engine: EngineThread,
    text: str,
    pipeline: str,
    *,
    piece: int | None = None,
    section: int = 0,
    deadline_s: float = LoweringSettings().deadline_s,
) -> Lowered:
    settings = Settings(lowering=LoweringSettings(deadline_s=deadline_s))
    snapshot = Workspace(settings).open(Document.of("file:///a.mlir", text))
    return engine.wait(lower(engine.pool, snapshot, Target(section, piece), pipelines.parse(pipeline)))


def test_stages_keep_names_and_say_where_lines_are_from(classic: EngineThread):
    found = lowered(classic, PROGRAM, PRESETS["simplify"].pipeline)
    assert (found.outcome, found.failed, found.findings) == (Outcome.ACCEPTED, "", ())
    assert [stage.name for stage in found.stages[:3]] == ["input", "enzyme", "canonicalize"]
    last = found.stages[-1]
    assert " loc(" not in last.text
    lines = last.text.splitlines()
    assert len(last.lines) == len(lines)
    derivative = next(number for number, line in enumerate(lines) if "@diffef" in line and "func.func" in line)
    for words, source in (
        ("%y = math.sin %x : f64", 3),
        ("%s = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %y)", 4),
        ("%next = arith.mulf %acc, %x : f64", 5),
    ):
        at = next(number for number in range(derivative, len(lines)) if words in lines[number])
        assert last.lines[at] == source, words
    # What differentiation adds is no operation of the source.
    assert last.text.count("%z = ") == 1


def test_names_stay_where_one_operation_of_llvm_is_that_of_the_source(classic: EngineThread):
    text = """\
func.func @f(%x: f64, %m: memref<?xf64>) -> f64 {
  %two = arith.constant 2.0 : f64
  %y = math.sin %x : f64
  %z = arith.mulf %y, %two : f64
  affine.for %i = 0 to 8 {
    %t = arith.cmpf ogt, %z, %x : f64
    scf.if %t {
      affine.store %z, %m[%i] : memref<?xf64>
    }
  }
  return %z : f64
}
"""
    found = lowered(classic, text, PRESETS["llvm"].pipeline)
    assert found.outcome is Outcome.ACCEPTED
    for words in (
        "%two = llvm.mlir.constant(2.000000e+00 : f64) : f64",
        "%y = llvm.intr.sin(%x) : (f64) -> f64",
        "%z = llvm.fmul %y, %two : f64",
        '%t = llvm.fcmp "ogt" %z, %x : f64',
    ):
        assert words in found.stages[-1].text


def test_names_of_loops_that_are_printed_with_their_places(classic: EngineThread):
    text = """\
func.func @f(%m: memref<9x32xf64>, %x: f64) {
  affine.parallel (%a, %b) = (0, 0) to (9, 32) {
    affine.for %c = 0 to 2 {
      affine.store %x, %m[-%c + 6, %b] : memref<9x32xf64>
    }
  }
  return
}
"""
    (stage,) = lowered(classic, text, "").stages
    assert "affine.for %c = 0 to 2 {" in stage.text
    assert "affine.store %x, %m[-%c + 6, %b]" in stage.text


def test_places_that_attributes_use_stay(classic: EngineThread):
    text = """\
#there = loc(fused<"there">["a.c":1:2])
#annotation = #llvm.loop_annotation<mustProgress = true, startLoc = #there>
llvm.func @f() {
  llvm.br ^bb1 {loop_annotation = #annotation}
^bb1:
  llvm.return
}
"""
    (stage,) = lowered(classic, text, "").stages
    assert "startLoc = #loc" in stage.text
    assert classic.wait(classic.pool.run(Request(stage.text.encode()))).outcome is Outcome.ACCEPTED


def test_the_shadow_of_a_number_has_a_name(classic: EngineThread):
    text = """\
func.func @f(%0: f64) -> f64 {
  %1 = math.sin %0 : f64
  return %1 : f64
}
func.func @df(%0: f64, %1: f64) -> f64 {
  %2 = enzyme.fwddiff @f(%0, %1) {
    activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
  } : (f64, f64) -> f64
  return %2 : f64
}
"""
    stage = lowered(classic, text, "enzyme").stages[-1]
    assert "@fwddiffef(%0: f64, %_0_0: f64)" in stage.text
    assert classic.wait(classic.pool.run(Request(stage.text.encode()))).outcome is Outcome.ACCEPTED


def test_a_name_is_given_once_in_a_function(classic: EngineThread):
    found = lowered(classic, PROGRAM, PRESETS["llvm"].pipeline)
    assert found.outcome is Outcome.ACCEPTED
    for stage in found.stages:
        for function in re.split(r"^  (?:llvm|func)\.func", stage.text, flags=re.MULTILINE):
            names = re.findall(r"^\s*(%[\w-]+)(?::\d+)? = ", function, re.MULTILINE)
            assert len(names) == len(set(names)), stage.name


@pytest.mark.parametrize("preset", [name for name in PRESETS if name != "batch"])
def test_every_stage_is_read_again_by_the_engine(classic: EngineThread, preset: str):
    """And so what was renamed and taken out of it has left a module that means something."""
    for stage in lowered(classic, PROGRAM, PRESETS[preset].pipeline).stages:
        answer = classic.wait(classic.pool.run(Request(stage.text.encode())))
        assert answer.outcome is Outcome.ACCEPTED, (stage.name, answer.problems)


def test_every_stage_is_what_the_engine_prints_when_it_runs_to_there(classic: EngineThread):
    pipeline = "enzyme,canonicalize,remove-unnecessary-enzyme-ops,func.func(cse,canonicalize)"
    found = lowered(classic, PROGRAM, pipeline)
    steps = ("enzyme", "canonicalize", "remove-unnecessary-enzyme-ops", "func.func(cse)", "func.func(canonicalize)")
    for number in range(1, len(steps) + 1):
        alone = classic.wait(classic.pool.run(Request(PROGRAM.encode(), ",".join(steps[:number]))))
        assert alone.output is not None
        again = classic.wait(classic.pool.run(Request(found.stages[number].text.encode(), "cse{}")))
        straight = classic.wait(classic.pool.run(Request(alone.output.encode(), "cse{}")))
        assert without_places(again.output) == without_places(straight.output)


def without_places(text: str | None) -> str:
    assert text is not None
    return re.sub(r"^#loc.*\n|\s*loc\((?:[^()]|\([^()]*\))*\)", "", text, flags=re.MULTILINE)


def test_a_function_comes_with_what_it_needs_alone(classic: EngineThread):
    snapshot = Workspace(Settings()).open(Document.of("file:///a.mlir", PROGRAM))
    assert needed(snapshot, 1) == [0, 1]
    assert needed(snapshot, 0) == [0]
    found = lowered(classic, PROGRAM, "enzyme", piece=1)
    assert "@other" not in found.stages[0].text
    assert found.stages[1].lines.count(12) == 1


def test_sections_are_lowered_alone(classic: EngineThread):
    text = f"func.func @a() {{ return }}\n// -----\n{PROGRAM}"
    found = lowered(classic, text, "enzyme", section=1)
    assert found.stages[-1].lines[1] == 2
    assert "@a(" not in found.stages[-1].text


def test_a_pass_that_fails_is_named_with_what_came_before(classic: EngineThread):
    text = PROGRAM.replace("math.sin", "math.tan")
    found = lowered(classic, text, "canonicalize,enzyme,cse")
    assert (found.outcome, found.failed) == (Outcome.REJECTED, "enzyme")
    assert [stage.name for stage in found.stages] == ["input", "canonicalize"]
    assert any(one.offset is not None for one in found.findings)


def test_a_pass_that_crashes_is_found(classic: EngineThread):
    text = PROGRAM.replace("enzyme.autodiff @f(%x, %n, %dr)", "enzyme.autodiff @f(%m, %n, %dr)").replace(
        "func.func @f(%x: f64, %n: index) -> f64 {", "func.func @f(%x: memref<f64>, %n: index) -> f64 {"
    )
    text = text.replace("%y = math.sin %x : f64", "%y = memref.load %x[] : memref<f64>")
    text = text.replace("arith.mulf %acc, %x", "arith.mulf %acc, %y").replace("@df(%x: f64", "@df(%m: memref<f64>")
    text = (
        text.replace("(f64, index, f64) -> f64", "(memref<f64>, index, f64) -> memref<f64>")
        .replace("%dr: f64) -> f64 {\n  %dx", "%dr: f64) -> memref<f64> {\n  %dx")
        .replace("return %dx : f64", "return %dx : memref<f64>")
    )
    found = lowered(classic, text, "canonicalize,cse,enzyme,canonicalize")
    assert (found.outcome, found.failed) == (Outcome.CRASHED, "enzyme")
    assert [stage.name for stage in found.stages] == ["input", "canonicalize", "cse"]
    assert found.detail


def test_a_text_that_is_no_module(classic: EngineThread):
    found = lowered(classic, "func.func @f( {", "enzyme")
    assert (found.outcome, found.failed, found.stages) == (Outcome.REJECTED, "", ())
    assert found.findings
    assert found.detail


def test_a_pipeline_from_nobody_knows_where_writes_nothing(classic: EngineThread):
    found = lowered(classic, PROGRAM, "cse,print{filename=x}")
    assert (found.outcome, found.detail) == (
        Outcome.REJECTED,
        "print is not run for this text: it writes a file",
    )


def test_without_an_engine_there_is_a_reason():
    with EngineThread(EngineSettings(enabled=False)) as engine:
        found = lowered(engine, PROGRAM, "enzyme")
        assert found.outcome is Outcome.UNAVAILABLE
        assert "engine.enabled" in found.detail


@pytest.mark.parametrize("element", ["hang", "kill", "allocate 4000"])
def test_an_engine_that_is_lost_costs_one_answer(element: str):
    settings = EngineSettings(kind="command", command=scripted.command(), workers=1, memory_mb=512)
    with EngineThread(settings) as engine:
        found = lowered(engine, "func.func @f() { return }", f"{element},cse", deadline_s=1)
        assert found.outcome in (Outcome.CRASHED, Outcome.TIMED_OUT)
        assert found.detail
        assert lowered(engine, "func.func @f() { return }", "").outcome is Outcome.ACCEPTED
