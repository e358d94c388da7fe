"""Derivatives that are written are right: run as machine code, they give what central differences of the function give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.derivatives import machine
from tests.derivatives.examples import EXAMPLES

if TYPE_CHECKING:
    from tests.derivatives.examples import Example
    from tests.derivatives.machine import Numbers
    from tests.judges import EngineThread

CASES = [(example, sort) for example in EXAMPLES for sort in example.sorts]
RIGHT = [(example, sort) for example, sort in CASES if sort not in example.wrong]
WRONG = [(example, sort) for example, sort in CASES if sort in example.wrong]


def ids(cases: list[tuple[Example, str]]) -> list[str]:
    return [f"{example.name}-{sort}" for example, sort in cases]


def agrees(one: Numbers, example: Example) -> bool:
    pairs = zip(one.found, one.wanted, strict=True)
    return all(abs(found - wanted) <= example.accuracy * max(1.0, abs(wanted)) for found, wanted in pairs)


@pytest.fixture(scope="module")
def numbers(classic: EngineThread) -> dict[tuple[str, str], Numbers]:
    """Of all examples, since one process runs them all."""
    return machine.run(EXAMPLES, classic)


@pytest.mark.engine
@machine.needs_the_bindings
@pytest.mark.parametrize(("example", "sort"), RIGHT, ids=ids(RIGHT))
def test_a_derivative_agrees_with_differences(example: Example, sort: str, numbers: dict[tuple[str, str], Numbers]):
    one = numbers[example.name, sort]
    assert one.found
    assert agrees(one, example), f"{one.found} and not {one.wanted}"


@pytest.mark.engine
@machine.needs_the_bindings
@pytest.mark.parametrize(("example", "sort"), WRONG, ids=ids(WRONG))
def test_what_the_engine_gets_wrong(example: Example, sort: str, numbers: dict[tuple[str, str], Numbers]):
    """What is written is what the convention asks for, and the engine's numbers are wrong all the same.

    0.0.15 adds the gradient of a block's argument for one of the block's predecessors only, and in forward mode it takes
    the matrices that `linalg.matmul` multiplies for constant.
    """
    assert not agrees(numbers[example.name, sort], example)


def test_there_are_enough_examples():
    assert len(EXAMPLES) >= 25
    assert len({example.name for example in EXAMPLES}) == len(EXAMPLES)
