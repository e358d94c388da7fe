"""Differences are as exact as they say: the true derivative lies within the error, and what has none is told."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.gradient import differences
from enzyme_lsp.gradient.precision import F32, F64

if TYPE_CHECKING:
    from enzyme_lsp.gradient.differences import Estimate
    from enzyme_lsp.gradient.precision import Precision


Function = Callable[[float], float]


def single(number: float) -> float:
    return struct.unpack("f", struct.pack("f", number))[0]


def estimate(precision: Precision, function: Function, at: float) -> Estimate:
    def value(x: float) -> float:
        try:
            found = function(x)
        except ValueError:
            return math.nan
        return single(found) if precision is F32 else found

    steps = [precision.first_step * 0.5**number for number in range(precision.steps)]
    ahead, behind = [value(at + step) for step in steps], [value(at - step) for step in steps]
    return differences.derivative(precision, value(at), ahead, behind)


SMOOTH: dict[str, tuple[Function, Function]] = {
    "sine": (math.sin, math.cos),
    "a fast sine": (lambda x: math.sin(20 * x), lambda x: 20 * math.cos(20 * x)),
    "a cube": (lambda x: x**3 - 2 * x, lambda x: 3 * x * x - 2),
    "a constant": (lambda _: 3.0, lambda _: 0.0),
    "a great number and a square": (lambda x: 1e4 + x * x, lambda x: 2 * x),
    "an exponential": (math.exp, math.exp),
    "a steep step": (lambda x: math.tanh(5 * x), lambda x: 5 / math.cosh(5 * x) ** 2),
    "a root": (lambda x: math.sqrt(x + 2), lambda x: 0.5 / math.sqrt(x + 2)),
    "a logarithm near its edge": (lambda x: math.log(x + 2), lambda x: 1 / (x + 2)),
}


@pytest.mark.parametrize("precision", [F64, F32], ids=lambda one: one.name)
@pytest.mark.parametrize("name", SMOOTH)
def test_the_true_derivative_is_within_the_error(name: str, precision: Precision):
    function, true = SMOOTH[name]
    source = random.Random(name)
    for _ in range(40):
        at = (2 * source.randint(-1000, 1000) + 1) / 1024
        found = estimate(precision, function, at)
        assert found.trouble == ""
        assert abs(found.value - true(at)) <= found.error, at


def test_doubles_are_exact_to_many_digits():
    assert estimate(F64, math.sin, 0.4375).error < 1e-11
    assert estimate(F32, math.sin, 0.4375).error < 1e-4


@pytest.mark.parametrize("precision", [F64, F32], ids=lambda one: one.name)
def test_at_a_kink_there_is_no_derivative(precision: Precision):
    kinks: tuple[Function, ...] = (abs, lambda x: max(x, 0.0), lambda x: math.sin(abs(x)) + 2 * x)
    for function in kinks:
        assert estimate(precision, function, 0.0).trouble == differences.KINK
    # Beside it there is one.
    assert abs(estimate(precision, abs, 0.3125).value - 1) < 1e-6


def test_where_a_function_is_not_finite_nothing_is_said():
    assert estimate(F64, math.log, -1.0).trouble == differences.NOT_FINITE
    assert estimate(F64, math.log, 0.0).trouble == differences.NOT_FINITE
    # Near the edge the small steps are enough.
    near = estimate(F64, math.log, 1 / 32)
    assert (near.trouble, round(near.value, 3)) == ("", 32.0)


def test_a_stair_is_not_taken_for_a_slope():
    """What rounds within has noise that its type does not tell; it shows in the values."""
    found = estimate(F64, lambda x: single(math.sin(x)), 0.4375)
    assert abs(found.value - math.cos(0.4375)) <= found.error
