"""Generic form: what the operation at a place leaves unsaid, as an engine writes it in full."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features import hover
from enzyme_lsp.features.actions import forms
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.features.type_pages import code
from enzyme_lsp.lowering.passes import TABLE
from enzyme_lsp.text.document import decode
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification import generic_form as form_of_engine
from enzyme_lsp.verification.asking import Refusal

if TYPE_CHECKING:
    from enzyme_lsp.features.answers import Hover
    from enzyme_lsp.lowering.passes import Passes
    from enzyme_lsp.verification.asking import Steps
    from enzyme_lsp.verification.value_types import KnownTypes
    from enzyme_lsp.workspace.snapshot import Snapshot

_MOST_LINES: Final = 40
"""Of a form in a hover."""


def hovered(snapshot: Snapshot, offset: int, types: KnownTypes, passes: Passes = TABLE) -> Steps[Hover | None]:
    """What `hover` says, and for the name of an operation its generic form as well, as far as that has been told."""
    found = hover.hover(snapshot, offset, types, passes)
    place = forms.convertible(snapshot, Span(offset, offset)) if snapshot.settings.hover.generic_form else None
    if found is None or place is None:
        return found
    index, operation = place
    if not found.span.overlaps(operation.name_span.shifted(snapshot.offset(index))):
        return found
    text = yield from form_of_engine.form(snapshot, index, operation, "generic", with_locations=False, waits=False)
    if isinstance(text, Refusal):
        return replace(found, markdown=f"{found.markdown}\n\nIn generic form: {text.reason}.")
    lines = decode(forms.shortened(snapshot, index, operation, text)).split("\n")
    shown = [*lines[:_MOST_LINES], "..."] if len(lines) > _MOST_LINES else lines
    joined = "\n".join(shown)
    return replace(found, markdown=f"{found.markdown}\n\n{code(joined)}")


def generic_form(snapshot: Snapshot, offset: int) -> Steps[str]:
    """The operation at a place in generic form. Raises `RefusedError` with the reason when there is none."""
    found = forms.convertible(snapshot, Span(offset, offset))
    if found is None:
        raise RefusedError("no operation stands here")
    index, operation = found
    text = yield from form_of_engine.form(snapshot, index, operation, "generic", with_locations=False)
    if isinstance(text, Refusal):
        raise RefusedError(text.reason)
    return decode(forms.shortened(snapshot, index, operation, text))
