"""Usual activities: which activity each argument and result of a function gets when nobody says otherwise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from enzyme_lsp.syntax.types import Type

CONSTANT: Final = frozenset({Activity.CONST, Activity.CONST_NO_NEED})
_FLOAT_MEMBER: Final = re.compile(r"\b(?:f16|bf16|f32|f64)\b")


def of_arguments(types: Iterable[Type], number: Activity) -> tuple[Activity, ...]:
    """Of the arguments: numbers get `number`, memory has a shadow, all else is constant."""
    return tuple(
        number if is_number(type_) else Activity.DUP if is_memory(type_) else Activity.CONST for type_ in types
    )


def reverse_returns(types: Iterable[Type], *, with_primal: bool) -> tuple[Activity, ...]:
    """Of the results in reverse mode: numbers take a seed, and are given too if the primal is wanted."""
    seeded, other = (
        (Activity.ACTIVE, Activity.CONST) if with_primal else (Activity.ACTIVE_NO_NEED, Activity.CONST_NO_NEED)
    )
    return tuple(seeded if is_number(type_) else other for type_ in types)


def forward_returns(types: Iterable[Type], *, with_primal: bool) -> tuple[Activity, ...]:
    """Of the results in forward mode: what carries a derivative gives its tangent."""
    given, other = (Activity.DUP, Activity.CONST) if with_primal else (Activity.DUP_NO_NEED, Activity.CONST_NO_NEED)
    return tuple(given if is_number(type_) or is_memory(type_) else other for type_ in types)


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
