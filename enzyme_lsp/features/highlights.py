"""Highlights: the occurrences of the name under the cursor, definitions as writes and uses as reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.features.answers import Access, Highlight
from enzyme_lsp.features.references import same

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot


def highlights(snapshot: Snapshot, offset: int) -> tuple[Highlight, ...]:
    """In order. Raises `Outdated` when an edit has come."""
    return tuple(Highlight(one.span, Access.WRITE if one.defines else Access.READ) for one in same(snapshot, offset))
