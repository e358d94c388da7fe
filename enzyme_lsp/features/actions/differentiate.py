"""Differentiate: a new function behind the one at the cursor, which takes its derivative; one action for each sort.

    func.func @f(%x: f64) -> f64 { ... }

    func.func @grad_f(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @f(%x, %dr) { ... } : (f64, f64) -> f64
      return %0 : f64
    }

Offered in all of the function but its body. What has no such derivative is shown with the reason. The names of new
functions are stops, and so is a width with the types that follow from it, which are all that another one would change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from enzyme_lsp.derivatives import VARIANTS, foreseen, outlooks
from enzyme_lsp.derivatives.subject import at
from enzyme_lsp.features.actions import stops
from enzyme_lsp.features.actions.offer import Offer
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from enzyme_lsp.derivatives import Outlook, Variant
    from enzyme_lsp.derivatives.subject import Subject
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
        subject = _subject(snapshot, span)
        if subject is not None:
            title = self.variant.title.format(f"@{subject.callee.name}")
            yield Offer(self.variant.id, title, _outlooks(subject)[self.variant.id].reason or None)

    def apply(self, snapshot: Snapshot, span: Span, id_: str, /) -> EditSet:
        """The new function; nothing where it cannot be made."""
        subject = _subject(snapshot, span)
        if subject is None or id_ != self.variant.id:
            return EditSet(())
        outlook = _outlooks(subject)[self.variant.id]
        if outlook.reason:
            return EditSet(())
        wish = self.variant.wish
        finders = [stops.symbol(draft.name) for draft in self.variant.drafts(subject, wish)]
        if wish.width is not None:
            other = foreseen(subject, self.variant, replace(wish, width=_other(wish.width)), outlook)
            finders.append(stops.differing(other.new))
        return stops.led(EditSet((foreseen(subject, self.variant, wish, outlook),)), *finders)


def _other(number: int) -> int:
    """A number as long as another one, with other digits."""
    return int("".join(str(int(digit) % 9 + 1) for digit in str(number)))


@lru_cache(maxsize=1)
def _subject(snapshot: Snapshot, span: Span) -> Subject | None:
    """The function at a place. Remembered, since every sort asks in turn."""
    return at(snapshot, span)


@lru_cache(maxsize=1)
def _outlooks(subject: Subject) -> Mapping[str, Outlook]:
    found = outlooks(subject, [(variant, variant.wish) for variant in VARIANTS])
    return {variant.id: outlook for variant, outlook in zip(VARIANTS, found, strict=True)}


ACTIONS: Final = tuple(Differentiate(variant) for variant in VARIANTS)
