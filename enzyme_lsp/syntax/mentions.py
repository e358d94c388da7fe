"""Mentions: where a piece names symbols, aliases and resources, defining or using them; no lookup.

What a mention means depends on what stands around the piece, which `workspace.occurrences` knows.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.syntax.nodes import Operation, Tree


@dataclass(frozen=True, slots=True)
class SymbolMention:
    """A symbol: its token, the path that leads to it (`("a", "b")` for the `@b` of `@a::@b`), and the symbol table that
    it is looked up in: an operation of the piece, or None for the one around the piece.

    `operation` is the one that names it; `defines` says whether it is its own name.
    """

    token: int
    path: tuple[str, ...]
    table: Operation | None
    operation: Operation
    defines: bool


@dataclass(frozen=True, slots=True)
class AliasMention:
    """An alias with its mark, `#map` or `!type`."""

    token: int
    name: str
    defines: bool


@dataclass(frozen=True, slots=True)
class ResourceMention:
    """The handle of a blob: in `dense_resource<handle>`, or where `{-# ... #-}` gives its bytes."""

    token: int
    name: str
    defines: bool


T = TypeVar("T", "SymbolMention", "AliasMention", "ResourceMention")


def at_token(mentions: Sequence[T], token: int) -> T | None:
    """The one of some mentions in order that is at a token."""
    place = bisect_left(mentions, token, key=lambda one: one.token)
    return mentions[place] if place < len(mentions) and mentions[place].token == token else None


def defined_in(piece: Piece) -> dict[tuple[int, str], SymbolMention]:
    """The symbols that a piece defines, by the first token of their table (-1: that around the piece) and their name.

    Use through `piece.fact`. Of several with one name it is the first.
    """
    found: dict[tuple[int, str], SymbolMention] = {}
    for one in piece.fact(symbol_mentions):
        if one.defines:
            found.setdefault((-1 if one.table is None else one.table.first, one.path[-1]), one)
    return found


def symbol_mentions(piece: Piece) -> tuple[SymbolMention, ...]:
    """The symbols that a piece names, in the order of the text. Use through `piece.fact`."""
    if not (piece.mentions(b"@") or piece.mentions(b"sym_name")):
        return ()
    return tuple(sorted(_symbols(piece), key=lambda one: one.token))


def alias_mentions(piece: Piece) -> tuple[AliasMention, ...]:
    """The names in a piece that can be aliases, in the order of the text. Use through `piece.fact`."""
    if not (piece.mentions(b"#") or piece.mentions(b"!")):
        return ()
    tokens = piece.tree.tokens
    found: list[AliasMention] = []
    for index, kind in enumerate(tokens.kinds):
        if kind not in (Kind.HASH, Kind.BANG):
            continue
        word = tokens.word(index)
        # `%p#1` is a result, `#dialect.name` and `#dialect<...>` are attributes of a dialect.
        if len(word) < 2 or word[1:2].isdigit() or b"." in word or _is_of_dialect(piece, index):
            continue
        defines = index == 0 and piece.kind is PieceKind.ALIAS
        found.append(AliasMention(index, word.decode("utf-8", "replace"), defines))
    return tuple(found)


def resource_mentions(piece: Piece) -> tuple[ResourceMention, ...]:
    """The handles of blobs in a piece. Use through `piece.fact`."""
    tokens = piece.tree.tokens if piece.kind is PieceKind.RESOURCES or piece.mentions(_RESOURCE) else None
    if tokens is None:
        return ()
    if piece.kind is PieceKind.RESOURCES:
        return tuple(_handles(piece))
    return tuple(
        ResourceMention(index, _unquoted(tokens.word(index)), defines=False)
        for index in range(2, len(tokens))
        if tokens.word(index - 2) == _RESOURCE and tokens.word(index - 1) == b"<" and tokens.kinds[index] in _NAMES
    )


_TABLES: Final = frozenset({
    "irdl.dialect", "llvm.comdat", "shape.function_library", "emitc.class", "emitc.file",
    "firrtl.circuit", "flow.executable", "hal.executable", "hal.executable.variant",
})  # fmt: skip
"""Operations that hold a symbol table and whose names do not say so."""
_RESOURCE: Final = b"dense_resource"
_NAMES: Final = (Kind.WORD, Kind.STRING)
_HANDLE_DEPTH: Final = 3
"""Braces around a handle: `{-# dialect_resources: { builtin: { handle: ...`."""


def with_tables(tree: Tree) -> Iterator[tuple[Operation, Operation | None, bool]]:
    """Every operation, each before those of its regions, with the operation whose symbol table it is in.

    None is the table around the text. The last tells whether it stands directly in the table, so that it can define a
    symbol of it. Operations of one region come in order, regions of one operation in reverse.
    """
    pending: list[tuple[Operation, Operation | None, bool]] = [(o, None, True) for o in reversed(tree.operations)]
    while pending:
        operation, table, is_direct = pending.pop()
        yield operation, table, is_direct
        inside = is_table(operation)
        inner = operation if inside else table
        for region in operation.regions:
            for block in region.blocks:
                pending += [(o, inner, inside) for o in reversed(block.operations)]


def is_table(operation: Operation) -> bool:
    """Whether an operation holds a symbol table, as far as its name and its text tell."""
    return is_table_name(operation.name) or _is_told_table(operation)


def is_table_name(name: str) -> bool:
    """Whether operations of this name hold a symbol table, as far as the name tells."""
    return symbols.is_symbol_table(name) or name in _TABLES


def _symbols(piece: Piece) -> Iterator[SymbolMention]:
    tokens = piece.tree.tokens
    for operation, table, is_direct in with_tables(piece.tree):
        defined = symbols.definition(operation) if is_direct else None
        own = tokens.at(defined.span.start) if defined is not None else None
        if defined is not None and own is not None and tokens.kinds[own] == Kind.STRING:
            yield SymbolMention(own, (defined.name,), table, operation, defines=True)
        path: tuple[str, ...] = ()
        for index in operation.own_tokens():
            if tokens.kinds[index] != Kind.SYMBOL or len(tokens.word(index)) < 2:
                continue
            nested = tokens.word(index - 1) == b"::" and tokens.kinds[index - 2] == Kind.SYMBOL and path
            path = (*(path if nested else ()), symbols.symbol_name(tokens.word(index)))
            yield SymbolMention(index, path, table, operation, defines=index == own)


def _is_told_table(operation: Operation) -> bool:
    """Whether an operation of any dialect holds a symbol table: in generic form what is directly in it says so."""
    is_known = not operation.regions or not operation.is_generic or symbols.is_function(operation.name) is True
    if is_known or symbols.definition(operation) is None:
        return False
    return any(one.operation.is_generic for one in symbols.definitions(operation))


def _is_of_dialect(piece: Piece, index: int) -> bool:
    tokens = piece.tree.tokens
    return tokens.word(index + 1) == b"<" and tokens.starts[index + 1] == tokens.ends[index]


def _depths(piece: Piece) -> Iterator[tuple[int, int]]:
    """Each token with the number of braces around it."""
    depth, tokens = 0, piece.tree.tokens
    for index in range(len(tokens)):
        word = tokens.word(index)
        depth -= word == b"}"
        yield index, depth
        depth += word == b"{"


def _handles(piece: Piece) -> Iterator[ResourceMention]:
    """What `{-# dialect_resources: ... #-}` names; what stands in `external_resources` is no handle but a key."""
    tokens, part = piece.tree.tokens, b""
    for index, depth in _depths(piece):
        if tokens.kinds[index] not in _NAMES or tokens.word(index + 1) != b":":
            continue
        if depth == 1:
            part = tokens.word(index)
        elif depth == _HANDLE_DEPTH and part == b"dialect_resources":
            yield ResourceMention(index, _unquoted(tokens.word(index)), defines=True)


def _unquoted(word: bytes) -> str:
    return word.strip(b'"').decode("utf-8", "replace")
