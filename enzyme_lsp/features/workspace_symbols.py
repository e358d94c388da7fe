"""Workspace symbols: what the files of the workspace define, found by some letters of its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features.answers import SymbolKind
from enzyme_lsp.features.constants import shortened
from enzyme_lsp.features.outline import kind_of

if TYPE_CHECKING:
    from enzyme_lsp.workspace.index import IndexedSymbol, Place
    from enzyme_lsp.workspace.library import Library

MOST: Final = 256
"""Results of one question; who wants others types another letter."""


@dataclass(frozen=True, slots=True)
class WorkspaceSymbol:
    """A symbol of some file. `detail` is its signature, else its operation, behind the modules that it is in."""

    name: str
    kind: SymbolKind
    detail: str
    uri: str
    place: Place


def workspace_symbols(library: Library, query: str) -> tuple[WorkspaceSymbol, ...]:
    """The best first. While files are still being read, those of the files that have been."""
    return tuple(_answer(library, one) for one in library.search(query, MOST))


def detail(symbol: IndexedSymbol) -> str:
    """What is shown beside the name: what an outline shows, behind the modules around it."""
    kind = kind_of(symbol.operation)
    words = shortened(symbol.signature) if kind is SymbolKind.FUNCTION else ""
    return f"{symbol.modules} {words or ('' if kind is SymbolKind.MODULE else symbol.operation)}".strip()


def _answer(library: Library, one: IndexedSymbol) -> WorkspaceSymbol:
    return WorkspaceSymbol(one.name, kind_of(one.operation), detail(one), library.uri(one.file), one.place)
