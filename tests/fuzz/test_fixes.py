"""Properties of fixes over broken text: they are made of the text, apply to it, and leave no more errors than there were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from enzyme_lsp import checks
from enzyme_lsp.checks import syntax_problems
from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.features import code_actions, fix_all
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace
from tests.fuzz.test_syntax import TEXTS
from tests.samples import SAMPLES

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot

_WORDS = (
    *(b"enzyme_active", b"enzyme_dup", b"enzyme_const", b"enzyme_dupnoneed", b"enzyme_activenoneed", b"enzyme_typo"),
    *(b"f64", b"f32", b"i32", b"tensor<2xf64>", b"memref<?xf64>", b"complex<f64>", b"!llvm.ptr"),
    *(b"activity", b"ret_activity", b"width = 2", b"width = 0", b"strong_zero = true", b"batch_shape = array<i64: 2>"),
    *(b"enzyme.autodiff", b"enzyme.fwddiff", b"enzyme.jacobian", b"enzyme.batch", b"enzyme.autodiff_region"),
    *(b"%x", b"%dx", b"%0", b"@square", b"#enzyme<activity enzyme_dup>", b"#enzyme.activity<enzyme_const>"),
    *(
        b"",
        b",",
        b", ",
        b"(",
        b")",
        b"[",
        b"]",
        b"{",
        b"}",
        b"<",
        b">",
        b":",
        b"->",
        b"=",
        b"\n",
        b"\r\n",
        b"// ",
        b'"',
    ),
)


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """An example in which some words are other words."""
    text = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 5))):
        old, new = draw(st.sampled_from(_WORDS)), draw(st.sampled_from(_WORDS))
        places = text.split(old) if old else [text]
        at = draw(st.integers(1, max(1, len(places) - 1)))
        text = old.join(places[:at]) + (new if len(places) > 1 else b"") + old.join(places[at:])
    return text


def opened(text: bytes) -> Snapshot:
    return Workspace(Settings()).open(Document.of("untitled:1", text))


def errors(snapshot: Snapshot) -> int:
    found = [*checks.found(snapshot), *syntax_problems.check(snapshot)]
    return sum(one.severity is Severity.ERROR for one in found)


@settings(deadline=None)
@given(st.one_of(TEXTS, spoiled()))
def test_every_offer_can_be_applied_to_any_text(text: bytes) -> None:
    snapshot = opened(text)
    place = Span(0, len(text))
    for action in code_actions.code_actions_with_edits(snapshot, place):
        if action.edits is None:
            assert action.disabled_reason is not None or action.copies is not None
            continue
        assert all(edit.span.end <= len(text) for edit in action.edits.edits)
        assert code_actions.resolved(snapshot, place, action.kind, action.id) == action


@settings(deadline=None)
@given(st.one_of(TEXTS, spoiled()))
def test_all_fixes_leave_no_more_errors(text: bytes) -> None:
    snapshot = opened(text)
    fixed = fix_all.fix_all(snapshot)
    after = fixed.edits.apply(text)
    assert (fixed.count == 0) == (fixed.edits.edits == ())
    assert errors(opened(after)) <= errors(snapshot)


@settings(deadline=None)
@given(st.one_of(TEXTS, spoiled()), st.integers(0))
def test_what_is_found_near_a_place_is_what_is_found_there(text: bytes, at: int) -> None:
    snapshot = opened(text)
    place = Span(at % (len(text) + 1), at % (len(text) + 1))
    there = [
        [one for one in checks.found(each) if one.span.touches(place)] for each in (snapshot, snapshot.near(place))
    ]
    assert sorted(there[0]) == sorted(there[1])
