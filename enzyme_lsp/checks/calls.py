"""Calls: how the checks of single derivative calls are run: once for each piece, for as long as what it leads to stays.

Such a check sees a reading and gives diagnostics in bytes from the start of the piece; they are placed in the document
here, so that an edit elsewhere costs an addition.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Diagnostic, Fix, Note
from enzyme_lsp.text.edit import Edit, EditSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class CalleeNote(Note):
    """A note whose span is in bytes from the start of the piece that defines the callee."""


def callee_note(reading: Reading) -> tuple[Note, ...]:
    """The signature of the callee, where it stands; nothing for operations whose function is their region."""
    signature = reading.signature
    return () if signature is None else (CalleeNote(f"the callee: {signature}", signature.span),)


def found(snapshot: Snapshot, checks: tuple[Callable[[Reading], Iterator[Diagnostic]], ...]) -> Iterator[Diagnostic]:
    """What `checks` find in all derivative calls, in the order of the text. `checks` must be the same object each time.

    Raises `Outdated` when an edit has come.
    """
    for index, readings in snapshot.readings():
        piece = snapshot.layout.pieces[index]
        for number, diagnostic in piece.kept(_judged, readings, checks):
            call = readings[number].call
            callee = snapshot.callee(index, call)
            yield _placed(diagnostic, snapshot.offset(index), callee.offset if callee is not None else 0)


def _judged(
    _: Piece, readings: tuple[Reading, ...], checks: tuple[Callable[[Reading], Iterator[Diagnostic]], ...]
) -> tuple[tuple[int, Diagnostic], ...]:
    return tuple((number, one) for number, reading in enumerate(readings) for check in checks for one in check(reading))


def _placed(diagnostic: Diagnostic, offset: int, callee_offset: int) -> Diagnostic:
    return replace(
        diagnostic,
        span=diagnostic.span.shifted(offset),
        notes=tuple(_placed_note(note, offset, callee_offset) for note in diagnostic.notes),
        fixes=tuple(Fix(fix.title, _shifted(fix.edits, offset), fix.is_certain) for fix in diagnostic.fixes),
    )


def _placed_note(note: Note, offset: int, callee_offset: int) -> Note:
    if note.span is None:
        return note
    return Note(note.message, note.span.shifted(callee_offset if isinstance(note, CalleeNote) else offset))


def _shifted(edits: EditSet, offset: int) -> EditSet:
    return EditSet(Edit(edit.span.shifted(offset), edit.new) for edit in edits.edits)
