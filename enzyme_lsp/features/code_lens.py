"""Code lenses: what can be done with a function or a differentiation op, in a line above it; nothing is done here.

Over a function: how many derivatives are taken of it, Differentiate, and Check the gradients. Over a differentiation
op: Lower, and Check the gradient.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.features.actions import differentiate
from enzyme_lsp.features.answers import SymbolKind
from enzyme_lsp.features.outline import items
from enzyme_lsp.syntax.piece import PieceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot


class LensKind(Enum):
    """What a lens does."""

    DERIVATIVES = "derivatives"
    """Shows where derivatives of the function are taken."""
    DIFFERENTIATE = "differentiate"
    """Offers the actions that write derivatives of the function."""
    LOWER = "lower"
    """Shows what becomes of the function around the op."""
    GRADCHECK = "gradcheck"
    """Runs the derivative that the op takes, or all that are taken of the function, and says whether they are right."""


@dataclass(frozen=True, slots=True)
class Lens:
    """One lens over `span`.

    `places` are those that it shows, `actions` the kinds of the actions that it offers, `symbol` is what it lowers.
    """

    kind: LensKind
    span: Span
    title: str
    places: tuple[Span, ...] = ()
    actions: tuple[str, ...] = ()
    symbol: str = ""


_ACTIONS: Final = tuple(dict.fromkeys(action.KIND for action in differentiate.ACTIONS))
_CHECKED: Final = (Mode.REVERSE, Mode.FORWARD)
"""The modes whose derivatives can be run."""
_BODY: Final = re.compile(rb"\breturn\b|\bunreachable\b")
"""What ends a function that has a body, in every dialect that Enzyme differentiates."""
_DERIVABLE: Final = re.compile(r"(?:\b|x)(?:b?f\d|tf32)|memref|ptr|!")
"""What a signature has that can have a derivative, as far as one sees without reading it."""


def code_lenses(snapshot: Snapshot, wanted: Collection[LensKind]) -> tuple[Lens, ...]:
    """The lenses of a document, in order. Raises `Outdated` when an edit has come."""
    settings = snapshot.settings.lens
    enabled = {
        LensKind.DERIVATIVES: settings.derivatives,
        LensKind.DIFFERENTIATE: settings.differentiate,
        LensKind.LOWER: settings.lower,
        LensKind.GRADCHECK: settings.gradcheck,
    }
    kinds = [kind for kind in LensKind if enabled[kind] and kind in wanted]
    found: list[Lens] = []
    if {LensKind.DERIVATIVES, LensKind.DIFFERENTIATE, LensKind.GRADCHECK}.intersection(kinds):
        taken: Mapping[int, list[tuple[Reading, Span]]] = {}
        if {LensKind.DERIVATIVES, LensKind.GRADCHECK}.intersection(kinds):
            taken = _taken(snapshot)
        for index, piece in enumerate(snapshot.layout.pieces):
            snapshot.check_current()
            for function in piece.fact(_functions) if piece.kind is PieceKind.ITEM else ():
                found += _of_function(snapshot.offset(index), function, taken, kinds)
    if {LensKind.LOWER, LensKind.GRADCHECK}.intersection(kinds):
        found += _of_ops(snapshot, kinds)
    return tuple(sorted(found, key=lambda lens: lens.span.start))


@dataclass(frozen=True, slots=True)
class _Function:
    """A function of a piece, by its name in bytes from the start of that. `is_derivable`: as far as its looks go."""

    name: Span
    is_derivable: bool


def _functions(piece: Piece) -> tuple[_Function, ...]:
    """Use through `piece.fact`."""
    found, pending = list[_Function](), [*items(piece)]
    while pending:
        item = pending.pop()
        pending += item.children
        if item.kind is SymbolKind.FUNCTION:
            has_body = _BODY.search(piece.text, item.span.start, item.span.end) is not None
            found.append(_Function(item.name_span, has_body and _DERIVABLE.search(item.detail) is not None))
    return tuple(found)


def _of_function(
    offset: int,
    function: _Function,
    taken: Mapping[int, list[tuple[Reading, Span]]],
    kinds: Collection[LensKind],
) -> Iterator[Lens]:
    derivatives = taken.get(function.name.start + offset)
    if derivatives and LensKind.DERIVATIVES in kinds:
        places = tuple(span for _, span in derivatives)
        title = _counted([one for one, _ in derivatives])
        yield Lens(LensKind.DERIVATIVES, function.name.shifted(offset), title, places)
    if function.is_derivable and LensKind.DIFFERENTIATE in kinds:
        yield Lens(LensKind.DIFFERENTIATE, function.name.shifted(offset), "Differentiate", actions=_ACTIONS)
    if LensKind.GRADCHECK in kinds and any(one.mode in _CHECKED for one, _ in derivatives or ()):
        yield Lens(LensKind.GRADCHECK, function.name.shifted(offset), "Check the gradients")


def _taken(snapshot: Snapshot) -> Mapping[int, list[tuple[Reading, Span]]]:
    """The calls that differentiate or batch each function, by where its name stands."""
    found: dict[int, list[tuple[Reading, Span]]] = defaultdict(list)
    for index, readings in snapshot.readings():
        for reading in readings:
            callee = snapshot.callee(index, reading.call)
            if callee is not None and reading.call.callee_span is not None:
                span = snapshot.span_in(index, reading.call.callee_span)
                found[callee.offset + callee.definition.span.start].append((reading, span))
    return found


def _counted(readings: list[Reading]) -> str:
    """`2 derivatives, 1 batch`."""
    batches = sum(reading.mode is Mode.BATCH for reading in readings)
    derivatives = len(readings) - batches
    parts = [f"{derivatives} derivative{'s' if derivatives > 1 else ''}"] if derivatives else []
    parts += [f"{batches} batch{'es' if batches > 1 else ''}"] if batches else []
    return ", ".join(parts)


def _of_ops(snapshot: Snapshot, kinds: Collection[LensKind]) -> Iterator[Lens]:
    for index, readings in snapshot.readings():
        symbol = snapshot.layout.pieces[index].symbol
        for reading in readings:
            span = snapshot.span_in(index, reading.call.name_span)
            if symbol is not None and LensKind.LOWER in kinds:
                yield Lens(LensKind.LOWER, span, "Lower", symbol=symbol)
            if reading.mode in _CHECKED and reading.call.callee is not None and LensKind.GRADCHECK in kinds:
                yield Lens(LensKind.GRADCHECK, span, "Check the gradient")
