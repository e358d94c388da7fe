"""Expected: what kinds of thing can stand at a place, by the tokens before it, back to where its operation begins.

No operation's own syntax is known, so often several can.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.ops import DERIVATIVE_OPS, OPS
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.parse import is_type_word
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.syntax.scopes import is_function_like
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.syntax.visibility import Place
    from enzyme_lsp.text.span import Span


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


_ENDING: Final = frozenset({Kind.CLOSE, Kind.VALUE, Kind.BANG, Kind.HASH, Kind.SYMBOL, Kind.CARET, Kind.NUMBER})
_SHAPES: Final = frozenset({b"tensor", b"memref", b"vector", b"complex", b"tuple"})
_BODIES: Final = frozenset({
    "scf.for", "scf.if", "scf.while", "scf.parallel", "scf.forall", "scf.execute_region", "affine.for", "affine.if",
    "affine.parallel", "gpu.launch", "gpu.func",
})  # fmt: skip


def _has_body(operation: Operation) -> bool:
    """Whether the last brace of an operation opens a body and no dictionary."""
    return operation.name in _BODIES or symbols.is_function(operation.name) is True


class Reader:
    """Reads backward from a place to where its operation begins.

    `before` is the operation that the place is behind or in, `last` the token before the word that is being typed. What
    is found is in the fields that `Context` has too, once `expected` has been asked.
    """

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
        index, results = self.last - 1, 0
        while index >= operation.first:
            if self.kinds[index] == Kind.NUMBER and self.tokens.word(index - 1) == b":":
                number = self.tokens.word(index)[:4]
                results += int(number) - 1 if number.isdigit() else 0
                index -= 2
            if self.kinds[index] != Kind.VALUE:
                return False
            results += 1
            is_first = index == operation.first
            if is_first or self.tokens.word(index - 1) != b",":
                self.results = results
                return is_first or (self.tokens.starts_line(index) and self.can_end(index - 1))
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
        if kind == Kind.BANG or word in _SHAPES or self.is_behind_colon():
            return (Expected.TYPE,)
        if kind == Kind.HASH or word == b"[" or (word == b"," and len(self.around) > 1):
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
            one.word == b"<" and (self.kinds[one.token - 1] == Kind.BANG or self.tokens.word(one.token - 1) in _SHAPES)
            for one in self.around
        )
