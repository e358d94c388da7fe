"""Points: where a function is differentiated and in which direction, by a seed, by the text, or as the user says."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import frexp
from typing import TYPE_CHECKING, Final

from enzyme_lsp.gradient.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from enzyme_lsp.gradient.forms import Form
    from enzyme_lsp.gradient.plan import Case

Numbers = tuple[float, ...]

RANGES: Final = ((0.25, 1.75, True), (0.25, 1.75, False), (0.0625, 0.9375, False), (1.125, 3.0, False))
"""Where numbers are drawn from, and whether with both signs. The later ones come when a function is not finite or has a
kink in the ones before: logarithms want positive numbers, arc sines small ones, area cosines such above 1."""

_FINE: Final = 1024
"""Numbers are odd multiples of its inverse: exact in every type, also when a step is added, and rare in a text."""
_DIRECTIONS: Final = 16
"""Directions are multiples of its inverse, so that steps in them are exact too."""
_COUNT: Final = 3
"""What integers are, which are the length of a loop more often than anything else, if all memory is longer."""


@dataclass(frozen=True, slots=True)
class Point:
    """`arguments` are the numbers of each, `directions` those in which each varies, zeros if it does not.

    `seeds` weight what the function gives: the numbers of its results, and `shadows` those of each argument's memory.
    """

    arguments: tuple[Numbers, ...]
    directions: tuple[Numbers, ...]
    seeds: tuple[Numbers, ...]
    shadows: tuple[Numbers, ...]


def point(case: Case, seed: int, attempt: int, given: Mapping[str, Numbers]) -> Point:
    """The point of an attempt, from 0 to that of the last of `RANGES`. `given` has arguments by their names.

    Raises `RefusedError` for numbers that do not fit.
    """
    source = random.Random(f"{seed} {attempt} {case.callee}")
    sizes = [size for one in case.arguments if one.form.sizes is not None for size in one.form.sizes]
    count = min(_COUNT, min(sizes) - 1) if sizes else _COUNT
    arguments, directions = list[Numbers](), list[Numbers]()
    for one in case.arguments:
        said = given.get(one.name.removeprefix("%"))
        drawn = _drawn(source, one.form, attempt, count)
        arguments.append(drawn if said is None else _fitting(one.name, one.form, said))
        scales = [1.0] * one.form.count if said is None else [_scale(number) for number in arguments[-1]]
        turns = _direction(source, one.form.count)
        directions.append(tuple(turn * scale * one.is_varied for turn, scale in zip(turns, scales, strict=True)))
    seeds = tuple(_weights(source, form, is_used=index in case.seeded) for index, form in enumerate(case.results))
    shadows = tuple(
        _weights(source, one.form, is_used=index in case.memory) for index, one in enumerate(case.arguments)
    )
    return Point(tuple(arguments), tuple(directions), seeds, shadows)


def is_drawn(case: Case, given: Mapping[str, Numbers]) -> bool:
    """Whether another attempt would be at another point."""
    return any(one.form.is_float and one.name.removeprefix("%") not in given for one in case.arguments)


def factors(width: int) -> Sequence[float]:
    """What the directions or seeds of an op that takes several at once are multiplied by, all of them different."""
    return [(1 + lane / 2) * (-1) ** lane for lane in range(width)]


def _drawn(source: random.Random, form: Form, attempt: int, count: int) -> Numbers:
    if form.element == "i1":
        return tuple(float(source.getrandbits(1)) for _ in range(form.count))
    if not form.is_float:
        return (float(max(count, 0)),) * form.count
    low, high, both = RANGES[attempt]
    first, last = int(low * _FINE) // 2, int(high * _FINE) // 2 - 1
    numbers = [(2 * source.randint(first, last) + 1) / _FINE for _ in range(form.count)]
    return tuple(number * (source.choice((-1, 1)) if both else 1) for number in numbers)


def _direction(source: random.Random, count: int) -> Numbers:
    """Numbers of which none is 0, so that each argument counts."""
    low, high = _DIRECTIONS // 4, _DIRECTIONS
    return tuple(source.randint(low, high) * source.choice((-1, 1)) / _DIRECTIONS for _ in range(count))


def _weights(source: random.Random, form: Form, *, is_used: bool) -> Numbers:
    return _direction(source, form.count) if is_used and form.is_float else (0.0,) * form.count


def _scale(number: float) -> float:
    """The power of two by which steps at a number are made greater or smaller."""
    return 2.0 ** min(max(frexp(number)[1], -20), 40) if number else 1.0


def _fitting(name: str, form: Form, said: Numbers) -> Numbers:
    """The numbers that the user says for an argument; one stands for all."""
    if len(said) == 1:
        return said * form.count
    if len(said) != form.count:
        raise RefusedError(f"{name} has {form.count} numbers, and --at gives {len(said)}")
    return said
