"""Several seeds or directions at once: each row is the derivative for one of them, as formulas say it."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.derivatives import machine
from tests.derivatives.examples import Example

if TYPE_CHECKING:
    from tests.judges import EngineThread


@dataclass(frozen=True, slots=True)
class Wide:
    """A derivative at width 2: its arguments and the types of its results, and what these must be."""

    text: str
    sort: str
    name: str
    arguments: tuple[tuple[str, Any], ...]
    results: tuple[str, ...]
    wanted: tuple[Any, ...]


PRODUCT: Final = """\
func.func @f(%x: f64, %y: f64) -> f64 {
  %s = math.sin %x : f64
  %z = arith.mulf %s, %y : f64
  return %z : f64
}
"""
TENSORS: Final = """\
func.func @f(%x: tensor<3xf64>) -> tensor<3xf64> {
  %y = arith.mulf %x, %x : tensor<3xf64>
  return %y : tensor<3xf64>
}
"""
X, Y = 0.5, -1.5
TAKEN: Final = [0.5, -1.5, 2.0]
ROWS: Final = [1.0, 2.0, 3.0, -1.0, 0.5, 0.25]

WIDE: Final = (
    Wide(
        PRODUCT,
        "forward.directions",
        "jvps_f",
        (("f64", X), ("memref 2", [1.0, 3.0]), ("f64", Y), ("memref 2", [0.0, -2.0])),
        ("f64", "memref 2"),
        (sin(X) * Y, [cos(X) * Y, 3 * cos(X) * Y - 2 * sin(X)]),
    ),
    Wide(
        PRODUCT,
        "reverse.seeds",
        "grads_f",
        (("f64", X), ("f64", Y), ("memref 2", [1.0, -2.0])),
        ("memref 2", "memref 2"),
        ([cos(X) * Y, -2 * cos(X) * Y], [sin(X), -2 * sin(X)]),
    ),
    Wide(
        TENSORS,
        "forward.directions",
        "jvps_f",
        (("memref 3", TAKEN), ("memref 2x3", ROWS)),
        ("memref 3", "memref 2x3"),
        ([x * x for x in TAKEN], [2 * x * row for x, row in zip(TAKEN * 2, ROWS, strict=True)]),
    ),
    Wide(
        TENSORS,
        "reverse.seeds",
        "grads_f",
        (("memref 3", TAKEN), ("memref 2x3", ROWS)),
        ("memref 2x3",),
        ([2 * x * row for x, row in zip(TAKEN * 2, ROWS, strict=True)],),
    ),
)


@pytest.mark.engine
@machine.needs_the_bindings
def test_each_row_is_a_derivative(classic: EngineThread):
    jobs: list[Any] = []
    for one in WIDE:
        made = machine.lowered(Example("f", one.text, ()), [one.sort], classic)
        jobs.append(machine.job(made, [machine.call(one.name, one.arguments, one.results)]))
    for one, (answer,) in zip(WIDE, machine.answered(jobs), strict=True):
        for found, wanted in zip(answer["results"], one.wanted, strict=True):
            assert found == pytest.approx(wanted), f"{one.sort} of\n{one.text}"
