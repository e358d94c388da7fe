"""What is written is accepted by the engine that reads the spelling, in every form, and its pass makes the derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.derivatives import VARIANTS, Variant, foreseen, outlooks, subject
from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from tests.judges import EngineThread

CUSTOM = """\
func.func @f(%x: tensor<2xf64>, %n: tensor<2xi64>) -> (tensor<2xf64>, tensor<2xi64>) {
  %y = arith.mulf %x, %x : tensor<2xf64>
  return %y, %n : tensor<2xf64>, tensor<2xi64>
}
"""
SCALAR = """\
module {
  func.func private @f(%x: f64, %0: f64) -> f64 {
    %y = arith.mulf %x, %0 : f64
    func.return %y : f64
  }
}
"""
MEMORY = """\
func.func @f(%m: memref<2xf64>, %k: memref<2xi64>, %i: index) -> f64 {
  %x = memref.load %m[%i] : memref<2xf64>
  return %x : f64
}
"""
GENERIC = """\
"func.func"() <{function_type = (tensor<2xf64>) -> tensor<2xf64>, sym_name = "f"}> ({
^bb0(%x: tensor<2xf64>):
  "func.return"(%x) : (tensor<2xf64>) -> ()
}) : () -> ()
"""
DICTIONARY = """\
"func.func"() ({
^bb0(%x: f64):
  "func.return"(%x) : (f64) -> ()
}) {function_type = (f64) -> f64, sym_name = "f"} : () -> ()
"""
OF_LLVM = """\
llvm.func @f(%x: f64, %p: !llvm.ptr) -> f64 {
  %y = arith.mulf %x, %x : f64
  llvm.return %y : f64
}
"""
GENERIC_OF_LLVM = """\
"llvm.func"() <{CConv = #llvm.cconv<ccc>, function_type = !llvm.func<f64 (f64, f64)>, linkage = #llvm.linkage<external>, sym_name = "f"}> ({
^bb0(%x: f64, %y: f64):
  %z = "arith.mulf"(%x, %y) <{fastmath = #arith.fastmath<none>}> : (f64, f64) -> f64
  "llvm.return"(%z) : (f64) -> ()
}) : () -> ()
"""
LARGE = """\
func.func @f(%x: tensor<10x5xf32>, %w: tensor<10xf32>) -> (tensor<10x5xf32>, tensor<10xf32>) {
  %y = stablehlo.sine %x : tensor<10x5xf32>
  %z = stablehlo.multiply %w, %w : tensor<10xf32>
  return %y, %z : tensor<10x5xf32>, tensor<10xf32>
}
"""
TEXTS = {
    "custom": CUSTOM,
    "scalar": SCALAR,
    "memory": MEMORY,
    "generic": GENERIC,
    "dictionary": DICTIONARY,
    "llvm": OF_LLVM,
    "generic llvm": GENERIC_OF_LLVM,
    "large": LARGE,
}
STRICT = "#strict = #enzyme.activity<enzyme_dup>\n"
"""A text with it is in that spelling."""
PIPELINES = {
    "hvp": 'enzyme{postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize"}',
    "batch": "enzyme-batch",
    "jacobian.operation": "lower-enzyme-jacobian-stablehlo",
}

EVERY = [(name, variant) for name in TEXTS for variant in VARIANTS]
REFUSED = {
    ("memory", "reverse.seeds"),
    ("memory", "forward.directions"),
    *((name, "jacobian") for name in ("memory", "llvm")),
    *((name, "jacobian.operation") for name in ("scalar", "memory", "dictionary", "llvm", "generic llvm")),
    *((name, "batch") for name in ("memory", "llvm", "generic llvm")),
    *((name, sort) for name in ("llvm", "generic llvm") for sort in ("reverse.seeds", "forward.directions", "hvp")),
}
"""What no engine does."""
REFUSED_CLASSIC = {*REFUSED, ("llvm", "forward"), ("generic llvm", "forward")}


@pytest.mark.engine
@pytest.mark.parametrize(("name", "variant"), EVERY, ids=[f"{name}-{variant.id}" for name, variant in EVERY])
def test_the_classic_engine_makes_what_is_written(name: str, variant: Variant, classic: EngineThread):
    _check(TEXTS[name], variant, classic, is_refused=(name, variant.id) in REFUSED_CLASSIC)


@pytest.mark.engine
@pytest.mark.parametrize(("name", "variant"), EVERY, ids=[f"{name}-{variant.id}" for name, variant in EVERY])
def test_the_strict_engine_makes_what_is_written(name: str, variant: Variant, strict: EngineThread):
    _check(STRICT + TEXTS[name], variant, strict, is_refused=(name, variant.id) in REFUSED)


def _check(text: str, variant: Variant, engine: EngineThread, *, is_refused: bool) -> None:
    snapshot = Workspace(Settings()).open(Document.of("untitled:f", text))
    (one,) = subject.every(snapshot)
    (outlook,) = outlooks(one, ((variant, variant.wish),))
    assert bool(outlook.reason) == is_refused, outlook.reason
    if is_refused:
        return
    data = foreseen(one, variant, variant.wish, outlook).apply(snapshot.document.data)
    for pipeline in ("", PIPELINES.get(variant.id, "enzyme")):
        answer = engine.wait(engine.pool.run(Request(data, pipeline)))
        assert answer.outcome is Outcome.ACCEPTED, f"{answer.problems} {answer.detail}\n{data.decode()}"
