"""Choices: what a derivative call can be made, and how a file of such actions offers and applies it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from enzyme_lsp.features.actions import places, reshaping, wrapping
from enzyme_lsp.features.actions.offer import Offer
from enzyme_lsp.features.actions.plan import plan_of
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from enzyme_lsp.features.actions.plan import Plan
    from enzyme_lsp.features.actions.wrapping import Wrapper
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Choice:
    """What a call can be made. `reason` is why not, beyond what the call itself says."""

    id: str
    title: str
    plan: Plan
    reason: str | None = None


def offered(
    snapshot: Snapshot, span: Span, choices: Callable[[Reading, Plan, Span], Iterator[Choice]]
) -> Iterator[Offer]:
    """The choices for the call at a place. `choices` gets the place in bytes of the piece of the call."""
    for index, reading, choice in _choices(snapshot, span, choices):
        wrapper = _wrapper(snapshot, index, reading, choice)
        yield Offer(choice.id, choice.title, choice.reason or reshaping.refusal(reading, choice.plan, wrapper))


def applied(
    snapshot: Snapshot, span: Span, id_: str, choices: Callable[[Reading, Plan, Span], Iterator[Choice]]
) -> EditSet:
    """The edits of the choice of that id; none when there is no such choice."""
    for index, reading, choice in _choices(snapshot, span, choices):
        if choice.id == id_ and choice.reason is None:
            wrapper = _wrapper(snapshot, index, reading, choice)
            return places.placed(snapshot, index, reshaping.edits(reading, choice.plan, wrapper))
    return EditSet(())


def _choices(
    snapshot: Snapshot, span: Span, choices: Callable[[Reading, Plan, Span], Iterator[Choice]]
) -> Iterator[tuple[int, Reading, Choice]]:
    found = places.reading_at(snapshot, span)
    now = plan_of(found[1]) if found is not None else None
    if found is None or now is None:
        return
    index, reading = found
    for choice in choices(reading, now, span.shifted(-snapshot.offset(index))):
        yield index, reading, choice


def _wrapper(snapshot: Snapshot, index: int, reading: Reading, choice: Choice) -> Wrapper | None:
    """The function around a call that follows it: only another width or mode makes it take or give something else."""
    is_same = choice.plan.width == reading.width and choice.plan.mode is reading.mode
    return None if is_same else wrapping.around(snapshot, index, reading)
