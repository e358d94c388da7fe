"""Symbols: what operations define and name with `@`, and the signatures of functions; no operation's meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from enzyme_lsp.syntax.parse import arguments, type_end
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.syntax.piece import Piece

_REFERENCE: Final = re.compile(rb'@(?:"((?:[^"\\\n\r]|\\.)*)"|([A-Za-z_][\w$.-]*|[0-9]+))')
_ALIAS_USE: Final = re.compile(rb"[#!]([A-Za-z_$][\w$-]*)")
_TYPE_STOPS: Final = frozenset({b"{", b"attributes", b"loc", b","})
_VISIBILITIES: Final = (b'"private"', b'"public"', b'"nested"')
_RESULT: Final = re.compile(
    rb"[-(>]|!.*|[su]?i[1-9]\d*|f\d\w*|bf16|tf32|index|none|tensor|memref|vector|complex|tuple", re.DOTALL
)
"""What stands where results are, or before them, and is no arrow."""
_PAIR_STOPS: Final = frozenset({b",", b"}", b">"})


@dataclass(frozen=True, slots=True)
class Typed:
    """An argument or result of a signature: its name as written (`%x`, or empty) and its type as written."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Signature:
    """`@name(arguments) -> results` as written, and its bytes from the start of the piece that holds it."""

    name: str
    arguments: tuple[Typed, ...]
    results: tuple[Typed, ...]
    variadic: bool
    span: Span

    def __str__(self) -> str:
        taken = [a.type for a in self.arguments] + (["..."] if self.variadic else [])
        given = [r.type for r in self.results]
        return f"@{self.name} : ({', '.join(taken)}) -> {given[0] if len(given) == 1 else '(' + ', '.join(given) + ')'}"


@dataclass(frozen=True, slots=True)
class Definition:
    """An operation that defines a symbol. `span` is the name, in bytes from the start of the piece."""

    name: str
    operation: Operation
    span: Span


def symbol_name(word: bytes) -> str:
    """`f` for `@f` and for `@"f"`."""
    name = word[1:]
    if name.startswith(b'"'):
        name = name[1:-1] if name.endswith(b'"') and len(name) > 1 else name[1:]
    return name.decode("utf-8", "replace")


def references(piece: Piece) -> frozenset[str]:
    """Every symbol name that the text mentions behind an `@`, also in comments and strings: too many does no harm."""
    return frozenset(
        (m[1] if m[1] is not None else m[2]).decode("utf-8", "replace") for m in _REFERENCE.finditer(piece.text)
    )


def alias_uses(piece: Piece) -> frozenset[str]:
    """Every name behind `#` or `!` that may be an alias, with the mark, such as `#map`."""
    return frozenset(m[0].decode("ascii", "replace") for m in _ALIAS_USE.finditer(piece.text))


def definition(operation: Operation) -> Definition | None:
    """The symbol that an operation defines: `@name` right behind its name and keywords, or `sym_name = "name"`.

    Only for operations that stand directly in a symbol table; elsewhere such a symbol is a use, as in `func.call @f()`.
    """
    tree, tokens = operation.tree, operation.tree.tokens
    if operation.name_token < 0 or operation.results or operation.name.startswith("enzyme."):
        return None  # what has results uses a symbol, and so does every operation of Enzyme's
    if operation.is_generic:
        named = attribute_value(operation, b"sym_name")
        if named is None or tokens.kinds[named[0]] != Kind.STRING:
            return None
        word = tokens.word(named[0])
        return Definition(word[1:-1].decode("utf-8", "replace"), operation, tree.token_span(named[0]))
    index = operation.name_token + 1
    while index < operation.last:
        if tokens.word(index) == b"{" and index < tree.partners[index] < operation.last:
            index = tree.partners[index] + 1  # `omp.private {type = private} @x`
        elif _may_be_before_name(tokens.kinds[index], tokens.word(index)):
            index += 1
        else:
            break
    if index >= operation.last or tokens.kinds[index] != Kind.SYMBOL or len(tokens.word(index)) < 2:
        return None
    return Definition(symbol_name(tokens.word(index)), operation, tree.token_span(index))


def _may_be_before_name(kind: int, word: bytes) -> bool:
    return (kind == Kind.WORD and b"." not in word) or word in _VISIBILITIES


def attribute_value(operation: Operation, key: bytes) -> tuple[int, int] | None:
    """The tokens of the value of `key = value` in a dictionary of the operation itself, half-open."""
    tree, tokens = operation.tree, operation.tree.tokens
    own = list(operation.own_tokens(operation.name_token + 1))
    for index in own:
        if tokens.word(index).strip(b'"') != key or tokens.word(index + 1) != b"=":
            continue
        end = type_end(tree, index + 2, operation.last, _PAIR_STOPS)
        return (index + 2, end) if end > index + 2 else None
    return None


def signature(operation: Operation) -> Signature | None:
    """The signature of an operation that defines a function; None for all others and where the text lacks it."""
    defined = definition(operation)
    if defined is None or is_function(operation.name) is False:
        return None
    if operation.is_generic:
        return _generic_signature(operation, defined)
    tree, tokens = operation.tree, operation.tree.tokens
    opened = tokens.at(defined.span.start)
    opened = opened + 1 if opened is not None else operation.last
    close = tree.partners[opened] if opened < operation.last and tokens.word(opened) == b"(" else -1
    if close < 0 or close >= operation.last:
        return None
    taken, variadic = _typed(tree, opened + 1, close)
    given: tuple[Typed, ...] = ()
    last = close + 1
    if last < operation.last and _RESULT.fullmatch(tokens.word(last)):
        return None  # The arrow is missing or half there, so that it is not known what is given.
    if tokens.word(last) == b"->":
        last, given = _results(tree, last + 1, operation.last)
    given = tuple(r for r in given if r.type not in ("!llvm.void", "()"))
    return Signature(defined.name, taken, given, variadic, Span(defined.span.start, tokens.ends[last - 1]))


def _generic_signature(operation: Operation, defined: Definition) -> Signature | None:
    tree, tokens = operation.tree, operation.tree.tokens
    found = attribute_value(operation, b"function_type")
    if found is None:
        return None
    first, last = found
    span = tree.span(first, last)
    if tokens.word(first) == b"(" and tree.partners[first] > first:
        close = tree.partners[first]
        taken, variadic = _typed(tree, first + 1, close)
        given = _results(tree, close + 2, last)[1] if tokens.word(close + 1) == b"->" else ()
        return Signature(defined.name, taken, given, variadic, span)
    if tokens.word(first) == b"!llvm.func":
        # !llvm.func<result (arguments)>
        opened = next((i for i in range(first, last) if tokens.word(i) == b"(" and tree.partners[i] == last - 2), -1)
        if opened < 0:
            return None
        taken, variadic = _typed(tree, opened + 1, tree.partners[opened])
        result = tree.span(first + 2, opened).of(tokens.text).decode("utf-8", "replace")
        given = () if result in ("void", "!llvm.void") else (Typed("", result),)
        return Signature(defined.name, taken, given, variadic, span)
    return None


def _typed(tree: Tree, first: int, last: int) -> tuple[tuple[Typed, ...], bool]:
    """The arguments between two parentheses, and whether `...` is among them."""
    tokens, found, variadic = tree.tokens, list[Typed](), False
    for argument in arguments(tree, first, last):
        if tokens.word(argument.type_first) == b"...":
            variadic = True
            continue
        name = tokens.word(argument.token).decode("utf-8", "replace") if argument.token >= 0 else ""
        found.append(Typed(name, _text(tree, argument.type_first, argument.type_last)))
    return tuple(found), variadic


def _results(tree: Tree, first: int, last: int) -> tuple[int, tuple[Typed, ...]]:
    """What stands behind `->`, and the token behind it."""
    if first < last and tree.tokens.word(first) == b"(" and tree.partners[first] > first:
        close = tree.partners[first]
        if tree.tokens.word(close + 1) != b"->":
            return close + 1, _typed(tree, first + 1, close)[0]
    end = type_end(tree, first, last, _TYPE_STOPS)
    return end, (Typed("", _text(tree, first, end)),) if end > first else ()


def _text(tree: Tree, first: int, last: int) -> str:
    """Tokens as they are written, on one line."""
    return b" ".join(tree.span(first, last).of(tree.tokens.text).split()).decode("utf-8", "replace")


def with_tables(tree: Tree) -> Iterator[tuple[Operation, Operation | None]]:
    """Every operation of a tree with the operation whose symbol table it sees; None: the one around the piece."""
    pending: list[tuple[Operation, Operation | None]] = [(o, None) for o in reversed(tree.operations)]
    while pending:
        operation, table = pending.pop()
        yield operation, table
        inner = operation if is_symbol_table(operation.name) else table
        for region in reversed(operation.regions):
            for block in reversed(region.blocks):
                pending.extend((o, inner) for o in reversed(block.operations))


def definitions(table: Operation) -> Iterator[Definition]:
    """The symbols in the table that an operation holds, in order."""
    for region in table.regions:
        for block in region.blocks:
            for operation in block.operations:
                if (found := definition(operation)) is not None:
                    yield found


@lru_cache(maxsize=4096)
def is_symbol_table(name: str) -> bool:
    """Whether operations of this name hold a symbol table: `module`, `builtin.module`, `gpu.module`..."""
    return name.rpartition(".")[2] == "module"


@lru_cache(maxsize=4096)
def is_function(name: str) -> bool | None:
    """Whether operations of this name are functions; None when the name does not tell."""
    if name.rpartition(".")[2] in ("func", "kernel"):
        return True
    if is_symbol_table(name) or name in _NO_FUNCTIONS:
        return False
    return None


_NO_FUNCTIONS: Final = frozenset({
    "memref.global", "llvm.mlir.global", "llvm.mlir.alias", "llvm.comdat", "sdy.mesh", "ml_program.global",
    "irdl.dialect",
})  # fmt: skip
