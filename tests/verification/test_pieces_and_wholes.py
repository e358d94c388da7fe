"""Properties of verdicts on pieces, over modules put together from real symbols in any order: on valid text a piece
alone is never refused, and a mistake in one symbol is reported there and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.engines.api import Outcome
from enzyme_lsp.features.diagnostics import diagnostics
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.samples import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.judges import EngineThread

# Each symbol may name others of the list, which come with it.
SYMBOLS = {
    "square": "func.func @square(%x: f64) -> f64 {\n  %0 = arith.mulf %x, %x : f64\n  return %0 : f64\n}",
    "caller": "func.func @caller(%x: f64) -> f64 {\n  %0 = func.call @square(%x) : (f64) -> f64\n  return %0 : f64\n}",
    "declared": "func.func private @declared(f64 {a.b}, memref<?xf64>) -> (f64, index)",
    "two": "func.func @two(%m: memref<?xf64>, %x: f64) -> index {\n"
    "  %0:2 = call @declared(%x, %m) : (f64, memref<?xf64>) -> (f64, index)\n  return %0#1 : index\n}",
    "grad": "func.func @grad(%x: f64, %dr: f64) -> f64 {\n"
    "  %0 = enzyme.autodiff @square(%x, %dr) {activity = [#act], ret_activity = [#enzyme<activity enzyme_activenoneed>]}"
    " : (f64, f64) -> f64\n  return %0 : f64\n}",
    "data": "memref.global constant @data : memref<2xf64> = dense<[1.0, 2.0]>",
    "reads": "func.func @reads() -> memref<2xf64> {\n  %0 = memref.get_global @data : memref<2xf64>\n"
    "  return %0 : memref<2xf64>\n}",
    "text": 'llvm.mlir.global internal constant @text("ab}\\00") {addr_space = 0 : i32} : !llvm.array<4 x i8>',
    "external": "llvm.func internal @external(%p: !llvm.ptr {llvm.nonnull}, ...) -> i32 attributes {a.b = 1 : i32} {\n"
    "  %0 = llvm.mlir.constant(1 : i32) : i32\n  llvm.return %0 : i32\n}",
    "prints": "llvm.func @prints() -> i32 {\n  %0 = llvm.mlir.addressof @text : !llvm.ptr\n"
    "  %1 = llvm.call @external(%0) vararg(!llvm.func<i32 (ptr, ...)>) : (!llvm.ptr) -> i32\n  llvm.return %1 : i32\n}",
    "aliased": "func.func @aliased(%m: !matrix) -> !matrix {\n  return %m : !matrix\n}",
    "loops": "func.func @loops(%m: !matrix) {\n  affine.for %i = 0 to 4 {\n    %0 = affine.load %m[%i, %i] : !matrix\n"
    "    affine.store %0, %m[%i floordiv 2, %i] : !matrix\n  }\n  return\n} loc(\"loops.py\":1:2)",
    "nested": "module @nested {\n  func.func private @square(i32) -> i32\n"
    "  func.func @inner(%x: i32) -> i32 {\n    %0 = call @square(%x) : (i32) -> i32\n    return %0 : i32\n  }\n}",
    "mesh": 'sdy.mesh @mesh = <["x"=2]>',
    "sharded": 'func.func @sharded(%x: tensor<8xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"x"}]>}) -> tensor<8xf32> {\n'
    "  return %x : tensor<8xf32>\n}",
    "branches": "func.func @branches(%c: i1) {\n  cf.cond_br %c, ^bb1, ^bb2\n^bb1:\n  cf.br ^bb2\n^bb2:\n  return loc(#loc1)\n}",
}  # fmt: skip
NEEDS = {
    "caller": ["square"], "two": ["declared"], "grad": ["square"], "reads": ["data"], "prints": ["text", "external"],
    "sharded": ["mesh"],
}  # fmt: skip
HEAD = (
    "#act = #enzyme<activity enzyme_active>\n#map = affine_map<(i, j) -> (i, j)>\n!matrix = memref<4x4xf64, #map>\n"
    '#loc1 = loc("model.py":7:9)\n'
)


@st.composite
def modules(draw: st.DrawFn) -> tuple[str, list[str]]:
    """The text of a valid module, and the names of its symbols in order."""
    chosen = draw(st.lists(st.sampled_from(sorted(SYMBOLS)), min_size=1, max_size=6, unique=True))
    names = draw(st.permutations(sorted({*chosen, *(need for name in chosen for need in NEEDS.get(name, []))})))
    body = "\n\n".join(SYMBOLS[name] for name in names)
    if draw(st.booleans()):
        body = "module @outer {\n" + body + "\n}"
    return HEAD + body + draw(st.sampled_from(["", "\n", "\n// end"])), list(names)


SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SLOW
@given(module=modules())
def test_a_piece_of_a_valid_module_is_never_refused(module: tuple[str, list[str]], classic: EngineThread) -> None:
    snapshot = Workspace(Settings()).open(Document.of("untitled:valid", module[0]))
    verdict = classic(snapshot)
    assert verdict.accepted == {0}, verdict.findings
    assert diagnostics(snapshot, verdict) == ()
    alone = classic.wait(classic.verifier().by_pieces(snapshot))
    assert {index: one for index, one in alone.items() if one.outcome is not Outcome.ACCEPTED} == {}


@SLOW
@given(module=modules(), data=st.data())
def test_a_mistake_is_reported_where_it_is(
    module: tuple[str, list[str]], data: st.DataObject, classic: EngineThread
) -> None:
    text, names = module
    name = data.draw(st.sampled_from(names))
    mistake = (
        f"func.func @wrong_{name}(%x: f64) -> f64 {{\n  %0 = arith.mulf %x, %nosuch : f64\n  return %0 : f64\n}}\n\n"
    )
    at = text.index(SYMBOLS[name])
    broken = text[:at] + mistake + text[at:]
    snapshot = Workspace(Settings()).open(Document.of("untitled:broken", broken))
    found = [one for one in diagnostics(snapshot, classic(snapshot)) if one.severity is Severity.ERROR]
    assert [(one.code, one.span.start) for one in found] == [("undeclared-value", broken.index("%nosuch"))]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.mlir")), ids=lambda path: path.name)
def test_pieces_of_the_examples(path: Path, classic: EngineThread) -> None:
    snapshot = Workspace(Settings()).open(Document.of(path.as_uri(), path.read_bytes()))
    assert len(classic(snapshot).accepted) == len(snapshot.sections)
    alone = classic.wait(classic.verifier().by_pieces(snapshot))
    assert all(one.outcome is Outcome.ACCEPTED for one in alone.values())
