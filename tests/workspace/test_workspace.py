"""Workspace and snapshots: what replaces what, and what a snapshot says of symbols."""

from __future__ import annotations

import pytest

from enzyme_lsp.settings import DiagnosticSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.snapshot import Outdated
from enzyme_lsp.workspace.workspace import Workspace

TEXT = "func.func private @f(f64)\nmodule @m {\n  func.func private @g(f64)\n}\n// -----\nfunc.func private @f(f32)\n"


def test_a_newer_snapshot_retires_the_older():
    workspace = Workspace(Settings())
    document = Document.of("untitled:a", TEXT)
    first = workspace.open(document)
    first.check_current()
    edit = Edit(Span(0, 0), b"\n")
    second = workspace.change(document.edited(edit, version=1), [edit])
    assert workspace.get("untitled:a") is second
    with pytest.raises(Outdated):
        first.check_current()
    workspace.close("untitled:a")
    assert not second.is_current
    assert workspace.snapshots() == ()


def test_a_change_before_the_first_look_is_laid_out_afresh():
    workspace = Workspace(Settings())
    document = Document.of("untitled:a", TEXT)
    assert not workspace.open(document).is_laid_out
    edit = Edit(Span(0, 9), b"llvm.func")
    snapshot = workspace.change(document.edited(edit, version=1), [edit])
    assert snapshot.layout.pieces[0].head == "llvm.func"


def test_other_settings_keep_the_text():
    workspace = Workspace(Settings())
    snapshot = workspace.open(Document.of("untitled:a", TEXT))
    layout = snapshot.layout
    workspace.configure(Settings(diagnostics=DiagnosticSettings(enabled=False)))
    after = workspace.get("untitled:a")
    assert after is not None
    assert after.layout is layout
    assert not after.settings.diagnostics.enabled
    assert not snapshot.is_current


def test_symbols_are_in_the_table_that_holds_them():
    snapshot = Workspace(Settings()).open(Document.of("untitled:a", TEXT))
    names = [(scope.section, sorted(scope.symbols)) for scope in snapshot.scopes.scopes]
    assert names == [(0, ["f", "m"]), (0, ["g"]), (1, ["f"])]
    found = snapshot.resolve(0, None, "f")
    assert found is not None
    assert str(found.signature) == "@f : (f64) -> ()"
    assert snapshot.resolve(0, None, "g") is None


def test_a_module_that_is_not_closed_is_known():
    snapshot = Workspace(Settings()).open(
        Document.of("untitled:a", "module {\n  module @inner {\n// -----\nmodule {}\n")
    )
    assert [snapshot.layout.pieces[index].text for index in snapshot.scopes.unclosed] == [
        b"module @inner {",
        b"module {",
    ]
