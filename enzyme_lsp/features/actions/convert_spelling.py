"""Convert spelling: what stands at the cursor, or all that is selected, or the whole file, in the other spelling.

    %0 = enzyme.fwddiff @f(%x, %dx) {activity = [#enzyme<activity enzyme_dup>], width = 2 : i64, ...} : ...
    %0 = enzyme.fwddiff @f(%x, %dx) <activity = [#enzyme.activity<enzyme_dup>], width = 2, ...> : ...

Aliases that nothing else uses are converted with what uses them. What cannot be converted stays, and says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import respelling
from enzyme_lsp.features.actions.offer import Offer
from enzyme_lsp.text.edit import EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from enzyme_lsp.dialect.spelling import Spelling, Unit
    from enzyme_lsp.workspace.snapshot import Snapshot

KIND: Final = "refactor.rewrite.enzyme.spelling"

_BOTH: Final[tuple[Spelling, ...]] = ("classic", "strict")


def offered(snapshot: Snapshot, span: Span) -> Iterator[Offer]:
    """For each direction in which something at the place can be converted: it, and the whole file.

    Looks at the pieces at the place alone.
    """
    here = _at(snapshot, span)
    for target in _BOTH:
        concerned = [(unit, unit.to(target)) for _, unit in here if unit.spellings - {target}]
        names = [unit.name for unit, made in concerned if made.edits]
        if not concerned:
            continue
        if not names:
            unit, made = concerned[0]
            reason = f"{unit.name} cannot be converted, since {made.reason}"
            yield Offer(f"place {target}", f"Convert {unit.name} to the {target} spelling", reason)
            continue
        what = names[0] if len(names) == 1 else f"the {len(names)} selected operations"
        yield Offer(f"place {target}", f"Convert {what} to the {target} spelling")
        yield Offer(f"file {target}", f"Convert this file to the {target} spelling")


def apply(snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
    """The edits of what was offered as `id_`; none when there is nothing of that name."""
    made = next((make for name, make in _choices(snapshot, span) if name == id_), None)
    return made() if made is not None else EditSet(())


def _choices(snapshot: Snapshot, span: Span) -> Iterator[tuple[str, Callable[[], EditSet]]]:
    for target in _BOTH:
        yield f"place {target}", lambda target=target: convert_selection(snapshot, span, target)
        yield f"file {target}", lambda target=target: convert_document(snapshot, target)


def convert_operation(snapshot: Snapshot, offset: int, target: Spelling) -> EditSet:
    """Writes what stands at an offset in the spelling `target`."""
    return convert_selection(snapshot, Span(offset, offset), target)


def convert_selection(snapshot: Snapshot, span: Span, target: Spelling) -> EditSet:
    """Writes all that is selected in the spelling `target`; for an empty selection, what the cursor is in."""
    chosen = [(index, unit) for index, unit in _at(snapshot, span) if unit.to(target).edits]
    used = {alias for index, unit in chosen for alias in respelling.aliases(snapshot, index, unit)}
    if used:
        # What something else uses that stays in the other spelling must stay too.
        keys = {(index, unit.span) for index, unit in chosen}
        for index, unit in respelling.everything(snapshot):
            if (index, unit.span) not in keys and index not in used and unit.spelling != target:
                used -= respelling.aliases(snapshot, index, unit)
    return respelling.edits(snapshot, chosen, used, target)


def convert_document(snapshot: Snapshot, target: Spelling) -> EditSet:
    """Writes the whole document in the spelling `target`. Raises `Outdated` when an edit has come."""
    return respelling.edits(snapshot, (), range(len(snapshot.layout.pieces)), target)


def _at(snapshot: Snapshot, span: Span) -> list[tuple[int, Unit]]:
    """What is in a spelling at a place: what the cursor is in, or all of which something in the selection would change.

    A selection that holds the name of an operation holds the operation.
    """
    first, last = snapshot.layout.index_near(max(span.start - 1, 0)), snapshot.layout.index_near(span.end)
    if first is None or last is None:
        return []
    every = list(respelling.everything(snapshot, range(first, last + 1)))
    if span.start == span.end:
        # The last one that the cursor is in is the innermost.
        return [(index, unit) for index, unit in every if _is_at(snapshot, index, unit, span.start)][-1:]
    return [(index, unit) for index, unit in every if _is_in(snapshot, index, unit, span)]


def _is_at(snapshot: Snapshot, index: int, unit: Unit, offset: int) -> bool:
    """Whether an offset is in or at the end of something, and not in an operation inside it."""
    at = offset - snapshot.offset(index)
    if at < 0 or not unit.span.touches(Span(at, at)):
        return False
    tree = snapshot.layout.pieces[index].tree
    return unit.operation in (None, tree.operation_at(at), tree.operation_at(at - 1))


def _is_in(snapshot: Snapshot, index: int, unit: Unit, span: Span) -> bool:
    changed = (edit.span for target in _BOTH for edit in unit.to(target).edits)
    return any(span.overlaps(one.shifted(snapshot.offset(index))) for one in (unit.name_span, *changed))
