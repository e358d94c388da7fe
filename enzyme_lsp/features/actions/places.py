"""Places: what an action finds at the cursor: the operation that it stands in, with what it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.dialect.spelling import shifted
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.nodes import covering
from enzyme_lsp.text.edit import EditSet
from enzyme_lsp.text.line_ends import line_end, line_start

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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


def around(operation: Operation) -> list[Operation]:
    """The operations that an operation is in, the outermost first."""
    tree, start = operation.tree, operation.tree.tokens.starts[operation.first]
    found: list[Operation] = []
    holder = covering(tree.operations, start)
    while holder is not None and holder is not operation:
        found.append(holder)
        blocks = (block for region in holder.regions for block in region.blocks)
        holder = next((one for block in blocks if (one := covering(block.operations, start)) is not None), None)
    return found


def table_of(holders: Sequence[Operation]) -> Operation | None:
    """The operation whose symbols are seen inside some operations; None: those around the piece."""
    return next((one for one in reversed(holders) if symbols.is_symbol_table(one.name)), None)


def indent(operation: Operation) -> str:
    """What stands before an operation inside another one, where it begins a line; else nothing."""
    return indent_at(operation.tree.tokens.text, operation.span.start)


def indent_at(data: bytes, at: int) -> str:
    """What stands before a place, where that is blank; else nothing."""
    line = data[line_start(data, at) : at]
    return line.decode() if not line.strip() else ""


def end_of_line(data: bytes, at: int) -> int:
    """The end of a line behind a place, over blanks and a comment; the place itself where something else is there."""
    end = line_end(data, at)
    rest = data[at:end].strip()
    return end if not rest or rest.startswith(b"//") else at


def _pieces(snapshot: Snapshot, span: Span) -> Iterator[int]:
    """The piece that begins before a place or at it, and the one that ends there."""
    first, last = snapshot.layout.index_near(span.start), snapshot.layout.index_near(max(span.start - 1, 0))
    yield from dict.fromkeys(index for index in (first, last) if index is not None)
