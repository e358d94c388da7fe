"""Masking: the text of a piece as it is sent to an engine: the same lines, without what would mislead.

Recorded locations (`loc(...)`) are blanked, since an engine reports errors at them instead of at the text. Operations
of dialects that the engine does not know are replaced by values of the same types, so that it reads the rest.
Line numbers stay; columns stay in all lines but those of a replaced operation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.parse import type_end
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from enzyme_lsp.syntax.nodes import Operation

_NOT_A_BREAK: Final = re.compile(rb"[^\n\r]")
# Group 1: `loc(`; 2: another opening parenthesis; 3: a closing one. Strings and comments are passed over.
_LOCATION_STEP: Final = re.compile(rb'"(?:[^"\\\n\r]|\\[^\n\r])*"?|//[^\n\r]*|(?<![\w$.])(loc[ \t]*\()|(\()|(\))')
_BEFORE_A_VALUE: Final = frozenset({b"=", b"[", b",", b"(", b"<", b""})
_TYPE_STOPS: Final = frozenset({b"{", b"loc", b"}"})


@dataclass(frozen=True, slots=True)
class Masked:
    """A piece's text for an engine, and what was replaced in it, in bytes from the start of the piece."""

    text: bytes
    replaced: tuple[Operation, ...] = ()


def without_locations(piece: Piece) -> bytes:
    """The piece's text, as long as before, with recorded locations blanked. Use through `piece.fact`."""
    if piece.kind is PieceKind.ALIAS:
        return piece.text
    return _patched(piece.text, [(span, _blank(span.of(piece.text))) for span in _locations(piece.text)])


def without_dialects(piece: Piece, dialects: frozenset[str]) -> Masked | None:
    """The piece's text without locations and without the operations of `dialects`.

    None when that cannot be done: an operation of them ends a block of an operation that stays, or its results have
    types that the text does not show.
    """
    if not any(piece.mentions(dialect.encode() + b".") for dialect in dialects):
        return Masked(piece.fact(without_locations))
    replaced: list[Operation] = []
    patches: list[tuple[Span, bytes]] = []
    pending = list(reversed(piece.tree.operations))
    while pending:
        operation = pending.pop()
        if operation.name.partition(".")[0] in dialects and "." in operation.name:
            patch = _replacement(operation)
            if patch is None:
                return None
            replaced.append(operation)
            patches.append((operation.span, patch))
            continue
        for region in operation.regions:
            for block in region.blocks:
                last = block.operations[-1] if block.operations else None
                if last is not None and last.name.partition(".")[0] in dialects and "." in last.name:
                    return None  # the block would lose its terminator
                pending.extend(reversed(block.operations))
    kept = [
        (span, _blank(span.of(piece.text)))
        for span in _locations(piece.text)
        if not any(patched.overlaps(span) for patched, _ in patches)
    ]
    return Masked(_patched(piece.text, sorted(patches + kept)), tuple(replaced))


def _locations(text: bytes) -> list[Span]:
    """Every `loc(...)` that only records a place: those of operations and of arguments, and none that is a value.

    A scan of its own, since the first verdict on a file of ten thousand functions must not parse them all before.
    """
    if b"loc" not in text:
        return []
    found: list[Span] = []
    start, depth = -1, 0
    for step in _LOCATION_STEP.finditer(text):
        group = step.lastindex
        if group == 1 and depth == 0:
            # A bounded look back: what stands before is one blank away in nearly all texts.
            if text[max(0, step.start() - 200) : step.start()].rstrip()[-1:] not in _BEFORE_A_VALUE:
                start, depth = step.start(), 1
        elif depth and group in (1, 2):
            depth += 1
        elif depth and group == 3:
            depth -= 1
            if depth == 0:
                found.append(Span(start, step.end()))
    return found


def _replacement(operation: Operation) -> bytes | None:
    """Text with the results of `operation`, their types, and as many lines; None when the types are not to be seen."""
    text = operation.span.of(operation.tree.tokens.text)
    breaks = text.count(b"\n")
    if not operation.results:
        return b"\n" * breaks
    types = _result_types(operation)
    if types is None:
        return None
    tree, tokens = operation.tree, operation.tree.tokens
    named = tree.span(operation.first, operation.name_token).of(tokens.text)
    return (
        b" ".join(named.split()) + b' "builtin.unrealized_conversion_cast"() : () -> (' + types + b")" + b"\n" * breaks
    )


def _result_types(operation: Operation) -> bytes | None:
    """What stands behind the last `->`, or else behind the last `:`, of the operation itself, without parentheses."""
    tree, tokens = operation.tree, operation.tree.tokens
    mark = -1
    index = operation.name_token + 1
    while index < operation.last:
        word = tokens.word(index)
        if word == b"->" or (word == b":" and (mark < 0 or tokens.word(mark) == b":")):
            mark = index
        if tokens.kinds[index] == Kind.OPEN and tree.partners[index] > index:
            index = tree.partners[index]
        index += 1
    if mark < 0 or mark + 1 >= operation.last:
        return None
    first, end = mark + 1, type_end(tree, mark + 1, operation.last, _TYPE_STOPS)
    if tokens.word(first) == b"(" and tree.partners[first] == end - 1:
        first, end = first + 1, end - 1
    count = sum(result.count for result in operation.results)
    types = b" ".join(tree.span(first, end).of(tokens.text).split()) if end > first else b""
    listed = _count_types(operation, first, end)
    return types if types and listed == count else None


def _count_types(operation: Operation, first: int, last: int) -> int:
    count, index = 0, first
    while index < last:
        index = type_end(operation.tree, index, last, frozenset({b","})) + 1
        count += 1
    return count


def _blank(text: bytes) -> bytes:
    return _NOT_A_BREAK.sub(b" ", text)


def _patched(text: bytes, patches: list[tuple[Span, bytes]]) -> bytes:
    """`text` with each span, in order and disjoint, replaced."""
    parts: list[bytes] = []
    behind = 0
    for span, new in patches:
        parts += (text[behind : span.start], new)
        behind = span.end
    parts.append(text[behind:])
    return b"".join(parts)
