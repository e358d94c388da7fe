"""Semantic tokens: what each word of a text is: operations by dialect, values, symbols, types, attributes, directives.

What a piece tells is kept with the piece, so that an edit costs one piece; which values are active is told by the
derivatives that are taken of its functions.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from functools import lru_cache
from operator import itemgetter
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


TYPES: Final = tuple(TokenType)
MODIFIERS: Final = tuple(Modifier(bits) for bits in range(8))
"""By their numbers, since an enumeration takes its time to find a member."""


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
            inside = piece.fact(tokens_of) if first <= start and end <= last else _within(piece, first, last, start)
            found += [
                SemanticToken(start + a, start + b, TYPES[kind], MODIFIERS[more | _ACTIVE if a in starts else more])
                for a, b, kind, more in inside
                if start + b > first and start + a < last
            ]
        behind = end
    found += between(snapshot.document.data, max(behind, line), last)
    return tuple(one for one in found if one.end > first and one.start < last)


def between(data: bytes, first: int, last: int) -> list[SemanticToken]:
    """The tokens of bytes that are in no piece: comments."""
    comments = [match.span() for match in _COMMENT.finditer(data, first, last)]
    return [SemanticToken(*one) for one in _directives(data, comments)]


Written = tuple[int, int, int, int]
"""A token of a piece: start and end from that of the piece, type, modifiers. Plain numbers, since a large text has
hundreds of thousands of them."""


def tokens_of(piece: Piece) -> tuple[Written, ...]:
    """The tokens of a piece; nothing is active yet. Use through `piece.fact`."""
    return tuple(_in_order(piece, 0, len(piece.text)))


def _within(piece: Piece, first: int, last: int, start: int) -> list[Written]:
    """The tokens of a piece, which stands at `start`, that are in a part of the document, and perhaps some beside it.

    An editor asks for what it shows, and a function may be much longer than that.
    """
    return _in_order(piece, max(first - start, 0), min(last - start, len(piece.text)))


def _in_order(piece: Piece, first: int, last: int) -> list[Written]:
    tokens = piece.tree.tokens
    comments = tokens.comments[bisect_left(tokens.comments, first, key=_END) :] if first else tokens.comments
    comments = comments[: bisect_right(comments, last, key=_START)]
    found = _words(piece, bisect_left(tokens.ends, first), bisect_right(tokens.starts, last))
    if comments:
        found += [(start, end, int(type_), 0) for start, end, type_ in _directives(tokens.text, comments)]
        found.sort(key=_START)
    return found


_START: Final = itemgetter(0)
_END: Final = itemgetter(1)


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
_ACTIVE, _DECLARED = int(Modifier.ACTIVE), int(Modifier.DECLARATION)
_VARIABLE, _PARAMETER, _LABEL = int(TokenType.VARIABLE), int(TokenType.PARAMETER), int(TokenType.LABEL)
_FUNCTION, _NUMBER = int(TokenType.FUNCTION), int(TokenType.NUMBER)
_STRING, _VALUE, _WORD, _CARET, _HASH = map(int, (Kind.STRING, Kind.VALUE, Kind.WORD, Kind.CARET, Kind.HASH))
_RESULT: Final = Defined.RESULT
_SILENT: Final[frozenset[int]] = frozenset({
    Kind.OPEN, Kind.CLOSE, Kind.PUNCTUATION, Kind.BAD_STRING, Kind.UNKNOWN,
})  # fmt: skip
"""What is no token for an editor."""
_SIMPLE: Final[dict[int, int]] = {
    int(Kind.NUMBER): _NUMBER,
    int(Kind.STRING): int(TokenType.STRING),
    int(Kind.HASH): int(TokenType.MACRO),
    int(Kind.BANG): int(TokenType.TYPE),
    int(Kind.SYMBOL): _FUNCTION,
    int(Kind.CARET): _LABEL,
}
_OF_ALIASES: Final[frozenset[int]] = frozenset({Kind.HASH, Kind.BANG})


def _words(piece: Piece, first: int, last: int) -> list[Written]:
    """What the words from token `first` to before token `last` are."""
    tokens = piece.tree.tokens
    text, kinds, starts, ends = tokens.text, tokens.kinds, tokens.starts, tokens.ends
    operations, known = piece.fact(_name_tokens), piece.fact(names).at
    defined = {mention.token for mention in piece.fact(symbol_mentions) if mention.defines}
    found = list[Written]()
    add = found.append
    for index, kind in enumerate(kinds[first:last], first):
        if kind in _SILENT:
            continue
        start, end = starts[index], ends[index]
        if kind == _VALUE:
            definition = known.get(index)
            if definition is None:
                add((start, end, _VARIABLE, 0))
            else:
                type_ = _VARIABLE if definition.defined is _RESULT else _PARAMETER
                add((start, end, type_, _DECLARED if definition.token == index else 0))
        elif index in operations:
            for after, before, type_, modifiers in _operation(text[start:end]):
                add((start + after, start + before, type_, modifiers))
        elif kind == _WORD:
            add((start, end, *_word(text[start:end], tokens.word(index + 1)[:2], tokens.word(index - 1)[:1])))
        elif kind == _CARET and (label := known.get(index)) is not None:
            add((start, end, _LABEL, _DECLARED if label.token == index else 0))
        elif kind == _HASH and kinds[index - 1] == _VALUE and start == ends[index - 1]:
            add((start, end, _NUMBER, 0))
        elif index in defined:
            add((start, end, _FUNCTION, _DECLARED))
        else:
            defines = index == 0 and piece.kind is PieceKind.ALIAS and kind in _OF_ALIASES
            add((start, end, _SIMPLE[kind], _DECLARED if defines else 0))
    return found


def _name_tokens(piece: Piece) -> frozenset[int]:
    """The tokens that are names of operations."""
    return frozenset(operation.name_token for operation in piece.tree.walk())


@lru_cache(maxsize=4096)
def _operation(word: bytes) -> tuple[Written, ...]:
    """`arith.` and `addf` of a name; in the generic form inside its quotes."""
    quote = 1 if word.startswith(b'"') else 0
    name = word.strip(b'"')
    dialect, dot, _ = name.partition(b".")
    modifier = int(Modifier.DEFAULT_LIBRARY) if dialect == b"enzyme" and dot else 0
    end = quote + len(name)
    behind = quote + len(dialect) + 1 if dot else quote
    found = [(quote, behind - 1, int(TokenType.NAMESPACE), modifier)] if dot else []
    return (*found, (behind, end, _FUNCTION, modifier)) if behind < end else tuple(found)


@lru_cache(maxsize=4096)
def _word(word: bytes, behind: bytes, before: bytes) -> tuple[int, int]:
    """What a word is, between the first byte of the token before it and the first two of the one behind it."""
    if word.decode("ascii", "replace") in BY_WORD:
        return int(TokenType.ENUM_MEMBER), int(Modifier.DEFAULT_LIBRARY)
    if (
        is_type_word(word)
        or word in _BUILTIN_TYPES
        or (word[:1] == b"x" and (before[:1].isdigit() or before in (b"?", b"*")))
    ):
        return int(TokenType.TYPE), 0
    if behind == b"=" and before in (b"{", b",", b"<"):
        return int(TokenType.PROPERTY), 0
    return int(TokenType.KEYWORD), 0


_BUILTIN_TYPES: Final = frozenset({b"tensor", b"memref", b"vector", b"complex", b"tuple"})


def _directives(data: bytes, comments: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, TokenType]]:
    """Each comment; one that holds a directive in three parts."""
    search = _DIRECTIVE.search
    for start, end in comments:
        match = search(data, start, end)
        if match is None:
            yield start, end, TokenType.COMMENT
            continue
        first, last = match.span()
        yield start, first, TokenType.COMMENT
        yield first, last, TokenType.DECORATOR
        if last < end:
            yield last, end, TokenType.COMMENT
