"""Highlights: the occurrences of the name under the cursor, definitions as writes and uses as reads."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.answers import Access, Highlight
from enzyme_lsp.features.references import same

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot


_MOST: Final = 1_000
"""An editor asks at each move of the cursor, and shows those around it."""


def highlights(snapshot: Snapshot, offset: int) -> tuple[Highlight, ...]:
    """In order; of very many those around the cursor. Raises `Outdated` when an edit has come."""
    found = [*same(snapshot, offset)]
    before = bisect_left(found, offset, key=lambda one: one.span.start)
    first = min(max(before - _MOST // 2, 0), max(len(found) - _MOST, 0))
    return tuple(
        Highlight(one.span, Access.WRITE if one.defines else Access.READ) for one in found[first : first + _MOST]
    )
