"""Outline: the named operations of a document, nested as their symbol tables are; it needs no engine and no whole text.

Named are the operations that define a symbol, of any dialect: modules, functions with their signatures, globals.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.answers import OutlineItem, SymbolKind
from enzyme_lsp.features.constants import shortened
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.mentions import is_table, is_table_name, with_tables
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.text.document import decode
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.file_symbols import without_parsing

if TYPE_CHECKING:
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.workspace.file_symbols import FileSymbol
    from enzyme_lsp.workspace.snapshot import Snapshot

_DEEPEST: Final = 32
"""What nests deeper stands beside what it is in: no editor shows it otherwise, and encoding nests as deep."""


def outline(snapshot: Snapshot) -> tuple[OutlineItem, ...]:
    """The items at the top of the document, in order. Raises `Outdated` when an edit has come.

    A module that is never closed holds all that follows it in its section.
    """
    levels: list[list[OutlineItem]] = [[]]
    opened: list[int] = []
    pieces = snapshot.layout.pieces
    for index, piece in enumerate(pieces):
        if piece.kind is PieceKind.MARKER:
            while opened:
                _close(snapshot, levels, opened, index - 1)
        elif piece.kind is PieceKind.OPEN:
            opened.append(index)
            if len(opened) <= _DEEPEST:
                levels.append([])
        elif piece.kind is PieceKind.CLOSE and opened:
            _close(snapshot, levels, opened, index)
        elif piece.kind is PieceKind.ITEM:
            snapshot.check_current()
            offset = snapshot.offset(index)
            levels[-1] += [_placed(item, offset) for item in piece.fact(items)]
    while opened:
        _close(snapshot, levels, opened, len(pieces) - 1)
    return tuple(levels[0])


def items(piece: Piece) -> tuple[OutlineItem, ...]:
    """The named operations of a piece, in bytes from its start. Use through `piece.fact`."""
    found = without_parsing(piece)
    if found is not None and not any(_may_hold_symbols(piece, one) for one in found):
        whole = Span(0, len(piece.text))
        return tuple(_of_symbol(one, whole) for one in found)
    return _parsed(piece)


def _may_hold_symbols(piece: Piece, one: FileSymbol) -> bool:
    is_generic = piece.text.startswith(b'"')
    return is_table_name(one.operation) or (is_generic and symbols.is_function(one.operation) is not True)


def _of_symbol(one: FileSymbol, whole: Span) -> OutlineItem:
    name, detail = decode(one.name), _detail(one.operation, decode(one.signature))
    return OutlineItem(name or one.operation, kind_of(one.operation), detail, whole, Span(one.start, one.end))


def _detail(operation: str, signature: str) -> str:
    kind = kind_of(operation)
    words = signature if kind is SymbolKind.FUNCTION else ""
    return shortened(words) or ("" if kind is SymbolKind.MODULE else operation)


def _parsed(piece: Piece) -> tuple[OutlineItem, ...]:
    # The outer operations come before those in them, and are made when these are known. A table without a name is
    # shown too, or what is in it would have no place.
    inside: dict[int, list[OutlineItem]] = {}
    shown: list[tuple[Operation, int]] = []
    around: dict[int, tuple[int, int]] = {-1: (-1, 0)}
    for operation, table, is_direct in with_tables(piece.tree):
        if is_table(operation) or (is_direct and symbols.definition(operation) is not None):
            place, depth = around[-1 if table is None else table.first]
            shown.append((operation, place))
            around[operation.first] = (operation.first, depth + 1) if depth < _DEEPEST else (place, depth)
    for operation, place in reversed(shown):
        children = sorted(inside.pop(operation.first, []), key=lambda one: one.span)
        inside.setdefault(place, []).append(_item(operation, tuple(children)))
    return tuple(sorted(inside.get(-1, []), key=lambda one: one.span))


def kind_of(name: str) -> SymbolKind:
    """What the operation `name` is shown as."""
    if symbols.is_symbol_table(name):
        return SymbolKind.MODULE
    if symbols.is_function(name):
        return SymbolKind.FUNCTION
    return SymbolKind.GLOBAL if "global" in name else SymbolKind.OTHER


def _item(operation: Operation, children: tuple[OutlineItem, ...]) -> OutlineItem:
    kind, defined = kind_of(operation.name), symbols.definition(operation)
    if defined is None:
        return OutlineItem(operation.name, kind, "", operation.span, operation.name_span, children)
    signature = symbols.signature(operation)
    detail = _detail(operation.name, str(signature).partition(" : ")[2] if signature is not None else "")
    # In an editor an empty name is an error.
    return OutlineItem(defined.name or operation.name, kind, detail, operation.span, defined.span, children)


def _close(snapshot: Snapshot, levels: list[list[OutlineItem]], opened: list[int], closer: int) -> None:
    """Makes the innermost level the children of the module that was opened last."""
    opener = opened.pop()
    has_level = len(opened) < _DEEPEST
    inside = tuple(sorted(levels.pop(), key=lambda one: one.span)) if has_level else ()
    piece, start = snapshot.layout.pieces[opener], snapshot.offset(opener)
    span = Span(start, snapshot.offset(closer) + len(snapshot.layout.pieces[closer].text))
    named = piece.fact(items)
    if named:
        item = replace(_placed(named[0], start), span=span, children=inside)
    else:
        # A module without a name goes by that of its operation.
        length = min(len(piece.head.encode()), len(piece.text))
        item = OutlineItem(piece.head or "module", SymbolKind.MODULE, "", span, Span(start, start + length), inside)
    levels[-1].append(item)


def _placed(item: OutlineItem, offset: int) -> OutlineItem:
    children = tuple(_placed(child, offset) for child in item.children)
    span, name_span = item.span.shifted(offset), item.name_span.shifted(offset)
    return OutlineItem(item.name, item.kind, item.detail, span, name_span, children)
