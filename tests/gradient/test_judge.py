"""What numbers mean: the verdict on one of a derivative beside what differences say."""

from __future__ import annotations

from math import inf, nan

import pytest

from enzyme_lsp.gradient.differences import KINK, Estimate
from enzyme_lsp.gradient.judge import Verdict, verdict
from enzyme_lsp.gradient.precision import F32, F64

AGREE, UNCLEAR, DISAGREE = Verdict.AGREE, Verdict.UNCLEAR, Verdict.DISAGREE


@pytest.mark.parametrize(
    ("derivative", "differences", "error", "expected"),
    [
        (1.0, 1.0, 1e-12, AGREE),
        (1.0, 1.0 + 1e-8, 1e-12, AGREE),
        (1.0, 1.001, 1e-12, DISAGREE),
        (0.0, 1.0, 1e-12, DISAGREE),
        (1.0, -1.0, 1e-12, DISAGREE),
        (1.0, 1.001, 1e-3, UNCLEAR),
        (1.0, 1.0, 0.5, UNCLEAR),
        (0.0, 1e-13, 1e-12, AGREE),
        (nan, 1.0, 1e-12, DISAGREE),
        (inf, 1.0, 1e-12, DISAGREE),
    ],
)
def test_a_verdict(derivative: float, differences: float, error: float, expected: Verdict):
    scale = max(abs(derivative), abs(differences))
    assert verdict(F64, derivative, Estimate(differences, error), scale, 1.0)[0] is expected


def test_single_precision_allows_more():
    assert verdict(F32, 1.0, Estimate(1.001, 1e-5), 1.0, 1.0)[0] is AGREE
    assert verdict(F32, 1.0, Estimate(1.1, 1e-5), 1.1, 1.0)[0] is DISAGREE


def test_where_there_is_no_derivative_nothing_is_wrong():
    assert verdict(F64, 0.5, Estimate(0.25, inf, KINK), 0.5, 1.0) == (UNCLEAR, KINK)
