"""Differences: the derivative of a function of one number from values around a point, and how sure that is; must not
know where the values are from.

Central differences at shrinking steps, and Richardson's extrapolation between them. Of all estimates those count whose
neighbors in the table agree best. What rounding does to them is read from the values too: their smallest steps show
noise, and noise divided by a step is what is not known there.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.gradient.precision import Precision

ORDERS: Final = 4
"""Columns of the table: plain differences, and three that each remove a power of the step from the error."""
_WITNESSES: Final = 3
"""Rows that must agree."""
_FEWEST: Final = 5
"""Steps with finite values on both sides below which nothing is said."""
_NOISY: Final = 4.0
"""Rounding of values is this often the distance between neighboring numbers: they are the end of a computation."""
_KINK_ROWS: Final = 4
_SHRINKS: Final = 0.5
"""Over `_KINK_ROWS` halvings of the step, the difference of slopes on both sides of a smooth point is an eighth."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A derivative, and how far the true one may be from it. `trouble` says why there is none, and ends a sentence."""

    value: float
    error: float
    trouble: str = ""


NOT_FINITE: Final = "the function is not finite around the point"
KINK: Final = "the function has a kink there, so that it has no derivative"


def derivative(precision: Precision, at: float, ahead: Sequence[float], behind: Sequence[float]) -> Estimate:
    """The derivative at the point whose value is `at`; the others are a step before and behind it, for each step."""
    steps = [precision.first_step * 0.5**number for number in range(precision.steps)]
    finite = [isfinite(a) and isfinite(b) for a, b in zip(ahead, behind, strict=True)]
    # At the edge of where a function is defined the great steps fall outside, and the small ones may do.
    first = max((number + 1 for number, one in enumerate(finite) if not one), default=0)
    if not isfinite(at) or len(steps) - first < _FEWEST:
        return Estimate(0.0, inf, NOT_FINITE)
    steps, ahead, behind = steps[first:], ahead[first:], behind[first:]
    plain = [(a - b) / (2 * h) for a, b, h in zip(ahead, behind, steps, strict=True)]
    noise = _noise(precision, plain, steps, max(map(abs, (at, *ahead[-_WITNESSES:], *behind[-_WITNESSES:]))))
    found = _extrapolated(plain, steps, noise)
    if _has_kink(at, ahead, behind, steps, noise, max(abs(found.value), precision.epsilon)):
        return Estimate(found.value, inf, KINK)
    return found


def _noise(precision: Precision, plain: Sequence[float], steps: Sequence[float], size: float) -> float:
    """How far values are from those of the function that is meant: by their size, and by how small steps vary."""
    last = zip(pairwise(plain[-_WITNESSES - 1 :]), steps[-_WITNESSES:], strict=True)
    seen = max(abs(b - a) * h for (a, b), h in last)
    return max(_NOISY * precision.epsilon * size, seen)


def _extrapolated(plain: Sequence[float], steps: Sequence[float], noise: float) -> Estimate:
    """The best of Richardson's table, with the greatest distance to the best of two other rows as its error."""
    best: list[tuple[float, float]] = []
    before: list[float] = []
    for row, first in enumerate(plain):
        values = [first]
        for order in range(1, min(row, ORDERS - 1) + 1):
            factor = 4.0**order - 1
            values.append(values[-1] + (values[-1] - before[order - 1]) / factor)
        unknown = noise / steps[row]
        candidates = [(abs(values[0] - before[0]) + unknown, values[0])] if before else []
        candidates += [
            (max(abs(values[n] - values[n - 1]), abs(values[n] - before[n - 1])) + unknown, values[n])
            for n in range(1, len(values))
        ]
        if candidates:
            best.append(min(candidates))
        before = values
    best.sort()
    error, value = best[0]
    return Estimate(value, max(error, *(abs(other - value) for _, other in best[1:_WITNESSES])))


def _has_kink(
    at: float, ahead: Sequence[float], behind: Sequence[float], steps: Sequence[float], noise: float, size: float
) -> bool:
    """Whether the slopes on both sides stay different however small the step."""
    gaps = [(a - 2 * at + b) / h for a, b, h in zip(ahead, behind, steps, strict=True)]
    # Where rounding alone could make the gap, the row says nothing.
    clear = [abs(gap) for gap, h in zip(gaps, steps, strict=True) if abs(gap) > 4 * noise / h]
    if len(clear) < len(gaps) or len(clear) < _KINK_ROWS:
        return False
    return clear[-1] > _SHRINKS * clear[-_KINK_ROWS] and clear[-1] > size * 1e-3
