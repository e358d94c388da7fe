"""Derivatives of functions as new functions beside them: one file for each sort, and this is the list of them.

A sort says what its functions take, ask for and give (`drafts`); `writing` makes text of that, and `placing` puts it
into the document. What our checks then find in it is the reason not to, unless other passes help, which the text names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp import checks
from enzyme_lsp.checks import complex_gradient, derivative_of_derivative, jacobian_not_lowered
from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.derivatives import activities, batch, forward, hessian, jacobian, reverse
from enzyme_lsp.derivatives.drafts import Wish
from enzyme_lsp.derivatives.placing import placed
from enzyme_lsp.derivatives.refusal import RefusedError
from enzyme_lsp.workspace.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.derivatives.drafts import Draft
    from enzyme_lsp.derivatives.subject import Subject
    from enzyme_lsp.text.edit import Edit


USUAL: Final = Wish()


@dataclass(frozen=True, slots=True)
class Variant:
    """A sort of derivative. `id` is stable; `title` has `{}` for the function.

    `wish` is what is asked for where the user says nothing, and `drafts` makes the functions, or raises RefusedError.
    """

    id: str
    title: str
    drafts: Callable[[Subject, Wish], tuple[Draft, ...]]
    wish: Wish = USUAL
    expected: frozenset[str] = frozenset()
    """Codes of findings that the text says itself."""


VARIANTS: Final = (
    Variant("reverse", "Differentiate {}: gradient, in reverse mode", reverse.gradient),
    Variant(
        "reverse.primal",
        "Differentiate {}: value and gradient, in reverse mode",
        reverse.gradient,
        Wish(with_primal=True),
    ),
    Variant(
        "reverse.seeds",
        "Differentiate {}: gradients of 2 seeds at once, in reverse mode",
        reverse.gradient,
        Wish(width=2),
    ),
    Variant("forward", "Differentiate {}: derivative in a direction, in forward mode", forward.tangent),
    Variant(
        "forward.directions",
        "Differentiate {}: derivatives in 2 directions at once, in forward mode",
        forward.tangent,
        Wish(width=2),
    ),
    Variant("jacobian", "Differentiate {}: Jacobian", jacobian.matrix),
    Variant(
        "jacobian.operation",
        "Differentiate {}: enzyme.jacobian, which is lowered inside products alone",
        jacobian.operation,
        expected=frozenset({jacobian_not_lowered.CODE}),
    ),
    Variant("hvp", "Differentiate {}: Hessian-vector product, forward over reverse", hessian.product),
    Variant("batch", "Batch {}: 2 inputs at once", batch.batch),
)
"""In the order in which users see them."""

BY_ID: Final = {variant.id: variant for variant in VARIANTS}


def derivative(subject: Subject, variant: Variant, wish: Wish | None = None) -> Edit:
    """The edit that writes a derivative of a function behind it. Raises RefusedError."""
    if subject.obstacle:
        raise RefusedError(subject.obstacle)
    drafts = variant.drafts(subject, wish or variant.wish)
    edit = placed(subject, drafts)
    found = [one for one in _found(subject, edit) if one.code not in variant.expected]
    remarks = [remark for one in found if (remark := _remark(subject, one))]
    if len(remarks) < len(found):
        raise RefusedError(next(one.message for one in found if not _remark(subject, one)))
    if remarks:
        first = replace(drafts[0], remarks=(*drafts[0].remarks, *dict.fromkeys(remarks)))
        edit = placed(subject, (first, *drafts[1:]))
    return edit


def _remark(subject: Subject, found: Diagnostic) -> str:
    """What the text must say for a finding that is no reason not to: it can be done, with other passes. Else empty."""
    if found.code == derivative_of_derivative.CODE:
        return f"{found.message}."
    if found.code == complex_gradient.CODE and activities.is_of_tensors(subject.callee):
        return f'Sums of complex tensors: lower it with enzyme{{postpasses="{complex_gradient.REMEDY}"}}.'
    return ""


def _found(subject: Subject, edit: Edit) -> Iterator[Diagnostic]:
    """What our checks find in the new text."""
    old = subject.snapshot
    document = old.document.edited(edit, version=old.version)
    span = edit.span
    layout = old.layout.edited(span.start, span.end, edit.new_span.end, document.data)
    new = Snapshot(document, old.settings, layout)
    for one in checks.found(new.near(edit.new_span)):
        if one.severity in (Severity.ERROR, Severity.WARNING) and edit.new_span.contains(one.span.start):
            yield one
