"""Value types: the types of values that the text does not tell, as an engine tells them.

An engine prints a piece in generic form, where each operation has the types of its results and its place in the text
that was sent; that place leads back to the operation of ours. What was said of a piece is kept with the piece, and the
last good answer by the name of the symbol: it stands in, marked as stale, while the piece has no answer of its own,
because it is broken or because nobody has asked yet.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from enzyme_lsp.engines.api import Identity, Outcome, Request
from enzyme_lsp.engines.pool import Lane, Pool
from enzyme_lsp.syntax import values
from enzyme_lsp.syntax.parse import parse
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.syntax.scopes import Defined, Definition, names
from enzyme_lsp.verification import carry, modules
from enzyme_lsp.verification.printed import Aliases, offset_in
from enzyme_lsp.workspace.snapshot import Outdated

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Mapping

    from enzyme_lsp.engines.api import Answer
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.verification.modules import ModuleText
    from enzyme_lsp.verification.verdict import Verdict
    from enzyme_lsp.workspace.snapshot import Snapshot

_LARGEST: Final = 1 << 20
"""Bytes of a piece whose types are asked for: printing and reading it takes about a second for each megabyte."""
_MOST_CRASHES: Final = 4
"""Of the engine, before other pieces wait for the next pause."""

Types = dict[int, tuple[str, ...]]
"""By the token that defines a name in a piece: the types of the values that it stands for."""


@dataclass(frozen=True, slots=True)
class PieceTypes:
    """The types of values of one piece. `is_stale`: they are from before the last edits."""

    types: Mapping[int, tuple[str, ...]]
    is_stale: bool


@dataclass(frozen=True, slots=True)
class _Answered:
    """What an engine said of a piece; nothing (None) when it refused it."""

    piece: Piece
    types: Types | None


@dataclass(frozen=True, slots=True)
class KnownTypes:
    """What is known of the types in one snapshot."""

    engine: Identity | None = None
    _fresh: Mapping[int, _Answered] = field(default_factory=dict[int, _Answered])
    _last: Mapping[tuple[int, str], _Answered] = field(default_factory=dict[tuple[int, str], _Answered])

    def of(self, snapshot: Snapshot, index: int) -> PieceTypes:
        """What is known of the values of a piece that its text gives no type."""
        piece = snapshot.layout.pieces[index]
        found = self._fresh.get(id(piece))
        if found is not None and found.types is not None:
            return PieceTypes(found.types, is_stale=False)
        key = _key(snapshot, index)
        last = self._last.get(key) if key is not None else None
        return PieceTypes(_by_name(last, piece) if last is not None else {}, is_stale=True)


NOTHING_KNOWN: Final = KnownTypes()


def untyped(piece: Piece) -> tuple[Definition, ...]:
    """The definitions of values to which the text gives no type, in order. Use through `piece.fact`."""
    return tuple(one for one in piece.fact(names).definitions if _is_untyped(one))


class TypeFinder:
    """Asks the engines of a pool for types. One per server; used on one event loop."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._engine: Identity | None = None
        self._documents: dict[str, _Document] = {}

    def known(self, snapshot: Snapshot) -> KnownTypes:
        """What has been said of a document, as far as it may still hold. Asks nobody."""
        if snapshot.uri not in self._documents:
            return KnownTypes(self._engine)
        document = self._carry(snapshot)
        return KnownTypes(self._engine, document.fresh.copy(), document.last.copy())

    async def find(self, snapshot: Snapshot, verdict: Verdict) -> AsyncGenerator[None]:
        """Asks about each piece that has values without a type and no answer yet; each good answer is a step.

        Pieces that `verdict` has errors for are left out, since the engine would not print them. Raises nothing but
        CancelledError.
        """
        document = self._carry(snapshot)
        document.learn(frozenset(one.dialect for one in verdict.unregistered))
        refused = {one.piece for one in (*verdict.findings, *verdict.failures)}
        crashes = 0
        try:
            for index in await asyncio.to_thread(_wanting, snapshot, set(document.fresh)):
                if index in refused:
                    continue
                answer, types = await self._ask(snapshot, index, document.dialects)
                if not snapshot.is_current or (answer is not None and not answer.repeatable):
                    return  # an edit, or an engine that is missing or hangs: the next pause tries again
                document.put(snapshot, index, types)
                if types is not None:
                    yield
                crashes += answer is not None and answer.outcome is Outcome.CRASHED
                if crashes == _MOST_CRASHES:
                    return
            document.forget_the_gone(snapshot)
        except Outdated:
            return

    def forget(self, uri: str) -> None:
        """Called when a document is closed."""
        self._documents.pop(uri, None)

    async def _ask(
        self, snapshot: Snapshot, index: int, dialects: frozenset[str]
    ) -> tuple[Answer | None, Types | None]:
        """An engine's answer on a piece, None when it cannot be sent alone; and the types that it gives."""
        while True:
            status = await self._pool.ready()
            spelling = status.spelling
            module = await asyncio.to_thread(modules.some, snapshot, [index], dialects, spelling)
            if module is None:
                return None, None
            answer = await self._pool.run(Request(module.text, generic=True), lane=Lane.BACKGROUND)
            if answer.outcome is Outcome.UNAVAILABLE:
                return answer, None
            self._heard(answer.engine)
            if answer.engine.spelling == spelling:
                break
        if answer.outcome is not Outcome.ACCEPTED or answer.output is None:
            return answer, None
        piece = snapshot.layout.pieces[index]
        return answer, await asyncio.to_thread(_read, piece, index, snapshot.layout.span(index), module, answer.output)

    def _heard(self, engine: Identity) -> None:
        """Notes which engine answered: what another one said does not hold."""
        if self._engine != engine:
            if self._engine is not None:
                for document in self._documents.values():
                    document.fresh.clear()
                    document.last.clear()
            self._engine = engine

    def _carry(self, snapshot: Snapshot) -> _Document:
        document = self._documents.setdefault(snapshot.uri, _Document())
        if document.pieces is not snapshot.layout.pieces:
            before, document.pieces = document.pieces, snapshot.layout.pieces
            carry.keep(document.fresh, before, document.pieces)
        return document


@dataclass(slots=True)
class _Document:
    """What is known of one document.

    Invariant: a key of `fresh` is the `id` of the piece in its value, which keeps that piece alive and so the key its
    own. `last` holds good answers alone, by section and symbol.
    """

    pieces: tuple[Piece, ...] = ()
    fresh: dict[int, _Answered] = field(default_factory=dict[int, _Answered])
    last: dict[tuple[int, str], _Answered] = field(default_factory=dict[tuple[int, str], _Answered])
    dialects: frozenset[str] = frozenset()
    """Those that the engine does not know, and that were left out of what it was asked."""

    def learn(self, dialects: frozenset[str]) -> None:
        """Without operations of other dialects, what was refused may be accepted."""
        if dialects != self.dialects:
            self.dialects = dialects
            self.fresh = {key: one for key, one in self.fresh.items() if one.types is not None}

    def put(self, snapshot: Snapshot, index: int, types: Types | None) -> None:
        piece = snapshot.layout.pieces[index]
        answered = self.fresh[id(piece)] = _Answered(piece, types)
        key = _key(snapshot, index)
        if types is not None and key is not None:
            self.last[key] = answered

    def forget_the_gone(self, snapshot: Snapshot) -> None:
        """Forgets symbols that the document has no more."""
        here = {_key(snapshot, index) for index in range(len(snapshot.layout.pieces))}
        self.last = {key: one for key, one in self.last.items() if key in here}


def _key(snapshot: Snapshot, index: int) -> tuple[int, str] | None:
    symbol = snapshot.layout.pieces[index].symbol
    return None if symbol is None else (snapshot.scope_of(index).section, symbol)


def _wanting(snapshot: Snapshot, answered: set[int]) -> list[int]:
    """The pieces without an answer that have values without a type. Raises `Outdated` when an edit has come."""
    found: list[int] = []
    for index, piece in enumerate(snapshot.layout.pieces):
        snapshot.check_current()
        is_asked = piece.kind is PieceKind.ITEM and id(piece) not in answered and len(piece.text) <= _LARGEST
        if is_asked and piece.fact(untyped):
            found.append(index)
    return found


def _is_untyped(definition: Definition) -> bool:
    operation = definition.operation
    if operation is None or operation.name_token < 0 or definition.defined is Defined.LABEL:
        return False
    if definition.defined is Defined.RESULT:
        return not values.result_types(operation)
    return definition.type_first == definition.type_last


def _by_name(last: _Answered, piece: Piece) -> Types:
    """What was said of another text of a piece, for the values that have the name and the operation that they had.

    Names that several values had count when all had the same types.
    """
    said: dict[tuple[object, ...], tuple[str, ...] | None] = {}
    for definition in last.piece.fact(untyped):
        types = (last.types or {}).get(definition.token)
        known = said.setdefault(_identity(last.piece, definition), types)
        if known != types:
            said[_identity(last.piece, definition)] = None
    found: Types = {}
    for definition in piece.fact(untyped):
        types = said.get(_identity(piece, definition))
        if types is not None:
            found[definition.token] = types
    return found


def _identity(piece: Piece, definition: Definition) -> tuple[object, ...]:
    operation = definition.operation
    name = operation.name if operation is not None else ""
    return piece.tree.tokens.word(definition.token), definition.defined, name, definition.count


def _read(piece: Piece, index: int, whole: Span, module: ModuleText, printed: str) -> Types:
    """The types that a module in generic form gives to the values of a piece that have none in the text."""
    data = printed.encode("utf-8", "replace")
    tree, aliases = parse(data), Aliases(data)
    wanted = {definition.token for definition in piece.fact(untyped) if definition.defined is not Defined.RESULT}
    operations = _by_place(piece)
    found: Types = {}
    for operation in tree.walk():
        for region in operation.regions:
            for block in region.blocks:
                for argument in block.arguments:
                    offset = offset_in(index, whole, module, aliases.place(tree, argument.type_last))
                    token = piece.tree.tokens.at(offset) if offset is not None else None
                    if token is not None and token in wanted and piece.tree.tokens.starts[token] == offset:
                        text = tree.span(argument.type_first, argument.type_last).of(data)
                        found[token] = (aliases.expanded(text.decode("utf-8", "replace")),)
        if not operation.results or operation.location is None:
            continue
        offset = offset_in(index, whole, module, aliases.place(tree, operation.location[0]))
        ours = operations.get((offset, operation.name)) if offset is not None else None
        if ours is not None:
            found.update(_of_results(ours, tuple(map(aliases.expanded, values.result_types(operation)))))
    return found


def _by_place(piece: Piece) -> dict[tuple[int, str], Operation]:
    """The operations of a piece whose results have no type, by the byte and the name that an engine knows them by.

    The byte is that of the name; some parsers of operations take the place behind it.
    """
    tokens = piece.tree.tokens
    found: dict[tuple[int, str], Operation] = {}
    for definition in piece.fact(untyped):
        operation = definition.operation
        if operation is None or definition.defined is not Defined.RESULT:
            continue
        name = operation.name if "." in operation.name else f"func.{operation.name}"
        for token in (operation.name_token, operation.name_token + 1):
            if token < len(tokens):
                found[tokens.starts[token], name] = operation
    return found


def _of_results(operation: Operation, types: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The types for each name of the results of an operation, when there are as many as results."""
    if len(types) != sum(result.count for result in operation.results):
        return
    position = 0
    for result in operation.results:
        yield result.token, types[position : position + result.count]
        position += result.count
