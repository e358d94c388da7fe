"""What completion writes is what the compilers read: whole differentiation ops, put in as they are offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.features import completion, diagnostics
from enzyme_lsp.features.completion.items import ItemKind, plain
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot
    from tests.judges import EngineThread

FUNCTIONS = """
func.func @scalar(%x: f64, %n: i32) -> f64 {
  return %x : f64
}
func.func @memory(%m: memref<4xf64>, %x: f64) -> (f64, f64) {
  return %x, %x : f64, f64
}
func.func @tensor(%t: tensor<2x3xf32>) -> tensor<3xf32> {
  %0 = arith.constant dense<0.0> : tensor<3xf32>
  return %0 : tensor<3xf32>
}
"""
VALUES = (
    "%x: f64, %dx: f64, %n: i32, %m: memref<4xf64>, %dm: memref<4xf64>, %t: tensor<2x3xf32>, %dt: tensor<2x3xf32>,"
    " %r: tensor<3xf32>, %b: tensor<2xf64>, %bi: tensor<2xi32>, %bt: tensor<2x2x3xf32>"
)
STRICT = """
func.func @one(%x: f64, %dx: f64, %n: i32) -> f64 {
  %0 = enzyme.fwddiff @scalar(%x, %dx, %n) <
    activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>],
    ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
  > : (f64, f64, i32) -> f64
  return %0 : f64
}
"""
CASES = (
    ("enzyme.autodiff", "scalar"),
    ("enzyme.autodiff", "memory"),
    ("enzyme.autodiff", "tensor"),
    ("enzyme.fwddiff", "scalar"),
    ("enzyme.fwddiff", "memory"),
    ("enzyme.fwddiff", "tensor"),
    ("enzyme.batch", "scalar"),
    ("enzyme.batch", "tensor"),
    ("enzyme.jacobian", "tensor"),
)


def put_in(head: str, op: str, callee: str) -> Snapshot:
    """The text with the item for a callee put in behind the operation's name."""
    before = f"{head}func.func @caller({VALUES}) {{\n  {op} @"
    snapshot = Workspace(Settings()).open(Document.of("untitled:1", f"{before}\n  return\n}}\n"))
    found = completion.completion(snapshot, len(before))
    item = next(one for one in found.items if one.kind is ItemKind.DERIVATIVE and one.label.startswith(f"@{callee}("))
    edits = EditSet([*item.edits, Edit(found.word, plain(item.inserted).encode())])
    return Workspace(Settings()).open(Document.of("untitled:1", edits.apply(snapshot.document.data)))


def text_of(snapshot: Snapshot) -> str:
    return snapshot.document.data.decode()


@pytest.mark.parametrize(("op", "callee"), CASES)
def test_classic(classic: EngineThread, op: str, callee: str) -> None:
    snapshot = put_in(FUNCTIONS, op, callee)
    errors = [one for one in diagnostics.diagnostics(snapshot, None) if one.severity.name == "ERROR"]
    assert errors == [], text_of(snapshot)
    assert classic(snapshot).accepted == {0}, text_of(snapshot)


@pytest.mark.parametrize(("op", "callee"), CASES)
def test_strict(strict: EngineThread, op: str, callee: str) -> None:
    snapshot = put_in(FUNCTIONS + STRICT, op, callee)
    errors = [one for one in diagnostics.diagnostics(snapshot, None) if one.severity.name == "ERROR"]
    assert errors == [], text_of(snapshot)
    assert strict(snapshot).accepted == {0}, text_of(snapshot)
