"""The stages of one run of a real mlir-opt are those of a run for each element, whatever becomes of a pipeline."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

import enzyme_lsp.engines
from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.program import stages as program_stages
from enzyme_lsp.settings import EngineSettings
from tests.engines import both_ways
from tests.engines.harness import opened

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Answer

PROGRAM: Final = os.environ.get("ENZYME_LSP_TEST_PROGRAM", "") or shutil.which("mlir-opt-22") or ""

pytestmark = pytest.mark.skipif(not PROGRAM, reason="there is no mlir-opt")

FUNCTIONS: Final = """\
#map = affine_map<(d0) -> (d0 + 1)>
func.func @f(%x: f64, %n: index) -> f64 {
  %c = arith.constant 1.0 : f64
  %y = arith.mulf %x, %c : f64
  %z = arith.mulf %x, %c : f64
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %m = affine.apply #map(%n)
  %s = scf.for %i = %zero to %m step %one iter_args(%a = %z) -> (f64) {
    %b = arith.addf %a, %y : f64
    scf.yield %b : f64
  }
  return %s : f64
}
func.func private @outside(f64) -> f64
func.func @g(%x: f64) -> f64 {
  %n = arith.constant 3 : index
  %y = func.call @f(%x, %n) : (f64, index) -> f64
  return %y : f64
}
module @inside {
  func.func @f() { return }
}
"""
NAMED: Final = 'module @"a/../b" {\n  func.func @f() { return }\n}\n'
UNNAMEABLE: Final = 'module @"x\\00y" {\n  func.func @f() { %0 = arith.constant 1 : i32 return }\n}\n'
RESOURCES: Final = """\
func.func @f() -> tensor<2xi64> {
  %0 = arith.constant dense_resource<blob> : tensor<2xi64>
  return %0 : tensor<2xi64>
}
{-# dialect_resources: { builtin: { blob: "0x0800000001000000000000000200000000000000" } },
    external_resources: { mine: { a: "0x08000000010000000000000002000000" } } #-}
"""
LOST: Final = ("a module whose name is no file's",)
"""What a run for each element is needed for; `external_resources` are told by the text alone."""
PLACE: Final = re.compile(r'loc\("(?:-|<stdin>)":\d+:\d+\)')
LOWERED: Final = ("canonicalize", "lower-affine", "convert-scf-to-cf", "func.func(cse)", "convert-to-llvm")


CASES: Final = {
    "no passes": (FUNCTIONS, (), 1),
    "lowering": (FUNCTIONS, LOWERED, 6),
    "nested": (FUNCTIONS, ("func.func(cse,canonicalize)", "inline", "builtin.module(symbol-dce)"), 4),
    "options": (FUNCTIONS, ("canonicalize{max-iterations=1}", "any(cse)"), 3),
    "the mark's pass": (FUNCTIONS, ("composite-fixed-point-pass{name=stage-1 pipeline=any(cse)}",), 2),
    "a pass that fails": (FUNCTIONS, ("cse", "func.func(test-pass-failure)", "cse"), 2),
    "a pass that is none": (FUNCTIONS, ("cse", "nonsense"), 0),
    "an option that is none": (FUNCTIONS, ("cse{x=1}",), 0),
    "a pass that crashes": (FUNCTIONS, ("cse", "test-pass-crash"), 2),
    "what is invalid": (FUNCTIONS, ("func.func(test-pass-create-invalid-ir{emit-invalid-ir=true})",), 1),
    "a text that is none": ("func.func @f() {", ("cse",), 0),
    "an operation that is none": ("func.func @f() {\n  foo.bar\n}", ("cse",), 0),
    "a module with a name": (NAMED, ("cse", "canonicalize"), 3),
    "a module whose name is no file's": (UNNAMEABLE, ("cse", "canonicalize"), 3),
}
"""A text, the elements of a pipeline, and how many prints there are."""


@pytest.fixture(scope="module")
def results() -> dict[str, list[Any]]:
    """What both ways say of each case."""
    engines = Path(enzyme_lsp.engines.__file__).parent
    paths = [engines / "worker.py", engines / "program" / "host.py", engines / "upstream" / "enzyme.irdl"]
    cases = json.dumps([(text, elements) for text, elements, _ in CASES.values()])
    command = [sys.executable, both_ways.__file__, *map(str, paths), PROGRAM]
    done = subprocess.run(command, input=cases, stdout=subprocess.PIPE, check=True, text=True)
    return dict(zip(CASES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_one_run_says_what_a_run_for_each_element_does(name: str, results: dict[str, list[Any]]) -> None:
    one, many = results[name]
    _, _, printed = CASES[name]
    assert len(many["prints"]) == printed
    # Without a print nothing is told of how far it came.
    assert (one is None) == (not printed or name in LOST)
    if one is not None:
        # A place that is not printed, as of an argument of a loop's block, is lost where the print is read again.
        assert [PLACE.sub("loc", print_) for print_ in one["prints"]] == [
            PLACE.sub("loc", each) for each in many["prints"]
        ]
        assert one["end"] == many["end"]
        assert one["said"] == many["said"]


async def stages(text: str, *elements: str) -> Answer:
    async with opened(EngineSettings(kind="program", program=(PROGRAM,))) as engine:
        return await engine.pool.run(Request(text.encode(), elements=elements, is_trusted=True))


async def test_times_are_those_of_passes() -> None:
    text = "".join(FUNCTIONS.replace("@", f"@a{number}_").replace("#map", f"#map{number}") for number in range(200))
    answer = await stages(text, "cse", "inline,canonicalize", "symbol-dce")
    assert answer.outcome is Outcome.ACCEPTED
    _, cse, slow, quick = (one.seconds for one in answer.prints)
    assert quick < slow < answer.seconds
    assert cse < slow


def test_what_is_printed_at_the_end_only_is_told() -> None:
    assert not program_stages.are_told(RESOURCES.encode())
    assert program_stages.are_told(FUNCTIONS.encode())


async def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    gone = tmp_path / "enzyme-lsp-stages-99999999-x"
    gone.mkdir()
    for element in ("cse", "test-pass-crash"):
        assert (await stages(FUNCTIONS, element)).prints
    assert os.listdir(tmp_path) == []
