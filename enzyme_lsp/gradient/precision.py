"""Precision: how exact numbers of a type are, which steps differences take with them, and what counts as equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Precision:
    """Of one type: `epsilon` is the distance from 1 to the next number.

    Steps are `first_step` and halves of it, `steps` of them, all powers of two, so that adding one to a number with few
    digits is exact. A derivative that is off by less than `tolerance` of its size counts as right, and one of a value
    that is given beside it by less than `value_tolerance`.
    """

    name: str
    epsilon: float
    first_step: float
    steps: int
    tolerance: float
    value_tolerance: float


F64: Final = Precision("f64", 2.0**-52, 2.0**-4, 14, 1e-6, 1e-9)
F32: Final = Precision("f32", 2.0**-23, 2.0**-2, 9, 5e-3, 1e-4)

_COARSE: Final = (b"f32", b"f16")
"""What makes a function coarse wherever it stands in it: `bf16` ends in it."""


def of(text: bytes) -> Precision:
    """That of a module: of the coarsest numbers in it, since rounding within makes stairs of a smooth function."""
    return F32 if any(one in text for one in _COARSE) else F64
