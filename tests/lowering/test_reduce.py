"""Reducing: what is left of a module that crashes the engine, and that it crashes it still."""

from __future__ import annotations

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.lowering import wish
from enzyme_lsp.lowering.reduce import Reproducer, reduced
from enzyme_lsp.lowering.wish import Wish
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.engines import scripted
from tests.judges import EngineThread

CRASHING = """\
#unused = 1
func.func @one() {
  return
}
func.func @two(%x: f64) -> f64 {
  %y = test.first %x : f64
  %z = test.second %x : f64 // scripted: segfault
  return %z : f64
}
func.func @three() {
  return
}
"""


def reproducer(engine: EngineThread, text: str, pipeline: str, *, seconds: float = 60) -> Reproducer | None:
    snapshot = Workspace(Settings()).open(Document.of("file:///a.mlir", text))
    order = wish.order(snapshot, Wish(pipeline=pipeline))
    return engine.wait(reduced(engine.pool, snapshot, order, seconds=seconds))


def test_a_crash_may_come_as_late_as_in_the_lowering() -> None:
    text = "func.func @f() {\n  return\n}\n// scripted: delay 0.3\n// scripted: segfault\n"
    hasty = EngineSettings(kind="command", command=scripted.command(), workers=1, deadline_s=0.1)
    with EngineThread(hasty) as engine:
        assert reproducer(engine, text, "pass a", seconds=0.5) is not None


def scripted_engine() -> EngineThread:
    return EngineThread(EngineSettings(kind="command", command=scripted.command(), workers=1))


def test_what_is_not_needed_for_the_crash_goes() -> None:
    with scripted_engine() as engine:
        found = reproducer(engine, CRASHING, "pass a,pass b")
        assert found is not None
        assert found.steps == ()
        for gone in (b"@one", b"@three", b"#unused", b"test.first", b"return"):
            assert gone not in found.text
        assert b"// scripted: segfault" in found.text
        assert "SIGSEGV" in found.detail
        assert found.file().startswith(b"// RUN: enzymexlamlir-opt %s --pass-pipeline='builtin.module()'\n// SIGSEGV")


def test_the_passes_that_crash_stay() -> None:
    with scripted_engine() as engine:
        found = reproducer(engine, "func.func @f() {\n  return\n}\n", "pass a,segfault,pass b")
        assert found is not None
        assert found.steps == ("segfault",)
        assert found.command == "enzymexlamlir-opt %s --pass-pipeline='builtin.module(segfault)'"


def test_what_does_not_crash_has_none() -> None:
    with scripted_engine() as engine:
        assert reproducer(engine, "func.func @f() { return }\n", "pass a") is None


def test_time_that_is_up_leaves_what_there_is() -> None:
    with scripted_engine() as engine:
        assert reproducer(engine, CRASHING, "pass a", seconds=-1) is None


def test_a_crash_of_enzyme_becomes_small(classic: EngineThread) -> None:
    text = """\
func.func @unused(%x: f64) -> f64 {
  return %x : f64
}
func.func @f(%x: memref<f64>) -> f64 {
  %a = arith.constant 1.0 : f64
  %y = memref.load %x[] : memref<f64>
  return %y : f64
}
func.func @df(%x: memref<f64>, %dr: f64) -> memref<f64> {
  %0 = enzyme.autodiff @f(%x, %dr) {
    activity = [#enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (memref<f64>, f64) -> memref<f64>
  return %0 : memref<f64>
}
"""
    found = reproducer(classic, text, "canonicalize,enzyme,cse")
    assert found is not None
    assert found.steps == ("enzyme",)
    assert b"@unused" not in found.text
    assert b"arith.constant" not in found.text
    answer = classic.wait(classic.pool.run(Request(found.text, elements=found.steps)))
    assert answer.outcome is Outcome.CRASHED
