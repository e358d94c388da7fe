"""Snapshots of texts that no editor has opened."""

from __future__ import annotations

from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.snapshot import Snapshot


def snapshot_of(text: str) -> Snapshot:
    """A snapshot of a text, with the default settings."""
    return Snapshot(Document.of("file:///case.mlir", text), Settings())
