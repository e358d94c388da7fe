"""Counts: what activity-count and return-activity-count share: a list held against what its callee has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import activities, rewriting, slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Diagnostic, Fix, error
from enzyme_lsp.dialect.convention import Side
from enzyme_lsp.text.edit import EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.dialect.activity import Activity
    from enzyme_lsp.dialect.calls import Activities, Element
    from enzyme_lsp.syntax.symbols import Typed
    from enzyme_lsp.workspace.readings import Reading

_MOST_TRIED: Final = 64
"""Ways to set a list right that are held against the operands and results before one is proposed."""


def compare(reading: Reading, code: str, side: Side) -> Iterator[Diagnostic]:
    """A diagnostic when the list for one side is not as long as the callee has arguments or results."""
    listed, signature = activities.listed(reading, side), reading.signature
    if not reading.call.op.takes_activities or signature is None:
        return  # unknown-callee and callee-not-a-function speak about these, region-arguments about regions.
    if listed is None or listed.elements is None:
        return  # missing-activity and unknown-activity speak about these.
    expected = signature.arguments if side is Side.ARGUMENT else signature.results
    if len(listed.elements) == len(expected) or any(one.unclosed for one in listed.elements):
        return  # activity-junk speaks about what is not closed.
    span = _wrong_part(listed, listed.elements, len(expected))
    message = _message(slots.callee(reading), expected, len(listed.elements), side)
    yield error(code, span, message, *callee_note(reading), fixes=_fixes(reading, side, listed, len(expected)))


def _wrong_part(listed: Activities, elements: tuple[Element, ...], expected: int) -> Span:
    """The elements that are too many; the whole list when some are missing or its elements stand elsewhere."""
    if len(elements) < expected or elements[expected].span == listed.span:
        return listed.span
    return Span(elements[expected].span.start, elements[-1].span.end)


def _message(name: str, expected: tuple[Typed, ...], found: int, side: Side) -> str:
    has = f"{name} has {_counted(len(expected), side.value)}"
    listed = f"{found} {'activity is' if found == 1 else 'activities are'} listed"
    message = f"{has}, but {listed}"
    if found < len(expected):
        missing = [": ".join(part for part in (typed.name, typed.type) if part) for typed in expected[found:]]
        message += (
            f": {'none' if found == 0 else 'nothing'} for {', '.join(missing[:4])}{', ...' if len(missing) > 4 else ''}"
        )
    return message


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _fixes(reading: Reading, side: Side, listed: Activities, expected: int) -> tuple[Fix, ...]:
    """The list with entries taken out or put in, so that operands and results fit best.

    Nothing for a list behind an alias, which other operations may use. It is certain when one way alone fits.
    """
    elements = listed.elements
    if elements is None or (elements and elements[0].span == listed.span):
        return ()
    if len(elements) > expected:
        return _shortened(reading, side, elements, expected)
    return _lengthened(reading, side, listed, expected)


def _shortened(reading: Reading, side: Side, elements: tuple[Element, ...], expected: int) -> tuple[Fix, ...]:
    surplus = len(elements) - expected
    # The last first: of equally good ways the one is taken that leaves the beginning alone.
    ways = list(range(expected, max(expected - _MOST_TRIED, -1), -1)) if surplus == 1 else [expected]
    known = [one.written.activity if one.written is not None else None for one in elements]
    tried = [(_cost(reading, side, left), at, left) for at in ways for left in [(*known[:at], *known[at + surplus :])]]
    best = min(tried, key=lambda one: one[0])
    alone = len({left for cost, _, left in tried if cost == best[0]}) == 1
    edits = rewriting.removed(reading.call.operation.tree.tokens, [one.span for one in elements], best[1], surplus)
    title = f"Remove the {'surplus activity' if surplus == 1 else f'{surplus} surplus activities'}"
    return (Fix(title, EditSet(edits), is_certain=alone),)


def _lengthened(reading: Reading, side: Side, listed: Activities, expected: int) -> tuple[Fix, ...]:
    elements = listed.elements or ()
    known = [one.written.activity if one.written is not None else None for one in elements]
    missing = expected - len(elements)
    if missing == 1:
        ways = list(_ways(reading, side, known))[:_MOST_TRIED]
    else:
        guessed = tuple(_guess(reading, side, index) for index in range(len(elements), expected))
        ways = [(len(elements), tuple(one for one in guessed if one is not None))]
        if None in guessed:
            return ()
    if not ways:
        return ()
    tried = [(_cost(reading, side, (*known[:at], *new, *known[at:])), at, new) for at, new in ways]
    best = min(tried, key=lambda one: one[0])
    lists = {(*known[:at], *new, *known[at:]) for cost, at, new in tried if cost == best[0]}
    edits = rewriting.activities_inserted(reading, listed, best[1], best[2])
    if edits is None:
        return ()
    words = ", ".join(activity.value for activity in best[2])
    certain = missing == 1 and len(lists) == 1 and best[0] == 0
    return (Fix(f"Insert {words}", EditSet([edits]), is_certain=certain),)


def _ways(reading: Reading, side: Side, known: Sequence[Activity | None]) -> Iterator[tuple[int, tuple[Activity, ...]]]:
    """Each place at which an entry can be missing, with each activity that it can be, the end first."""
    for at in range(len(known), -1, -1):
        type_ = activities.type_of(reading, side, at)
        if type_ is not None:
            yield from ((at, (activity,)) for activity in activities.possible(reading, side, type_))


def _guess(reading: Reading, side: Side, index: int) -> Activity | None:
    type_ = activities.type_of(reading, side, index)
    return activities.possible(reading, side, type_)[0] if type_ is not None else None


def _cost(reading: Reading, side: Side, own: Sequence[Activity | None]) -> int:
    """How badly operands and results would fit with one list changed; 1 when that cannot be told."""
    other = reading.return_activities if side is Side.ARGUMENT else reading.activities
    known = [activity for activity in own if activity is not None]
    if other is None or len(known) != len(own):
        return 1
    pair = (known, other) if side is Side.ARGUMENT else (other, known)
    return activities.mismatches(reading, *pair)
