"""Plain: Enzyme's operations as MLIR reads them that does not know the dialect at all, and keeps them as they are.

Custom form becomes the generic one, in the spelling that the text has, with all attributes in `{...}`. There too go
those that any operation in generic form has in `<{...}>`: where a dialect is unknown, old versions of bytecode lose
these. Every line stays where it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.ops import OPS
from enzyme_lsp.dialect.spelling.composed import Attribute
from enzyme_lsp.dialect.spelling.edits import shifted
from enzyme_lsp.dialect.spelling.fields import CannotError
from enzyme_lsp.dialect.spelling.generic import Writer
from enzyme_lsp.syntax.parse import type_end
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from enzyme_lsp.syntax.layout import Layout
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.text.edit import Edit
    from enzyme_lsp.text.span import Span

_COLON: Final = frozenset({b":"})
_PROPERTIES: Final = re.compile(rb"<\s*\{")
_KINDS: Final = frozenset({PieceKind.ITEM, PieceKind.OPEN, PieceKind.CLOSE})


def plain(text: bytes, layout: Layout) -> bytes:
    """A text in which no operation has Enzyme's custom form, and none has properties. What is broken stays so."""
    return EditSet(
        shifted(edit, start)
        for start, piece in zip(layout.starts, layout.pieces, strict=True)
        for edit in piece.fact(_edits)
    ).apply(text)


def _edits(piece: Piece) -> tuple[Edit, ...]:
    if piece.kind not in _KINDS or not (piece.mentions(b"enzyme.") or _PROPERTIES.search(piece.text)):
        return ()
    found = [edit for operation in piece.tree.walk() for edit in _of_operation(operation)]
    return tuple(sorted(found, key=lambda edit: edit.span))


def _of_operation(operation: Operation) -> Sequence[Edit]:
    op = OPS.get(operation.name)
    if not operation.is_generic and (op is None or op.is_generic_only):
        return ()
    writer = _PlainWriter(operation, ())
    try:
        if op is None or operation.is_generic:
            if writer.has_properties:
                writer.write_generic()
        elif op.is_terminator:
            writer.write_yield()
        else:
            writer.write_custom(op)
    except CannotError:
        return ()  # Whoever reads it says what is wrong.
    return writer.edits


class _PlainWriter(Writer):
    """Writes one operation with the attributes that it has, and no others."""

    @property
    def has_properties(self) -> bool:
        tokens = self.tokens
        index = self.operation.name_token + 1
        if self.word(index) != b"(":
            return False
        close = self.tree.partners[index]
        return (
            close > index and close + 2 < len(tokens) and self.word(close + 1) == b"<" and self.word(close + 2) == b"{"
        )

    def write_yield(self) -> None:
        """A terminator in custom form: its attributes, and what it gives with the types of that."""
        first, last, entries = self.operation.name_token + 1, self.end(), list[Attribute]()
        if self.word(first) == b"{":
            close = self.closed(first)
            entries, first = [*self.entries(first + 1, close)], close + 1
        colon = type_end(self.tree, first, last, _COLON) if first < last else last
        written = self.new()
        written.put(b'"%s"(' % self.operation.name.encode())
        written.listed(self.tree.span(*one) for one in self.list_of(first, colon))
        written.put(b")")
        written.put_attributes(entries)
        written.put(b" : (")
        written.put_types([self.tree.span(*one) for one in self.list_of(colon + 1, last)])
        written.put(b") -> ()")
        self.edits.append(written.instead_of(self.operation.name_span.start, self.tokens.ends[last - 1]))

    def with_sizes(
        self, entries: Iterable[Attribute], taken: Sequence[Span | bytes], given: Sequence[Span | bytes]
    ) -> Iterator[Attribute]:
        del taken, given
        yield from entries
