"""Lowered: from a text that a pipeline made to the source that it was made of; the way back is a list of lines.

The engine keeps for each operation the place of that which it was made of, so that what differentiation adds leads to
what it is the derivative of, and a function like `@diffef` to `@f`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.features.answers import Elsewhere, Link
from enzyme_lsp.syntax import symbols
from enzyme_lsp.workspace import occurrences
from enzyme_lsp.workspace.index import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.lowering.source_map import SourceMap
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.occurrences import Occurrence
    from enzyme_lsp.workspace.snapshot import Snapshot


def definition(snapshot: Snapshot, offset: int, source_map: SourceMap) -> tuple[Link, ...]:
    """Where in the source that comes from which stands at a byte of a lowered text.

    A name leads to where that comes from which defines it, all else to where the operation of its line comes from.
    """
    named = occurrences.at(snapshot, offset)
    starts = [one.span.start for one in occurrences.definitions(snapshot, named)] if named is not None else []
    for start in (*starts, offset):
        line0 = snapshot.document.lines.position(start, "utf-8").line0
        byte = source_map.offset(line0)
        if byte is not None and (place := _place(source_map.source, byte)) is not None:
            origin = named.span if named is not None else snapshot.document.lines.line_span(line0)
            return (Link(origin, elsewhere=Elsewhere(source_map.source.uri, place)),)
    return ()


def made_of(function: Occurrence, shown: Snapshot, source_map: SourceMap) -> Iterator[Elsewhere]:
    """The functions in a lowered text that were made of a function of the source, but for what that itself became."""
    for index, piece in enumerate(shown.layout.pieces):
        if piece.symbol is None or f"@{piece.symbol}" == function.name:
            continue
        start = shown.offset(index)
        defined = next(
            (one for operation in piece.tree.operations if (one := symbols.definition(operation)) is not None), None
        )
        if defined is None:
            continue
        span = defined.span.shifted(start)
        line0 = shown.document.lines.position(span.start, "utf-8").line0
        byte = source_map.offset(line0)
        if byte is not None and _symbol_span(source_map.source, byte) == function.span:
            yield Elsewhere(shown.uri, _line_place(shown, span))


def _place(source: Snapshot, byte: int) -> Place | None:
    """The name of the symbol that the operation at a byte defines, or else the first line of that operation."""
    if (named := _symbol_span(source, byte)) is not None:
        return _line_place(source, named)
    found = source.operation_at(byte)
    return None if found is None else _line_place(source, source.span_in(found[0], found[1].span))


def _symbol_span(source: Snapshot, byte: int) -> Span | None:
    """The name of the symbol that the operation at a byte of the source defines."""
    found = source.operation_at(byte)
    defined = symbols.definition(found[1]) if found is not None else None
    return None if found is None or defined is None else source.span_in(found[0], defined.span)


def _line_place(snapshot: Snapshot, span: Span) -> Place:
    """A span as far as it lies in its first line."""
    lines = snapshot.document.lines
    line0, column = lines.position(span.start, "utf-8")
    line = lines.line_span(line0)
    end = max(min(span.end, line.end), span.start)
    before = snapshot.document.data[line.start : end]
    return Place(span.start, end, line0, column, None if before.isascii() else before)
