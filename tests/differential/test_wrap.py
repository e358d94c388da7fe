"""`enzyme-wrap` makes functions of the signature that the convention says, in every mode, of all activities."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.convention import WRAP_ACTIVITIES, WrapMode
from enzyme_lsp.syntax import types
from tests.differential.operations import Function, Style
from tests.differential.oracle import listed, refusal

if TYPE_CHECKING:
    from enzyme_lsp.dialect.convention import Slot
    from tests.differential.conftest import Asked

SQUARE = Function(("f64",), ("f64",), ("%y = arith.mulf %x0, %x0 : f64",), ("%y",))
TENSOR = Function(("tensor<4xf64>",), ("tensor<4xf64>",), ("%y = arith.mulf %x0, %x0 : tensor<4xf64>",), ("%y",))
TWO_IN = Function(
    ("f64", "f32"), ("f64",), ("%e = arith.extf %x1 : f32 to f64", "%y = arith.mulf %x0, %e : f64"), ("%y",)
)
TWO_OUT = Function(("f64",), ("f64", "f32"), ("%e = arith.truncf %x0 : f64 to f32",), ("%x0", "%e"))
MIXED = Function(("i32", "f64"), ("i32", "f64"), ("%y = arith.mulf %x1, %x1 : f64",), ("%x0", "%y"))
MEMORY = Function(("memref<f64>", "f64"), ("memref<f64>",), ("memref.store %x1, %x0[] : memref<f64>",), ("%x0",))


@pytest.mark.parametrize("mode", WrapMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize(
    "function", [SQUARE, TENSOR, TWO_IN, TWO_OUT, MIXED, MEMORY], ids=lambda one: one.text(Style())[:40]
)
def test_the_signature_is_that_of_the_convention(asked: Asked, mode: WrapMode, function: Function):
    callee = convention.Function(
        tuple(types.read(text) for text in function.arguments), tuple(types.read(text) for text in function.results)
    )
    seen = 0
    for activities in itertools.product(WRAP_ACTIVITIES, repeat=len(function.arguments)):
        for returns in itertools.product(WRAP_ACTIVITIES, repeat=len(function.results)):
            expected = convention.wrapped(callee, mode, activities, returns)
            if expected is None or expected.faults:
                continue
            options = (
                f"infn=f outfn=made argTys={','.join(one.value for one in activities)}"
                f" retTys={','.join(one.value for one in returns)} mode={mode.value}"
            )
            answer = asked.wait(asked.oracle.run(function.text(Style()), f"enzyme-wrap{{{options}}}"))
            if (refused := refusal(answer)) is not None:
                # The body stores what may be active in memory that may be constant.
                assert "Unsupported constant arg to memory identity" in refused.why, options
                continue
            assert _made(answer.output or "") == (_texts(expected.operands), _texts(expected.results)), options
            seen += 1
    assert seen


def _made(printed: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    line = re.search(r"^ *func\.func private @made(\(.*)$", printed, re.MULTILINE)
    assert line is not None, printed
    text = re.sub(r"%\w+: | loc\([^()]*\)", "", line[1])
    operands, rest = listed(text, {})
    results, _ = listed(rest.removeprefix(" -> "), {}) if rest.startswith(" -> ") else ((), "")
    return operands, results


def _texts(slots: tuple[Slot, ...]) -> tuple[str, ...]:
    return tuple(str(slot.type) for slot in slots)
