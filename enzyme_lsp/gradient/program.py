"""Program: the calls of machine code that a check asks for, and what their answers say; must not know how they are run.

`engines/upstream/calls.py` has the form of both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from enzyme_lsp.dialect.convention import Mode, Role, Side
from enzyme_lsp.gradient.plan import DERIVATIVE, PRIMAL
from enzyme_lsp.gradient.points import factors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.gradient.forms import Form
    from enzyme_lsp.gradient.plan import Case, Place
    from enzyme_lsp.gradient.points import Numbers, Point
    from enzyme_lsp.gradient.precision import Precision

TWICE: Final = 2
"""How often the primal and each derivative is called at the point itself: what differs is not a function."""


@dataclass(frozen=True, slots=True)
class Called:
    """What a call gave: numbers of its results, what its arguments' memory holds, and of which it left the bounds."""

    results: tuple[Numbers, ...]
    memory: tuple[Numbers | None, ...]
    outside: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Direction:
    """A direction in the space of all arguments. `argument` is the only one that varies, or None for all together.

    `component` is its only number that does, or None.
    """

    argument: int | None
    component: int | None
    numbers: tuple[Numbers, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """The answers: `primal` at the point, and for each direction a step ahead and behind, for each step.

    `derivatives` has one for the point in reverse mode, and one for each direction in forward mode. `again` are the
    first primal and the first derivative once more.
    """

    primal: Called
    around: tuple[tuple[tuple[Called, ...], tuple[Called, ...]], ...]
    derivatives: tuple[Called, ...]
    again: tuple[Called, Called]


def directions(case: Case, at: Point, *, full: bool) -> Iterator[Direction]:
    """All arguments together and each alone; or with `full` each number of each."""
    varied = [index for index, one in enumerate(case.arguments) if one.is_varied]
    nothing = tuple((0.0,) * one.form.count for one in case.arguments)
    if not full:
        yield Direction(None if len(varied) > 1 else varied[0], None, at.directions)
        for index in varied if len(varied) > 1 else ():
            yield Direction(index, None, (*nothing[:index], at.directions[index], *nothing[index + 1 :]))
        return
    for index in varied:
        for component, number in enumerate(at.directions[index]):
            one = tuple(abs(number) * (each == component) for each in range(case.arguments[index].form.count))
            yield Direction(index, component, (*nothing[:index], one, *nothing[index + 1 :]))


class Program:
    """The calls of one check at one point."""

    def __init__(self, case: Case, at: Point, precision: Precision, ways: Sequence[Direction]) -> None:
        self._case = case
        self._at = at
        self._ways = ways
        self._steps = [precision.first_step * 0.5**number for number in range(precision.steps)]
        self._values: list[Numbers] = []
        self._numbers: dict[Numbers, int] = {}

    def text(self) -> str:
        """The calls, as JSON."""
        calls: list[Any] = [self._primal(None, 0.0) for _ in range(TWICE)]
        for way in self._ways:
            calls += [self._primal(way, sign * step) for sign in (1.0, -1.0) for step in self._steps]
        calls += [self._derivative(way) for way in self._derived()]
        calls.append(self._derivative(self._derived()[0]))
        return json.dumps({"values": self._values, "calls": calls})

    def heard(self, answer: str) -> Heard:
        """The answers to `text`."""
        called = [_called(one) for one in cast("list[Any]", json.loads(answer))]
        count, first = len(self._steps), TWICE
        around: list[tuple[tuple[Called, ...], tuple[Called, ...]]] = []
        for _ in self._ways:
            around.append((tuple(called[first : first + count]), tuple(called[first + count : first + 2 * count])))
            first += 2 * count
        return Heard(called[0], tuple(around), tuple(called[first:-1]), (called[1], called[-1]))

    def _derived(self) -> Sequence[Direction | None]:
        """The directions for which the derivative is called."""
        return self._ways if self._case.mode is Mode.FORWARD else (None,)

    def _primal(self, way: Direction | None, step: float) -> Any:
        arguments = [
            self._value(one.form, [(1.0, at), *([(step, way.numbers[index])] if way and one.is_varied else [])])
            for index, (one, at) in enumerate(zip(self._case.arguments, self._at.arguments, strict=True))
        ]
        return {"name": PRIMAL, "arguments": arguments, "results": [_form(one) for one in self._case.results]}

    def _derivative(self, way: Direction | None) -> Any:
        arguments = [self._value(place.form, [(1.0, self._operand(place, way))]) for place in self._case.operands]
        return {"name": DERIVATIVE, "arguments": arguments, "results": [_form(one.form) for one in self._case.given]}

    def _operand(self, place: Place, way: Direction | None) -> Numbers:
        if place.role is Role.PRIMAL:
            return self._at.arguments[place.index]
        if place.side is Side.RESULT:
            numbers = self._at.seeds[place.index]
        else:
            numbers = way.numbers[place.index] if way is not None else self._at.shadows[place.index]
        if self._case.width == 1:
            return numbers
        return tuple(number * factor for factor in factors(self._case.width) for number in numbers)

    def _value(self, form: Form, parts: Sequence[tuple[float, Numbers]]) -> Any:
        return [form.element, form.sizes, [[factor, self._number(numbers)] for factor, numbers in parts]]

    def _number(self, numbers: Numbers) -> int:
        if numbers not in self._numbers:
            self._numbers[numbers] = len(self._values)
            self._values.append(numbers)
        return self._numbers[numbers]


def _form(form: Form) -> Any:
    return [form.element, form.sizes]


def _called(answer: Any) -> Called:
    return Called(
        tuple(tuple(map(float, one)) for one in answer["results"]),
        tuple(None if one is None else tuple(map(float, one)) for one in answer["memory"]),
        tuple(answer["outside"]),
    )
