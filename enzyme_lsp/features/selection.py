"""Selection: what to select next when a selection grows: word, element of a list, brackets, operation, block, region,
function, module, section."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.parse import type_end
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.workspace.snapshot import Snapshot

_COMMA: Final = frozenset({b","})
_ANGLE: Final = frozenset({b">"})
_COMMENT_LINE: Final = re.compile(rb"[ \t]*(//[^\n\r]*)")
_DEEPEST: Final = 16
"""Brackets in brackets of one operation that are told apart, the innermost of them."""


def selections(snapshot: Snapshot, offsets: Sequence[int]) -> list[tuple[Span, ...]]:
    """What can be selected around each of several bytes. Raises `Outdated` when an edit has come."""
    found: list[tuple[Span, ...]] = []
    for offset in offsets:
        snapshot.check_current()
        found.append(selection(snapshot, offset))
    return found


def selection(snapshot: Snapshot, offset: int) -> tuple[Span, ...]:
    """The spans around a byte, each inside the next and larger; the last is the whole document."""
    data = snapshot.document.data
    document, found = Span(0, len(data)), [*_comments(data, offset)]
    index = snapshot.layout.index_near(offset)
    if index is not None:
        piece, start = snapshot.layout.pieces[index], snapshot.offset(index)
        found += [span.shifted(start) for span in _in_piece(piece.tree, offset - start)]
        found += [Span(start, start + len(piece.text)), *_modules(snapshot, index)]
        found.append(snapshot.sections[snapshot.scope_of(index).section].span)
    return tuple(_growing([*(span for span in found if span.start <= offset <= span.end), document]))


def _comments(data: bytes, offset: int) -> Iterator[Span]:
    """The comment around a byte, if it has its line to itself, and all such lines that it stands among."""
    first = last = _comment_line(data, offset)
    if first is None or last is None:
        return
    yield first
    while (end := data.rfind(b"\n", 0, first.start)) >= 0 and (above := _comment_line(data, end)) is not None:
        first = above
    while (end := data.find(b"\n", last.end)) >= 0 and (below := _comment_line(data, end + 1)) is not None:
        last = below
    yield Span(first.start, last.end)


def _comment_line(data: bytes, offset: int) -> Span | None:
    """The comment that has the line of a byte to itself; the end of a line belongs to it."""
    match = _COMMENT_LINE.match(data, data.rfind(b"\n", 0, offset) + 1)
    return None if match is None else Span(*match.span(1))


def _in_piece(tree: Tree, offset: int) -> Iterator[Span]:
    """The spans of a piece around a byte, in no order."""
    path = [*_path(tree, offset)]
    comment = bisect_right(tree.tokens.comments, (offset, offset)) - 1
    if comment >= 0:
        yield Span(*tree.tokens.comments[comment])
    token = tree.tokens.at(offset)
    if token is not None:
        yield tree.token_span(token)
        if path:
            yield from _brackets(path[-1], token)
    for operation in path:
        yield operation.span
        for region in operation.regions:
            last = region.close if region.close >= 0 else operation.last
            yield tree.span(region.open, min(last + 1, operation.last))
            yield tree.span(region.open + 1, last)
            for block in region.blocks:
                if block.operations:
                    first = block.label if block.label >= 0 else block.operations[0].first
                    yield tree.span(first, block.operations[-1].last)
                    yield tree.span(block.operations[0].first, block.operations[-1].last)


def _path(tree: Tree, offset: int) -> Iterator[Operation]:
    """The operations around a byte, or that end there, from outside in."""
    operation = _touched(tree.operations, offset)
    while operation is not None:
        yield operation
        blocks = (block for region in operation.regions for block in region.blocks)
        operation = next((one for block in blocks if (one := _touched(block.operations, offset)) is not None), None)


def _touched(operations: list[Operation], offset: int) -> Operation | None:
    index = bisect_right(operations, offset, key=lambda one: one.tree.tokens.starts[one.first]) - 1
    return operations[index] if index >= 0 and offset <= operations[index].span.end else None


def _brackets(operation: Operation, token: int) -> Iterator[Span]:
    """The brackets of an operation around a token, what is in them, and its elements; angle brackets too."""
    tree, word = operation.tree, operation.tree.tokens.word
    around: list[tuple[int, int]] = []  # the token that opens, and the one at which the element begins
    for index in operation.own_tokens():
        if index >= token and (index > token or tree.tokens.kinds[index] != Kind.OPEN):
            break
        kind = tree.tokens.kinds[index]
        if kind == Kind.OPEN or word(index) == b"<":
            around.append((index, index + 1))
        elif word(index) == b"," and around:
            around[-1] = (around[-1][0], index + 1)
        elif kind == Kind.CLOSE:
            while around and around[-1][0] > tree.partners[index] >= 0:
                around.pop()
            if around and around[-1][0] == tree.partners[index]:
                around.pop()
        elif word(index) == b">" and around and word(around[-1][0]) == b"<":
            around.pop()
    for opened, first in around[-_DEEPEST:]:
        is_angle = word(opened) == b"<"
        close = type_end(tree, opened + 1, operation.last, _ANGLE) if is_angle else tree.partners[opened]
        if close < token or (is_angle and word(close) != b">"):
            continue
        yield tree.span(opened, close + 1)
        yield tree.span(opened + 1, close)
        yield tree.span(first, type_end(tree, first, close, _COMMA))
        # `tensor<4xf64>` and `<{...}>` belong to what stands before them.
        if is_angle and opened > 0 and tree.tokens.ends[opened - 1] == tree.tokens.starts[opened]:
            yield tree.span(opened - 1, close + 1)


def _modules(snapshot: Snapshot, index: int) -> Iterator[Span]:
    """The modules around a piece: the body and the whole of each."""
    scopes, pieces = snapshot.scopes, snapshot.layout.pieces
    number: int | None = scopes.of_piece[index]
    is_edge = pieces[index].kind in (PieceKind.OPEN, PieceKind.CLOSE)
    own = next((n for n, scope in enumerate(scopes.scopes) if scope.open == index), None) if is_edge else None
    number = own if own is not None else number
    while number is not None:
        scope = scopes.scopes[number]
        if scope.open is not None:
            close = _closing(snapshot, scope.open, number)
            if scope.open + 1 < close:
                yield Span(snapshot.offset(scope.open + 1), snapshot.offset(close - 1) + len(pieces[close - 1].text))
            yield Span(snapshot.offset(scope.open), snapshot.offset(close) + len(pieces[close].text))
        number = scope.parent


def _closing(snapshot: Snapshot, opener: int, scope: int) -> int:
    """The piece that closes a module; the last one of the section when nothing does."""
    section = snapshot.sections[snapshot.scopes.scopes[scope].section]
    depths, pieces = snapshot.layout.depths, snapshot.layout.pieces
    inside = depths[opener] + 1
    for index in range(opener + 1, section.last):
        if pieces[index].kind is PieceKind.CLOSE and depths[index] == inside:
            return index
    return section.last - 1


def _growing(spans: list[Span]) -> list[Span]:
    """The spans by size, without empty ones and those that do not hold the one before."""
    kept: list[Span] = []
    for span in sorted(set(spans), key=lambda one: (len(one), one.start)):
        if len(span) and (not kept or span.covers(kept[-1])):
            kept.append(span)
    return kept or spans[-1:]
