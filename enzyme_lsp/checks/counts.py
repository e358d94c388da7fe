"""Counts: what activity-count and return-activity-count share: a list held against what its callee has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Diagnostic, Note, error
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.dialect.calls import Activities, Element
    from enzyme_lsp.syntax.symbols import Signature, Typed
    from enzyme_lsp.workspace.snapshot import Snapshot


def compare(snapshot: Snapshot, code: str, key: str, what: str) -> Iterator[Diagnostic]:
    """A diagnostic for each call whose list under `key` is not as long as its callee has arguments or results.

    `what` is "argument" or "result".
    """
    for piece, call in snapshot.derivative_calls():
        if not call.op.takes_activities or not call.op.names_callee:
            continue
        callee = snapshot.callee(piece, call)
        if callee is None or callee.signature is None:
            continue  # unknown-callee and callee-not-a-function speak about these.
        listed = call.activities(key, snapshot.alias_texts[snapshot.scope_of(piece).section])
        if listed is None or listed.elements is None:
            continue  # missing-activity and unknown-activity speak about these.
        expected = _typed(callee.signature, what)
        if len(listed.elements) == len(expected):
            continue
        span = _wrong_part(listed, listed.elements, len(expected))
        message = _message(callee.signature.name, expected, len(listed.elements), what)
        note = Note(f"the callee: {callee.signature}", callee.signature.span.shifted(callee.offset))
        yield error(code, snapshot.span_in(piece, span), message, note)


def _typed(signature: Signature, what: str) -> tuple[Typed, ...]:
    return signature.arguments if what == "argument" else signature.results


def _wrong_part(listed: Activities, elements: tuple[Element, ...], expected: int) -> Span:
    """The elements that are too many; the whole list when some are missing or its elements stand elsewhere."""
    if len(elements) < expected or elements[expected].span == listed.span:
        return listed.span
    return Span(elements[expected].span.start, elements[-1].span.end)


def _message(name: str, expected: tuple[Typed, ...], found: int, what: str) -> str:
    has = f"@{name} has {_counted(len(expected), what)}"
    listed = f"{found} {'activity is' if found == 1 else 'activities are'} listed"
    message = f"{has}, but {listed}"
    if found < len(expected):
        missing = [": ".join(part for part in (typed.name, typed.type) if part) for typed in expected[found:]]
        message += (
            f": {'none' if found == 0 else 'nothing'} for {', '.join(missing[:4])}{', ...' if len(missing) > 4 else ''}"
        )
    return message


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
