"""Call hierarchy: who calls a function and whom it calls, where differentiating a function is a way to call it.

Every operation that names a function symbol is an edge; one that is no plain call says in the detail of the item at its
end what it does with the function. Names mean what they mean in their section. A function that is only declared there
leads to functions of that name that other files of the workspace define; and one that is defined is called from where
it is declared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.convention import MODE_OF, Mode
from enzyme_lsp.features.answers import Elsewhere
from enzyme_lsp.features.constants import shortened
from enzyme_lsp.features.outline import kind_of
from enzyme_lsp.features.workspace_symbols import detail
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.mentions import SymbolMention, is_table, symbol_mentions
from enzyme_lsp.syntax.nodes import covering
from enzyme_lsp.workspace import occurrences, paths
from enzyme_lsp.workspace.library import Library
from enzyme_lsp.workspace.occurrences import NameKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.features.answers import SymbolKind
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.text.document import Document
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.index import IndexedSymbol
    from enzyme_lsp.workspace.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Here:
    """Where a function is in a text that was read: all of it, and its name."""

    document: Document
    whole: Span
    name: Span


@dataclass(frozen=True, slots=True)
class CallItem:
    """A function; or another operation that names one, whose own name it then has."""

    name: str
    kind: SymbolKind
    detail: str
    where: Here | Elsewhere

    @property
    def start(self) -> int:
        """The byte at which its name begins, by which it is told from others of the same name."""
        return self.where.name.start if isinstance(self.where, Here) else self.where.place.start


@dataclass(frozen=True, slots=True)
class Call:
    """An edge: what is at its other end, and the places in `document` at which the caller names the callee."""

    item: CallItem
    document: Document
    spans: tuple[Span, ...]


def prepare(library: Library, snapshot: Snapshot, offset: int) -> tuple[CallItem, ...]:
    """The function that is named at a byte, or by the operation whose name is there; none when there is no function.

    One that is only declared is followed to where it is defined, if that is known.
    """
    found = _mention_at(snapshot, offset)
    function = None if found is None else _function(snapshot, *found)
    return () if function is None else tuple(_ends(library, function, ""))


def incoming(library: Library, uri: str, name: str, start: int) -> tuple[Call, ...]:
    """Who calls a function, in the order of the text; callers in other files behind those of its own.

    It is the symbol `name` of a document whose name begins at byte `start`, or, when that has moved, nearest to it.
    Raises `Outdated` when an edit has come.
    """
    function = _find(library, uri, name, start)
    if function is None:
        return ()
    found = [*_callers(function)]
    if function.has_body:
        own = paths.key(uri)
        declared = {one.file for one in library.named(name) if not one.has_body and one.file != own}
        for file in paths.nearest(own, declared)[:_MOST_FILES]:
            function.snapshot.check_current()
            other = library.snapshot(library.uri(file))
            if other is not None:
                for one in _functions(other, name):
                    if not one.has_body:
                        found += _callers(one)
    return tuple(found)


def outgoing(library: Library, uri: str, name: str, start: int) -> tuple[Call, ...]:
    """Whom a function calls, in the order of the text; it is given as for `incoming`.

    Raises `Outdated` when an edit has come.
    """
    function = _find(library, uri, name, start)
    if function is None:
        return ()
    snapshot, index, operation = function.snapshot, function.piece, function.mention.operation
    callees: dict[tuple[int, int, str], tuple[_Function, list[Span]]] = {}
    for mention in snapshot.layout.pieces[index].fact(symbol_mentions):
        if not mention.defines and operation.first <= mention.token < operation.last:
            snapshot.check_current()
            callee = _function(snapshot, index, mention)
            if callee is not None:
                span = snapshot.span_in(index, operation.tree.token_span(mention.token))
                callees.setdefault((*callee.at, mention.operation.name), (callee, []))[1].append(span)
    return tuple(
        Call(item, snapshot.document, tuple(spans))
        for (_, _, how), (callee, spans) in callees.items()
        for item in _ends(library, callee, _done_to_it(how))
    )


def whole(snapshot: Snapshot, offset: int) -> tuple[tuple[Call, ...], ...]:
    """All that can be asked at a byte of a document that stands alone."""
    library, uri = snapshot.fact(alone), snapshot.uri
    items = prepare(library, snapshot, offset)
    return tuple(ask(library, uri, item.name, item.start) for item in items for ask in (incoming, outgoing))


_MOST_FILES: Final = 64
"""In which callers of a function are looked for, beside its own. Each is cut into pieces for this."""

_CALLS: Final = frozenset({"call", "func.call", "llvm.call"})
_DONE: Final = {
    Mode.REVERSE: "differentiated in reverse mode",
    Mode.FORWARD: "differentiated in forward mode",
    Mode.JACOBIAN: "differentiated to its Jacobian",
    Mode.BATCH: "batched",
}
_DOES: Final = {
    Mode.REVERSE: "differentiates it in reverse mode",
    Mode.FORWARD: "differentiates it in forward mode",
    Mode.JACOBIAN: "differentiates it to its Jacobian",
    Mode.BATCH: "batches it",
}


@dataclass(frozen=True, slots=True)
class _One:
    """One document as all that is open."""

    snapshot: Snapshot

    def snapshots(self) -> tuple[Snapshot, ...]:
        return (self.snapshot,)


def alone(snapshot: Snapshot) -> Library:
    """A library of one document."""
    return Library(_One(snapshot))


def _done_to_it(operation: str) -> str:
    """What an operation does with the function that it names, said of the function; empty for a plain call."""
    if operation in _CALLS:
        return ""
    mode = MODE_OF.get(operation)
    other = "called" if _is_a_call(operation) else "named"
    return f"{other if mode is None else _DONE[mode]} by {operation}"


def _does_to_it(operation: str) -> str:
    """The same, said of the caller."""
    if operation in _CALLS:
        return ""
    mode = MODE_OF.get(operation)
    other = "calls it" if _is_a_call(operation) else "names it"
    return f"{other if mode is None else _DOES[mode]} with {operation}"


def _is_a_call(operation: str) -> bool:
    """Whether an operation calls what it names, by its name: `async.call`, `enzymexla.kernel_call`."""
    return "call" in operation.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class _Function:
    """A function in a snapshot, by the mention that defines it."""

    snapshot: Snapshot
    piece: int
    mention: SymbolMention

    @property
    def at(self) -> tuple[int, int]:
        """Its piece, and the byte in it at which its name begins."""
        return self.piece, self.mention.operation.tree.tokens.starts[self.mention.token]

    @property
    def has_body(self) -> bool:
        return any(
            block.operations or block.label >= 0 for region in self.mention.operation.regions for block in region.blocks
        )

    def item(self, how: str) -> CallItem:
        return _item(self.snapshot, self.piece, self.mention.operation, how)


def _item(snapshot: Snapshot, piece: int, operation: Operation, how: str) -> CallItem:
    defined, signature = symbols.definition(operation), symbols.signature(operation)
    shown = "" if signature is None else shortened(str(signature).partition(" : ")[2])
    name_span = operation.name_span if defined is None else defined.span
    return CallItem(
        operation.name if defined is None else defined.name,
        kind_of(operation.name),
        _joined(how, shown),
        Here(snapshot.document, snapshot.span_in(piece, operation.span), snapshot.span_in(piece, name_span)),
    )


def _joined(how: str, signature: str) -> str:
    return ": ".join(part for part in (how, signature) if part)


def _ends(library: Library, function: _Function, how: str) -> Iterator[CallItem]:
    """The function, or, when it is only declared, those of its name that other files define."""
    own, name = paths.key(function.snapshot.uri), function.mention.path[-1]
    defined: dict[str, list[IndexedSymbol]] = {}
    if not function.has_body:
        for one in library.named(name):
            if one.has_body and one.signature and one.file != own:
                defined.setdefault(one.file, []).append(one)
    if not defined:
        yield function.item(how)
    for file in paths.nearest(own, defined):
        for one in defined[file]:
            where = Elsewhere(library.uri(file), one.place)
            yield CallItem(one.name, kind_of(one.operation), _joined(how, detail(one)), where)


def _find(library: Library, uri: str, name: str, start: int) -> _Function | None:
    snapshot = library.snapshot(uri)
    found = [] if snapshot is None else [*_functions(snapshot, name)]
    return min(found, key=lambda one: abs(one.snapshot.offset(one.piece) + one.at[1] - start), default=None)


def _functions(snapshot: Snapshot, name: str) -> Iterator[_Function]:
    """The functions of that name in all sections and modules of a document."""
    word = name.encode(errors="surrogatepass")
    for index, piece in enumerate(snapshot.layout.pieces):
        if piece.mentions(word):
            snapshot.check_current()
            for mention in piece.fact(symbol_mentions):
                if mention.defines and mention.path[-1] == name and _is_callable(mention.operation):
                    yield _Function(snapshot, index, mention)


def _function(snapshot: Snapshot, index: int, mention: SymbolMention) -> _Function | None:
    """The function that a mention in piece `index` means; None when it means none."""
    if mention.defines:
        return _Function(snapshot, index, mention) if _is_callable(mention.operation) else None
    found = occurrences.resolve_path(snapshot, index, mention.table, mention.path)
    if found is None:
        return None
    home, start = found
    definition = snapshot.layout.pieces[home].fact(_defining).get(start)
    if definition is None or not _is_callable(definition.operation):
        return None
    return _Function(snapshot, home, definition)


def _defining(piece: Piece) -> dict[int, SymbolMention]:
    """The mentions of a piece that define a symbol, by the byte at which they begin. Use through `piece.fact`."""
    starts = piece.tree.tokens.starts
    return {starts[mention.token]: mention for mention in piece.fact(symbol_mentions) if mention.defines}


def _is_callable(operation: Operation) -> bool:
    return symbols.is_function(operation.name) is True or symbols.signature(operation) is not None


def _mention_at(snapshot: Snapshot, offset: int) -> tuple[int, SymbolMention] | None:
    """The symbol at a byte; or the first that an operation names, when the byte is in the operation's own name."""
    found = occurrences.at(snapshot, offset)
    if found is not None:
        if found.kind is not NameKind.SYMBOL:
            return None
        mentions = snapshot.layout.pieces[found.piece].fact(symbol_mentions)
        return next(((found.piece, one) for one in mentions if one.token == found.token), None)
    index = snapshot.layout.index_near(offset)
    if index is None:
        return None
    piece = snapshot.layout.pieces[index]
    inside = offset - snapshot.offset(index)
    operation = piece.tree.operation_at(inside)
    if operation is None or not operation.name_span.start <= inside <= operation.name_span.end:
        return None
    return next(((index, one) for one in piece.fact(symbol_mentions) if one.operation is operation), None)


def _callers(function: _Function) -> Iterator[Call]:
    """Who names a function in its section."""
    snapshot, name = function.snapshot, function.mention.path[-1]
    section = snapshot.sections[snapshot.scope_of(function.piece).section]
    word = name.encode(errors="surrogatepass")
    for index in range(section.first, section.last):
        piece = snapshot.layout.pieces[index]
        if not piece.mentions(word):
            continue
        snapshot.check_current()
        callers: dict[tuple[int, str], tuple[Operation, list[Span]]] = {}
        for mention in piece.fact(symbol_mentions):
            if mention.defines or mention.path[-1] != name:
                continue
            if occurrences.resolve_path(snapshot, index, mention.table, mention.path) == function.at:
                caller, how = _caller(piece, mention), mention.operation.name
                span = snapshot.span_in(index, piece.tree.token_span(mention.token))
                callers.setdefault((caller.first, how), (caller, []))[1].append(span)
        for (_, how), (caller, spans) in callers.items():
            yield Call(_item(snapshot, index, caller, _does_to_it(how)), snapshot.document, tuple(spans))


def _caller(piece: Piece, mention: SymbolMention) -> Operation:
    """The innermost operation around a mention that is a symbol of some table; the outermost when none is."""
    start = piece.tree.tokens.starts[mention.token]
    operation = covering(piece.tree.operations, start)
    found = operation if operation is not None else mention.operation
    is_direct = True
    while operation is not None:
        if is_direct and symbols.definition(operation) is not None:
            found = operation
        is_direct = is_table(operation)
        blocks = (block for region in operation.regions for block in region.blocks)
        operation = next((one for block in blocks if (one := covering(block.operations, start)) is not None), None)
    return found
