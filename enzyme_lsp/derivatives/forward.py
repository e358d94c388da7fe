"""Forward mode: the derivative of a function in one direction, or in several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.derivatives import activities
from enzyme_lsp.derivatives.drafts import Asked, wrapper
from enzyme_lsp.derivatives.refusal import RefusedError

if TYPE_CHECKING:
    from enzyme_lsp.derivatives.drafts import Draft, Wish
    from enzyme_lsp.derivatives.subject import Subject


def tangent(subject: Subject, wish: Wish) -> tuple[Draft, ...]:
    """`@jvp_f`, which gives each result and its tangent; `@jvps_f` for several directions."""
    asked = asked_for(subject, wish)
    return (wrapper(subject.callee, subject.new_name("jvp" if asked.width == 1 else "jvps"), asked),)


def asked_for(subject: Subject, wish: Wish) -> Asked:
    """What `enzyme.fwddiff` is asked for."""
    callee, width = subject.callee, wish.width or 1
    taken = activities.forward(callee, wish)
    given = activities.forward_returns(callee, with_primal=wish.with_primal is not False)
    memory = activities.shadowed_memory(callee, taken)
    if not memory and all(one in activities.CONSTANT for one in given):
        raise RefusedError(f"@{callee.name} gives no floating point numbers that could have a tangent")
    if memory and width != 1:
        of = activities.shown(callee, memory[0])
        raise RefusedError(f"one shadow cannot hold the tangents of several directions, as that of {of} would")
    return Asked("enzyme.fwddiff", taken, given, width)
