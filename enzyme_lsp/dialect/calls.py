"""Calls: typed, error-tolerant views of the operations that differentiate; it reads what is written and judges nothing.

Custom and generic form, classic and strict spelling give the same view. Spans are bytes from the start of the piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
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
_NOTHING = frozenset[bytes]()


class Braces(Enum):
    """In which brackets an attribute of an operation stands."""

    DICTIONARY = "{}"
    """The attributes of classic spelling, and what may be discarded in strict."""
    PROPERTIES = "<{}>"
    BARE = "<>"
    """The strict custom form, in which numbers have no type."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`key = value` in the attributes of an operation; `first` and `last` are the tokens of the value, half-open.

    An entry that is a name alone has its key as its value.
    """

    key: str
    key_span: Span
    value_span: Span
    first: int
    last: int
    braces: Braces


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

    @property
    def unclosed(self) -> int:
        """How many `<` in it have no `>`: it then holds the elements behind it too."""
        return max(self.text.count("<") - self.text.count(">") + self.text.count("->"), 0)


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
class TypeText:
    """A type as written, and where."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class FunctionTypeText:
    """`(operands) -> results` behind the colon of an operation.

    `inside` lies between the parentheses of the operands' types; `results_span` is all that follows `->`, with its own
    parentheses. Each is None where the text has no such part.
    """

    span: Span
    operands: tuple[TypeText, ...] | None
    inside: Span | None
    results: tuple[TypeText, ...] | None
    results_span: Span | None


@dataclass(frozen=True, slots=True)
class RegionText:
    """The region of an operation that differentiates: the types of its arguments, and of what its yield gives.

    `results` is None when no `enzyme.yield` is there or its types cannot be read; `yield_span` is its name.
    """

    arguments: tuple[TypeText, ...]
    arguments_span: Span | None
    results: tuple[TypeText, ...] | None
    yield_span: Span | None
    blocks: int


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
    operands_inside: Span | None
    """What lies between the parentheses of the operands; None when the text has no closed pair of them."""
    entries: tuple[Entry, ...]
    type: FunctionTypeText | None
    region: RegionText | None
    """The function that stands in the operation itself; None for operations that name theirs."""

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
    entries, colon = _entries(operation)
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
    inside: Span | None = None
    if index < operation.last and tokens.word(index) == b"(" and tree.partners[index] > index:
        close = tree.partners[index]
        operands = _operands(operation, index + 1, close)
        inside = Span(tokens.ends[index], tokens.starts[close])
    type_ = _function_type(operation, colon + 1) if colon >= 0 else None
    return DerivativeCall(
        op, operation, table, callee or None, callee_span, operands, inside, entries, type_, _region(operation, op)
    )


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


def _region(operation: Operation, op: DerivativeOp) -> RegionText | None:
    if op.names_callee or not operation.regions:
        return None
    tree, blocks = operation.tree, operation.regions[0].blocks
    if not blocks:
        return RegionText((), None, None, None, 0)
    entry = blocks[0]
    arguments = tuple(
        TypeText(span.of(tree.tokens.text).decode("utf-8", "replace"), span)
        for span in (tree.span(one.type_first, one.type_last) for one in entry.arguments)
    )
    opened = entry.label + 1
    has_list = entry.label >= 0 and tree.tokens.word(opened) == b"(" and tree.partners[opened] > opened
    inside = Span(tree.tokens.ends[opened], tree.tokens.starts[tree.partners[opened]]) if has_list else None
    yields = next(
        (o for block in reversed(blocks) for o in reversed(block.operations) if o.name == "enzyme.yield"), None
    )
    if yields is None:
        return RegionText(arguments, inside, None, None, len(blocks))
    return RegionText(arguments, inside, _yielded(yields), yields.name_span, len(blocks))


def _yielded(operation: Operation) -> tuple[TypeText, ...] | None:
    """The types that a yield gives; None when they cannot be read."""
    tokens = operation.tree.tokens
    colon = _entries(operation)[1]
    last = operation.location[0] if operation.location is not None else operation.last
    if colon < 0:
        return () if operation.last == operation.name_token + 1 and not operation.is_generic else None
    if operation.is_generic:
        written = _function_type(operation, colon + 1)
        return written.operands if written is not None else None
    return _types(operation, colon + 1, last) if tokens.word(colon + 1) else None


def _function_type(operation: Operation, first: int) -> FunctionTypeText | None:
    """The type that begins at token `first`; None when nothing stands there."""
    tree, tokens = operation.tree, operation.tree.tokens
    last = operation.location[0] if operation.location is not None else operation.last
    if first >= last:
        return None
    operands, inside, index = None, None, first
    if tokens.word(first) == b"(" and first < tree.partners[first] < last:
        close = tree.partners[first]
        operands, inside = _types(operation, first + 1, close), Span(tokens.ends[first], tokens.starts[close])
        index = close + 1
    if operands is None or tokens.word(index) != b"->" or index + 1 >= last:
        return FunctionTypeText(tree.span(first, index if operands is not None else last), operands, inside, None, None)
    index += 1
    if (
        tokens.word(index) == b"("
        and index < tree.partners[index] < last
        and tokens.word(tree.partners[index] + 1) != b"->"
    ):
        end = tree.partners[index] + 1
        results = _types(operation, index + 1, end - 1)
    else:
        end = type_end(tree, index, last, _NOTHING)
        results = _types(operation, index, end)
    return FunctionTypeText(tree.span(first, end), operands, inside, results, tree.span(index, end))


def _types(operation: Operation, first: int, last: int) -> tuple[TypeText, ...]:
    tree, found, index = operation.tree, list[TypeText](), first
    while index < last:
        end = type_end(tree, index, last, _COMMA)
        span = tree.span(index, end)
        found.append(TypeText(span.of(tree.tokens.text).decode("utf-8", "replace"), span))
        index = end + 1
    return tuple(found)


def _entries(operation: Operation) -> tuple[tuple[Entry, ...], int]:
    """The attributes of an operation, from `{...}`, `<{...}>` and `<...>` alike, and the colon of its type or -1."""
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
            braces = Braces.PROPERTIES if tokens.word(index - 1) == b"<" else Braces.DICTIONARY
            found += _pairs(operation, index + 1, close, braces)
            index = close
        elif word == b"<" and tokens.kinds[index + 1 : index + 2] == [Kind.WORD] and tokens.word(index + 2) == b"=":
            end = _bare_end(operation, index + 1)
            found += _pairs(operation, index + 1, end, Braces.BARE)
            index = end
        elif word == b":":
            return tuple(found), index
        elif word == b"(" and close > index and tokens.word(index + 1) != b"{":
            index = close
        index += 1
    return tuple(found), -1


def _bare_end(operation: Operation, first: int) -> int:
    """The `>` that closes bare properties; where it is missing, the colon of the operation's type.

    A number may have a type here too, wrongly: `width = 2 : i32`. The type of an operation begins with a parenthesis.
    """
    tree, stops = operation.tree, frozenset({b">", b":"})
    end = type_end(tree, first, operation.last, stops)
    while end < operation.last and tree.tokens.word(end) == b":" and tree.tokens.word(end + 1) != b"(":
        end = type_end(tree, end + 1, operation.last, stops)
    return end


def _pairs(operation: Operation, first: int, last: int, braces: Braces) -> list[Entry]:
    tree, tokens = operation.tree, operation.tree.tokens
    stops = _BARE_END if braces is Braces.BARE else _COMMA
    found: list[Entry] = []
    index = first
    while index < last:
        end = type_end(tree, index, last, stops)
        if end > index and tokens.kinds[index] in (Kind.WORD, Kind.STRING):
            key = _word(operation, index).strip('"')
            key_span = tree.token_span(index)
            if tokens.word(index + 1) == b"=" and index + 2 < end:
                found.append(Entry(key, key_span, tree.span(index + 2, end), index + 2, end, braces))
            elif index + 1 >= end:
                found.append(Entry(key, key_span, key_span, index, end, braces))
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
