"""References: every place that means what is under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.workspace import occurrences
from enzyme_lsp.workspace.occurrences import NameKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.occurrences import Occurrence
    from enzyme_lsp.workspace.snapshot import Snapshot


def references(snapshot: Snapshot, offset: int, include_definitions: bool) -> tuple[Span, ...]:  # noqa: FBT001  # The client's.
    """The places, in order. On a use of one result of several, `%p#1`, only the uses of that one.

    Raises `Outdated` when an edit has come.
    """
    return tuple(one.span for one in same(snapshot, offset) if include_definitions or not one.defines)


def same(snapshot: Snapshot, offset: int) -> Iterator[Occurrence]:
    """Every occurrence of what is under the cursor."""
    found = occurrences.at(snapshot, offset)
    if found is None:
        return
    for one in occurrences.all_of(snapshot, found):
        if found.kind is not NameKind.VALUE or found.number is None or one.defines or one.number == found.number:
            yield one
