"""Calls: typed, error-tolerant views of the operations that differentiate; it reads what is written and judges nothing.

Custom and generic form, classic and strict spelling give the same view. Spans are bytes from the start of the piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from enzyme_lsp.dialect import activity
from enzyme_lsp.dialect.ops import DERIVATIVE_OPS, DerivativeOp
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.parse import parse, type_end
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enzyme_lsp.dialect.activity import Written
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.piece import Piece

_COMMA = frozenset({b","})
_BARE_END = frozenset({b",", b">"})


@dataclass(frozen=True, slots=True)
class Entry:
    """`key = value` in the attributes of an operation; `first` and `last` are the tokens of the value, half-open."""

    key: str
    key_span: Span
    value_span: Span
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Element:
    """One element of an activity list: its text and span in the operation, and what it says.

    `written` is None when the element is no activity attribute; `word_span` is None when the word stands elsewhere,
    in the definition of an alias.
    """

    text: str
    span: Span
    written: Written | None
    word_span: Span | None


@dataclass(frozen=True, slots=True)
class Activities:
    """The value of `activity` or `ret_activity`: its span, and its elements; None when the value is no list."""

    span: Span
    elements: tuple[Element, ...] | None


@dataclass(frozen=True, slots=True)
class Operand:
    """An operand as written, such as `%x` or `%x#1`."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class DerivativeCall:
    """One operation that differentiates or batches. Any part that the text lacks is None or empty."""

    op: DerivativeOp
    operation: Operation
    table: Operation | None
    """The operation in the piece whose symbol table `callee` is looked up in; None: the one around the piece."""
    callee: str | None
    callee_span: Span | None
    operands: tuple[Operand, ...]
    entries: tuple[Entry, ...]

    @property
    def name_span(self) -> Span:
        return self.operation.name_span

    def entry(self, key: str) -> Entry | None:
        """The first attribute of that name."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def activities(self, key: str, aliases: Mapping[str, bytes]) -> Activities | None:
        """The list under `key` (`activity` or `ret_activity`); None when the attribute is missing or never closed.

        `aliases` gives the text of attribute aliases (`#name`) of the section.
        """
        entry = self.entry(key)
        if entry is None:
            return None
        tree = self.operation.tree
        if tree.tokens.kinds[entry.first] == Kind.HASH and (text := aliases.get(_word(self.operation, entry.first))):
            value = parse(text)
            found = _elements_of_alias(text, aliases, entry.value_span) if value.tokens.word(0) == b"[" else None
            return Activities(entry.value_span, found)
        close = tree.partners[entry.first]
        if tree.tokens.word(entry.first) == b"[" and close < 0:
            return None  # the bracket is the problem, and where the list ends is not to be told
        if tree.tokens.word(entry.first) != b"[" or close < 0:
            return Activities(entry.value_span, None)
        found = list[Element]()
        index = entry.first + 1
        while index < close:
            end = type_end(tree, index, close, _COMMA)
            span = tree.span(index, end)
            found.append(_element(span.of(tree.tokens.text), span, aliases))
            index = end + 1
        return Activities(entry.value_span, tuple(found))


def derivative_calls(piece: Piece) -> tuple[DerivativeCall, ...]:
    """The derivative calls of a piece in the order of the text. Use through `piece.fact`."""
    if not piece.mentions(b"enzyme."):
        return ()
    return tuple(
        _read(DERIVATIVE_OPS[operation.name], operation, table)
        for operation, table in symbols.with_tables(piece.tree)
        if operation.name in DERIVATIVE_OPS
    )


def _read(op: DerivativeOp, operation: Operation, table: Operation | None) -> DerivativeCall:
    tree, tokens = operation.tree, operation.tree.tokens
    entries = _entries(operation)
    index = operation.name_token + 1
    callee: str | None = None
    callee_span: Span | None = None
    if operation.is_generic:
        fn = next((entry for entry in entries if entry.key == "fn"), None)
        if fn is not None and op.names_callee and tokens.kinds[fn.first] == Kind.SYMBOL and fn.last == fn.first + 1:
            callee, callee_span = symbols.symbol_name(tokens.word(fn.first)), fn.value_span
    elif op.names_callee and index < operation.last and tokens.kinds[index] == Kind.SYMBOL:
        # `@a::@f` is refused by the parser of every engine, so it names no callee here.
        if tokens.word(index + 1) != b"::":
            callee, callee_span = symbols.symbol_name(tokens.word(index)), tree.token_span(index)
        index += 1
    operands: tuple[Operand, ...] = ()
    if index < operation.last and tokens.word(index) == b"(" and tree.partners[index] > index:
        operands = _operands(operation, index + 1, tree.partners[index])
    return DerivativeCall(op, operation, table, callee or None, callee_span, operands, entries)


def _operands(operation: Operation, first: int, last: int) -> tuple[Operand, ...]:
    tree = operation.tree
    found: list[Operand] = []
    index = first
    while index < last:
        end = type_end(tree, index, last, _COMMA)
        span = tree.span(index, end)
        found.append(Operand(span.of(tree.tokens.text).decode("utf-8", "replace"), span))
        index = end + 1
    return tuple(found)


def _entries(operation: Operation) -> tuple[Entry, ...]:
    """The attributes of an operation, from `{...}`, `<{...}>` and `<...>` alike."""
    tree, tokens = operation.tree, operation.tree.tokens
    regions = {region.open for region in operation.regions}
    found: list[Entry] = []
    index = operation.name_token + 1
    while index < operation.last:
        word, close = tokens.word(index), tree.partners[index]
        if index in regions:
            # A region that is never closed takes the rest of the operation.
            index = close if close > index else operation.last
        elif word == b"{" and index < close < operation.last:
            found += _pairs(operation, index + 1, close, _COMMA)
            index = close
        elif word == b"<" and tokens.kinds[index + 1 : index + 2] == [Kind.WORD] and tokens.word(index + 2) == b"=":
            end = type_end(tree, index + 1, operation.last, frozenset({b">", b":"}))
            found += _pairs(operation, index + 1, end, _BARE_END)
            index = end
        elif word == b":":
            break
        elif word == b"(" and close > index and tokens.word(index + 1) != b"{":
            index = close
        index += 1
    return tuple(found)


def _pairs(operation: Operation, first: int, last: int, stops: frozenset[bytes]) -> list[Entry]:
    tree, tokens = operation.tree, operation.tree.tokens
    found: list[Entry] = []
    index = first
    while index < last:
        end = type_end(tree, index, last, stops)
        if end > index and tokens.kinds[index] in (Kind.WORD, Kind.STRING):
            key = _word(operation, index).strip('"')
            key_span = tree.token_span(index)
            if tokens.word(index + 1) == b"=" and index + 2 < end:
                found.append(Entry(key, key_span, tree.span(index + 2, end), index + 2, end))
            elif index + 1 >= end:
                found.append(Entry(key, key_span, key_span, index, end))
        index = end + 1
    return found


def _element(text: bytes, span: Span, aliases: Mapping[str, bytes]) -> Element:
    shown = text.decode("utf-8", "replace")
    written = activity.read(text)
    if written is not None:
        return Element(shown, span, written, Span(span.start + written.start, span.start + written.end))
    if (aliased := aliases.get(shown)) is not None:
        return Element(shown, span, activity.read(aliased.strip()), None)
    return Element(shown, span, None, None)


def _elements_of_alias(text: bytes, aliases: Mapping[str, bytes], span: Span) -> tuple[Element, ...]:
    """The elements of a list that an alias stands for; all stand at the alias."""
    tree = parse(text)
    close = tree.partners[0]
    found: list[Element] = []
    index = 1
    while index < close:
        end = type_end(tree, index, close, _COMMA)
        element = _element(tree.span(index, end).of(text), span, aliases)
        found.append(Element(element.text, span, element.written, None))
        index = end + 1
    return tuple(found)


def _word(operation: Operation, index: int) -> str:
    return operation.tree.tokens.word(index).decode("utf-8", "replace")
