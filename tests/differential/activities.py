"""Random activities that the convention has a rule for, and if wanted nothing that the engines cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.activity import BY_WORD
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.syntax import types
from tests.differential import functions

if TYPE_CHECKING:
    import random

    from tests.differential.functions import Flows
    from tests.differential.operations import Function

_SHADOWED: Final = ("enzyme_dup", "enzyme_dupnoneed")
_CONSTANT: Final = ("enzyme_const", "enzyme_constnoneed")
_INTEGER_MEMORY: Final = "memref<4xi32>"


def chosen(
    chance: random.Random, mode: Mode, function: Function, flows: Flows | None, width: int
) -> tuple[list[str], list[str]]:
    """The words for the arguments and for the results. With `flows`, within what the engines can do."""
    arguments = [_legal(chance, mode, type_, width, is_return=False) for type_ in function.arguments]
    returns = [_legal(chance, mode, type_, width, is_return=True) for type_ in function.results]
    if flows is not None and mode is Mode.REVERSE:
        _limit_reverse(function, width, arguments)
    if flows is not None and mode is Mode.FORWARD:
        _limit_forward(chance, function, flows, width, arguments, returns)
    return arguments, returns


def _legal(chance: random.Random, mode: Mode, text: str, width: int, *, is_return: bool) -> str:
    """An activity without a fault for one argument or result, whatever the others are."""
    type_, slots = types.read(text), convention.forward if mode is Mode.FORWARD else convention.reverse
    callee = convention.Function(() if is_return else (type_,), (type_,) if is_return else ())
    while True:
        word = chance.choice(tuple(BY_WORD))
        one = [BY_WORD[word]]
        if not slots(callee, [] if is_return else one, one if is_return else [], width).faults:
            return word


def _limit_reverse(function: Function, width: int, arguments: list[str]) -> None:
    for index, text in enumerate(function.arguments):
        # Gradients of wide memory are added up with types that do not fit, and the engines compute with tensors of
        # complex numbers as if they were numbers.
        if width != 1 and (types.read(text).is_memory or "complex" in text):
            arguments[index] = "enzyme_const"


def _limit_forward(
    chance: random.Random, function: Function, flows: Flows, width: int, arguments: list[str], returns: list[str]
) -> None:
    if width != 1 and any(function.arguments[place] == _INTEGER_MEMORY for place in flows.stored):
        # An integer that was computed has no wide tangent, so none can be stored.
        for index, text in enumerate(function.arguments):
            if text in ("i32", _INTEGER_MEMORY):
                arguments[index] = "enzyme_const"
    # A tangent must not be stored in memory that has no shadow.
    for _ in function.arguments:
        active = _active(arguments)
        for place, of in flows.stored.items():
            if place not in active and of & active:
                arguments[place] = chance.choice(_SHADOWED)
    active = _active(arguments)
    for number, text in enumerate(function.results):
        # The tangent of what is constant in there is 0, at width 1 only, and not every type has a 0.
        has_zero = width == 1 and convention.can_be_active(types.read(text), width) is True
        moves = text in (*functions.FLOATS, *functions.FLOAT_TENSORS) or number in flows.passed
        if not has_zero and not (moves and flows.results[number] & active):
            returns[number] = chance.choice(_CONSTANT)


def _active(arguments: list[str]) -> set[int]:
    return {index for index, word in enumerate(arguments) if word in _SHADOWED}
