"""Generic form: what the operation at a place leaves unsaid, as an engine writes it in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.features.actions import forms
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.text.document import decode
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification import generic_form as form_of_engine
from enzyme_lsp.verification.asking import Refusal

if TYPE_CHECKING:
    from enzyme_lsp.verification.asking import Steps
    from enzyme_lsp.workspace.snapshot import Snapshot


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
