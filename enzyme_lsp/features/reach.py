"""Reach: which differentiation operations lead to a function, directly or through calls, and what is active in it then.

What is called active here surely is; the engines find more (`dialect.bodies`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import spelling
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.bodies import bodies
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.syntax import symbols

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from enzyme_lsp.dialect.spelling import Spelling
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot

_WAYS: Final = 8
"""Ways to differentiate one function that are told apart."""
_CONST: Final = frozenset({Activity.CONST, Activity.CONST_NO_NEED})


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a function is differentiated: with the arguments and results active whose bits are set.

    `index` and `reading` are the first differentiation operation that does so, with its piece; `is_direct` says whether
    it names the function itself.
    """

    piece: int
    """The piece of the function."""
    function: Operation
    table: Operation | None
    release: Spelling
    active: int
    needed: int
    index: int
    reading: Reading
    is_direct: bool


def ways(snapshot: Snapshot, function: Operation) -> tuple[Way, ...]:
    """How a function is differentiated, as far as the text tells. Raises `Outdated` when an edit has come."""
    return snapshot.fact(_all_ways).get(function, ())


def by_piece(snapshot: Snapshot) -> dict[int, list[Way]]:
    """All ways of all functions, by the piece that the function is in; in a fixed order.

    Raises `Outdated` when an edit has come.
    """
    found: dict[int, list[Way]] = {}
    for ways_of in snapshot.fact(_all_ways).values():
        found.setdefault(ways_of[0].piece, []).extend(ways_of)
    return found


def around(snapshot: Snapshot, piece: int, operation: Operation) -> tuple[Way, ...]:
    """How the innermost differentiated function that holds an operation of a piece is differentiated, itself included.

    Raises `Outdated` when an edit has come.
    """
    holders = [
        (function.first, found)
        for function, found in snapshot.fact(_all_ways).items()
        if found[0].piece == piece and function.first <= operation.first < function.last
    ]
    return max(holders, key=lambda one: one[0])[1] if holders else ()


def is_active(snapshot: Snapshot, way: Way, operation: Operation) -> bool:
    """Whether what an operation makes is surely active when its function is differentiated in some way."""
    return operation in active_operations(snapshot.layout.pieces[way.piece], way)


def active_operations(piece: Piece, way: Way) -> Iterator[Operation]:
    """What is surely active in a function of a piece when it is differentiated in some way."""
    found = piece.fact(bodies).of(way.function).activity(way.release, way.active, way.needed)
    yield from (step.operation for step in found.steps)
    yield from (call.step.operation for call in (*found.calls, *found.derivatives))


def _all_ways(snapshot: Snapshot) -> dict[Operation, tuple[Way, ...]]:
    """By function. Use through `snapshot.fact`."""
    found: dict[Operation, dict[tuple[Spelling, Mode, int, int], Way]] = {}
    waiting = [way for index, readings in snapshot.readings() for way in _begun(snapshot, index, readings)]
    waiting.reverse()
    while waiting:
        snapshot.check_current()
        way = waiting.pop()
        mine = found.setdefault(way.function, {})
        key = (way.release, way.reading.mode, way.active, way.needed)
        if key not in mine and len(mine) < _WAYS:
            mine[key] = way
            waiting += _led_to(snapshot, way)
    return {function: tuple(mine.values()) for function, mine in found.items()}


def _begun(snapshot: Snapshot, index: int, readings: Iterable[Reading]) -> Iterator[Way]:
    for reading in readings:
        call = reading.call
        arguments, results = reading.activities, reading.return_activities
        release = spelling.of_call(call)
        if reading.mode not in (Mode.REVERSE, Mode.FORWARD) or arguments is None or results is None or release is None:
            continue
        active, needed = _bits(arguments), _bits(results)
        if not call.op.names_callee:
            yield Way(index, call.operation, call.table, release, active, needed, index, reading, is_direct=True)
        elif (callee := snapshot.callee(index, call)) is not None:
            function = callee.definition.operation
            yield Way(callee.piece, function, call.table, release, active, needed, index, reading, is_direct=True)


def _led_to(snapshot: Snapshot, way: Way) -> Iterator[Way]:
    """The functions that are called with active values."""
    body = snapshot.layout.pieces[way.piece].fact(bodies).of(way.function)
    for call in body.activity(way.release, way.active, way.needed).calls:
        callee = snapshot.resolve(way.piece, way.table, call.step.callee)
        if callee is not None and symbols.is_function(callee.definition.operation.name) is True:
            yield Way(
                callee.piece,
                callee.definition.operation,
                way.table,
                way.release,
                call.operands,
                call.results,
                way.index,
                way.reading,
                is_direct=False,
            )


def _bits(activities: Iterable[Activity]) -> int:
    return sum(1 << index for index, activity in enumerate(activities) if activity not in _CONST)
