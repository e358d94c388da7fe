"""Properties of derivatives over any text: one is written or refused, and what was there stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from enzyme_lsp import checks
from enzyme_lsp.checks import syntax_problems
from enzyme_lsp.derivatives import VARIANTS, foreseen, outlooks, subject
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace
from tests.fuzz.test_checks import mutated
from tests.fuzz.test_fixes import spoiled
from tests.fuzz.test_syntax import TEXTS

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot

_SAID = {"complex-gradient", "mixed-spelling"}
"""What the text says itself, and what is said again of a file that was mixed before, since it counts."""
_MOST = 4
"""Functions of a text that are looked at."""


def opened(text: bytes) -> Snapshot:
    return Workspace(Settings()).open(Document.of("untitled:1", text))


def told(snapshot: Snapshot) -> set[tuple[str, str]]:
    return {(one.code, one.message) for one in (*checks.found(snapshot), *syntax_problems.check(snapshot))}


@settings(deadline=None, max_examples=25)
@given(st.one_of(TEXTS, spoiled(), mutated()))
def test_a_derivative_is_written_or_refused(text: bytes) -> None:
    snapshot = opened(text)
    before = told(snapshot)
    is_sound = not any(True for _ in syntax_problems.check(snapshot))
    for one in [*subject.every(snapshot)][:_MOST]:
        names = {each.callee.name for each in subject.every(snapshot)}
        found = outlooks(one, [(variant, variant.wish) for variant in VARIANTS])
        for variant, outlook in zip(VARIANTS, found, strict=True):
            if outlook.reason:
                assert not outlook.remarks
                continue
            edit = foreseen(one, variant, variant.wish, outlook)
            assert not len(edit.span)
            after = opened(edit.apply(text))
            if not is_sound:
                continue  # What is never closed may take in what is put behind it.
            assert {each.callee.name for each in subject.every(after)} > names
            new = told(after) - before
            said = {*variant.expected, *_SAID}
            assert all(code in said for code, _ in new), new


@settings(deadline=None, max_examples=25)
@given(st.one_of(TEXTS, spoiled()), st.integers(0))
def test_a_function_is_found_at_its_header_alone(text: bytes, at: int) -> None:
    snapshot = opened(text)
    place = at % (len(text) + 1)
    found = subject.at(snapshot, Span(place, place))
    if found is not None:
        span = found.operation.span.shifted(snapshot.offset(found.piece))
        assert span.start <= place <= span.end
        assert found in [*subject.every(snapshot)]
