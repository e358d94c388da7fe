"""Context: what is being typed at a place, from the tokens before it; it looks nothing up and knows no operation.

Text that is being typed is broken by nature: the operation at the cursor has no types yet, brackets are open, and what
follows may have been taken for a part of it. So all is told from what stands before the cursor, back to where its
operation begins; what stands behind it only helps to rank.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.ops import DERIVATIVE_OPS, OPS
from enzyme_lsp.features.completion.excerpt import excerpt
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.parse import is_type_word
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.scopes import is_function_like
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.syntax.visibility import Place, place_at
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.workspace.snapshot import Snapshot


class Expected(Enum):
    """A kind of thing that can stand at a place."""

    OPERATION = "operation"
    VALUE = "value"
    SYMBOL = "symbol"
    BLOCK = "block"
    LABEL = "label"
    """The name of a block where it begins."""
    TYPE = "type"
    ATTRIBUTE = "attribute"
    """The value of an attribute."""
    KEY = "key"
    """The name of an attribute."""
    ARGUMENTS = "arguments"
    """All that follows the callee of a differentiation op."""
    WORD = "word"
    """One of the words that an operation has in its own syntax."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """What a place is in: an open bracket, with its token, or the operation itself, whose token is -1.

    `commas` are those in it before the place. `key` is what stands before the `=` behind the last of them.
    """

    token: int
    word: bytes
    commas: int
    key: str = ""


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

    @property
    def key(self) -> str:
        """The attribute whose value is being typed; empty where none is."""
        return next((one.key for one in self.around if one.key), "")


def context_at(snapshot: Snapshot, offset: int) -> Context | None:
    """What is being typed at a byte of the document; None in comments, numbers, and where names are made up."""
    index = snapshot.layout.index_near(offset)
    if index is None or offset < snapshot.offset(index):
        # Before all else: as in a text that has nothing yet.
        return _read(snapshot, 0, Piece(PieceKind.ITEM, b"", 0), offset, offset)
    piece, begin = snapshot.layout.pieces[index], snapshot.offset(index)
    inside = min(offset - begin, len(piece.text))
    short = excerpt(piece.text, inside)
    if short is None:
        return None
    text, at = short
    if text is not piece.text:
        piece, begin = Piece(piece.kind, text, piece.column), begin + inside - at
    return _read(snapshot, index, piece, begin, offset)


_WORD: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.")
_MARKS: Final = b'%@#!^"'
_ENDING: Final = frozenset({Kind.CLOSE, Kind.VALUE, Kind.BANG, Kind.HASH, Kind.SYMBOL, Kind.CARET, Kind.NUMBER})
_ATTRIBUTE_OPENERS: Final = frozenset({b"tensor", b"memref", b"vector", b"complex", b"tuple"})
_DASH, _HASH = b"-#"
_VALUE_BEFORE: Final = re.compile(rb"%[\w$.-]+$")
_LONGEST: Final = 256
"""Bytes of a name, and of a line before the first token, that are looked at."""


_BODIES: Final = frozenset({
    "scf.for", "scf.if", "scf.while", "scf.parallel", "scf.forall", "scf.execute_region", "affine.for", "affine.if",
    "affine.parallel", "gpu.launch", "gpu.func",
})  # fmt: skip


def _has_body(operation: Operation) -> bool:
    """Whether the last brace of an operation opens a body and no dictionary."""
    return operation.name in _BODIES or symbols.is_function(operation.name) is True


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


def _read(snapshot: Snapshot, index: int, piece: Piece, begin: int, offset: int) -> Context | None:
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
    reader = _Reader(piece, place, word, typed, last, is_new_line=is_new_line)
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
    )


class _Reader:
    """Reads backward from a place to where its operation begins."""

    __slots__ = (
        "around", "before", "colon", "holder", "is_new_line", "kinds", "last", "operation", "outermost", "piece",
        "place", "results", "tokens", "tree", "typed", "word",
    )  # fmt: skip

    def __init__(self, piece: Piece, place: Place, word: Span, typed: bytes, last: int, *, is_new_line: bool) -> None:
        self.piece = piece
        self.place = place
        self.tree = piece.tree
        self.tokens = piece.tree.tokens
        self.kinds = piece.tree.tokens.kinds
        self.word = word
        self.typed = typed
        self.last = last
        self.before = place.before
        self.operation: Operation | None = None
        self.is_new_line = is_new_line
        self.around: list[Bracket] = []
        self.outermost = Bracket(-1, b"", 0)
        self.colon = -1
        self.results = 0
        self.holder = place.innermost.holder if place.innermost is not None else None

    def expected(self) -> tuple[Expected, ...]:
        mark = self.typed[:1]
        if self.before is None and (holder := self.holder_of_dictionary()) is not None:
            self.before = holder
        if self.before is None:
            return self.in_label() if self.is_in_label() else self.at_start(mark)
        self.brackets(self.before)
        if not self.around and self.begins_operation(self.before):
            return self.at_start(mark)
        if self.is_in_body(self.before):
            self.around.clear()
            self.holder = self.before
            return self.at_start(mark)
        if self.is_behind_results(self.before):
            self.operation = self.before if self.before.results else None
            return self.at_name(mark)
        self.operation = self.before
        found = self.by_mark(mark, self.before) if mark in (b"%", b"@", b"^", b"#", b"!") else None
        return found if found is not None else self.by_words(self.before)

    # Where an operation begins

    def holder_of_dictionary(self) -> Operation | None:
        """The operation whose `{` stands before the place, if that is none of a region, which it has none of."""
        inside = self.place.innermost
        if inside is None or inside.region.open != self.last:
            return None
        own = OPS.get(inside.holder.name)
        return inside.holder if own is not None and not own.regions else None

    def at_start(self, mark: bytes) -> tuple[Expected, ...]:
        if mark == b"^":
            return (Expected.LABEL,)
        # Names of results and aliases are made up.
        return () if mark and mark in b"%#!@" else (Expected.OPERATION,)

    def at_name(self, mark: bytes) -> tuple[Expected, ...]:
        if self.piece.kind is PieceKind.ALIAS:
            return (Expected.TYPE,) if self.kinds[0] == Kind.BANG else (Expected.ATTRIBUTE,)
        return () if mark and mark in b"%#!@^" else (Expected.OPERATION,)

    def is_in_body(self, operation: Operation) -> bool:
        """Whether the line before has opened the body of an operation that has one.

        It has not been taken for a body when what stands there first begins no operation yet.
        """
        if not self.is_new_line or not self.around or self.around[0].word != b"{" or self.around[0].token != self.last:
            return False
        before = self.tokens.word(self.last - 1)
        return before not in (b"attributes", b"<", b"=") and _has_body(operation)

    def is_behind_results(self, operation: Operation) -> bool:
        """Whether the name of an operation comes next: behind `%0 =`, or, of an alias, `#map =`.

        An operation without a name, `%0 = %a`, has been taken for the end of the one before.
        """
        if self.tokens.word(self.last) != b"=" or self.around:
            return False
        if self.piece.kind is PieceKind.ALIAS:
            return self.last == 1
        index = self.last - 1
        while index >= operation.first:
            if self.kinds[index] == Kind.NUMBER and self.tokens.word(index - 1) == b":":
                self.results += int(self.tokens.word(index)[:4]) - 1
                index -= 2
            if self.kinds[index] != Kind.VALUE:
                return False
            self.results += 1
            if index == operation.first:
                return True
            if self.tokens.word(index - 1) != b",":
                return self.tokens.starts_line(index) and self.can_end(index - 1)
            index -= 2
        return False

    def begins_operation(self, operation: Operation) -> bool:
        """Whether a new operation begins here, behind one that may be complete."""
        if not self.is_new_line:
            return False
        return self.last == operation.name_token or self.can_end(self.last)

    def can_end(self, token: int) -> bool:
        """Whether an operation can end with a token."""
        kind, word = self.kinds[token], self.tokens.word(token)
        return kind in _ENDING or word == b">" or (kind == Kind.WORD and is_type_word(word))

    def is_in_label(self) -> bool:
        """Whether the place is in the head of the block that it is in: `^bb0(%x: f64):`."""
        inside = self.place.innermost
        if inside is None or inside.block.label < 0:
            return False
        label = inside.block.label
        opened = label + 1
        if self.tokens.word(opened) != b"(" or self.last < opened:
            return False
        close = self.tree.partners[opened]
        return close < 0 or self.last < close

    def in_label(self) -> tuple[Expected, ...]:
        return (Expected.TYPE,) if self.typed[:1] != b"%" and self.is_behind_colon() else ()

    def is_behind_colon(self) -> bool:
        return self.tokens.word(self.last) == b":"

    # Brackets

    def brackets(self, operation: Operation) -> None:
        """Finds the brackets of the operation that are open at the place, and the colon before its types."""
        index, commas, angles, marked = self.last, 0, 0, -1
        tokens, partners = self.tokens, self.tree.partners
        colon = -1
        while index >= operation.first:
            word = tokens.word(index)
            kind = self.kinds[index]
            if kind == Kind.CLOSE and 0 <= partners[index] < index:
                index = partners[index] - 1
                continue
            if kind == Kind.OPEN or (word == b"<" and not angles):
                key = self.key_before(marked) if marked >= 0 else ""
                self.around.append(Bracket(index, word, commas, key))
                commas, marked, colon, angles = 0, -1, -1, 0
            elif word == b">":
                angles += 1
            elif word == b"<":
                angles -= 1 if angles else 0
            elif angles == 0:
                if word == b",":
                    commas += 1
                elif word == b"=" and not commas and marked < 0:
                    marked = index
                elif word == b":" and tokens.word(index + 1)[:1] != b":":
                    colon = index
            index -= 1
        self.outermost = Bracket(-1, b"", commas, self.key_before(marked) if marked >= 0 else "")
        self.colon = colon if colon > operation.name_token else -1

    def key_before(self, equals: int) -> str:
        """The attribute before a `=`."""
        if self.kinds[equals - 1] in (Kind.WORD, Kind.STRING):
            return self.tokens.word(equals - 1).strip(b'"').decode("utf-8", "replace")
        return ""

    # Inside an operation

    def by_mark(self, mark: bytes, operation: Operation) -> tuple[Expected, ...]:
        if mark == b"%":
            return () if self.makes_value(operation) else (Expected.VALUE,)
        if mark == b"@":
            return () if self.makes_symbol(operation) else (Expected.SYMBOL,)
        if mark == b"^":
            return (Expected.BLOCK,)
        return (Expected.TYPE,) if mark == b"!" else (Expected.ATTRIBUTE,)

    def makes_symbol(self, operation: Operation) -> bool:
        """Whether a symbol here is the name of the operation itself, which is made up."""
        defined = symbols.definition(operation)
        if defined is not None and defined.span.start == self.word.start:
            return bool(operation.regions) or symbols.is_function(operation.name) is not None
        is_named = symbols.is_function(operation.name) is True or symbols.is_symbol_table(operation.name)
        return is_named and not self.around and operation.name_token >= 0 and self.colon < 0

    def makes_value(self, operation: Operation) -> bool:
        """Whether a value here is an argument of a function."""
        first = self.around[-1].token if self.around else -1
        is_list = first > 0 and self.kinds[first - 1] == Kind.SYMBOL and self.tokens.word(first) == b"("
        return is_list and (symbols.is_function(operation.name) is True or is_function_like(operation))

    def by_words(self, operation: Operation) -> tuple[Expected, ...]:
        bracket = self.around[0] if self.around else None
        if bracket is None:
            return self.outside_brackets(operation)
        match bracket.word:
            case b"(":
                return self.in_parentheses(operation, bracket)
            case b"[":
                return self.in_list(bracket)
            case b"{":
                return self.in_dictionary(bracket)
            case _:
                return self.in_angles(operation, bracket)

    def outside_brackets(self, operation: Operation) -> tuple[Expected, ...]:
        word = self.tokens.word(self.last)
        if operation.name_token < 0:
            return ()
        if self.last == operation.name_token:
            if operation.name in DERIVATIVE_OPS and not operation.is_generic:
                return (Expected.SYMBOL,)
            if symbols.is_function(operation.name) is True or symbols.is_symbol_table(operation.name):
                return (Expected.WORD,)
            return (Expected.VALUE, Expected.SYMBOL, Expected.WORD, Expected.ATTRIBUTE, Expected.BLOCK)
        if word in (b":", b"->") or (self.colon >= 0 and word in (b",", b"to", b"into")):
            return (Expected.TYPE,)
        is_callee = self.last == operation.name_token + 1 and self.kinds[self.last] == Kind.SYMBOL
        if is_callee and operation.name in DERIVATIVE_OPS:
            return (Expected.ARGUMENTS,)
        if self.colon >= 0:
            return ()
        if word in (b",", b"="):
            return (Expected.VALUE, Expected.BLOCK, Expected.SYMBOL, Expected.WORD, Expected.ATTRIBUTE)
        return (Expected.VALUE, Expected.SYMBOL, Expected.WORD, Expected.ATTRIBUTE)

    def in_parentheses(self, operation: Operation, bracket: Bracket) -> tuple[Expected, ...]:
        word, before = self.tokens.word(self.last), self.tokens.word(bracket.token - 1)
        if word == b":" and self.tokens.word(self.last - 1) == b"init":
            return (Expected.VALUE,)
        if word in (b":", b"->"):
            return (Expected.TYPE,)
        if word not in (b"(", b",", b"="):
            return () if self.makes_value(operation) else (Expected.VALUE,)
        if self.makes_value(operation):
            # A declaration has types alone.
            return (Expected.TYPE,)
        is_of_types = before in (b"->", b":") or self.colon >= 0 or bracket.token == self.colon + 1
        if is_of_types or self.is_in_angles():
            return (Expected.TYPE,)
        return (Expected.VALUE,)

    def in_list(self, bracket: Bracket) -> tuple[Expected, ...]:
        if any(one.key for one in self.around) or any(one.word in (b"{", b"<") for one in self.around):
            return (Expected.ATTRIBUTE,)
        word = self.tokens.word(bracket.token - 1)
        if word == b"=":
            return (Expected.ATTRIBUTE, Expected.VALUE)
        return (Expected.VALUE, Expected.BLOCK, Expected.ATTRIBUTE)

    def in_dictionary(self, bracket: Bracket) -> tuple[Expected, ...]:
        word = self.tokens.word(self.last)
        if self.last == bracket.token or word == b",":
            return (Expected.KEY,)
        return (Expected.ATTRIBUTE, Expected.SYMBOL) if bracket.key else (Expected.TYPE,) * (word == b":")

    def in_angles(self, operation: Operation, bracket: Bracket) -> tuple[Expected, ...]:
        tokens, opener = self.tokens, bracket.token
        kind = self.kinds[opener - 1]
        word = tokens.word(opener - 1)
        if kind == Kind.BANG or word in _ATTRIBUTE_OPENERS or self.is_behind_colon():
            return (Expected.TYPE,)
        if kind == Kind.HASH or word == b"[":
            return (Expected.ATTRIBUTE, Expected.SYMBOL)
        if bracket.key:
            return (Expected.ATTRIBUTE,)
        if self.is_of_properties(operation, opener):
            return (Expected.KEY,) if self.tokens.word(self.last) in (b"<", b",") else ()
        return (Expected.TYPE,) if self.is_in_angles() else (Expected.WORD,)

    def is_of_properties(self, operation: Operation, opener: int) -> bool:
        """Whether a `<` opens the attributes of an operation: `@f(%x) <` or `"op"() <{`."""
        is_apart = self.tokens.ends[opener - 1] < self.tokens.starts[opener]
        return self.tokens.word(opener - 1) == b")" or (is_apart and opener > operation.name_token)

    def is_in_angles(self) -> bool:
        """Whether a type is around the place, so that what is in it are types."""
        return any(
            one.word == b"<"
            and (self.kinds[one.token - 1] == Kind.BANG or self.tokens.word(one.token - 1) in _ATTRIBUTE_OPENERS)
            for one in self.around
        )
