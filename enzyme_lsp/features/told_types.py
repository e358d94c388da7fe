"""Told types: the type of a value as an engine tells it, where the text does not, and in words where it is from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.workspace import occurrences

if TYPE_CHECKING:
    from enzyme_lsp.verification.value_types import KnownTypes, PieceTypes
    from enzyme_lsp.workspace.occurrences import Occurrence
    from enzyme_lsp.workspace.snapshot import Snapshot


def told(snapshot: Snapshot, value: Occurrence, known: KnownTypes) -> tuple[str, str] | None:
    """The type of a value and where it is from; None where no engine has told it.

    A name for several values, which means all of them, has as many types.
    """
    defined, home = occurrences.definition_of(snapshot, value), value.target.home
    if defined is None or home is None:
        return None
    piece = known.of(snapshot, home)
    types = piece.types.get(defined.token, ())
    if value.number is not None:
        types = types[value.number : value.number + 1]
    return (", ".join(types), origin(known, piece)) if types else None


def origin(known: KnownTypes, piece: PieceTypes) -> str:
    """Where the types of a piece come from."""
    return f"from {known.engine}{', from before the last edits' if piece.is_stale else ''}"
