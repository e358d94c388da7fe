"""Piece: one top-level operation or alias as text, and what can be read from it alone; it knows no document.

Pieces are values and are kept from one version of a document to the next when their text did not change, so what is
computed from a piece is computed once. Offsets inside are bytes from the start of the piece.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

from enzyme_lsp.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from enzyme_lsp.syntax.nodes import Tree


T = TypeVar("T")


class PieceKind(Enum):
    """What a piece is to the layout."""

    ITEM = "item"
    """An operation; or text that is none, which parsing then says."""
    ALIAS = "alias"
    """`#name = attribute` or `!name = type`."""
    OPEN = "open"
    """The text of a module up to and with the `{` of its body, in custom or generic form."""
    CLOSE = "close"
    """The `}` of a module's body and what follows it, such as a location."""
    MARKER = "marker"
    """A `// -----` line, which begins a new section."""
    RESOURCES = "resources"
    """`{-# ... #-}`: blobs that belong to the whole section."""


_SYMBOL: Final = re.compile(rb'@(?:"((?:[^"\\\n\r]|\\.)*)"|([\w$.-]+))')
_SYM_NAME: Final = re.compile(rb'\bsym_name\s*=\s*"((?:[^"\\\n\r]|\\.)*)"')
_HEAD_NAME: Final = re.compile(rb'(?:%[^=\n]*=\s*)?"?([A-Za-z_#!][\w$.-]*)')
# What may stand between the name of an operation and the symbol that it defines: words, and the type that
# llvm.mlir.alias and old llvm.mlir.global print. Anything else means that the symbol is a use.
_BEFORE_SYMBOL: Final = re.compile(rb'(?:\s|[A-Za-z_]\w*\b(?!\.)|"(?:private|public|nested)"|<\d+>)*')


class Piece:
    """One piece: its kind, its text in UTF-8, and the column (bytes) at which it stands in its first line."""

    def __init__(self, kind: PieceKind, text: bytes, column: int) -> None:
        self.kind = kind
        self.text = text
        self.column = column
        self._facts: dict[Callable[[Piece], Any], Any] = {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Piece):
            return NotImplemented
        return (self.kind, self.text, self.column) == (other.kind, other.text, other.column)

    def __hash__(self) -> int:
        return hash((self.kind, self.text, self.column))

    def __repr__(self) -> str:
        return f"Piece({self.kind.name}, {self.text[:40]!r}, column={self.column})"

    @cached_property
    def head(self) -> str:
        """The name of the operation (`func.func`) or of the alias (`#map`); empty when the text starts with neither."""
        match = _HEAD_NAME.match(self.text)
        return match[1].decode("ascii", "replace") if match else ""

    @cached_property
    def symbol(self) -> str | None:
        """The symbol that this operation defines, without `@`, as far as its first line tells."""
        match = _HEAD_NAME.match(self.text)
        if match is None or self.kind not in (PieceKind.ITEM, PieceKind.OPEN):
            return None
        if self.text.startswith(b'"') or b'= "' in self.text[: match.end()]:
            named = _SYM_NAME.search(self.text)
            return _decoded(named[1]) if named else None
        between = _BEFORE_SYMBOL.match(self.text, match.end())
        found = _SYMBOL.match(self.text, between.end()) if between else None
        return _decoded(found[1] if found[1] is not None else found[2]) if found else None

    @property
    def tree(self) -> Tree:
        """The text as operations; made on first use, never raises."""
        return self.fact(_parsed)

    def fact(self, compute: Callable[[Piece], T]) -> T:
        """What `compute` says of this piece, asked once.

        This is how the layers above keep what they learn of a text with the text: `compute` must be a function of
        a module, depend on the piece alone and give a value that nobody changes.
        """
        found = self._facts.get(compute, _UNKNOWN)
        # Two threads may compute the same; both then get the one that was kept.
        return self._facts.setdefault(compute, compute(self)) if found is _UNKNOWN else found

    def mentions(self, word: bytes) -> bool:
        """Whether the text holds `word` anywhere, comments included: a cheap test before the tree is made."""
        return word in self.text


_UNKNOWN: Final = object()


def _parsed(piece: Piece) -> Tree:
    return parse(piece.text)


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "replace")
