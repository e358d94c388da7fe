"""Asked: what to check of a document: its differentiation ops, or those of functions, which are written where there are
none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp import derivatives
from enzyme_lsp.derivatives import subject
from enzyme_lsp.derivatives.refusal import RefusedError
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.gradient import refusal
from enzyme_lsp.gradient.plan import Case, Unchecked, cases
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.derivatives.subject import Subject
    from enzyme_lsp.engines.api import Spelling

_WRITTEN: Final = (("reverse", Mode.REVERSE, "enzyme.autodiff"), ("forward", Mode.FORWARD, "enzyme.fwddiff"))
"""The sorts of derivatives that are written of a function that nothing differentiates."""


def asked(snapshot: Snapshot, spelling: Spelling, functions: Sequence[str] = ()) -> list[Case | Unchecked]:
    """What to check, in the order of the text. Raises `Outdated` when an edit has come.

    With `functions`, by their names, the ops that differentiate one of them or stand in one; of one of which there is
    none, the derivatives that `enzyme-lsp differentiate` writes.
    """
    if not functions:
        return list(cases(snapshot, spelling))
    found: list[Case | Unchecked] = []
    for name in functions:
        there = list(cases(snapshot, spelling, (name,)))
        found += there or [one for each in subject.every(snapshot, name) for one in _written(each, spelling)]
    unique = {(one.offset, one.op): one for one in found}
    return [unique[key] for key in sorted(unique)]


def at(snapshot: Snapshot, spelling: Spelling, offset: int) -> list[Case | Unchecked]:
    """What to check at a byte: the differentiation op there, or the function whose header it is in.

    Raises `gradient.refusal.RefusedError` where there is neither, `Outdated` when an edit has come.
    """
    span = Span(offset, offset)
    near = snapshot.near(span)
    inner = [
        snapshot.offset(piece) + call.name_span.start
        for piece, call in near.derivative_calls()
        if call.operation.span.shifted(snapshot.offset(piece)).contains(offset)
    ]
    if inner:
        # Of ops in each other's regions the innermost begins last.
        return [one for one in cases(near, spelling) if one.offset == max(inner)]
    function = subject.at(snapshot, span)
    if function is None:
        raise refusal.RefusedError("there is no differentiation op here, and no header of a function")
    return asked(snapshot, spelling, (function.callee.name,))


def _written(function: Subject, spelling: Spelling) -> Iterator[Case | Unchecked]:
    """The derivatives of a function, as if they stood behind it. Their place is its name."""
    snapshot, name = function.snapshot, function.callee.name
    if spelling in ("classic", "strict"):
        function = replace(function, spelling=spelling)
    offset = snapshot.offset(function.piece) + function.operation.name_span.start
    for id_, mode, op in _WRITTEN:
        variant = derivatives.BY_ID[id_]
        try:
            edit = derivatives.derivative(function, variant, variant.wish)
        except RefusedError as refused:
            yield Unchecked(op, name, mode, offset, str(refused))
            continue
        made = Snapshot(snapshot.document.edited(edit, version=snapshot.version), snapshot.settings)
        inside = [one for one in cases(made, spelling, (name,)) if edit.new_span.contains(one.offset)]
        yield from (replace(one, offset=offset) for one in inside)
