"""Respelling: the edits of a document that put some of it in another spelling, for the fixes and actions that do so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.dialect import spelling
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from enzyme_lsp.dialect.spelling import Spelling, Unit
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.workspace.snapshot import Snapshot


def everything(snapshot: Snapshot, pieces: Iterable[int] | None = None) -> Iterator[tuple[int, Unit]]:
    """All that is in a spelling, in some pieces or in all, with the piece. Raises `Outdated` when an edit has come."""
    for index in range(len(snapshot.layout.pieces)) if pieces is None else pieces:
        found = snapshot.layout.pieces[index].fact(spelling.units)
        if found:
            snapshot.check_current()
        for unit in found:
            yield index, unit


def aliases(snapshot: Snapshot, index: int, unit: Unit) -> frozenset[int]:
    """The pieces of the aliases that something in piece `index` uses, and of those that they use."""
    defined = snapshot.scopes.aliases[snapshot.scope_of(index).section]
    piece = snapshot.layout.pieces[index]
    wanted = [name for name in _names(piece, unit) if name in defined]
    found: set[int] = set()
    while wanted:
        number = defined[wanted.pop()]
        if number not in found:
            found.add(number)
            wanted += [name for name in _names(snapshot.layout.pieces[number], None) if name in defined]
    return frozenset(found)


def edits(snapshot: Snapshot, chosen: Iterable[tuple[int, Unit]], pieces: Iterable[int], target: Spelling) -> EditSet:
    """What puts some units, and all of some pieces, in the spelling `target`. What cannot be converted stays."""
    found = {spelling.shifted(edit, snapshot.offset(i)) for i, unit in chosen for edit in unit.to(target).edits}
    for index in pieces:
        snapshot.check_current()
        made = spelling.converted(snapshot.layout.pieces[index], target).edits
        found |= {spelling.shifted(edit, snapshot.offset(index)) for edit in made}
    return EditSet(found)


def _names(piece: Piece, unit: Unit | None) -> Iterator[str]:
    """The names of aliases in what is the unit's own, or in all of a piece."""
    tokens = piece.tree.tokens
    operation = unit.operation if unit is not None and piece.kind is not PieceKind.ALIAS else None
    # What defines an alias begins with its name.
    indices = range(1, len(tokens)) if operation is None else operation.own_tokens()
    for index in indices:
        if tokens.kinds[index] == Kind.HASH:
            yield tokens.word(index).decode("utf-8", "replace")
