"""Occurrences: what a name in a document means, where it is defined and where it is used, in any state of the text.

Five sorts of names: SSA values and block labels, which mostly their piece alone tells; symbols, by the symbol tables
around them; aliases and resource handles, by their section. Spans are bytes of the document.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.mentions import alias_mentions, at_token, defined_in, resource_mentions, symbol_mentions
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.syntax.scopes import Defined, names
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.mentions import AliasMention, ResourceMention, SymbolMention
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.scopes import Definition, Names
    from enzyme_lsp.workspace.snapshot import Snapshot


class NameKind(Enum):
    """What sort of name it is."""

    VALUE = "value"
    BLOCK = "block"
    SYMBOL = "symbol"
    ALIAS = "alias"
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class Target:
    """What a name means, as far as two occurrences of one document can be held together.

    Values, blocks and symbols: the piece and the byte in it at which they are defined; `home` is None for a symbol that
    nothing defines, and `start` the symbol table that it is looked up in. Aliases and resources: the section and the
    name.
    """

    kind: NameKind
    home: int | None
    start: int
    name: str


class Occurrence(NamedTuple):
    """A name at one place. Two occurrences of one document mean the same thing when their `target` is equal.

    `span` is the name with its mark, without `#1` or `:2`; `number` is the result that a value means, None where all of
    a definition are meant. `piece` and `token` say where it was read. A tuple, since a name may have 10,000 of them.
    """

    kind: NameKind
    name: str
    span: Span
    defines: bool
    target: Target
    piece: int
    token: int
    number: int | None = None


def at(snapshot: Snapshot, offset: int) -> Occurrence | None:
    """The name at a byte of the document, or that ends there; None where there is none."""
    index = snapshot.layout.index_near(offset)
    if index is None:
        return None
    piece = snapshot.layout.pieces[index]
    tokens = piece.tree.tokens
    inside = offset - snapshot.offset(index)
    token = tokens.at(inside)
    if token is None:
        return None
    # Of two tokens that touch, as in `%p#1`, the one before counts when the other is no name.
    for candidate in (token, token - 1):
        if candidate >= 0 and tokens.starts[candidate] <= inside <= tokens.ends[candidate]:
            found = _of_token(snapshot, index, candidate)
            if found is not None:
                return found
    return None


def all_of(snapshot: Snapshot, occurrence: Occurrence) -> Iterator[Occurrence]:
    """Every occurrence of the same thing in its document, in order, definitions among them.

    Raises `Outdated` when an edit has come.
    """
    match occurrence.kind:
        case NameKind.VALUE | NameKind.BLOCK:
            yield from _local(snapshot, occurrence)
        case NameKind.SYMBOL:
            yield from _symbols(snapshot, occurrence)
        case _:
            yield from _section_wide(snapshot, occurrence)


def definitions(snapshot: Snapshot, occurrence: Occurrence) -> tuple[Occurrence, ...]:
    """Where the thing is defined. Never, and for aliases and resources more than once, is an error of the text.

    Of a symbol that is defined twice, each definition is a thing of its own, and the first has the uses.
    """
    match occurrence.kind:
        case NameKind.VALUE | NameKind.BLOCK:
            found = _local_definition(snapshot, occurrence)
        case NameKind.SYMBOL:
            found = _symbol_definition(snapshot, occurrence)
        case _:
            kinds = (PieceKind.ALIAS, PieceKind.RESOURCES)
            return tuple(one for one in _section_wide(snapshot, occurrence, kinds) if one.defines)
    return () if found is None else (found,)


def definition_of(snapshot: Snapshot, value: Occurrence) -> Definition | None:
    """What defines a value or block, in the piece `value.target.home`."""
    if value.target.home is None:
        return None
    known = snapshot.layout.pieces[value.target.home].fact(names)
    return known.at.get(bisect_left(known.tree.tokens.starts, value.target.start))


def operation_of(snapshot: Snapshot, occurrence: Occurrence) -> Operation | None:
    """The innermost operation in whose text the name stands."""
    tree = snapshot.layout.pieces[occurrence.piece].tree
    return tree.operation_at(tree.tokens.starts[occurrence.token])


def _of_token(snapshot: Snapshot, index: int, token: int) -> Occurrence | None:
    piece = snapshot.layout.pieces[index]
    tokens = piece.tree.tokens
    kind = tokens.kinds[token]
    if kind == Kind.HASH and token > 0 and tokens.kinds[token - 1] == Kind.VALUE:
        # The value whose `#1` it is.
        return _of_token(snapshot, index, token - 1) if tokens.ends[token - 1] == tokens.starts[token] else None
    if kind in (Kind.VALUE, Kind.CARET):
        return _of_value(snapshot, index, piece.fact(names), token)
    if (symbol := at_token(piece.fact(symbol_mentions), token)) is not None:
        return _of_symbol(snapshot, index, symbol)
    if kind in (Kind.HASH, Kind.BANG):
        alias = at_token(piece.fact(alias_mentions), token)
        return None if alias is None else _of_section(snapshot, index, NameKind.ALIAS, alias)
    if kind in (Kind.WORD, Kind.STRING):
        resource = at_token(piece.fact(resource_mentions), token)
        return None if resource is None else _of_section(snapshot, index, NameKind.RESOURCE, resource)
    return None


# Values and blocks


def _of_value(snapshot: Snapshot, index: int, known: Names, token: int) -> Occurrence | None:
    """The value or label at a token of piece `index`; None when nothing defines it."""
    definition = known.at.get(token)
    home = (index, definition.token) if definition is not None else _outer(snapshot, index, known, token)
    if home is None:
        return None
    is_block = definition is not None and definition.defined is Defined.LABEL
    defines = home == (index, token)
    kind = NameKind.BLOCK if is_block else NameKind.VALUE
    name = known.tree.tokens.word(token).decode("utf-8", "replace")
    target = Target(kind, home[0], snapshot.layout.pieces[home[0]].tree.tokens.starts[home[1]], name)
    span = snapshot.span_in(index, known.tree.token_span(token))
    number = None if is_block or defines else known.number(token)
    return Occurrence(kind, name, span, defines, target, index, token, number)


def _local_definition(snapshot: Snapshot, occurrence: Occurrence) -> Occurrence | None:
    home, definition = occurrence.target.home, definition_of(snapshot, occurrence)
    if home is None or definition is None:
        return None
    return _of_value(snapshot, home, snapshot.layout.pieces[home].fact(names), definition.token)


def _local(snapshot: Snapshot, occurrence: Occurrence) -> Iterator[Occurrence]:
    home, definition = occurrence.target.home, definition_of(snapshot, occurrence)
    if home is None or definition is None:
        return
    known = snapshot.layout.pieces[home].fact(names)
    word, kind, target = known.tree.tokens.word(definition.token), occurrence.kind, occurrence.target
    others = _beside(snapshot, home, definition) if definition in known.exported() else []
    for index in sorted([home, *others]):
        snapshot.check_current()
        there, start = snapshot.layout.pieces[index].fact(names), snapshot.offset(index)
        tokens = there.tree.tokens
        if index == home:
            found = sorted((definition.token, *definition.uses))
        else:
            # All that nothing in a piece defines means the same, by its name.
            found = [token for token in there.free if tokens.word(token) == word]
            if not found or _outer(snapshot, index, there, found[0]) != (home, definition.token):
                continue
        starts, ends, own = tokens.starts, tokens.ends, definition.token if index == home else -1
        for token in found:
            span = Span(start + starts[token], start + ends[token])
            number = None if token == own or kind is NameKind.BLOCK else there.number(token)
            yield Occurrence(kind, target.name, span, token == own, target, index, token, number)


# Values of the outermost region of a section or module, whose operations are pieces


def _outer(snapshot: Snapshot, index: int, known: Names, token: int) -> tuple[int, int] | None:
    """The piece and token that define a value which piece `index` uses; None when no piece around does.

    Where several do, which is an error, the nearest before it is meant.
    """
    place = bisect_left(known.free, token)
    if place >= len(known.free) or known.free[place] != token:
        return None
    scope = snapshot.scopes.of_piece[index]
    defining = snapshot.fact(outer_values).get((scope, known.tree.tokens.word(token)))
    if defining is None:
        return None
    return defining[max(bisect_right(defining, (index, 0)) - 1, 0)]


def outer_values(snapshot: Snapshot) -> dict[tuple[int, bytes], list[tuple[int, int]]]:
    """The values that pieces define for those beside them, by symbol table and name, as piece and token.

    Use through `snapshot.fact`.
    """
    found: dict[tuple[int, bytes], list[tuple[int, int]]] = {}
    for index, piece in enumerate(snapshot.layout.pieces):
        if piece.text.startswith(_EXPORTING):
            tokens = piece.tree.tokens
            for definition in piece.fact(names).exported():
                key = (snapshot.scopes.of_piece[index], tokens.word(definition.token))
                found.setdefault(key, []).append((index, definition.token))
    return found


_EXPORTING: Final = (b"%", b"^")
"""How pieces begin that define values for others: results, and arguments of a block."""


def _beside(snapshot: Snapshot, home: int, definition: Definition) -> list[int]:
    """The other pieces in the region of piece `home` that have the name of a value which it defines."""
    scope, pieces = snapshot.scopes.of_piece[home], snapshot.layout.pieces
    word = pieces[home].tree.tokens.word(definition.token)
    section = snapshot.sections[snapshot.scope_of(home).section]
    return [
        index
        for index in range(section.first, section.last)
        if index != home and snapshot.scopes.of_piece[index] == scope and pieces[index].mentions(word)
    ]


# Symbols


def _of_symbol(snapshot: Snapshot, index: int, mention: SymbolMention) -> Occurrence:
    return _symbol(snapshot, index, mention, _symbol_target(snapshot, index, mention))


def _symbol(snapshot: Snapshot, index: int, mention: SymbolMention, target: Target) -> Occurrence:
    tree = snapshot.layout.pieces[index].tree
    span = snapshot.span_in(index, tree.token_span(mention.token))
    name = tree.tokens.word(mention.token).decode("utf-8", "replace")
    return Occurrence(NameKind.SYMBOL, name, span, mention.defines, target, index, mention.token)


def _symbol_target(snapshot: Snapshot, index: int, mention: SymbolMention) -> Target:
    resolved = _resolved(snapshot, index, mention)
    if resolved is not None:
        return Target(NameKind.SYMBOL, *resolved, mention.path[-1])
    inner = "" if mention.table is None else f"{index} {mention.table.first} "
    return Target(NameKind.SYMBOL, None, snapshot.scopes.of_piece[index], inner + "::".join(mention.path))


def _resolved(snapshot: Snapshot, index: int, mention: SymbolMention) -> tuple[int, int] | None:
    """The piece and the byte in it at which the name of what a mention means is defined; None when nothing is."""
    if mention.defines:
        return index, snapshot.layout.pieces[index].tree.tokens.starts[mention.token]
    return resolve_path(snapshot, index, mention.table, mention.path)


def resolve_path(
    snapshot: Snapshot, index: int, table: Operation | None, path: tuple[str, ...]
) -> tuple[int, int] | None:
    """The piece and the byte in it at which a symbol is defined, from the table `table` in piece `index` on down.

    Modules see their own symbols alone. Of other symbol tables that depends on the dialect, as IRDL's look outward.
    """
    if table is not None:
        found = _down(snapshot, index, table, path)
        if found is not None or symbols.is_symbol_table(table.name):
            return found
    own = snapshot.fact(_opened).get(index)
    # What a module says of itself names its own symbols.
    scopes = [snapshot.scopes.of_piece[index]] if own is None else [own, snapshot.scopes.of_piece[index]]
    return next((found for scope in scopes if (found := _from_scope(snapshot, scope, path)) is not None), None)


def _from_scope(snapshot: Snapshot, scope: int, path: tuple[str, ...]) -> tuple[int, int] | None:
    """From the symbol table of a section or module on down; the first of several definitions counts."""
    opened = snapshot.fact(_opened)
    for depth, name in enumerate(path):
        home = _first(snapshot, scope, name)
        if home is None:
            return None
        if home not in opened or depth + 1 == len(path):
            mention = snapshot.layout.pieces[home].fact(defined_in)[-1, name]
            start = mention.operation.tree.tokens.starts[mention.token]
            rest = path[depth + 1 :]
            return _down(snapshot, home, mention.operation, rest) if rest else (home, start)
        scope = opened[home]
    return None


def _down(snapshot: Snapshot, index: int, table: Operation, path: tuple[str, ...]) -> tuple[int, int] | None:
    """From an operation of piece `index` that is a symbol table on down."""
    piece = snapshot.layout.pieces[index]
    known = piece.fact(defined_in)
    mention = None
    for name in path:
        mention = known.get((table.first, name))
        if mention is None:
            return None
        table = mention.operation
    return None if mention is None else (index, piece.tree.tokens.starts[mention.token])


def _first(snapshot: Snapshot, scope: int, name: str) -> int | None:
    """The first piece that defines a symbol of a symbol table."""
    pieces = snapshot.layout.pieces
    candidates = snapshot.scopes.scopes[scope].symbols.get(name, ())
    return next((index for index in candidates if (-1, name) in pieces[index].fact(defined_in)), None)


def _opened(snapshot: Snapshot) -> dict[int, int]:
    """By the piece that opens a module, the module's symbol table."""
    return {scope.open: number for number, scope in enumerate(snapshot.scopes.scopes) if scope.open is not None}


def _symbols(snapshot: Snapshot, occurrence: Occurrence) -> Iterator[Occurrence]:
    mine = snapshot.layout.pieces[occurrence.piece]
    own = at_token(mine.fact(symbol_mentions), occurrence.token)
    if own is None:
        return
    word = mine.tree.tokens.word(occurrence.token).removeprefix(b"@").strip(b'"')
    section = snapshot.sections[snapshot.scope_of(occurrence.piece).section]
    opened = snapshot.fact(_opened)
    targets: dict[tuple[bool, int, int, tuple[str, ...]], Target] = {}
    for index in range(section.first, section.last):
        piece = snapshot.layout.pieces[index]
        if not piece.mentions(word):
            continue
        snapshot.check_current()
        scope = snapshot.scopes.of_piece[index]
        for mention in piece.fact(symbol_mentions):
            if mention.path[-1] != own.path[-1]:
                continue
            if mention.defines:
                target = _symbol_target(snapshot, index, mention)
            else:
                # Uses of one path in one table mean the same; of those around a piece a module's own is one more.
                table = (scope, opened.get(index, -1)) if mention.table is None else (index, mention.table.first)
                use = (mention.table is None, *table, mention.path)
                if use not in targets:
                    targets[use] = _symbol_target(snapshot, index, mention)
                target = targets[use]
            if target == occurrence.target:
                yield _symbol(snapshot, index, mention, target)


def _symbol_definition(snapshot: Snapshot, occurrence: Occurrence) -> Occurrence | None:
    home = occurrence.target.home
    if home is None:
        return None
    piece = snapshot.layout.pieces[home]
    token = bisect_left(piece.tree.tokens.starts, occurrence.target.start)
    mention = at_token(piece.fact(symbol_mentions), token)
    return None if mention is None else _of_symbol(snapshot, home, mention)


# Aliases and resources


def _of_section(
    snapshot: Snapshot, index: int, kind: NameKind, mention: AliasMention | ResourceMention
) -> Occurrence | None:
    """A name that belongs to the whole section. An alias that nothing defines is no alias: `#blocked`, `!token`."""
    section = snapshot.scope_of(index).section
    if kind is NameKind.ALIAS and mention.name not in snapshot.scopes.aliases[section]:
        return None
    span = snapshot.span_in(index, snapshot.layout.pieces[index].tree.token_span(mention.token))
    target = Target(kind, section, -1, mention.name)
    return Occurrence(kind, mention.name, span, mention.defines, target, index, mention.token)


def _section_wide(
    snapshot: Snapshot, occurrence: Occurrence, kinds: tuple[PieceKind, ...] = tuple(PieceKind)
) -> Iterator[Occurrence]:
    """Every occurrence in pieces of some kinds."""
    section = snapshot.sections[snapshot.scope_of(occurrence.piece).section]
    word = snapshot.layout.pieces[occurrence.piece].tree.tokens.word(occurrence.token).strip(b'"')
    read = alias_mentions if occurrence.kind is NameKind.ALIAS else resource_mentions
    for index in range(section.first, section.last):
        piece = snapshot.layout.pieces[index]
        if piece.kind not in kinds or not piece.mentions(word):
            continue
        snapshot.check_current()
        start = snapshot.offset(index)
        for mention in piece.fact(read):
            if mention.name == occurrence.name:
                tokens, token = piece.tree.tokens, mention.token
                span = Span(start + tokens.starts[token], start + tokens.ends[token])
                yield occurrence._replace(span=span, defines=mention.defines, piece=index, token=token)
