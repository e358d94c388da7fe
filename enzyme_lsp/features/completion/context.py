"""Context: what is being typed at a place, from the tokens before it; it looks nothing up and knows no operation.

Text that is being typed is broken by nature: the operation at the cursor has no types yet, brackets are open, and what
follows may have been taken for a part of it. So all is told from what stands before the cursor, back to where its
operation begins; what stands behind it only helps to rank.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.completion.excerpt import excerpt
from enzyme_lsp.features.completion.expected import Bracket, Expected, Reader
from enzyme_lsp.features.completion.implied import implied_type
from enzyme_lsp.syntax import scopes
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.syntax.visibility import Place, place_at
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.value_types import NOTHING_KNOWN, KnownTypes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.syntax.scopes import Definition
    from enzyme_lsp.workspace.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Context:
    """What is being typed. Offsets are bytes from the start of the piece.

    `word` is what stands at the cursor and is replaced, with its mark; `typed` is the part of it before the cursor.
    `operation` is the one that is being typed; None where one begins and has no results yet. `last` is the token before
    the word, or -1. `around` are the brackets of the operation that are open, innermost first, and the operation as the
    last of them.
    """

    snapshot: Snapshot
    index: int
    piece: Piece
    """The one at the place; of a very long one an excerpt, so that it is not asked of the snapshot."""
    begin: int
    """The byte of the document at which the piece starts, counted from the place backward."""
    place: Place
    word: Span
    typed: bytes
    operation: Operation | None
    last: int
    around: tuple[Bracket, ...]
    holder: Operation | None
    """The operation in whose body the place is; None at the top of the piece."""
    is_new_line: bool
    """Whether a line ends between the token before and the word."""
    results: int
    """Of an operation whose name is due: how many results stand before it."""
    colon: int
    """The token of the `:` before the types of the operation, where the place is behind it; else -1."""
    expected: tuple[Expected, ...]
    told: Mapping[int, tuple[str, ...]]
    """The types that an engine has told, by the token that defines the value."""

    @property
    def tree(self) -> Tree:
        return self.piece.tree

    @property
    def bracket(self) -> Bracket:
        return self.around[0]

    @property
    def aliases(self) -> dict[str, bytes]:
        """The text of the aliases that can be seen."""
        if not self.snapshot.layout.pieces:
            return {}
        return self.snapshot.alias_texts[self.snapshot.scope_of(self.index).section]

    @property
    def previous(self) -> bytes:
        """The word before the one that is being typed."""
        return self.tree.tokens.word(self.last)

    @property
    def name(self) -> str:
        """The name of the operation that is being typed; empty while that itself is."""
        return self.operation.name if self.operation is not None and Expected.OPERATION not in self.expected else ""

    @property
    def behind(self) -> bytes:
        """What follows the word on its line."""
        text = self.piece.text[self.word.end :]
        return re.split(rb"[\r\n]", text, maxsplit=1)[0]

    def type_of(self, definition: Definition, number: int) -> str | None:
        """The type of a value, as the text says it, an engine has told it, or it follows; None where it is not known.

        `number` is that of the result that is meant.
        """
        text = scopes.type_text(self.piece.fact(scopes.names), definition, number)
        if text is not None:
            return text
        told = self.told.get(definition.token, ())
        return told[number] if number < len(told) else implied_type(definition, self.aliases)

    @property
    def key(self) -> str:
        """The attribute whose value is being typed; empty where none is."""
        return next((one.key for one in self.around if one.key), "")


def context_at(snapshot: Snapshot, offset: int, known: KnownTypes = NOTHING_KNOWN) -> Context | None:
    """What is being typed at a byte of the document; None in comments, numbers, and where names are made up.

    `known` are the types that an engine has told.
    """
    index = snapshot.layout.index_near(offset)
    if index is None or offset < snapshot.offset(index):
        # Before all else: as in a text that has nothing yet.
        return _read(snapshot, 0, Piece(PieceKind.ITEM, b"", 0), offset, offset, {})
    piece, begin = snapshot.layout.pieces[index], snapshot.offset(index)
    inside = min(offset - begin, len(piece.text))
    short = excerpt(piece.text, inside)
    if short is None:
        return None
    text, at = short
    if text is not piece.text:
        piece, begin = Piece(piece.kind, text, piece.column), begin + inside - at
        return _read(snapshot, index, piece, begin, offset, {})
    return _read(snapshot, index, piece, begin, offset, known.of(snapshot, index).types)


_WORD: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.")
_MARKS: Final = b'%@#!^"'
_DASH, _HASH = b"-#"
_VALUE_BEFORE: Final = re.compile(rb"%[\w$.-]+$")
_LONGEST: Final = 256
"""Bytes of a name, and of a line before the first token, that are looked at."""


def _word_at(text: bytes, inside: int) -> tuple[Span, bytes]:
    """The word at a byte, with its mark and as far as it goes, and the part of it before the byte."""
    start = end = inside
    while start > 0 and text[start - 1] in _WORD:
        start -= 1
    # The names of values and aliases may have a dash in them, which else is a sign of its own.
    dashed = start
    while dashed > 0 and (text[dashed - 1] in _WORD or text[dashed - 1] == _DASH):
        dashed -= 1
    if 0 < dashed < start and text[dashed - 1] in b"%^#!":
        start = dashed
    while start > 0 and text[start - 1] in b"?*" and text[start : start + 1] == b"x":
        # The sizes of a shape are a part of the word: `4x?xf`.
        start -= 1
        while start > 0 and text[start - 1] in _WORD:
            start -= 1
    while end < len(text) and text[end] in _WORD:
        end += 1
    if start > 1 and text[start - 2 : start] == b'@"':
        start -= 2
    elif start > 0 and text[start - 1] in _MARKS:
        start -= 1
        end += text[end : end + 1] == b'"' == text[start : start + 1]
        if text[start] == _HASH and (value := _VALUE_BEFORE.search(text, max(start - _LONGEST, 0), start)):
            start = value.start()
    return Span(start, end), text[start:inside]


def _read(
    snapshot: Snapshot, index: int, piece: Piece, begin: int, offset: int, told: Mapping[int, tuple[str, ...]]
) -> Context | None:
    data, inside = snapshot.document.data, offset - begin
    is_apart = inside > len(piece.text)
    word, typed = (Span(inside, inside), b"") if is_apart else _word_at(piece.text, inside)
    tree, tokens = piece.tree, piece.tree.tokens
    if typed[:1].isdigit() and b"x" not in typed:
        return None
    place = place_at(tree, word.start)
    last = bisect_left(tokens.starts, word.start) - 1
    if last >= 0 and tokens.ends[last] > word.start:
        # A word in a string is not for us; one in the middle of a token is behind the token before.
        if tokens.kinds[last] in (Kind.STRING, Kind.BAD_STRING):
            return None
        last -= 1
    since = tokens.ends[last] if last >= 0 else word.start - _LONGEST
    between = data[max(begin + since, 0) : begin + word.start]
    if b"//" in re.split(rb"[\r\n]", between)[-1]:
        return None
    is_new_line = last < 0 or b"\n" in between or b"\r" in between
    reader = Reader(piece, place, word, typed, last, is_new_line=is_new_line)
    expected = reader.expected()
    around = (*reader.around, reader.outermost)
    return Context(
        snapshot,
        index,
        piece,
        begin,
        place,
        word,
        typed,
        reader.operation,
        last,
        around,
        holder=reader.holder,
        is_new_line=is_new_line,
        results=reader.results,
        colon=reader.colon,
        expected=expected,
        told=told,
    )
