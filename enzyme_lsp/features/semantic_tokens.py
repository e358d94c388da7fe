"""Semantic tokens: what each word of a text is: operations by dialect, values, symbols, types, attributes, directives.

What a piece tells is kept with the piece, so that an edit costs one piece; which values are active is told by the
derivatives that are taken of its functions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.activity import BY_WORD
from enzyme_lsp.features import reach
from enzyme_lsp.syntax.mentions import symbol_mentions
from enzyme_lsp.syntax.parse import is_type_word
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.syntax.scopes import Defined, names
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.features.reach import Way
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.syntax.scopes import Definition
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
    """A definition of the name; all others are uses."""
    DEFAULT_LIBRARY = 2
    """Of Enzyme's dialect."""
    ACTIVE = 4
    """Surely active under a differentiation operation that reaches the function."""


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
    first, last = (0, len(snapshot.document.data)) if span is None else (span.start, span.end)
    active = active_names(snapshot)
    # A comment that a span cuts has its first word on the line of it.
    line = snapshot.document.data.rfind(b"\n", 0, first) + 1
    behind = 0
    for index, piece in enumerate(layout.pieces):
        start = layout.starts[index]
        end = start + len(piece.text)
        if end >= first and start <= last:
            snapshot.check_current()
            found += between(snapshot.document.data, max(behind, line), start)
            starts = active.get(index, NONE_ACTIVE)
            found += [
                SemanticToken(start + a, start + b, kind, more | Modifier.ACTIVE if a in starts else more)
                for a, b, kind, more in piece.fact(tokens_of)
                if start + b > first and start + a < last
            ]
        behind = end
    found += between(snapshot.document.data, max(behind, line), last)
    return tuple(one for one in found if one.end > first and one.start < last)


def between(data: bytes, first: int, last: int) -> list[SemanticToken]:
    """The tokens of bytes that are in no piece: comments."""
    comments = [match.span() for match in _COMMENT.finditer(data, first, last)]
    return [SemanticToken(*one) for one in _directives(data, comments)]


def tokens_of(piece: Piece) -> tuple[tuple[int, int, TokenType, Modifier], ...]:
    """The tokens of a piece: start, end, type, modifiers; nothing is active yet. Use through `piece.fact`."""
    tokens = piece.tree.tokens
    found = [*_words(piece), *_directives(tokens.text, tokens.comments)]
    found.sort(key=lambda one: one[0])
    return tuple(found)


# Active values


NONE_ACTIVE: Final[frozenset[int]] = frozenset()


def active_names(snapshot: Snapshot) -> dict[int, frozenset[int]]:
    """By piece, the bytes in it at which the names of values begin that surely are active when a function is
    differentiated as the text has it; the same object for as long as nothing has changed.

    Raises `Outdated` when an edit has come.
    """
    pieces = snapshot.layout.pieces
    return {index: pieces[index].fact(_ActiveNames).of(ways) for index, ways in reach.by_piece(snapshot).items()}


class _ActiveNames:
    """The names of active values in a piece, for the ways of its functions that were asked about last."""

    def __init__(self, piece: Piece) -> None:
        self._piece = piece
        self._known: tuple[object, frozenset[int]] = (None, NONE_ACTIVE)

    def of(self, ways: list[Way]) -> frozenset[int]:
        asked = [(way.function, way.release, way.active, way.needed) for way in ways]
        known, found = self._known
        if known != asked:
            found = frozenset(self._starts(ways))
            self._known = (asked, found)
        return found

    def _starts(self, ways: list[Way]) -> Iterator[int]:
        """As hovers have it: arguments as they are listed or handed on, and what active operations make."""
        made = {operation for way in ways for operation in reach.active_operations(self._piece, way)}
        given = {way.function: 0 for way in ways}
        for way in ways:
            given[way.function] |= way.active
        counts = dict.fromkeys(given, 0)
        starts = self._piece.tree.tokens.starts
        for definition in sorted(self._piece.fact(names).definitions, key=lambda one: one.token):
            function = definition.operation
            if function in given and _is_parameter(definition):
                is_active = given[function] >> counts[function] & 1
                counts[function] += 1
            else:
                is_active = definition.defined is Defined.RESULT and function in made
            if is_active:
                yield starts[definition.token]
                yield from (starts[use] for use in definition.uses)


def _is_parameter(definition: Definition) -> bool:
    """Whether a value is an argument of the operation that defines it, and not of a later block in it."""
    operation, block = definition.operation, definition.block
    if operation is None or definition.defined is not Defined.ARGUMENT:
        return False
    return block is None or any(region.blocks[:1] == [block] for region in operation.regions)


# Words


_COMMENT: Final = re.compile(rb"//(?:[^\n]*[^\s])?")
_DIRECTIVE: Final = re.compile(rb"\b[A-Z][A-Z0-9_]*(?:-(?:NEXT|SAME|LABEL|DAG|NOT|EMPTY|COUNT-\d+))?:")
"""`RUN:`, `CHECK-NEXT:` and their like, with any prefix."""
# Plain numbers, since a large text has hundreds of thousands of tokens.
_VALUE, _WORD, _CARET, _HASH = int(Kind.VALUE), int(Kind.WORD), int(Kind.CARET), int(Kind.HASH)
_SIMPLE: Final[dict[int, TokenType]] = {
    Kind.NUMBER: TokenType.NUMBER,
    Kind.STRING: TokenType.STRING,
    Kind.HASH: TokenType.MACRO,
    Kind.BANG: TokenType.TYPE,
    Kind.SYMBOL: TokenType.FUNCTION,
    Kind.CARET: TokenType.LABEL,
}
_OF_ALIASES: Final[frozenset[int]] = frozenset({Kind.HASH, Kind.BANG})


def _words(piece: Piece) -> Iterator[tuple[int, int, TokenType, Modifier]]:
    tree, tokens = piece.tree, piece.tree.tokens
    text, kinds, starts, ends = tokens.text, tokens.kinds, tokens.starts, tokens.ends
    operations = {operation.name_token for operation in tree.walk()}
    known = piece.fact(names).at
    defined = {mention.token for mention in piece.fact(symbol_mentions) if mention.defines}
    plain, declared, before = Modifier.NONE, Modifier.DECLARATION, b""
    for index, (kind, start, end) in enumerate(zip(kinds, starts, ends, strict=True)):
        word = text[start:end]
        if index in operations:
            yield from _operation(word, start)
        elif kind == _VALUE:
            definition = known.get(index)
            if definition is None:
                yield start, end, TokenType.VARIABLE, plain
            else:
                type_ = TokenType.VARIABLE if definition.defined is Defined.RESULT else TokenType.PARAMETER
                yield start, end, type_, declared if definition.token == index else plain
        elif kind == _WORD:
            yield start, end, *_word(word, tokens.word(index + 1)[:2], before[:1])
        elif kind == _CARET and (label := known.get(index)) is not None:
            yield start, end, TokenType.LABEL, declared if label.token == index else plain
        elif kind == _HASH and kinds[index - 1] == _VALUE and start == ends[index - 1]:
            yield start, end, TokenType.NUMBER, plain
        elif index in defined:
            yield start, end, TokenType.FUNCTION, declared
        elif kind in _SIMPLE:
            defines = index == 0 and piece.kind is PieceKind.ALIAS and kind in _OF_ALIASES
            yield start, end, _SIMPLE[kind], declared if defines else plain
        before = word


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


@lru_cache(maxsize=4096)
def _word(word: bytes, behind: bytes, before: bytes) -> tuple[TokenType, Modifier]:
    """What a word is, between the first byte of the token before it and the first two of the one behind it."""
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


def _directives(data: bytes, comments: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, TokenType, Modifier]]:
    """Each comment; one that holds a directive in three parts."""
    plain, search = Modifier.NONE, _DIRECTIVE.search
    for start, end in comments:
        match = search(data, start, end)
        if match is None:
            yield start, end, TokenType.COMMENT, plain
            continue
        first, last = match.span()
        yield start, first, TokenType.COMMENT, plain
        yield first, last, TokenType.DECORATOR, plain
        if last < end:
            yield last, end, TokenType.COMMENT, plain
