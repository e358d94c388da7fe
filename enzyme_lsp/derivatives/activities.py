"""Activities: which activity each argument and result of a function gets when nobody says otherwise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.derivatives.refusal import RefusedError
from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.derivatives.drafts import Wish
    from enzyme_lsp.derivatives.subject import Callee
    from enzyme_lsp.syntax.types import Type

CONSTANT: Final = frozenset({Activity.CONST, Activity.CONST_NO_NEED})
_FLOAT_MEMBER: Final = re.compile(r"\b(?:f16|bf16|f32|f64)\b")


def reverse(callee: Callee, wish: Wish) -> tuple[Activity, ...]:
    """Of the arguments in reverse mode: numbers are active, memory has a shadow, all else is constant."""
    return _of_arguments(callee, wish, Activity.ACTIVE)


def forward(callee: Callee, wish: Wish) -> tuple[Activity, ...]:
    """Of the arguments in forward mode: what carries a derivative has a tangent, all else is constant."""
    return _of_arguments(callee, wish, Activity.DUP)


def reverse_returns(callee: Callee, *, with_primal: bool) -> tuple[Activity, ...]:
    """Of the results in reverse mode: numbers take a seed, and are given too if the primal is wanted."""
    seeded, other = (
        (Activity.ACTIVE, Activity.CONST) if with_primal else (Activity.ACTIVE_NO_NEED, Activity.CONST_NO_NEED)
    )
    return tuple(seeded if is_number(one.type) else other for one in callee.results)


def forward_returns(callee: Callee, *, with_primal: bool) -> tuple[Activity, ...]:
    """Of the results in forward mode: what carries a derivative gives its tangent."""
    given, other = (Activity.DUP, Activity.CONST) if with_primal else (Activity.DUP_NO_NEED, Activity.CONST_NO_NEED)
    return tuple(given if is_number(one.type) or is_memory(one.type) else other for one in callee.results)


def is_number(type_: Type) -> bool:
    """Whether a value of the type is made of floating point numbers, whose derivatives can start from zero."""
    if type_.kind is TypeKind.AGGREGATE:
        return _FLOAT_MEMBER.search(type_.text) is not None and "ptr" not in type_.text
    return type_.scalar.kind in (TypeKind.FLOAT, TypeKind.COMPLEX) and convention.can_be_active(type_, 1) is True


def is_memory(type_: Type) -> bool:
    """Whether it is memory with floating point numbers in it, as far as its type tells."""
    if type_.kind is TypeKind.POINTER:
        return True
    return type_.kind is TypeKind.MEMREF and type_.scalar.kind in (TypeKind.FLOAT, TypeKind.COMPLEX)


def is_of_tensors(callee: Callee) -> bool:
    """Whether all its numbers are in tensors."""
    return all(one.type.kind is TypeKind.TENSOR for one in (*callee.arguments, *callee.results) if is_number(one.type))


def shadowed_memory(callee: Callee, taken: Sequence[Activity]) -> list[int]:
    """The arguments that are memory and take part in the derivative."""
    return [
        number for number, one in enumerate(taken) if callee.arguments[number].type.is_memory and one not in CONSTANT
    ]


def shown(callee: Callee, number: int) -> str:
    """An argument as it is called in a sentence: `argument 0 (%m: memref<4xf64>)`."""
    one = callee.arguments[number]
    return f"argument {number} ({one.name}: {one.written})"


def _of_arguments(callee: Callee, wish: Wish, number: Activity) -> tuple[Activity, ...]:
    found = wish.activities
    if found is None:
        found = tuple(
            number if is_number(one.type) else Activity.DUP if is_memory(one.type) else Activity.CONST
            for one in callee.arguments
        )
    if all(activity in CONSTANT for activity in found):
        usual = "takes no floating point numbers to differentiate by"
        why = usual if wish.activities is None else "is constant with these activities"
        raise RefusedError(f"@{callee.name} {why}")
    return found
