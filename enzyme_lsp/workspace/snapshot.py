"""Snapshot: all that the text of one document at one version says, computed once and lazily; no engine, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from enzyme_lsp.dialect.calls import DerivativeCall, derivative_calls
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.piece import Piece, PieceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.settings import Settings
    from enzyme_lsp.syntax.layout import Section
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.symbols import Definition, Signature
    from enzyme_lsp.text.document import Document
    from enzyme_lsp.text.span import Span


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

    @property
    def layout(self) -> Layout:
        """The pieces of the text. For a document just opened made on first use: 80 ms for each megabyte.

        Whoever asks gets the same pieces: what is known of a piece is known of that object.
        """
        if self._layout is None:
            with self._laying_out:
                if self._layout is None:
                    self._layout = Layout.of(self.document.data)
        return self._layout

    @property
    def is_laid_out(self) -> bool:
        """Whether `layout` has been made, so that asking for it costs nothing."""
        return self._layout is not None

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
        """For each section, the text behind `=` of each attribute alias."""
        pieces = self.layout.pieces
        return tuple(
            {
                name: pieces[index].text.partition(b"=")[2].strip()
                for name, index in of_section.items()
                if name[0] == "#"
            }
            for of_section in self.scopes.aliases
        )

    def scope_of(self, piece: int) -> Scope:
        """The symbol table that piece `piece` stands in."""
        return self.scopes.scopes[self.scopes.of_piece[piece]]

    def offset(self, piece: int) -> int:
        """The byte of the document at which piece `piece` starts."""
        return self.layout.starts[piece]

    def derivative_calls(self) -> Iterator[tuple[int, DerivativeCall]]:
        """Every operation that differentiates or batches, with the piece that it is in."""
        for index, piece in enumerate(self.layout.pieces):
            if piece.kind is PieceKind.ITEM and (calls := piece.fact(derivative_calls)):
                self.check_current()
                for call in calls:
                    yield index, call

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


def top_definition(piece: Piece) -> tuple[Definition, Signature | None] | None:
    """The symbol that a piece defines and its signature. Use through `piece.fact`."""
    for operation in piece.tree.operations:
        if (found := symbols.definition(operation)) is not None:
            return found, symbols.signature(operation)
    return None


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
