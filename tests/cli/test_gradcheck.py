"""`gradcheck` as a whole: what is printed, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Ended, ended
from tests.derivatives.machine import needs_the_bindings

PROGRAM = """\
func.func @square(%x: f64) -> f64 {
  %y = arith.mulf %x, %x : f64
  return %y : f64
}
func.func @half(%x: f16) -> f16 {
  return %x : f16
}
func.func @blocks(%x: f64) -> f64 {
  %true = arith.constant true
  %c = arith.cmpf olt, %x, %x : f64
  cf.cond_br %c, ^end(%x : f64), ^other
^other:
  %r = arith.mulf %x, %x : f64
  cf.br ^end(%r : f64)
^end(%y: f64):
  return %y : f64
}
func.func @d(%x: f64, %dr: f64) -> f64 {
  %0 = enzyme.autodiff @square(%x, %dr) {
    activity = [#enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64) -> f64
  return %0 : f64
}
"""


@pytest.fixture
def gradcheck(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    Path("a.mlir").write_text(PROGRAM)
    Path("none.mlir").write_text("func.func @f(%x: f64) -> f64 {\n  return %x : f64\n}\n")

    def run(*argv: str) -> Ended:
        return ended(capsys, "gradcheck", *argv)

    return run


@needs_the_bindings
@pytest.mark.usefixtures("classic")
def test_an_op_that_agrees(gradcheck: Any):
    ended = gradcheck("a.mlir", "--at", "x=3")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("a.mlir:19: enzyme.autodiff @square (reverse): agree\n    agree: the gradient by %x ")
    assert ended.out.endswith("1 derivative: 1 agrees (--seed 0)\n")


@needs_the_bindings
@pytest.mark.usefixtures("classic")
def test_functions_that_disagree_and_that_cannot_be_checked(gradcheck: Any):
    ended = gradcheck("a.mlir", "--function", "half", "--function", "@blocks", "--format", "json")
    assert (ended.code, ended.err) == (1, "")
    found = json.loads(ended.out)
    assert found["summary"] == "4 derivatives: 1 agrees, 1 disagrees, 2 not checked"
    (wrong,) = [one for one in found["derivatives"] if one["verdict"] == "disagree"]
    assert (wrong["function"], wrong["mode"], wrong["line"], wrong["argument"]) == ("blocks", "reverse", 8, "%x")
    assert wrong["comparisons"][0]["error"] > 0.1


@needs_the_bindings
@pytest.mark.usefixtures("classic")
def test_where_nothing_can_be_told(gradcheck: Any):
    ended = gradcheck("none.mlir")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "enzyme-lsp: none.mlir differentiates nothing; name a function of it with --function\n"


def test_misuse(gradcheck: Any, tmp_path: Path):
    def said(*argv: str) -> str:
        ended = gradcheck(*argv)
        assert (ended.code, ended.out) == (2, "")
        return ended.err

    assert said(".") == "enzyme-lsp: . is a folder, and one file is checked at a time\n"
    assert "there is no function @sqare in a.mlir; did you mean @square?" in said("a.mlir", "--function", "sqare")
    assert "--at x is not the name of an argument and its numbers" in said("a.mlir", "--at", "x")
    assert "--at x=one is not the name" in said("a.mlir", "--at", "x=one")
    assert "no engine answers" in said("a.mlir", "--no-engine")
    assert "no-such.mlir" in said("no-such.mlir")
