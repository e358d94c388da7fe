"""Piece: one top-level operation or alias as text, and what can be read from it alone; it knows no document.

Pieces are values and are kept from one version of a document to the next when their text did not change, so what is
computed from a piece is computed once. Offsets inside are bytes from the start of the piece.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cached_property
from operator import is_
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
_SYM_NAME: Final = re.compile(rb'\bsym_name"?\s*=\s*"((?:[^"\\\n\r]|\\.)*)"')
_HEAD_NAME: Final = re.compile(rb'(?:%[^=\n]*=\s*)?"?([A-Za-z_#!][\w$.-]*)')
# What may stand between the name of an operation and the symbol that it defines: words, and the type that
# llvm.mlir.alias and old llvm.mlir.global print. Anything else means that the symbol is a use.
_BEFORE_SYMBOL: Final = re.compile(
    rb'(?:\s|[A-Za-z_]\w*\b(?!\.)|"(?:private|public|nested)"|<\d+>|\{[^{}\n]*\}(?=\s*@))*'
)


class Piece:
    """One piece: its kind, its text in UTF-8, and the column (bytes) at which it stands in its first line."""

    def __init__(self, kind: PieceKind, text: bytes, column: int) -> None:
        self.kind = kind
        self.text = text
        self.column = column
        self._facts: dict[Callable[[Piece], Any], Any] = {}
        self._kept: dict[Callable[..., Any], tuple[tuple[object, ...], Any]] = {}

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
        if self.text.startswith(b"%") or match[1].startswith(b"enzyme."):
            return None  # what has results uses a symbol, and so does every operation of Enzyme's
        if self.text.startswith(b'"') or b'= "' in self.text[: match.end()]:
            # Its own attributes stand before its regions or behind them; what is inside is named by others.
            opened, closed = self.text.find(b"({"), self.text.rfind(b"})")
            opened, closed = (opened, closed) if 0 <= opened < closed else (len(self.text), 0)
            named = _SYM_NAME.search(self.text, 0, opened) or _SYM_NAME.search(self.text, closed)
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

    def kept(self, compute: Callable[..., T], *others: object) -> T:
        """What `compute(piece, *others)` says, asked again only when one of `others` is another object.

        For what depends on other pieces too: as long as they stay, so does the answer. One answer is kept.
        """
        found = self._kept.get(compute)
        if found is not None and len(found[0]) == len(others) and all(map(is_, found[0], others)):
            return found[1]
        value = compute(self, *others)
        self._kept[compute] = (others, value)
        return value

    def mentions(self, word: bytes) -> bool:
        """Whether the text holds `word` anywhere, comments included: a cheap test before the tree is made."""
        return word in self.text


_UNKNOWN: Final = object()


def _parsed(piece: Piece) -> Tree:
    return parse(piece.text)


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "replace")
