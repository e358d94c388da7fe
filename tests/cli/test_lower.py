"""`lower` as a whole: which pipeline, what is printed where, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Ended, ended
from tests.engines import scripted

PROGRAM = """\
// RUN: enzymemlir-opt %s --enzyme --canonicalize | FileCheck %s
// RUN: enzymemlir-opt %s --pass-pipeline="builtin.module(print{filename=x})"
// RUN: cat %t
func.func @f(%x: f64) -> f64 {
  %y = math.sin %x : f64
  return %y : f64
}
func.func @df(%x: f64, %dx: f64) -> f64 {
  %0 = enzyme.fwddiff @f(%x, %dx) {
    activity = [#enzyme<activity enzyme_dup>],
    ret_activity = [#enzyme<activity enzyme_dupnoneed>]
  } : (f64, f64) -> f64
  return %0 : f64
}
"""


@pytest.fixture
def lower(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    Path("a.mlir").write_text(PROGRAM)

    def run(*argv: str) -> Ended:
        return ended(capsys, "lower", *argv)

    return run


@pytest.mark.usefixtures("classic")
def test_the_last_stage_is_printed(lower: Any):
    ended = lower("a.mlir", "--pipeline", "enzyme")
    assert (ended.code, ended.err) == (0, "")
    assert "func.func private @fwddiffef(%x: f64, %x_0: f64) -> f64 {" in ended.out
    assert "@f(%x" not in lower("a.mlir", "--function", "f", "--preset", "llvm").out.partition("llvm.func @f(")[0]


@pytest.mark.usefixtures("classic")
def test_stages_differences_and_times(lower: Any):
    ended = lower("a.mlir", "--run-line", "1", "--stages", "--timing")
    assert ended.code == 0
    assert ended.out.startswith("// ----- input ----- //\nmodule {\n")
    assert "// ----- enzyme ----- //" in ended.out
    assert "nothing changed" in ended.err or "canonicalize" in ended.err
    ended = lower("a.mlir", "--run-line", "1", "--diff")
    assert ended.out.startswith("--- input\n+++ canonicalize\n")
    assert "\n+    %0 = call @fwddiffef(%x, %dx) : (f64, f64) -> f64\n" in ended.out


@pytest.mark.usefixtures("classic")
def test_a_file_is_written_in_one_piece(lower: Any):
    ended = lower("a.mlir", "--pipeline", "cse", "-o", "b.mlir")
    assert (ended.code, ended.out) == (0, "")
    assert Path("b.mlir").read_text().startswith("module {\n")
    assert lower("a.mlir", "--pipeline", "cse", "-o", "no/such/b.mlir").code == 2


@pytest.mark.usefixtures("classic")
def test_a_pass_that_fails_is_told_with_its_place(lower: Any):
    Path("a.mlir").write_text(PROGRAM.replace("math.sin", "math.tan"))
    ended = lower("a.mlir", "--pipeline", "cse,enzyme")
    assert (ended.code, ended.out) == (1, "")
    assert "a.mlir:5:8: error: could not compute the adjoint for this operation" in ended.err
    assert "a.mlir: enzyme failed after cse; --stages shows what came before" in ended.err
    assert "// ----- cse ----- //" not in lower("a.mlir", "--pipeline", "cse,enzyme", "--stages").out


@pytest.mark.usefixtures("classic")
def test_a_run_line_may_not_write_files(lower: Any):
    ended = lower("a.mlir", "--run-line", "2")
    assert ended.code == 1
    assert "print is not run for this text: it writes a file" in ended.err
    assert not Path("x").exists()


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("a.mlir", "--run-line", "3"), "RUN line 3 is not lowered: there is no program of the mlir-opt family in it"),
        (("a.mlir", "--run-line", "0"), "there is no RUN line 0; there are: 1, 2, 3"),
        (("a.mlir", "--run-line", "9"), "there is no RUN line 9; there are: 1, 2, 3"),
        (("a.mlir", "--function", "ff"), "there is no symbol @ff; did you mean @f?"),
        (
            ("a.mlir", "--pipeline", "cse("),
            "the pipeline cannot be read at character 1: the parenthesis behind this",
        ),
        (("nosuch.mlir",), "no such file or folder: nosuch.mlir"),
        ((".",), ". is a folder"),
        (("a.mlir", "--no-engine"), "no engine answers"),
        (("a.mlir", "--preset", "nosuch"), "there is no preset nosuch"),
    ],
)
def test_misuse_is_told_in_one_sentence(lower: Any, argv: tuple[str, ...], said: str):
    ended = lower(*argv)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


@pytest.fixture
def config(tmp_path: Path) -> str:
    """Settings for the scripted engine."""
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"engine": {"kind": "command", "command": scripted.command()}}))
    return str(path)


def test_a_crash_leaves_a_reproducer_when_it_is_asked_for(lower: Any, config: str):
    Path("a.mlir").write_text("func.func @f() {\n  return\n}\nfunc.func @g() {\n  // scripted: segfault\n  return\n}\n")
    ended = lower("a.mlir", "--config", config, "--pipeline", "pass a", "--reproducer", "b.mlir")
    assert ended.code == 1
    assert "a.mlir: not lowered: SIGSEGV" in ended.err
    assert "b.mlir crashes the engine as well, found in" in ended.err
    assert "enzymexlamlir-opt b.mlir --pass-pipeline='builtin.module()'" in ended.err
    written = Path("b.mlir").read_text()
    assert "@f" not in written
    assert "scripted: segfault" in written
    ended = lower("b.mlir", "--config", config, "--pipeline", "pass a", "--reproducer", "no/such/c.mlir")
    assert ended.code == 2


def test_without_a_crash_there_is_no_reproducer(lower: Any, config: str):
    ended = lower("a.mlir", "--config", config, "--pipeline", "pass a", "--reproducer", "b.mlir")
    assert ended.code == 0
    assert "nothing crashes the engine, so there is no reproducer" in ended.err
    assert not Path("b.mlir").exists()


def test_a_name_that_is_close_is_told_before_the_engine_refuses(lower: Any, config: str):
    ended = lower("a.mlir", "--config", config, "--pipeline", "enzym")
    assert ended.code == 1
    assert "the pipeline at character 1: Enzyme has no pass enzym; did you mean enzyme?" in ended.err
