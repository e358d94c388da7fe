"""Properties of the questions about differentiation ops, over any text and any edits: what is kept of them from one
version to the next is what would be made anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from enzyme_lsp.settings import Settings
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.deep import Known
from enzyme_lsp.verification.deep_modules import Question, Questions, Unasked
from enzyme_lsp.workspace.workspace import Workspace
from tests.samples import SAMPLES

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Spelling
    from enzyme_lsp.workspace.snapshot import Snapshot

ACTIVE = b"{activity = [#act], ret_activity = [#act]}"


def _function(name: bytes, callee: bytes) -> bytes:
    return b"func.func @%s(%%x: f64) -> f64 {\n  %%0 = func.call @%s(%%x) : (f64) -> f64\n  return %%0 : f64\n}\n" % (
        name,
        callee,
    )


def _gradient(callee: bytes, other: bytes) -> bytes:
    return (
        b"func.func @d%s(%%x: f64) -> f64 {\n  %%0 = enzyme.autodiff @%s(%%x, %%x) %s : (f64, f64) -> f64\n"
        b"  %%1 = enzyme.fwddiff @%s(%%x, %%x) %s : (f64, f64) -> f64\n  return %%1 : f64\n}\n"
        % (callee, callee, ACTIVE, other, ACTIVE)
    )


_NAMES = (b"f", b"g", b"h", b"df")
_PIECES = (
    *(_function(name, callee) for name in _NAMES for callee in _NAMES if name != callee),
    *(_gradient(callee, other) for callee in _NAMES for other in _NAMES),
    b"func.func private @f(f64) -> f64\n",
    b"#act = #enzyme<activity enzyme_active>\n",
    b"module @h {\n",
    b"}\n",
    b"// -----\n",
    b"gpu.module @g {\n" + _function(b"f", b"g") + _gradient(b"f", b"f") + b"}\n",
    b"enzyme.autodiff_region(%x) {\n^bb0(%a: f64):\n  enzyme.yield %0 : f64\n} : (f64) -> ()\n",
)
_MORE = (*_PIECES, b"@f", b"@h", b"{", b"(%x)", b" ", b"\n", b'"', b"%x#1", b"loc(#act)")

TEXTS = st.one_of(
    st.lists(st.sampled_from(_PIECES), min_size=2, max_size=8).map(b"".join),
    st.lists(st.sampled_from(_MORE), max_size=10).map(b"".join),
    st.sampled_from(SAMPLES),
)
TARGETS = st.sampled_from(("none", "classic", "strict"))
EDITS = st.tuples(
    st.integers(0, 4_000), st.one_of(st.just(0), st.integers(0, 300)), st.sampled_from((b"", *_MORE, b"x"))
)


def _anew(snapshot: Snapshot, target: Spelling) -> list[Question | Unasked]:
    made, pieces = Questions(snapshot, target), enumerate(snapshot.layout.pieces)
    return [one for index, piece in pieces if piece.kind is PieceKind.ITEM for one in made.of_piece(index)]


def _said(one: Question | Unasked) -> tuple[object, ...]:
    if isinstance(one, Unasked):
        return one.call.operation.span, one.reason
    return one.call.operation.span, one.key, [(id(part.piece), part.span) for part in one.parts]


@settings(deadline=None)
@given(TEXTS, st.lists(EDITS, max_size=4), TARGETS)
def test_questions_that_are_kept_are_those_that_would_be_made(
    text: bytes, edits: list[tuple[int, int, bytes]], target: Spelling
) -> None:
    workspace, known = Workspace(Settings()), Known()
    document = Document.of("untitled:a", text)
    snapshot = workspace.open(document)
    for number, (at, length, new) in enumerate([(0, 0, b""), *edits], 1):
        start = min(at, len(document.data))
        edit = Edit(Span(start, min(start + length, len(document.data))), new)
        document = document.edited(edit, version=number)
        snapshot = workspace.change(document, [edit])
        kept, anew = known.questions(snapshot, target, every=False), _anew(snapshot, target)
        assert len(kept) == len(anew)
        here = {id(piece) for piece in snapshot.layout.pieces}
        for (one, is_current), other in zip(kept, anew, strict=True):
            assert one.call.operation.span == other.call.operation.span
            if is_current:
                assert _said(one) == _said(other)
                assert isinstance(one, Unasked) or {id(part.piece) for part in one.parts} <= here
        if number % 2:
            assert [_said(one) for one, _ in known.questions(snapshot, target, every=True)] == list(map(_said, anew))


@settings(deadline=None)
@given(TEXTS, st.integers(1, 60), st.integers(1, 200), TARGETS)
def test_any_place_leads_into_the_text_or_nowhere(text: bytes, line: int, column: int, target: Spelling) -> None:
    snapshot = Workspace(Settings()).open(Document.of("untitled:a", text))
    for question in _anew(snapshot, target):
        if isinstance(question, Question) and (place := question.place(line, column)) is not None:
            part = question.parts[place.part]
            assert 0 <= place.offset <= len(part.span)
            assert part.span.end <= len(part.piece.text)
