"""Semantic tokens: what each word of a text is: operations by dialect, values, symbols, types, attributes, directives.

Tokens of a piece are kept with the piece, in lines and columns of its own, so that an edit costs one piece.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.activity import BY_WORD
from enzyme_lsp.syntax.mentions import symbol_mentions
from enzyme_lsp.syntax.parse import is_type_word
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.syntax.scopes import Defined, names
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Snapshot


class TokenType(IntEnum):
    """The legend, in its order. Names in lower case are the protocol's where it has one."""

    NAMESPACE = 0
    """The dialect in the name of an operation."""
    FUNCTION = 1
    """The rest of the name of an operation; and symbols of functions."""
    VARIABLE = 2
    """SSA values."""
    PARAMETER = 3
    """SSA values that are arguments."""
    LABEL = 4
    """Blocks."""
    TYPE = 5
    PROPERTY = 6
    """Names of attributes."""
    ENUM_MEMBER = 7
    """Activities."""
    MACRO = 8
    """Aliases, and attributes of dialects."""
    KEYWORD = 9
    NUMBER = 10
    STRING = 11
    COMMENT = 12
    DECORATOR = 13
    """FileCheck and lit directives."""


class Modifier(IntFlag):
    """What else a token is, as bits in the order of the legend."""

    NONE = 0
    DECLARATION = 1
    """A definition of the name."""
    DEFAULT_LIBRARY = 2
    """Of Enzyme's dialect."""


@dataclass(frozen=True, slots=True)
class SemanticToken:
    """A stretch of one line, in bytes of the document."""

    start: int
    end: int
    type: TokenType
    modifiers: Modifier = Modifier.NONE


def semantic_tokens(snapshot: Snapshot, span: Span | None = None) -> tuple[SemanticToken, ...]:
    """The tokens of a span, or of the document, in order. Raises `Outdated` when an edit has come."""
    layout, found = snapshot.layout, list[SemanticToken]()
    behind = 0
    for index, piece in enumerate(layout.pieces):
        start = layout.starts[index]
        end = start + len(piece.text)
        if span is None or (end >= span.start and start <= span.end):
            snapshot.check_current()
            found += between(snapshot, behind, start)
            found += [SemanticToken(start + a, start + b, kind, more) for a, b, kind, more in piece.fact(tokens_of)]
        behind = end
    found += between(snapshot, behind, len(snapshot.document.data))
    if span is not None:
        found = [one for one in found if one.end > span.start and one.start < span.end]
    return tuple(found)


def between(snapshot: Snapshot, first: int, last: int) -> tuple[SemanticToken, ...]:
    """The tokens of bytes that are in no piece: comments."""
    return tuple(_comments(snapshot.document.data, first, last)) if first < last else ()


def tokens_of(piece: Piece) -> tuple[tuple[int, int, TokenType, Modifier], ...]:
    """The tokens of a piece: start, end, type, modifiers. Use through `piece.fact`."""
    tokens = piece.tree.tokens
    found = [*_words(piece), *_directives(tokens.text, tokens.comments)]
    found.sort(key=lambda one: one[0])
    return tuple(found)


_DIRECTIVE: Final = re.compile(rb"\b[A-Z][A-Z0-9_]*(?:-(?:NEXT|SAME|LABEL|DAG|NOT|EMPTY|COUNT-\d+))?:")
"""`RUN:`, `CHECK-NEXT:` and their like, with any prefix."""
_SIMPLE: Final = {
    Kind.NUMBER: TokenType.NUMBER,
    Kind.STRING: TokenType.STRING,
    Kind.HASH: TokenType.MACRO,
    Kind.BANG: TokenType.TYPE,
    Kind.SYMBOL: TokenType.FUNCTION,
    Kind.CARET: TokenType.LABEL,
}


def _words(piece: Piece) -> Iterator[tuple[int, int, TokenType, Modifier]]:
    tree, tokens = piece.tree, piece.tree.tokens
    operations = {operation.name_token: operation for operation in tree.walk() if operation.name_token >= 0}
    known = piece.fact(names).at
    defined = {mention.token for mention in piece.fact(symbol_mentions) if mention.defines}
    for index, kind in enumerate(tokens.kinds):
        start, end = tokens.starts[index], tokens.ends[index]
        if index in operations:
            yield from _operation(tokens.word(index), start)
        elif kind == Kind.VALUE:
            definition = known.get(index)
            is_argument = definition is not None and definition.defined in (Defined.ARGUMENT, Defined.HEADER)
            defines = definition is not None and definition.token == index
            type_ = TokenType.PARAMETER if is_argument else TokenType.VARIABLE
            yield start, end, type_, Modifier.DECLARATION if defines else Modifier.NONE
        elif kind == Kind.WORD:
            yield start, end, *_word(tokens.word(index), tokens.word(index + 1), tokens.word(index - 1))
        elif kind == Kind.CARET and (label := known.get(index)) is not None:
            yield start, end, TokenType.LABEL, Modifier.DECLARATION if label.token == index else Modifier.NONE
        elif kind == Kind.HASH and tokens.kinds[index - 1] == Kind.VALUE and start == tokens.ends[index - 1]:
            yield start, end, TokenType.NUMBER, Modifier.NONE
        elif index in defined:
            yield start, end, TokenType.FUNCTION, Modifier.DECLARATION
        elif kind in (Kind.HASH, Kind.BANG) and index == 0 and piece.kind is PieceKind.ALIAS:
            yield start, end, _SIMPLE[Kind(kind)], Modifier.DECLARATION
        elif kind in _SIMPLE:
            yield start, end, _SIMPLE[Kind(kind)], Modifier.NONE


def _operation(word: bytes, start: int) -> Iterator[tuple[int, int, TokenType, Modifier]]:
    """`arith.` and `addf` of a name; in the generic form inside its quotes."""
    quote = 1 if word.startswith(b'"') else 0
    name = word.strip(b'"')
    dialect, dot, _ = name.partition(b".")
    modifier = Modifier.DEFAULT_LIBRARY if dialect == b"enzyme" and dot else Modifier.NONE
    at = start + quote
    if dot:
        yield at, at + len(dialect), TokenType.NAMESPACE, modifier
        at += len(dialect) + 1
    if at < start + quote + len(name):
        yield at, start + quote + len(name), TokenType.FUNCTION, modifier


def _word(word: bytes, behind: bytes, before: bytes) -> tuple[TokenType, Modifier]:
    if word.decode("ascii", "replace") in BY_WORD:
        return TokenType.ENUM_MEMBER, Modifier.DEFAULT_LIBRARY
    if (
        is_type_word(word)
        or word in _BUILTIN_TYPES
        or (word[:1] == b"x" and (before[:1].isdigit() or before in (b"?", b"*")))
    ):
        return TokenType.TYPE, Modifier.NONE
    if behind == b"=" and before in (b"{", b",", b"<"):
        return TokenType.PROPERTY, Modifier.NONE
    return TokenType.KEYWORD, Modifier.NONE


_BUILTIN_TYPES: Final = frozenset({b"tensor", b"memref", b"vector", b"complex", b"tuple"})


def _comments(data: bytes, first: int, last: int) -> Iterator[SemanticToken]:
    """Comments between pieces."""
    at = data.find(b"//", first, last)
    while at >= 0:
        end = data.find(b"\n", at, last)
        end = last if end < 0 else end
        for start, stop, kind, more in _directives(data, [(at, len(data[at:end].rstrip()) + at)]):
            yield SemanticToken(start, stop, kind, more)
        at = data.find(b"//", end, last)


def _directives(data: bytes, comments: list[tuple[int, int]]) -> Iterator[tuple[int, int, TokenType, Modifier]]:
    """Each comment; one that holds a directive in three parts."""
    for start, end in comments:
        match = _DIRECTIVE.search(data, start, end)
        if match is None:
            yield start, end, TokenType.COMMENT, Modifier.NONE
            continue
        yield start, match.start(), TokenType.COMMENT, Modifier.NONE
        yield match.start(), match.end(), TokenType.DECORATOR, Modifier.NONE
        if match.end() < end:
            yield match.end(), end, TokenType.COMMENT, Modifier.NONE
