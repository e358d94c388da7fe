"""Results: what the checks of results share: the results as written against their slots, and the fix that sets them right.

One fix sets types, names and uses together, since one without the others does not parse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities, returned, rewriting, slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Fix, Note
from enzyme_lsp.dialect.convention import Mode, Role
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from enzyme_lsp.dialect.alignment import Written
    from enzyme_lsp.dialect.convention import Slot
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading


@dataclass(frozen=True, slots=True)
class Mismatch:
    """How the results of a call differ from its slots."""

    slots: tuple[Slot, ...]
    written: tuple[Written, ...]
    missing: tuple[Slot, ...]
    surplus: tuple[int, ...]
    mistyped: tuple[tuple[Slot, int], ...]
    place: Span
    notes: tuple[Note, ...]


def mismatch(reading: Reading) -> Mismatch | None:
    """How the results differ; None when they do not, when not enough is known, and for a struct of LLVM's, which
    packed-results speaks about.
    """
    found, convention, written = reading.result_alignment, reading.slots, reading.results
    if found is None or convention is None or written is None or found.is_perfect:
        return None
    if any(slot.role is Role.PACKED for slot in convention.results):
        return None
    return Mismatch(
        convention.results,
        written,
        tuple(convention.results[pair.slot] for pair in found.missing if pair.slot is not None),
        tuple(pair.written for pair in found.surplus if pair.written is not None),
        tuple(
            (convention.results[pair.slot], pair.written)
            for pair in found.mistyped
            if pair.slot is not None and pair.written is not None
        ),
        slots.results_place(reading),
        (*callee_note(reading), *slots.table(reading)),
    )


def described(reading: Reading, slot: Slot, *, typed: bool = True) -> str:
    """What a result is, with its type."""
    what = slots.result(reading, slot)
    return f"{what} ({slot.type})" if typed and slot.type is not None else what


def asked(reading: Reading, wanted: int) -> str:
    """How many results there should be."""
    return f"{slots.takes(reading)} gives {wanted or 'no'} result{'' if wanted == 1 else 's'}"


def verb(written: int) -> str:
    return "is written" if written in (0, 1) else "are written"


def place(reading: Reading, number: int) -> Span:
    """The type of result `number`."""
    written = reading.call.type
    if written is None or written.results is None or number >= len(written.results):
        return slots.results_place(reading)
    return written.results[number].span


def fixes(reading: Reading) -> tuple[Fix, ...]:
    """Result types, names and uses as the slots ask for, or an activity that gives the results that are written.

    The first is certain when the match is the only one possible and no use is lost or gets another type.
    """
    found, convention, written = reading.result_alignment, reading.slots, reading.results
    if found is None or convention is None or written is None:
        return ()
    types = [slot.type for slot in convention.results]
    known = [type_ for type_ in types if type_ is not None]
    if len(known) != len(types):
        return ()
    kept = [pair.written for pair in found.pairs if pair.slot is not None]
    named = sum(one.count for one in reading.call.operation.results)
    binding = rewriting.results_bound(reading, [old if old is not None and old < named else None for old in kept])
    set_types = rewriting.result_types_set(reading, known)
    if binding is None or set_types is None:
        return ()
    others = activities.any_that_fit(reading)
    used = {number for number, _ in rewriting.uses(reading.piece, reading.call.operation)}
    retyped = {
        pair.written: known[pair.slot].text for pair in found.mistyped if pair.written in used and pair.slot is not None
    }
    lost = used - {number for number in kept if number is not None}
    follow = returned.edits(reading, retyped, lost) if retyped or lost else ()
    if any(edit.span.touches(set_types.span) for edit in (*binding.edits, *follow)):
        return others  # A bracket of the types is not closed, so that they run over what follows.
    certain = not (lost or retyped or others or _is_ambiguous(reading))
    shown = ", ".join(str(type_) for type_ in known)
    title = f"Set the results to ({shown}){', and return them so' if follow else ''}"
    set_all = Fix(title, EditSet([set_types, *binding.edits, *follow]), is_certain=certain)
    return (set_all, *others)


def _is_ambiguous(reading: Reading) -> bool:
    """Whether a result that is used could as well be another slot's: then what is meant is for the user to say.

    The engine replaces results from the front, and so the match prefers, but `-> f64` for a primal and a gradient of
    f64 was more likely written for the gradient.
    """
    found, convention, written = reading.result_alignment, reading.slots, reading.results
    if found is None or convention is None or written is None or reading.mode is Mode.BATCH:
        return False
    empty = [convention.results[pair.slot] for pair in found.missing if pair.slot is not None]
    for pair in found.pairs:
        if pair.written is None or pair.slot is None or not rewriting.result_is_used(reading, pair.written):
            continue
        type_ = written[pair.written].type
        if type_ is not None and any(slot.type is not None and not slot.type.differs(type_) for slot in empty):
            return True
    return False
