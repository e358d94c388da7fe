"""Several engines in a terminal: `check`, `lower` and `doctor` ask for each file the engine that its settings mean."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.cli.main import main
from tests.engines import plain_opt, scripted

if TYPE_CHECKING:
    from collections.abc import Callable

STAND_IN = shlex.join([sys.executable, plain_opt.__file__])
PLAIN = "func.func @f() {\n  return\n}\n"
NOBODY = "// @nobody\n"
"""What only the stand-in refuses."""
DERIVATIVE = """\
func.func @f(%x: f64) -> f64 {
  %r = math.sin %x : f64
  return %r : f64
}
func.func @d(%x: f64, %dx: f64) -> f64 {
  %r = enzyme.fwddiff @f(%x, %dx) {
    activity = [#enzyme<activity enzyme_dup>],
    ret_activity = [#enzyme<activity enzyme_dupnoneed>]
  } : (f64, f64) -> f64
  return %r : f64
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three folders with a file each."""
    monkeypatch.chdir(tmp_path)
    for name in "abc":
        Path(name).mkdir()
        Path(name, f"{name}.mlir").write_text(f"{NOBODY}{PLAIN}")
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def ended(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return ended


def config(*rules: str, **engine: Any) -> list[str]:
    """Options with rules over the scripted engine, unless another is said."""
    settings = {"kind": "command", "command": scripted.command(), "files": rules, **engine}
    Path("config.json").write_text(json.dumps({"engine": settings}))
    return ["--config", "config.json"]


def test_each_file_is_checked_by_its_own_engine(run: Callable[..., tuple[int, str, str]]):
    code, out, err = run("check", *config(f"a: {STAND_IN}", "b/*.mlir: none"), "a", "b", "c", "--format", "json")
    assert [(Path(one["file"]).name, one["code"]) for one in json.loads(out)] == [("a.mlir", "unknown-symbol")]
    assert (code, err) == (1, "")


def test_those_that_answered_are_named(run: Callable[..., tuple[int, str, str]]):
    _, out, _ = run("check", *config("a: none", f"b: {STAND_IN}"), "a", "c")
    assert out == "no problems in 2 files, checked with scripted 1\n"
    Path("b", "b.mlir").write_text(PLAIN)
    _, out, _ = run("check", *config("a: none", f"b: {STAND_IN}"), "b", "c")
    assert out.startswith("no problems in 2 files, checked with python")
    assert out.endswith("23.0.0git, scripted 1\n")


def test_an_engine_that_is_missing_concerns_its_own_files(run: Callable[..., tuple[int, str, str]]):
    Path("a", "wrong.mlir").write_text("func.func @f() {\n  scripted.error\n  return\n}\n")
    Path("c", "wrong.mlir").write_text("func.func @f() {\n  scripted.error\n  return\n}\n")
    options = config("a: no-such-opt")
    code, out, err = run("check", *options, "a", "c", "--format", "github")
    assert code == 1
    assert [line for line in out.splitlines() if "wrong.mlir" in line and "c/wrong" not in line] == []
    assert "c/wrong.mlir" in out
    missing = "engine.program or engine.files: there is no program no-such-opt"
    assert err == f"enzyme-lsp: 2 files checked without an engine: {missing}\n"
    with pytest.raises(SystemExit):
        run("check", "--engine", *options, "a", "c")


def test_engines_are_not_demanded_where_none_is_wanted(run: Callable[..., tuple[int, str, str]]):
    options = config("a: none")
    assert run("check", "--engine", *options, "a", "c")[0] == 0
    with pytest.raises(SystemExit):
        run("check", "--engine", *options, "a")


def test_a_project_says_which_engine_its_files_have(run: Callable[..., tuple[int, str, str]]):
    Path("a", "enzyme-lsp.toml").write_text('[engine]\nkind = "none"\n')
    Path("config.json").write_text("{}")
    assert run("check", "--config", "config.json", "a")[1] == "no problems in 1 file, checked without an engine\n"


def test_rules_are_held_against_paths_from_where_the_command_runs(
    run: Callable[..., tuple[int, str, str]], folder: Path, monkeypatch: pytest.MonkeyPatch
):
    options = config("a/a.mlir: none", f"{folder / 'b'}: none")
    for path in ("a", "a/a.mlir", str(folder / "a"), "./a/../a"):
        assert run("check", *options, path)[1].endswith("checked without an engine\n")
    monkeypatch.chdir(folder / "a")
    options = ["--config", "../config.json"]
    assert run("check", *options, "a.mlir")[1].endswith("checked with scripted 1\n")
    assert run("check", *options, "../b")[1].endswith("checked without an engine\n")


def test_enzyme_ad_lowers_and_differentiates_what_upstream_verifies(
    run: Callable[..., tuple[int, str, str]], classic: object, upstream: object
):
    del classic, upstream
    Path("a", "a.mlir").write_text(DERIVATIVE)
    options = config("a: upstream", kind="auto")
    code, out, err = run("lower", *options, "a/a.mlir", "--pipeline", "enzyme")
    assert (code, "math.cos" in out) == (0, True)
    assert err.startswith("enzyme-lsp: lowered with enzyme-ad 0.0.")
    assert " lacks a pass of the pipeline\n" in err
    assert run("lower", *options, "a/a.mlir", "--pipeline", "canonicalize")[2] == ""
    Path("a", "a.mlir").write_text(DERIVATIVE.replace("math.sin", "math.floor"))
    code, out, _ = run("check", *options, "a")
    assert (code, "no-derivative" in out) == (1, True)


def test_a_real_program_verifies_its_folder(run: Callable[..., tuple[int, str, str]], classic: object):
    del classic
    program = os.environ.get("ENZYME_LSP_TEST_PROGRAM", "") or shutil.which("mlir-opt-22") or ""
    if not program:
        pytest.skip("there is no mlir-opt")
    Path("a", "a.mlir").write_text(PLAIN.replace("return", "%0 = arith.addi %0, %1 : f64\n  return"))
    Path("b", "b.mlir").write_text(DERIVATIVE.replace("math.sin", "math.floor"))
    options = config(f"a: {program}", f"b: {program}", kind="auto")
    _, out, _ = run("check", *options, "a", "b", "--format", "json")
    found = {Path(one["file"]).name: (one["code"], one["source"]) for one in json.loads(out)}
    assert found["a.mlir"][1] == Path(program).name
    assert found["b.mlir"] == ("no-derivative", "enzyme-ad")
