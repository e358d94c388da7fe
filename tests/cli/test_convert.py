"""`convert` as a whole, and bytecode as the input of other commands."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.cli.command import Ended, ended
from tests.engines import scripted

if TYPE_CHECKING:
    from tests.judges import EngineThread

PROGRAM = """\
// A comment.
func.func @f(%x: f64) -> f64 {
  %y = math.sin %x : f64
  return %y : f64
}
func.func @df(%x: f64) -> f64 {
  %0 = enzyme.fwddiff @f(%x) {
    activity = [#enzyme<activity enzyme_dup>],
    ret_activity = [#enzyme<activity enzyme_dupnoneed>]
  } : (f64) -> f64
  return %0 : f64
}
"""
SHOWN = """\
module {
  func.func @f(%arg0: f64) -> f64 {
    %0 = math.sin %arg0 : f64
    return %0 : f64
  }
  func.func @df(%arg0: f64) -> f64 {
    %0 = "enzyme.fwddiff"(%arg0) {activity = [#enzyme<activity enzyme_dup>], fn = @f, ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64) -> f64
    return %0 : f64
  }
}
"""


class Run(Protocol):
    def __call__(self, *argv: str) -> Ended: ...


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    Path("a.mlir").write_text(PROGRAM)

    def run(*argv: str) -> Ended:
        return ended(capfd, *argv)

    return run


@pytest.fixture
def given(run: Run, upstream: EngineThread) -> Run:
    """With the program as bytecode in a file too."""
    del upstream
    assert run("convert", "a.mlir", "-o", "a.mlirbc") == Ended(0, "", "")
    return run


@pytest.fixture
def acting(run: Run) -> Run:
    """With one that converts as its text says."""
    Path("settings.json").write_text(json.dumps({"engine": {"kind": "command", "command": scripted.command()}}))

    def acting(*argv: str) -> Ended:
        return run(*argv, "--config", "settings.json")

    return acting


def test_there_and_back(given: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Path("a.mlirbc").read_bytes()
    assert given("convert", "a.mlirbc") == Ended(0, SHOWN, "")
    assert given("convert", "a.mlirbc", "-o", "b.mlir").code == 0
    assert given("convert", "b.mlir", "--output", "b.mlirbc").code == 0
    assert Path("b.mlirbc").read_bytes() == data
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert given("convert", "-", "-o", "-") == Ended(0, SHOWN, "")


def test_commands_read_bytecode(given: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = given("check", "--no-engine", "--format", "json", "a.mlirbc")
    (found,) = json.loads(checked.out)
    assert (checked.code, found["code"], found["file"]) == (1, "missing-shadow", "a.mlirbc")
    assert found["range"]["start"] == {"line": 6, "character": 26}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path("a.mlirbc").read_bytes())))
    assert "missing-shadow" in given("check", "--no-engine", "-").out
    derived = given("differentiate", "a.mlirbc", "--function", "f", "--mode", "reverse")
    assert derived.code == 0
    assert "enzyme.autodiff" in derived.out


def test_no_command_writes_text_over_bytecode(given: Run) -> None:
    data = Path("a.mlirbc").read_bytes()
    fixed = given("check", "--no-engine", "--fix", "a.mlirbc")
    derived = given("differentiate", "a.mlirbc", "--function", "f", "--mode", "reverse", "--in-place")
    assert derived.code == 2
    assert "--in-place changes a text, and a.mlirbc is bytecode" in derived.err
    assert Path("a.mlirbc").read_bytes() == data
    assert "fixed" not in fixed.err


def test_what_cannot_be_converted(acting: Run) -> None:
    Path("a.mlirbc").write_bytes(b"ML\xefR// scripted: segfault\n")
    why = "scripted 1 crashes on it: SIGSEGV\n"
    assert acting("convert", "a.mlirbc") == Ended(1, "", f"enzyme-lsp: a.mlirbc is not converted: {why}")
    assert acting("check", "a.mlirbc").err.endswith(f"enzyme-lsp: cannot read a.mlirbc, which is bytecode: {why}")
    assert acting("lower", "a.mlirbc").code == 2
    Path("b.mlir").write_text("// -----\nmodule {}\n// -----\nmodule {}\n")
    refused = acting("convert", "b.mlir")
    assert refused.code == 1
    assert refused.err.startswith("enzyme-lsp: b.mlir is not converted: bytecode holds one module")


def test_misuse(acting: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for argv, sentence in (
        (("convert", "."), "enzyme-lsp: . is a folder, and one file is converted at a time\n"),
        (("convert", "none.mlir"), "enzyme-lsp: no such file or folder: none.mlir\n"),
        (("convert", "a.mlir", "-o", "none/a"), "enzyme-lsp: cannot write none/a: No such file or directory\n"),
    ):
        assert acting(*argv) == Ended(2, "", sentence)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    sentence = "enzyme-lsp: bytecode is nothing to look at; name a file for it with --output\n"
    assert acting("convert", "a.mlir") == Ended(2, "", sentence)
