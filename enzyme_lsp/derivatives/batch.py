"""Batch: the function for several inputs at once, each a row of a tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.derivatives.drafts import Asked, wrapper

if TYPE_CHECKING:
    from enzyme_lsp.derivatives.drafts import Draft, Wish
    from enzyme_lsp.derivatives.subject import Subject


def batch(subject: Subject, wish: Wish) -> tuple[Draft, ...]:
    """`@batched_f`."""
    asked = Asked("enzyme.batch", sizes=(wish.width or 2,))
    return (wrapper(subject.callee, subject.new_name("batched"), asked),)
