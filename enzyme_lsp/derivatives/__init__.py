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
    from collections.abc import Callable, Mapping, Sequence

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.derivatives.drafts import Draft
    from enzyme_lsp.derivatives.subject import Subject
    from enzyme_lsp.text.edit import Edit


USUAL: Final = Wish()


@dataclass(frozen=True, slots=True)
class Variant:
    """A sort of derivative. `id` is stable; `title` has `{}` for the function.

    `wish` is what is asked for where the user says nothing; it has a width where a number is chosen. `drafts` makes the
    functions, or raises RefusedError.
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
    Variant("batch", "Batch {}: 2 inputs at once", batch.batch, Wish(width=2)),
)
"""In the order in which users see them."""

BY_ID: Final = {variant.id: variant for variant in VARIANTS}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What there is to say of a derivative before it is written: why it cannot be, or else what the text must say.

    `remarks` has a number of a draft, and a line above it.
    """

    reason: str = ""
    remarks: tuple[tuple[int, str], ...] = ()


def derivative(subject: Subject, variant: Variant, wish: Wish) -> Edit:
    """The edit that writes a derivative of a function behind it. Raises RefusedError."""
    (outlook,) = outlooks(subject, ((variant, wish),))
    return foreseen(subject, variant, wish, outlook)


def foreseen(subject: Subject, variant: Variant, wish: Wish, outlook: Outlook) -> Edit:
    """The same for a derivative whose outlook is known."""
    if outlook.reason:
        raise RefusedError(outlook.reason)
    return placed(subject, _remarked(variant.drafts(subject, wish), outlook)).edit


def outlooks(subject: Subject, wanted: Sequence[tuple[Variant, Wish]]) -> tuple[Outlook, ...]:
    """That of each of some derivatives of a function. All whose names differ are looked at at once."""
    if subject.obstacle:
        return (Outlook(subject.obstacle),) * len(wanted)
    found: dict[int, Outlook] = {}
    waiting: dict[int, tuple[Draft, ...]] = {}
    for number, (variant, wish) in enumerate(wanted):
        try:
            waiting[number] = variant.drafts(subject, wish)
        except RefusedError as refused:
            found[number] = Outlook(str(refused))
    while waiting:
        group: dict[int, tuple[Draft, ...]] = {}
        names = set[str]()
        for number, drafts in waiting.items():
            if names.isdisjoint(draft.name for draft in drafts):
                names.update(draft.name for draft in drafts)
                group[number] = drafts
        waiting = {number: drafts for number, drafts in waiting.items() if number not in group}
        # Without remarks, which name passes: what a file names it is not told of.
        silent = {number: [replace(draft, remarks=()) for draft in drafts] for number, drafts in group.items()}
        problems = _problems(subject, silent)
        for number, drafts in group.items():
            outlook = _outlook(subject, wanted[number][0], problems.get(number, ()))
            found[number] = _confirmed(subject, wanted[number][0], drafts, outlook)
    return tuple(found[number] for number in range(len(wanted)))


def _remarked(drafts: Sequence[Draft], outlook: Outlook) -> list[Draft]:
    """The drafts with what they must say."""
    found = list(drafts)
    for number, remark in outlook.remarks:
        found[number] = replace(found[number], remarks=(*found[number].remarks, remark))
    return found


def _confirmed(subject: Subject, variant: Variant, drafts: Sequence[Draft], outlook: Outlook) -> Outlook:
    """The outlook, when what the text says is enough: passes do not help against a wrong order of functions.

    That of the drafts is right: what the second differentiates is the first.
    """
    if all(number for number, _ in outlook.remarks):
        return outlook
    for _, one in _problems(subject, {0: _remarked(drafts, outlook)}).get(0, ()):
        if one.code not in variant.expected and one.code != complex_gradient.CODE:
            return Outlook(one.message)
    return outlook


def _outlook(subject: Subject, variant: Variant, problems: Sequence[tuple[int, Diagnostic]]) -> Outlook:
    remarks: list[tuple[int, str]] = []
    for number, one in problems:
        if one.code in variant.expected:
            continue
        remark = _remark(subject, one)
        if not remark:
            return Outlook(one.message)
        remarks.append((number, remark))
    return Outlook(remarks=tuple(dict.fromkeys(remarks)))


def _remark(subject: Subject, found: Diagnostic) -> str:
    """What the text must say for a finding that is no reason not to: it can be done, with other passes. Else empty."""
    if found.code == derivative_of_derivative.CODE:
        return f"{found.message}."
    if found.code == complex_gradient.CODE and activities.is_of_tensors(subject.callee):
        return f'Sums of complex tensors: lower it with enzyme{{postpasses="{complex_gradient.REMEDY}"}}.'
    return ""


def _problems(subject: Subject, group: Mapping[int, Sequence[Draft]]) -> Mapping[int, Sequence[tuple[int, Diagnostic]]]:
    """What our checks find in each of some new texts, with the number of the draft."""
    old = subject.snapshot
    owners = [(number, which) for number, drafts in group.items() for which in range(len(drafts))]
    new = placed(subject, [draft for drafts in group.values() for draft in drafts])
    document = old.document.edited(new.edit, version=old.version)
    span = new.edit.span
    layout = old.layout.edited(span.start, span.end, new.edit.new_span.end, document.data)
    found: dict[int, list[tuple[int, Diagnostic]]] = {}
    for one in sorted(checks.found(Snapshot(document, old.settings, layout).near(new.edit.new_span))):
        if one.severity not in (Severity.ERROR, Severity.WARNING):
            continue
        for (number, which), place in zip(owners, new.spans, strict=True):
            if place.contains(one.span.start):
                found.setdefault(number, []).append((which, one))
    return found
