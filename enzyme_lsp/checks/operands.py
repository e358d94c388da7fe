"""Operands: what missing-primal, missing-shadow and missing-seed share: slots that no operand is written for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities, rewriting, slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Diagnostic, Fix, error
from enzyme_lsp.dialect.convention import Role, Slot
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.dialect.alignment import Alignment
    from enzyme_lsp.workspace.readings import Reading


@dataclass(frozen=True, slots=True)
class Gap:
    """Slots of one role that are missing in one place: before operand `position`.

    `shadows` are those of primals that are missing too: they are not asked for on their own. `is_first`: nothing else is
    missing in this place before them, so that they can be put in; what is put in for later ones would be taken for these.
    """

    role: Role
    position: int
    is_first: bool
    slots: list[Slot] = field(default_factory=list[Slot])
    shadows: list[Slot] = field(default_factory=list[Slot])


def missing(reading: Reading, code: str, role: Role) -> Iterator[Diagnostic]:
    """A diagnostic for each place in which slots of a role are empty."""
    found, convention = reading.operand_alignment, reading.slots
    if found is None or convention is None or found.is_perfect:
        return
    for gap in _gaps(found, convention.operands):
        if gap.role is not role:
            continue
        notes = (*callee_note(reading), *slots.table(reading))
        fixes = (*_inserted(reading, gap), *_not_asked_for(reading, gap))
        yield error(code, slots.place_before(reading, gap.position), _message(reading, gap), *notes, fixes=fixes)


def _gaps(found: Alignment, operands: Sequence[Slot]) -> Iterator[Gap]:
    gaps: list[Gap] = []
    position = 0
    for pair in found.pairs:
        if pair.written is not None or pair.slot is None:
            yield from gaps
            gaps = []
            position = pair.written + 1 if pair.written is not None else position
            continue
        slot = operands[pair.slot]
        if slot.role is Role.SHADOW and gaps and any(one.index == slot.index for one in gaps[-1].slots):
            gaps[-1].shadows.append(slot)
            continue
        if not gaps or gaps[-1].role is not slot.role:
            gaps.append(Gap(slot.role, position, not gaps))
        gaps[-1].slots.append(slot)
    yield from gaps


def _message(reading: Reading, gap: Gap) -> str:
    types = ", ".join("?" if slot.type is None else slot.type.text for slot in gap.slots[: slots.NAMED])
    types += ", ..." if len(gap.slots) > slots.NAMED else ""
    of = slots.callee(reading)
    match gap.role:
        case Role.SHADOW:
            name = slots.primal_name(reading, gap.slots[0].index)
            return f"{name} is {_words(reading, gap)}, so its shadow ({types}) must follow it"
        case Role.SEED:
            results = slots.listed([str(slot.index) for slot in gap.slots])
            are = f"result {results} of {of} is" if len(gap.slots) == 1 else f"results {results} of {of} are"
            seeds = "its seed" if len(gap.slots) == 1 else "their seeds"
            return f"{are} {_words(reading, gap)}, so {seeds} ({types}) must follow the primals and their shadows"
        case _:
            arguments = slots.listed([slots.argument(reading, slot.index) for slot in gap.slots])
            return f"no operand{'' if len(gap.slots) == 1 else 's'} for {arguments} of {of} ({types})"


def _words(reading: Reading, gap: Gap) -> str:
    """The activities that ask for the slots."""
    found = (slots.activity_of(reading, slot) for slot in gap.slots)
    return slots.listed(list(dict.fromkeys(activity.value for activity in found if activity is not None)))


def _inserted(reading: Reading, gap: Gap) -> Iterator[Fix]:
    """The operands, before operand `position`: one of several values, or all that are missing here at once."""
    missing = sorted([*gap.slots, *gap.shadows], key=lambda slot: (slot.index, slot.role is Role.SHADOW))
    if not gap.is_first or any(slot.type is None or slot.type.kind is TypeKind.BROKEN for slot in missing):
        return
    if len(missing) == 1:
        for supply in rewriting.values_for(reading, missing[0]):
            made = f"Insert {supply.name}" if supply.edit is None else f"Insert a new value {supply.name}"
            yield from _fix(reading, gap.position, f"{made} as {slots.operand(reading, missing[0])}", missing, [supply])
        return
    chosen: list[rewriting.Supply] = []
    for slot in missing:
        primal = chosen[-1].name if slot.role is Role.SHADOW else None
        supplies = rewriting.values_for(reading, slot, primal, [one.name for one in chosen])
        chosen.append(supplies[0])
    title = f"Insert {slots.listed([supply.name for supply in chosen])}"
    yield from _fix(reading, gap.position, title, missing, chosen)


def _fix(
    reading: Reading, position: int, title: str, missing: list[Slot], supplies: Sequence[rewriting.Supply]
) -> Iterator[Fix]:
    types = ", ".join(slot.type.text for slot in missing if slot.type is not None)
    edits = rewriting.operands_inserted(reading, position, ", ".join(supply.name for supply in supplies), types)
    if edits:
        edits += [supply.edit for supply in supplies if supply.edit is not None]
        yield Fix(title, EditSet(edits), is_certain=all(supply.is_sure for supply in supplies))


def _not_asked_for(reading: Reading, gap: Gap) -> tuple[Fix, ...]:
    """For one that an activity asks for: an activity that does not ask for it."""
    if gap.role is Role.PRIMAL or len(gap.slots) > 1:
        return ()
    return activities.that_fit(reading, gap.slots[0].side, gap.slots[0].index)
