"""Reshaping: makes a derivative call another one of the same callee, by the calling convention; knows no action.

A plan says what the call is to be: its mode, activities and width. Operands and results of the call belong to slots,
and so do those of the plan. What has the same slot and type stays, with its uses; other operands come from values that
are in scope, or are new ones. What is used and has no slot any more cannot be left out, and is the reason why not.

The call that would come of it is read as it would stand in the text, and held against our checks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import activities, rewriting, slots
from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.calls import Braces
from enzyme_lsp.dialect.convention import Mode, Role, Side
from enzyme_lsp.features.actions import lists, matching, packed, trial
from enzyme_lsp.features.actions.plan import WORDS, plan_of
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from enzyme_lsp.checks.rewriting import Supply
    from enzyme_lsp.dialect.calls import Entry
    from enzyme_lsp.dialect.convention import Convention, Slot
    from enzyme_lsp.features.actions.plan import Plan
    from enzyme_lsp.features.actions.wrapping import Wrapper
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.workspace.readings import Reading


def refusal(reading: Reading, plan: Plan, wrapper: Wrapper | None = None) -> str | None:
    """Why the call cannot be made what the plan says; None when it can. `wrapper` may change along with it.

    Takes time in proportion to the piece that the call is in, once, and then to the call.
    """
    change = _change(reading, plan, wrapper)
    if isinstance(change, str):
        return change
    return _mistake(change)


def edits(reading: Reading, plan: Plan, wrapper: Wrapper | None = None) -> list[Edit]:
    """What makes the call what the plan says, in bytes of its piece; nothing where that is refused."""
    change = _change(reading, plan, wrapper)
    return [] if isinstance(change, str) else _edits(change, _supplied)


@dataclass(frozen=True, slots=True)
class _Change:
    """How a call becomes another one: for each operand and result of that one the number of the old one, or None.

    `moved` are the operands that stand elsewhere then. Results in a struct are counted one by one. `odd` are those that
    get another type. `taken_along` and `given_along` say, by old numbers, where else types of operands and results
    stand, which follow.
    """

    reading: Reading
    now: Plan
    plan: Plan
    convention: Convention
    operands: tuple[int | None, ...]
    moved: frozenset[int]
    results: tuple[int | None, ...]
    odd: frozenset[int]
    taken_along: Mapping[int, Span]
    given_along: Mapping[int, Sequence[Span]]
    wrapper: Wrapper | None = None
    """The function around, where that takes and returns what the call does, and so follows it into another mode."""


def _change(reading: Reading, plan: Plan, wrapper: Wrapper | None) -> _Change | str:
    """How the call becomes what the plan says, or why it cannot."""
    now, before, function = plan_of(reading), reading.slots, reading.function
    if now is None or before is None or function is None or reading.results is None:
        return "its operands, results and activities do not fit each other yet"
    wanted = (convention.reverse if plan.mode is Mode.REVERSE else convention.forward)(
        function, plan.activities, plan.returns, plan.width
    )
    twins = matching.twins(function, now, plan)
    for slot in (*wanted.operands, *wanted.results):
        if slot.type is None or slot.type.kind is TypeKind.BROKEN:
            return f"the type of {_words(reading, slot)} cannot be told"
    taken, odd = matching.matched(wanted.operands, before.operands, twins)
    along = _arguments_along(reading, odd, wrapper)
    operands = tuple(None if one in odd and one not in along else one for one in taken)
    both = zip(wanted.operands, operands, strict=True)
    moved = frozenset(one for slot, one in both if one is not None and matching.key(slot) in twins)
    old, new = packed.flat(before.results), packed.flat(wanted.results)
    results, odd = matching.matched(new, old, twins)
    if not reading.call.operation.results:
        return _Change(reading, now, plan, wanted, operands, moved, results, odd, along, {})
    is_packed = function.is_llvm and max(len(old), len(new)) > 1
    users = packed.taken_out(reading, len(old)) if is_packed else None
    if is_packed and users is None:
        return "the struct that it gives is used as a whole"
    uses = rewriting.uses(reading.piece, reading.call.operation)
    if any(reading.call.operation.span.covers(span) for _, span in uses):
        return "it uses its own results"
    given: dict[int, list[Span]] = {}
    is_wrapped = wrapper is not None and plan.mode is not now.mode and not is_packed and wrapper.can_return_others
    follows = False
    for number, slot in enumerate(old):
        mine = [span for one, span in uses if one == number]
        if not (mine if users is None else number in users) or (number in results and number not in odd):
            continue
        types = wrapper.types_of_result(mine) if wrapper is not None and users is None else None
        if types is not None and number in odd:
            given[number] = types
        elif types is not None and is_wrapped and number not in results:
            follows = True
        else:
            return _lost(reading, slot, new, plan, mine)
    if not is_packed and rewriting.results_bound(reading, results) is None:
        return "its results are named in groups"
    around = wrapper if follows else None
    return _Change(reading, now, plan, wanted, operands, moved, results, odd, along, given, around)


def _arguments_along(reading: Reading, odd: frozenset[int], wrapper: Wrapper | None) -> dict[int, Span]:
    """Where the types of operands stand that are arguments and nothing else, and so can get another type."""
    if wrapper is None:
        return {}
    found = {number: wrapper.type_of_argument(reading.call.operands[number].span) for number in odd}
    return {number: span for number, span in found.items() if span is not None}


def _words(reading: Reading, slot: Slot) -> str:
    is_operand = slot.role is Role.SEED or (slot.side is Side.ARGUMENT and slot.role in (Role.PRIMAL, Role.SHADOW))
    return slots.operand(reading, slot) if is_operand else slots.result(reading, slot)


def _lost(reading: Reading, slot: Slot, wanted: Sequence[Slot], plan: Plan, uses: Sequence[Span]) -> str:
    """Why a result that is used at some places cannot stay."""
    what = slots.result(reading, slot)
    users = (reading.piece.tree.operation_at(span.start) for span in uses)
    names = [*dict.fromkeys(one.name for one in users if one is not None and one.name)][:_USERS]
    by = f" by {' and '.join(names)}" if names else ""
    there = next((one for one in wanted if matching.key(one) == matching.key(slot)), None)
    if there is not None:
        return f"{what} is used as {slot.type}, and would be {there.type}"
    given = f", and enzyme.{WORDS[plan.mode]} gives none" if plan.mode is not reading.mode else ""
    return f"{what} is used{by}{given}"


_USERS: Final = 2
"""Operations that use a result and are named."""


# --------------------------------------------------------------------------------------------------------------------
# Edits.


def _supplied(reading: Reading, slot: Slot, primal: str | None, taken: Sequence[str]) -> Supply:
    """A value whose name says that it is for a slot; else a new one."""
    return rewriting.values_for(reading, slot, primal, taken)[-1]


def _edits(change: _Change, supply: Callable[[Reading, Slot, str | None, Sequence[str]], Supply]) -> list[Edit]:
    reading, call = change.reading, change.reading.call
    found = [*_name(change), *_activities(change), *_attributes(change), *_results(change)]
    wanted, types = list[int | str](), list[int | str]()
    taken, primal = list[str](), None
    gone, arguments = _arguments_gone(change), list[str]()
    for slot, old in zip(change.convention.operands, change.operands, strict=True):
        if old is not None and old in change.moved:
            wanted.append(call.operands[old].text)
            types.append(str(slot.type))
        elif old is not None and old not in change.taken_along:
            wanted.append(old)
            types.append(old)
        else:
            made = supply(reading, slot, primal, taken)
            taken.append(made.name)
            types.append(str(slot.type))
            if old is not None and made.edit is not None:
                # No value is there for it, so the one that is gets another type.
                wanted.append(old)
                found.append(Edit(change.taken_along[old], str(slot.type).encode()))
            elif made.edit is not None and (gone or (_can_take(change) and _PLACEHOLDER in made.edit.new)):
                wanted.append(made.name)
                arguments.append(f"{made.name}: {slot.type}")
            else:
                wanted.append(made.name)
                found += [made.edit] if made.edit is not None else []
        if slot.role is Role.PRIMAL and old is not None:
            primal = call.operands[old].text
    if call.type is None or call.type.operands is None or call.type.inside is None or call.operands_inside is None:
        return []
    if (gone or arguments) and change.wrapper is not None:
        found += change.wrapper.with_arguments(gone, arguments)
    tokens = call.operation.tree.tokens
    into = rewriting.Insertion([one.span for one in call.operands], call.operands_inside)
    into_types = rewriting.Insertion([one.span for one in call.type.operands], call.type.inside)
    return [*found, *lists.changed(tokens, into, wanted), *lists.changed(tokens, into_types, types)]


def _name(change: _Change) -> Iterator[Edit]:
    if change.plan.mode is change.now.mode:
        return
    span = change.reading.call.name_span
    text = span.of(change.reading.piece.text)
    word = WORDS[change.now.mode].encode()
    yield Edit(span, text.replace(word, WORDS[change.plan.mode].encode(), 1))


def _activities(change: _Change) -> Iterator[Edit]:
    """An edit for each activity that changes; for a list that stands in an alias, the whole list."""
    reading, plan, now = change.reading, change.plan, change.now
    for side, old, new in (
        (Side.ARGUMENT, now.activities, plan.activities),
        (Side.RESULT, now.returns, plan.returns),
    ):
        listed = activities.listed(reading, side)
        numbers = [index for index, pair in enumerate(zip(old, new, strict=True)) if pair[0] is not pair[1]]
        each = [activities.set_to(reading, side, index, new[index]) for index in numbers]
        known = [edit for edit in each if edit is not None]
        if listed is not None and len(known) < len(each):
            yield Edit(listed.span, rewriting.listed(reading, new).encode())
        else:
            yield from known


def _attributes(change: _Change) -> Iterator[Edit]:
    """What becomes of the width and of what one mode has alone."""
    reading, call, width = change.reading, change.reading.call, change.plan.width
    entry, atomic = call.entry("width"), call.entry("atomic_add")
    if change.plan.mode is Mode.FORWARD and change.now.mode is Mode.REVERSE and atomic is not None:
        yield from attribute_removed(reading, atomic)
    if width == change.now.width:
        return
    if entry is None:
        yield from attribute_added(reading, f"width = {width} : i64", bare=f"width = {width}")
    elif width == 1 and (edits := attribute_removed(reading, entry)):
        yield from edits
    else:
        value = entry.value_span.of(reading.piece.text)
        yield Edit(entry.value_span, _NUMBER.sub(str(width).encode(), value, count=1))


_NUMBER: Final = re.compile(rb"0x[0-9a-fA-F]+|\d+")


def attribute_removed(reading: Reading, entry: Entry) -> tuple[Edit, ...]:
    """Without an attribute; nothing where it cannot be taken out alone."""
    fixes = rewriting.entry_removed(reading, entry, "", certain=False)
    return fixes[0].edits.edits if fixes else ()


def attribute_added(reading: Reading, text: str, *, bare: str | None = None) -> Iterator[Edit]:
    """An attribute behind the lists of activities, on a line of its own where they are.

    `bare` is how it is written between `<` and `>`, where that differs.
    """
    known = [entry for entry in map(reading.call.entry, ("activity", "ret_activity")) if entry is not None]
    first, last = min(known, key=lambda one: one.key_span), max(known, key=lambda one: one.key_span)
    between = reading.piece.text[first.value_span.end : last.key_span.start]
    comma = between.decode("utf-8", "replace") if between.strip() == b"," else ", "
    written = bare if bare is not None and last.braces is Braces.BARE else text
    at = last.value_span.end
    yield Edit(Span(at, at), f"{comma}{written}".encode())


def _results(change: _Change) -> Iterator[Edit]:
    """The types of the results, their names and uses."""
    reading, written = change.reading, change.reading.call.type
    if written is None or written.results is None or written.results_span is None:
        return
    before = packed.flat(change.reading.slots.results) if change.reading.slots is not None else ()
    if change.results == tuple(range(len(before))) and not change.odd:
        return
    for slot, old in zip(packed.flat(change.convention.results), change.results, strict=True):
        for span in dict.fromkeys(change.given_along.get(old, ())) if old is not None else ():
            yield Edit(span, str(slot.type).encode())
    wanted = change.convention.results
    is_packed = any(slot.role is Role.PACKED for slot in wanted) or len(before) > len(written.results)
    kept = change.results if not is_packed else [None] * len(wanted)
    texts = [
        written.results[old].text if old is not None and old not in change.odd else str(slot.type)
        for slot, old in zip(wanted, kept, strict=True)
    ]
    yield Edit(written.results_span, rewriting.result_list(texts).encode())
    if is_packed:
        yield from packed.moved(reading, len(before), change.results, texts[0] if texts else "")
        return
    binding = rewriting.results_bound(reading, change.results)
    made = binding.edits if binding is not None else ()
    if change.wrapper is not None:
        returned = change.wrapper.returned
        listed = Span(returned[0][0].start, returned[-1][0].end)
        made = tuple(edit for edit in made if not listed.covers(edit.span))
        yield from change.wrapper.returning(_returned(change, change.wrapper))
    yield from made


def _returned(change: _Change, wrapper: Wrapper) -> list[tuple[str, str]]:
    """What the function around returns then: in the place of the first result that is gone all that are new."""
    reading, text = change.reading, change.reading.piece.text
    names = rewriting.names_after(reading.piece, reading.call.operation, change.results)
    each = list(zip(change.results, names, change.convention.results, strict=True))
    kept = {old: name for old, name, _ in each if old is not None}
    new = [(name, str(slot.type)) for old, name, slot in each if old is None]
    numbers = {span: number for number, span in rewriting.uses(reading.piece, reading.call.operation)}
    found: list[tuple[str, str]] = []
    for value, (type_, _) in wrapper.returned:
        number = numbers.get(value)
        if number is not None and number not in kept:
            found += new
            new = []
        else:
            name = kept[number] if number is not None else value.of(text).decode("utf-8", "replace")
            found.append((name, type_.of(text).decode("utf-8", "replace")))
    return found


_PLACEHOLDER: Final = b"enzyme.placeholder"


def _can_take(change: _Change) -> bool:
    """Whether the function around can get another argument for what is not there yet."""
    return change.wrapper is not None and bool(change.wrapper.taken)


def _arguments_gone(change: _Change) -> list[Span]:
    """Where the types of arguments stand that only operands are which the call takes no more."""
    if change.wrapper is None or not change.wrapper.taken:
        return []
    kept = {old for old in change.operands if old is not None}
    operands = change.reading.call.operands
    found = (change.wrapper.type_of_argument(one.span) for number, one in enumerate(operands) if number not in kept)
    return [span for span in found if span is not None]


# --------------------------------------------------------------------------------------------------------------------
# Checks.


def _mistake(change: _Change) -> str | None:
    """What our checks say of the call that would come of it, and not of the one that is there; None for nothing."""
    operation = change.reading.call.operation
    inside = [edit for edit in _edits(change, _unknown) if operation.span.covers(edit.span)]
    after = list(_found(change.reading, operation, inside))
    if not after:
        return None
    before = {code for code, _ in _found(change.reading, operation, ())}
    return next((message for code, message in after if code not in before), None)


def _unknown(_: Reading, slot: Slot, primal: str | None, taken: Sequence[str]) -> Supply:
    """The name of some value, which need not be there."""
    base = f"%{slot.role.value}_of_{(primal or '').removeprefix('%').replace('#', '_')}"
    return rewriting.Supply(f"{base}_{len(taken)}", None, is_sure=False)


def _found(reading: Reading, operation: Operation, inside: Sequence[Edit]) -> Iterator[tuple[str, str]]:
    """Code and message of what is wrong with a call after some edits."""
    start, text = operation.span.start, operation.span.of(reading.piece.text)
    moved = EditSet(Edit(edit.span.shifted(-start), edit.new) for edit in inside)
    return trial.mistakes(moved.apply(text), reading.home, reading.definition, reading.signature, reading.aliases)
