"""Hessian-vector product: the derivative of the gradient in one direction, forward mode over reverse mode."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.derivatives import activities, reverse
from enzyme_lsp.derivatives.drafts import Asked, as_callee, of_asked, wrapper
from enzyme_lsp.derivatives.refusal import RefusedError
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Role

if TYPE_CHECKING:
    from enzyme_lsp.derivatives.drafts import Draft, Wish
    from enzyme_lsp.derivatives.subject import Subject

_VECTOR: Final = "v"


def product(subject: Subject, wish: Wish) -> tuple[Draft, ...]:
    """`@grad_f` and `@hvp_f`, which differentiates it: what has a gradient has a direction, seeds are constant.

    For an llvm.func 0.0.15 refuses the second, and 0.0.16 crashes.
    """
    if subject.callee.is_llvm:
        raise RefusedError(f"no engine takes a derivative of that of an llvm.func, and @{subject.callee.name} is one")
    first = reverse.asked_for(subject, replace(wish, with_primal=False))
    gradient = wrapper(subject.callee, subject.new_name("grad"), first)
    directions = tuple(
        Activity.CONST
        if slot.role is Role.SEED or first.activities[slot.index] in activities.CONSTANT
        else Activity.DUP
        for slot in of_asked(subject.callee, first).operands
    )
    second = Asked("enzyme.fwddiff", directions, (Activity.DUP_NO_NEED,) * len(gradient.results))
    callee = as_callee(gradient, subject.callee, first)
    return gradient, wrapper(callee, subject.new_name("hvp"), second, _VECTOR)
