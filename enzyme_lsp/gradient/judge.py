"""Judge: holds what a derivative gave against differences of its function, and says what that means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import fsum, isfinite, isnan
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.convention import Mode, Role, Side
from enzyme_lsp.gradient import differences
from enzyme_lsp.gradient.points import factors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.gradient.differences import Estimate
    from enzyme_lsp.gradient.plan import Case
    from enzyme_lsp.gradient.points import Numbers, Point
    from enzyme_lsp.gradient.precision import Precision
    from enzyme_lsp.gradient.program import Called, Direction, Heard

_SURE: Final = 16.0
"""How many times farther than the differences may be off a derivative must be to be called wrong."""
_SHARP: Final = 0.1
"""Differences that may be off by more than this part of a derivative confirm nothing."""

ALL: Final = "all arguments"


class Verdict(Enum):
    """What comes of a check."""

    AGREE = "agree"
    UNCLEAR = "cannot tell"
    DISAGREE = "disagree"


_ORDER: Final = (Verdict.AGREE, Verdict.UNCLEAR, Verdict.DISAGREE)


@dataclass(frozen=True, slots=True)
class Row:
    """A number of the derivative beside what differences say. `uncertainty` is how far those may be off.

    `argument` is what varies: a name, one with a component in brackets, or all. `output` is what of the function is
    looked at, in forward mode the worst of all. `reason` is why one cannot tell, and ends a sentence.
    """

    argument: str
    output: str
    derivative: float
    differences: float
    uncertainty: float
    error: float
    """Relative to the size of what is compared."""
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict, the rows that it is from, and what is wrong besides them, in words that end a sentence."""

    verdict: Verdict
    rows: tuple[Row, ...]
    reason: str = ""

    @property
    def worst(self) -> Row | None:
        """The row of the argument that disagrees most, or agrees least; one of a single argument is preferred."""
        return max(self.rows, key=lambda row: (*_badness(row), row.argument != ALL), default=None)


def judged(case: Case, at: Point, precision: Precision, ways: Sequence[Direction], heard: Heard) -> Judged:
    """What the numbers of a check say."""
    if reason := _no_function(case, heard):
        return Judged(Verdict.UNCLEAR, (), reason)
    rows = tuple(row for number, way in enumerate(ways) for row in _rows(case, at, precision, (number, way), heard))
    verdict = max((row.verdict for row in rows), key=_ORDER.index)
    finite = all(isfinite(number) for one in heard.primal.results for number in one)
    if finite and (reason := _changed(case, precision, heard)):
        return Judged(Verdict.DISAGREE, rows, reason)
    reasons = [row.reason for row in rows if row.verdict is verdict and row.reason]
    return Judged(verdict, rows, reasons[0] if reasons else "")


def _badness(row: Row) -> tuple[int, float]:
    return _ORDER.index(row.verdict), row.error if isfinite(row.error) else float("inf")


# What is no function, or another one.


def _no_function(case: Case, heard: Heard) -> str:
    """Why what was run is no function of its arguments that could have a derivative; empty when it is."""
    if heard.primal.outside:
        return f"@{case.callee} writes outside of the memory of {case.arguments[heard.primal.outside[0]].name}"
    if not (_same(heard.primal, heard.again[0]) and _same(heard.derivatives[0], heard.again[1])):
        return "two runs at the same point give different numbers"
    return ""


def _changed(case: Case, precision: Precision, heard: Heard) -> str:
    """What the derivative makes of values that it should leave as the function does; empty when it does."""
    for called in heard.derivatives:
        if called.outside:
            return f"the derivative writes outside of the memory of operand {called.outside[0]}"
        for place, numbers in zip(case.given, called.results, strict=True):
            if place.role is Role.PRIMAL and not _close(numbers, heard.primal.results[place.index], precision):
                return f"it gives another result {place.index} than @{case.callee} itself"
        for place, numbers in zip(case.operands, called.memory, strict=True):
            wanted = heard.primal.memory[place.index] if place.side is Side.ARGUMENT else None
            is_kept = place.role is Role.PRIMAL and place.form.is_memory and numbers is not None
            if is_kept and wanted is not None and not _close(numbers, wanted, precision):
                return f"it leaves other numbers in {case.arguments[place.index].name} than @{case.callee} itself"
    return ""


def _same(one: Called, other: Called) -> bool:
    return repr(one) == repr(other)  # in which nan is equal to itself


def _close(found: Numbers | None, wanted: Numbers | None, precision: Precision) -> bool:
    found, wanted = found or (), wanted or ()
    size = max((abs(number) for number in wanted if isfinite(number)), default=0.0)
    allowed = precision.value_tolerance * size
    return all(a == b or (isnan(a) and isnan(b)) or abs(a - b) <= allowed for a, b in zip(found, wanted, strict=True))


# Rows.


def _rows(case: Case, at: Point, precision: Precision, numbered: tuple[int, Direction], heard: Heard) -> Iterator[Row]:
    number, way = numbered
    ahead, behind = heard.around[number]
    if case.mode is Mode.REVERSE:
        yield from _reverse(case, at, precision, way, (heard.primal, ahead, behind), heard.derivatives[0])
    else:
        yield from _forward(case, precision, way, (heard.primal, ahead, behind), heard.derivatives[number])


_Values = tuple["Called", tuple["Called", ...], tuple["Called", ...]]
"""At the point, ahead of it and behind it."""


def _reverse(
    case: Case, at: Point, precision: Precision, way: Direction, values: _Values, derivative: Called
) -> Iterator[Row]:
    """The gradient by the inner product with a direction, for each seed."""

    def weighted(called: Called) -> list[float]:
        parts = [(at.seeds[index], called.results[index]) for index in case.seeded]
        parts += [(at.shadows[index], called.memory[index] or ()) for index in case.memory]
        return [w * value for weights, numbers in parts for w, value in zip(weights, numbers, strict=True)]

    primal, ahead, behind = values
    terms = weighted(primal)
    estimate = differences.derivative(
        precision, fsum(terms), [fsum(weighted(one)) for one in ahead], [fsum(weighted(one)) for one in behind]
    )
    size = fsum(map(abs, terms))
    for lane, factor in enumerate(factors(case.width)):
        products = [
            gradient * turn
            for index, one in enumerate(case.arguments)
            if one.is_varied
            for gradient, turn in zip(_gradient(case, derivative, index, lane), way.numbers[index], strict=True)
        ]
        found, scale = _sum(products), _sum([abs(one) for one in products])
        output = "the gradient" if case.width == 1 else f"the gradient of seed {lane}"
        yield _row(precision, (_varied(case, way), output), found, _times(estimate, factor), (scale, size))


def _forward(case: Case, precision: Precision, way: Direction, values: _Values, derivative: Called) -> Iterator[Row]:
    """The worst of all tangents, for each direction that the op takes at once."""
    primal, ahead, behind = values
    for lane, factor in enumerate(factors(case.width)):
        found: list[Row] = []
        for name, tangents, pick in _outputs(case, derivative, lane):
            at, before, after = pick(primal), [pick(one) for one in ahead], [pick(one) for one in behind]
            for component, tangent in enumerate(tangents):
                estimate = differences.derivative(
                    precision, at[component], [one[component] for one in before], [one[component] for one in after]
                )
                shown = name if len(tangents) == 1 else f"{name}[{component}]"
                output = shown if case.width == 1 else f"{shown} of direction {lane}"
                sizes = (0.0, abs(at[component]))
                found.append(_row(precision, (_varied(case, way), output), tangent, _times(estimate, factor), sizes))
        yield max(found, key=_badness)


def _varied(case: Case, way: Direction) -> str:
    if way.argument is None:
        return ALL
    name = case.arguments[way.argument].name
    return (
        name if way.component is None or case.arguments[way.argument].form.sizes is None else f"{name}[{way.component}]"
    )


def _row(
    precision: Precision, names: tuple[str, str], found: float, estimate: Estimate, sizes: tuple[float, float]
) -> Row:
    """`sizes` are those of the terms that the derivative is the sum of, and of the value that the function has."""
    scale = max(abs(found), abs(estimate.value), sizes[0])
    off = abs(found - estimate.value)
    outcome, reason = verdict(precision, found, estimate, scale, sizes[1])
    error = off / scale if scale else 0.0
    return Row(*names, found, estimate.value, estimate.error, error, outcome, reason)


def verdict(precision: Precision, found: float, estimate: Estimate, scale: float, size: float) -> tuple[Verdict, str]:
    """What a number of a derivative is worth, and why one cannot tell, if so.

    `scale` is the size of the terms that it is the sum of, `size` that of the value that the function has there.
    """
    if estimate.trouble:
        return Verdict.UNCLEAR, estimate.trouble
    if not isfinite(found):
        return Verdict.DISAGREE, f"the derivative is {found}"
    off = abs(found - estimate.value)
    allowed = precision.tolerance * scale
    if off > allowed and off > _SURE * estimate.error:
        return Verdict.DISAGREE, ""
    # Of a derivative that is nearly nothing, differences can say no more than that it is, beside the function's size.
    is_sharp = estimate.error <= max(_SHARP * scale, precision.tolerance * size)
    if is_sharp and off <= max(allowed, precision.tolerance * size):
        return Verdict.AGREE, ""
    return Verdict.UNCLEAR, "the differences are too coarse here"


# What the derivative gave.


def _gradient(case: Case, derivative: Called, argument: int, lane: int) -> Numbers:
    """By one argument, for one seed."""
    if case.arguments[argument].form.is_memory:
        return _at(case, derivative, argument)
    for place, numbers in zip(case.given, derivative.results, strict=True):
        if place.role is Role.GRADIENT and place.index == argument:
            return _lane(numbers, case.arguments[argument].form.count, lane)
    return (0.0,) * case.arguments[argument].form.count


def _outputs(case: Case, derivative: Called, lane: int) -> Iterator[tuple[str, Numbers, _Pick]]:
    """The tangents of each thing that the function gives: its name, the numbers, and where the function has its own."""
    for place, numbers in zip(case.given, derivative.results, strict=True):
        if place.role is Role.SHADOW and place.index in case.seeded:
            count = case.results[place.index].count
            yield f"result {place.index}", _lane(numbers, count, lane), _Pick(place.index, is_memory=False)
    for index in case.memory:
        yield case.arguments[index].name, _at(case, derivative, index), _Pick(index, is_memory=True)


@dataclass(frozen=True, slots=True)
class _Pick:
    """A result of the function, or the memory of one of its arguments."""

    index: int
    is_memory: bool

    def __call__(self, called: Called) -> Numbers:
        return (called.memory[self.index] or ()) if self.is_memory else called.results[self.index]


def _at(case: Case, derivative: Called, argument: int) -> Numbers:
    """What the shadow of an argument's memory holds."""
    for place, numbers in zip(case.operands, derivative.memory, strict=True):
        if place.role is Role.SHADOW and place.index == argument:
            return numbers or ()
    return ()


def _lane(numbers: Numbers, count: int, lane: int) -> Numbers:
    return numbers[lane * count : (lane + 1) * count]


def _times(estimate: Estimate, factor: float) -> Estimate:
    return type(estimate)(estimate.value * factor, estimate.error * abs(factor), estimate.trouble)


def _sum(numbers: Sequence[float]) -> float:
    """The sum, also of what is not finite, which `fsum` refuses in part."""
    return fsum(numbers) if all(map(isfinite, numbers)) else sum(numbers)
