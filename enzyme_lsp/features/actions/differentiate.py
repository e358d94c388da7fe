"""Differentiate: a new function behind the one at the cursor, which takes its derivative; one action for each sort.

    func.func @f(%x: f64) -> f64 { ... }

    func.func @grad_f(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @f(%x, %dr) { ... } : (f64, f64) -> f64
      return %0 : f64
    }

Offered in all of the function but its body. What has no such derivative is shown with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.derivatives import VARIANTS, derivative
from enzyme_lsp.derivatives.refusal import RefusedError
from enzyme_lsp.derivatives.subject import at
from enzyme_lsp.features.actions.offer import Offer
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.derivatives import Variant
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Differentiate:
    """One sort of derivative as an action."""

    variant: Variant

    @property
    def KIND(self) -> str:  # noqa: N802 - as the constant of an action's file is called
        return f"refactor.rewrite.enzyme.{self.variant.id}"

    def offered(self, snapshot: Snapshot, span: Span) -> Iterator[Offer]:
        """It, at the header of a function."""
        subject = at(snapshot, span)
        if subject is None:
            return
        reason = None
        try:
            derivative(subject, self.variant)
        except RefusedError as refused:
            reason = str(refused)
        yield Offer(self.variant.id, self.variant.title.format(f"@{subject.callee.name}"), reason)

    def apply(self, snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
        """The new function; nothing where it cannot be made."""
        subject = at(snapshot, span)
        if subject is None or id_ != self.variant.id:
            return EditSet(())
        try:
            return EditSet((derivative(subject, self.variant),))
        except RefusedError:
            return EditSet(())


ACTIONS: Final = tuple(Differentiate(variant) for variant in VARIANTS)
