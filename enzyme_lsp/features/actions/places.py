"""Places: what an action finds at the cursor: the operation that it stands in, with what it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.dialect.spelling import shifted
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.text.edit import Edit
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot


def operation_at(snapshot: Snapshot, span: Span) -> tuple[int, Operation] | None:
    """The innermost operation that holds a place, with the number of its piece; at its end it still holds it."""
    for index in _pieces(snapshot, span):
        offset, tree = snapshot.offset(index), snapshot.layout.pieces[index].tree
        around = [tree.operation_at(at) for at in (span.start - offset, span.start - offset - 1) if at >= 0]
        holding = [one for one in around if one is not None and one.span.end >= span.end - offset]
        if holding:
            return index, max(holding, key=lambda one: one.first)
    return None


def reading_at(snapshot: Snapshot, span: Span) -> tuple[int, Reading] | None:
    """The derivative call that holds a place, with the number of its piece."""
    found = operation_at(snapshot, span)
    if found is None:
        return None
    index, operation = found
    return next(((index, one) for one in snapshot.readings_in(index) if one.call.operation is operation), None)


def placed(snapshot: Snapshot, index: int, edits: Iterable[Edit]) -> EditSet:
    """Edits in bytes of a piece as edits of the document."""
    return EditSet(shifted(edit, snapshot.offset(index)) for edit in edits)


def _pieces(snapshot: Snapshot, span: Span) -> Iterator[int]:
    """The piece that begins before a place or at it, and the one that ends there."""
    first, last = snapshot.layout.index_near(span.start), snapshot.layout.index_near(max(span.start - 1, 0))
    yield from dict.fromkeys(index for index in (first, last) if index is not None)
