"""Activities: which activity each argument and result of a function gets when nobody says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.derivatives.refusal import RefusedError
from enzyme_lsp.dialect import usual_activities
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.usual_activities import CONSTANT, is_number
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.derivatives.drafts import Wish
    from enzyme_lsp.derivatives.subject import Callee


def reverse(callee: Callee, wish: Wish) -> tuple[Activity, ...]:
    """Of the arguments in reverse mode: numbers are active, memory has a shadow, all else is constant."""
    return _of_arguments(callee, wish, Activity.ACTIVE)


def forward(callee: Callee, wish: Wish) -> tuple[Activity, ...]:
    """Of the arguments in forward mode: what carries a derivative has a tangent, all else is constant."""
    return _of_arguments(callee, wish, Activity.DUP)


def reverse_returns(callee: Callee, *, with_primal: bool) -> tuple[Activity, ...]:
    """Of the results in reverse mode: numbers take a seed, and are given too if the primal is wanted."""
    return usual_activities.reverse_returns((one.type for one in callee.results), with_primal=with_primal)


def forward_returns(callee: Callee, *, with_primal: bool) -> tuple[Activity, ...]:
    """Of the results in forward mode: what carries a derivative gives its tangent."""
    return usual_activities.forward_returns((one.type for one in callee.results), with_primal=with_primal)


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
        found = usual_activities.of_arguments((one.type for one in callee.arguments), number)
    if all(activity in CONSTANT for activity in found):
        usual = "takes no floating point numbers to differentiate by"
        why = usual if wish.activities is None else "is constant with these activities"
        raise RefusedError(f"@{callee.name} {why}")
    return found
