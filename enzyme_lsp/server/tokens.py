"""Semantic tokens as the protocol sends them: five numbers each, relative to the token before; and what has changed.

The numbers that a client has are kept for one answer, so that after an edit only a difference is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Final

from lsprotocol import types as lsp

from enzyme_lsp.features.semantic_tokens import (
    MODIFIERS,
    NONE_ACTIVE,
    TYPES,
    Modifier,
    SemanticToken,
    TokenType,
    Written,
    active_names,
    between,
    semantic_tokens,
    tokens_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.text.document import Document
    from enzyme_lsp.text.line_index import Encoding, Position
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Snapshot

_NAMES: Final = {TokenType.ENUM_MEMBER: "enumMember"}
_MODIFIER_NAMES: Final = {
    Modifier.DECLARATION: "declaration",
    Modifier.DEFAULT_LIBRARY: "defaultLibrary",
    Modifier.ACTIVE: "active",
}

LEGEND: Final = lsp.SemanticTokensLegend(
    token_types=[_NAMES.get(one, one.name.lower()) for one in TokenType],
    token_modifiers=[_MODIFIER_NAMES[one] for one in Modifier if one],
)
_ACTIVE: Final = int(Modifier.ACTIVE)
_WIDTH: Final = 5
"""Numbers of one token."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The numbers that a client has been sent for a document."""

    result_id: str
    data: list[int]


class TokenStore:
    """What each document's client has. Used from the lane of threads; each method replaces a value at once."""

    def __init__(self) -> None:
        self._sent: dict[str, Sent] = {}
        self._ids = count(1)

    def full(self, snapshot: Snapshot, encoding: Encoding) -> lsp.SemanticTokens:
        """All tokens of a document. Raises `Outdated` when an edit has come."""
        sent = self._keep(snapshot, all_numbers(snapshot, encoding))
        return lsp.SemanticTokens(data=sent.data, result_id=sent.result_id)

    def delta(self, snapshot: Snapshot, known: str, encoding: Encoding) -> lsp.SemanticTokens | lsp.SemanticTokensDelta:
        """What has changed since the answer `known`, or all when that is not known any more."""
        before = self._sent.get(snapshot.uri)
        after = self._keep(snapshot, all_numbers(snapshot, encoding))
        if before is None or before.result_id != known:
            return lsp.SemanticTokens(data=after.data, result_id=after.result_id)
        return lsp.SemanticTokensDelta(edits=_difference(before.data, after.data), result_id=after.result_id)

    def within(self, snapshot: Snapshot, span: Span, encoding: Encoding) -> lsp.SemanticTokens:
        """The tokens of a part of a document."""
        return lsp.SemanticTokens(data=numbers(snapshot.document, semantic_tokens(snapshot, span), encoding))

    def forget(self, uri: str) -> None:
        """Called when a document is closed."""
        self._sent.pop(uri, None)

    def _keep(self, snapshot: Snapshot, data: list[int]) -> Sent:
        sent = Sent(str(next(self._ids)), data)
        self._sent[snapshot.uri] = sent
        return sent


def all_numbers(snapshot: Snapshot, encoding: Encoding) -> list[int]:
    """The protocol's form of all tokens of a document. What a piece in ASCII adds is kept with the piece.

    Raises `Outdated` when an edit has come.
    """
    document, layout, found = snapshot.document, snapshot.layout, _Numbers()
    active = active_names(snapshot)
    behind = 0
    for index, piece in enumerate(layout.pieces):
        start = layout.starts[index]
        snapshot.check_current()
        _add_between(found, document, behind, start, encoding)
        starts = active.get(index, NONE_ACTIVE)
        own = piece.kept(_of_piece, starts)
        if own is None:
            tokens = [
                SemanticToken(start + a, start + b, TYPES[kind], MODIFIERS[more])
                for a, b, kind, more in _marked(piece, starts)
            ]
            found.add(document, tokens, encoding)
        elif own.data:
            found.add_stretch(document.lines.position(start + own.first, encoding), own)
        behind = start + len(piece.text)
    _add_between(found, document, behind, len(document.data), encoding)
    return found.data


def _add_between(found: _Numbers, document: Document, first: int, last: int, encoding: Encoding) -> None:
    own = _of_comments(document.data[first:last])
    if own is None:
        found.add(document, between(document.data, first, last), encoding)
    elif own.data:
        found.add_stretch(document.lines.position(first + own.first, encoding), own)


def _marked(piece: Piece, active: frozenset[int]) -> tuple[Written, ...]:
    """The tokens of a piece, with those marked that are active."""
    tokens = piece.fact(tokens_of)
    if not active:
        return tokens
    return tuple([(a, b, kind, more | _ACTIVE if a in active else more) for a, b, kind, more in tokens])


def numbers(document: Document, tokens: Iterable[SemanticToken], encoding: Encoding) -> list[int]:
    """The protocol's form of tokens in order."""
    found = _Numbers()
    found.add(document, tokens, encoding)
    return found.data


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The numbers of a text in a document, whose first token has no place yet: `first` is its byte in the text.

    `lines` is how many lines behind it the last token stands; `column` is the column of the last token, and `moves`
    says that it counts from the first token since it stands on the same line.
    """

    first: int
    data: tuple[int, ...]
    lines: int
    column: int
    moves: bool


def _of_piece(piece: Piece, active: frozenset[int]) -> _Stretch | None:
    return _stretch(piece.text, _marked(piece, active)) if _is_simple(piece.text) else None


@lru_cache(maxsize=4096)
def _of_comments(text: bytes) -> _Stretch | None:
    """Of what stands between pieces. A large file of small functions has thousands of these, which seldom change."""
    if not _is_simple(text):
        return None
    return _stretch(text, [(one.start, one.end, int(one.type), 0) for one in between(text, 0, len(text))])


def _is_simple(text: bytes) -> bool:
    """Not so for other characters than ASCII, whose columns depend on the encoding, and for the rare text in which a
    carriage return alone ends a line.
    """
    return text.isascii() and text.count(b"\r") == text.count(b"\r\n")


def _stretch(text: bytes, all_tokens: Sequence[Written]) -> _Stretch:
    found, line, column = list[int](), 0, 0
    tokens = [one for one in all_tokens if one[1] > one[0]]
    first = tokens[0][0] if tokens else 0
    line_start, moves = first, True
    line_end = _line_end(text, first)
    for start, end, kind, more in tokens:
        if start <= line_end:
            right = start - line_start
            found += (0, right - column, end - start, kind, more)
        else:
            down = text.count(b"\n", line_end, start)
            line_start, line_end, moves = text.rfind(b"\n", line_end, start) + 1, _line_end(text, start), False
            right = start - line_start
            found += (down, right, end - start, kind, more)
            line += down
        column = right
    return _Stretch(first, tuple(found), line, column, moves)


def _line_end(text: bytes, offset: int) -> int:
    found = text.find(b"\n", offset)
    return found if found >= 0 else len(text)


class _Numbers:
    """Numbers that are being put together, and where the last token stands."""

    def __init__(self) -> None:
        self.data: list[int] = []
        self._line = 0
        self._column = 0

    def add_stretch(self, place: Position, stretch: _Stretch) -> None:
        line, column = place
        start = len(self.data)
        self.data += stretch.data
        self.data[start] = line - self._line
        self.data[start + 1] = column - self._column if line == self._line else column
        self._line = line + stretch.lines
        self._column = stretch.column + (column if stretch.moves else 0)

    def add(self, document: Document, tokens: Iterable[SemanticToken], encoding: Encoding) -> None:
        """Tokens in order. A line is looked up once, and one in ASCII is counted in bytes."""
        line, start, end, is_ascii = -1, 0, -1, True
        for token in tokens:
            if token.start > end:
                line = document.lines.position(token.start, "utf-8").line0
                span = document.lines.line_span(line)
                start, end = span.start, span.end
                is_ascii = document.data[start:end].isascii()
            last = min(token.end, end)
            if is_ascii:
                column, length = token.start - start, last - token.start
            else:
                column = document.lines.position(token.start, encoding).column
                length = document.lines.position(last, encoding).column - column
            if length <= 0:
                continue
            right = column - self._column if line == self._line else column
            self.data += (line - self._line, right, length, int(token.type), int(token.modifiers))
            self._line, self._column = line, column


def _difference(before: list[int], after: list[int]) -> list[lsp.SemanticTokensEdit]:
    """One edit that makes `after` of `before`, over whole tokens; none when they are equal."""
    if before == after:
        return []
    same = min(len(before), len(after)) // _WIDTH
    first = _longest(same, lambda count: before[: count * _WIDTH] == after[: count * _WIDTH])
    last = _longest(
        same - first,
        lambda count: before[len(before) - count * _WIDTH :] == after[len(after) - count * _WIDTH :],
    )
    start, old, new = first * _WIDTH, len(before) - last * _WIDTH, len(after) - last * _WIDTH
    return [lsp.SemanticTokensEdit(start=start, delete_count=old - start, data=after[start:new])]


def _longest(most: int, is_equal: Callable[[int], bool]) -> int:
    """The largest count up to `most` for which a thing holds that holds for all smaller ones.

    Halving compares whole lists, each in one call.
    """
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if is_equal(middle):
            low = middle
        else:
            high = middle - 1
    return low
