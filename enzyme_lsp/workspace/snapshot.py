"""Snapshot: all that the text of one document at one version says, computed once and lazily; no engine, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from enzyme_lsp.dialect.calls import DerivativeCall, derivative_calls
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.binary import was_bytecode
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.piece import Piece, PieceKind
from enzyme_lsp.workspace.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from enzyme_lsp.settings import Settings
    from enzyme_lsp.syntax.layout import Section
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.symbols import Definition, Signature
    from enzyme_lsp.text.document import Document
    from enzyme_lsp.text.span import Span

T = TypeVar("T")


class Outdated(Exception):  # noqa: N818 - it is no error: the editor has moved on
    """The document has changed since this snapshot was taken; nobody wants the answer any more."""


@dataclass(slots=True)
class Scope:
    """A symbol table: that of a section (`open` is None) or of a module, by the piece that opens it."""

    section: int
    open: int | None
    parent: int | None
    symbols: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """The pieces that define each symbol; more than one is an error of the text."""


@dataclass(frozen=True, slots=True)
class Scopes:
    """All symbol tables of a document, and for each piece the one that it stands in."""

    scopes: tuple[Scope, ...]
    of_piece: tuple[int, ...]
    aliases: tuple[dict[str, int], ...]
    """For each section, the piece that defines each alias, by its name with its mark (`#map`, `!type`)."""
    unclosed: tuple[int, ...]
    """The pieces that open a module which is not closed before its section ends."""


@dataclass(frozen=True, slots=True)
class Callee:
    """What a symbol leads to: the piece that defines it, and the defining operation in it.

    `signature` is None when the definition is no function or its signature cannot be read. Spans inside are relative
    to the piece, which starts at byte `offset` of the document.
    """

    piece: int
    offset: int
    definition: Definition
    signature: Signature | None


class Snapshot:
    """One document at one version under one set of settings.

    Invariant: nothing here changes, but for `retire`, which says that a newer one has taken its place.
    """

    def __init__(self, document: Document, settings: Settings, layout: Layout | None = None) -> None:
        self.document = document
        self.settings = settings
        self._retired = False
        self._facts: dict[Callable[[Snapshot], Any], Any] = {}
        self._layout = layout
        self._laying_out = Lock()

    @property
    def uri(self) -> str:
        return self.document.uri

    @property
    def version(self) -> int:
        return self.document.version

    @property
    def is_current(self) -> bool:
        """Whether no newer snapshot of the document has been taken."""
        return not self._retired

    def check_current(self) -> None:
        """Raises `Outdated` when a newer snapshot has taken this one's place. Long loops call it."""
        if self._retired:
            raise Outdated(self.document.uri)

    def retire(self) -> None:
        """Called by the workspace alone, when it has a newer snapshot or the document is closed."""
        self._retired = True

    @cached_property
    def is_bytecode(self) -> bool:
        """Whether this is no text at all, so that nothing is looked for in it: it has no pieces."""
        return was_bytecode(self.document.data)

    @property
    def layout(self) -> Layout:
        """The pieces of the text. For a document just opened made on first use: 80 ms for each megabyte.

        Whoever asks gets the same pieces: what is known of a piece is known of that object.
        """
        if self._layout is None:
            with self._laying_out:
                if self._layout is None:
                    self._layout = Layout.of(b"" if self.is_bytecode else self.document.data)
        return self._layout

    @property
    def is_laid_out(self) -> bool:
        """Whether `layout` has been made, so that asking for it costs nothing."""
        return self._layout is not None and not self.is_bytecode

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        return self.layout.sections

    @cached_property
    def scopes(self) -> Scopes:
        """The symbol tables of sections and modules. What a single piece holds inside is not in them."""
        scopes = [Scope(0, None, None)]
        aliases: list[dict[str, int]] = [{}]
        of_piece: list[int] = []
        unclosed: list[int] = []
        current = 0
        for index, piece in enumerate(self.layout.pieces):
            kind = piece.kind
            if kind is PieceKind.MARKER:
                unclosed += _open_scopes(scopes, current)
                scopes.append(Scope(len(aliases), None, None))
                aliases.append({})
                current = len(scopes) - 1
            elif kind is PieceKind.ALIAS:
                aliases[-1][piece.head] = index
            elif piece.symbol is not None:
                scopes[current].symbols.setdefault(piece.symbol, []).append(index)
            of_piece.append(current)
            if kind is PieceKind.OPEN:
                scopes.append(Scope(len(aliases) - 1, index, current))
                current = len(scopes) - 1
            elif kind is PieceKind.CLOSE:
                parent = scopes[current].parent
                current = parent if parent is not None else current
        unclosed += _open_scopes(scopes, current)
        return Scopes(tuple(scopes), tuple(of_piece), tuple(aliases), tuple(unclosed))

    @cached_property
    def alias_texts(self) -> tuple[dict[str, bytes], ...]:
        """For each section, the text behind `=` of each alias, by its name with its mark: `#map`, `!type`.

        The same object for as long as the aliases stay, so that what was found with it can be kept.
        """
        pieces = self.layout.pieces
        return tuple(
            _alias_texts(tuple(pieces[index] for index in of_section.values())) for of_section in self.scopes.aliases
        )

    def fact(self, compute: Callable[[Snapshot], T]) -> T:
        """What `compute` says of this snapshot, asked once, for what several checks want to know of a whole document.

        `compute` must be a function of a module and depend on the snapshot alone.
        """
        if compute not in self._facts:
            self._facts[compute] = compute(self)
        return self._facts[compute]

    def scope_of(self, piece: int) -> Scope:
        """The symbol table that piece `piece` stands in."""
        return self.scopes.scopes[self.scopes.of_piece[piece]]

    def offset(self, piece: int) -> int:
        """The byte of the document at which piece `piece` starts."""
        return self.layout.starts[piece]

    def operation_at(self, offset: int) -> tuple[int, Operation] | None:
        """The innermost operation at a byte of the document, with its piece."""
        index = self.layout.index_at(offset)
        if index is None:
            return None
        operation = self.layout.pieces[index].tree.operation_at(offset - self.offset(index))
        return None if operation is None else (index, operation)

    def derivative_calls(self) -> Iterator[tuple[int, DerivativeCall]]:
        """Every operation that differentiates or batches, with the piece that it is in."""
        for index, calls in self._calls:
            for call in calls:
                yield index, call

    def readings_in(self, index: int) -> tuple[Reading, ...]:
        """The readings of the derivative calls of one piece."""
        pieces = self.layout.pieces
        piece = pieces[index]
        if piece.kind is not PieceKind.ITEM or not (calls := piece.fact(derivative_calls)):
            return ()
        found = [self.callee(index, call) for call in calls]
        homes = [None if callee is None else pieces[callee.piece] for callee in found]
        return piece.kept(readings_of, self.alias_texts[self.scope_of(index).section], *homes)

    def line_of(self, piece: int, offset: int) -> int:
        """The line, from 1, of a byte of a piece."""
        return self.document.lines.position(self.layout.starts[piece] + offset, "utf-8").line0 + 1

    def readings(self) -> Iterator[tuple[int, tuple[Reading, ...]]]:
        """The readings of every piece that has derivative calls, in the order of the text."""
        return iter(self._readings)

    @cached_property
    def _readings(self) -> tuple[tuple[int, tuple[Reading, ...]], ...]:
        return tuple((index, self.readings_in(index)) for index, _ in self._calls)

    def near(self, span: Span) -> Snapshot:
        """The same text, of whose derivative calls only those in the pieces that `span` touches are told.

        So a question about a place of a large file does not wait until all of it is parsed. What our checks say of
        such a piece is the same in both, since they look at each call on its own.
        """
        return _Near(self, span)

    @cached_property
    def _calls(self) -> tuple[tuple[int, tuple[DerivativeCall, ...]], ...]:
        """The derivative calls by the piece that they are in; pieces without any are left out."""
        found: list[tuple[int, tuple[DerivativeCall, ...]]] = []
        for index in self.looked_at():
            piece = self.layout.pieces[index]
            if piece.kind is PieceKind.ITEM and (calls := piece.fact(derivative_calls)):
                self.check_current()
                found.append((index, calls))
        return tuple(found)

    def looked_at(self) -> range:
        """The pieces that checks look at."""
        return range(len(self.layout.pieces))

    def callee(self, piece: int, call: DerivativeCall) -> Callee | None:
        """What the callee of a call in piece `piece` is defined by; None when nothing defines it."""
        if call.callee is None:
            return None
        return self.resolve(piece, call.table, call.callee)

    def resolve(self, piece: int, table: Operation | None, name: str) -> Callee | None:
        """The definition of a symbol as seen from the table `table` in piece `piece` (None: around the piece)."""
        if table is not None:
            return self._inside(piece, table, name)
        for index in self.scope_of(piece).symbols.get(name, ()):
            found = self.layout.pieces[index].fact(top_definition)
            if found is not None:
                return Callee(index, self.layout.starts[index], *found)
        return None

    def _inside(self, piece: int, table: Operation, name: str) -> Callee | None:
        for found in symbols.definitions(table):
            if found.name == name:
                return Callee(piece, self.layout.starts[piece], found, symbols.signature(found.operation))
        return None

    def span_in(self, piece: int, span: Span) -> Span:
        """A span relative to piece `piece` as one of the document."""
        return span.shifted(self.layout.starts[piece])


class _Near(Snapshot):
    """A snapshot that tells of fewer calls than the whole one; all else it has from that one."""

    def __init__(self, whole: Snapshot, span: Span) -> None:
        super().__init__(whole.document, whole.settings, whole.layout)
        self._whole = whole
        self._span = span

    @property
    def is_current(self) -> bool:
        return self._whole.is_current

    def check_current(self) -> None:
        self._whole.check_current()

    @cached_property
    def scopes(self) -> Scopes:
        return self._whole.scopes

    @cached_property
    def alias_texts(self) -> tuple[dict[str, bytes], ...]:
        return self._whole.alias_texts

    def looked_at(self) -> range:
        # A span that starts where a piece ends touches that piece too, which may be the one before.
        first = self.layout.index_near(max(self._span.start - 1, 0))
        last = self.layout.index_near(self._span.end)
        return range(0) if first is None or last is None else range(first, last + 1)


def top_definition(piece: Piece) -> tuple[Definition, Signature | None] | None:
    """The symbol that a piece defines and its signature. Use through `piece.fact`."""
    for operation in piece.tree.operations:
        if (found := symbols.definition(operation)) is not None:
            return found, symbols.signature(operation)
    return None


def readings_of(piece: Piece, aliases: dict[str, bytes], *homes: Piece | None) -> tuple[Reading, ...]:
    """A reading of each derivative call of a piece; `homes` are the pieces that define their callees."""
    found: list[Reading] = []
    for call, home in zip(piece.fact(derivative_calls), homes, strict=True):
        definition, signature = _definition(call, home)
        found.append(Reading(piece, call, home, definition.operation if definition else None, signature, aliases))
    return tuple(found)


def _definition(call: DerivativeCall, home: Piece | None) -> tuple[Definition | None, Signature | None]:
    if home is None:
        return None, None
    if call.table is None:
        return home.fact(top_definition) or (None, None)
    inner = next((one for one in symbols.definitions(call.table) if one.name == call.callee), None)
    return (None, None) if inner is None else (inner, symbols.signature(inner.operation))


@lru_cache(maxsize=256)
def _alias_texts(aliases: tuple[Piece, ...]) -> dict[str, bytes]:
    return {piece.head: piece.text.partition(b"=")[2].strip() for piece in aliases}


def _open_scopes(scopes: list[Scope], current: int) -> list[int]:
    """The pieces that open the modules in which `current` is."""
    found: list[int] = []
    index: int | None = current
    while index is not None:
        scope = scopes[index]
        if scope.open is not None:
            found.append(scope.open)
        index = scope.parent
    return found
