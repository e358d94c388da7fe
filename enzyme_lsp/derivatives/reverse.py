"""Reverse mode: the gradient of a function, alone or with its value, for one seed or for several at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.derivatives import activities
from enzyme_lsp.derivatives.drafts import Asked, wrapper
from enzyme_lsp.derivatives.refusal import RefusedError
from enzyme_lsp.dialect.activity import Activity

if TYPE_CHECKING:
    from enzyme_lsp.derivatives.drafts import Draft, Wish
    from enzyme_lsp.derivatives.subject import Subject


def gradient(subject: Subject, wish: Wish) -> tuple[Draft, ...]:
    """`@grad_f`; `@grads_f` for several seeds; `@value_and_grad_f` with the primal."""
    asked = asked_for(subject, wish)
    beginning = f"{'value_and_' if wish.with_primal else ''}{'grad' if asked.width == 1 else 'grads'}"
    return (wrapper(subject.callee, subject.new_name(beginning), asked),)


def asked_for(subject: Subject, wish: Wish) -> Asked:
    """What `enzyme.autodiff` is asked for."""
    callee, width = subject.callee, wish.width or 1
    taken = activities.reverse(callee, wish)
    given = activities.reverse_returns(callee, with_primal=bool(wish.with_primal))
    memory = activities.shadowed_memory(callee, taken)
    if not memory and not any(one in (Activity.ACTIVE, Activity.ACTIVE_NO_NEED) for one in given):
        raise RefusedError(f"a gradient starts from a seed, and @{callee.name} gives no floating point numbers to seed")
    if memory and width != 1:
        of = activities.shown(callee, memory[0])
        raise RefusedError(f"Enzyme cannot add gradients of several seeds to memory, as to that of {of}")
    return Asked("enzyme.autodiff", taken, given, width)
