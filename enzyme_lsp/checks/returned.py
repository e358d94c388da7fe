"""Returned: the edits by which a function returns what the results of a call in it have become; other uses are not its.

Result types that change are wrong where they are used, and most often that is the `return` of the function around the
call, with the types in the head of that function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import rewriting
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.nodes import covering
from enzyme_lsp.syntax.parse import type_end
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from enzyme_lsp.syntax.nodes import Operation, Tree
    from enzyme_lsp.workspace.readings import Reading

_RETURNS: Final = frozenset({"return", "func.return"})
_COMMA: Final = frozenset({b","})
_HEAD: Final = frozenset({b"{", b"attributes", b",", b"loc"})


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a function says what it returns: the operands and types of its one `return`, and the types in its head."""

    back: Operation
    operands: Sequence[Span]
    types: Sequence[Span]
    head: Sequence[Span]
    head_whole: Span


def edits(reading: Reading, retyped: Mapping[int, str], lost: Collection[int]) -> tuple[Edit, ...]:
    """The edits for results that have another type now, by their number, and for those that are gone.

    Empty where they are used elsewhere too, where the function has several ends, or is not in custom form.
    """
    tree = reading.call.operation.tree
    uses = [
        (number, span)
        for number, span in rewriting.uses(reading.piece, reading.call.operation)
        if number in retyped or number in lost
    ]
    places = _places(tree, [span for _, span in uses])
    if places is None:
        return ()
    found: list[Edit] = []
    gone: list[int] = []
    for number, span in uses:
        at = next((index for index, operand in enumerate(places.operands) if operand.covers(span)), -1)
        if at < 0:
            return ()
        if number in lost:
            gone.append(at)
            continue
        new = retyped[number].encode()
        found += [Edit(places.types[at], new), Edit(places.head[at], new)]
    if not gone:
        return tuple(found)
    if len(gone) == len(places.operands):
        behind = Span(places.back.name_span.end, places.types[-1].end)
        return (Edit(behind, b""), Edit(places.head_whole, b"()"))
    first, count = min(gone), len(gone)
    if sorted(gone) != list(range(first, first + count)):
        return ()
    for spans in (places.operands, places.types, places.head):
        found += rewriting.removed(tree.tokens, spans, first, count)
    return tuple(found)


def _places(tree: Tree, spans: Sequence[Span]) -> _Places | None:
    """What the one `return` that all of the spans are in gives, and the function whose end it is."""
    backs = {tree.operation_at(span.start) for span in spans}
    back = backs.pop() if len(backs) == 1 else None
    function = None if back is None else _function(tree, back)
    if back is None or back.is_generic or function is None:
        return None
    ends = [one for block in function.regions[0].blocks for one in block.operations if one.name in _RETURNS]
    last = back.location[0] if back.location is not None else back.last
    colon = type_end(tree, back.name_token + 1, last, frozenset({b":"}))
    operands, types = _listed(tree, back.name_token + 1, colon), _listed(tree, colon + 1, last)
    head, whole = _head(function)
    if ends != [back] or whole is None or not len(operands) == len(types) == len(head):
        return None
    return _Places(back, operands, types, head, whole)


def _function(tree: Tree, back: Operation) -> Operation | None:
    """The function in custom form that a `return` ends."""
    start, holder = tree.tokens.starts[back.first], covering(tree.operations, tree.tokens.starts[back.first])
    while holder is not None and holder is not back:
        inner = (covering(block.operations, start) for region in holder.regions for block in region.blocks)
        below = next((one for one in inner if one is not None), None)
        if below is back:
            is_one = holder.name == "func.func" and not holder.is_generic and back.name in _RETURNS
            return holder if is_one else None
        holder = below
    return None


def _head(function: Operation) -> tuple[list[Span], Span | None]:
    """The result types in the head of a function, and the span of all that is behind its arrow."""
    tree, defined = function.tree, symbols.definition(function)
    opened = tree.tokens.at(defined.span.start) if defined is not None else None
    close = tree.partners[opened + 1] if opened is not None and tree.tokens.word(opened + 1) == b"(" else -1
    if close < 0 or tree.tokens.word(close + 1) != b"->":
        return [], None
    first = close + 2
    if tree.tokens.word(first) == b"(" and tree.partners[first] > first:
        last = tree.partners[first]
        return _listed(tree, first + 1, last, _HEAD), tree.span(first, last + 1)
    end = type_end(tree, first, function.last, _HEAD)
    return [tree.span(first, end)], tree.span(first, end)


def _listed(tree: Tree, first: int, last: int, stops: frozenset[bytes] = _COMMA) -> list[Span]:
    """The elements of a list with commas, each up to a word of `stops`."""
    found, index = list[Span](), first
    while index < last:
        end = type_end(tree, index, last, stops)
        found.append(tree.span(index, end))
        index = type_end(tree, end, last, _COMMA) + 1
    return found
