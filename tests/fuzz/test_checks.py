"""Properties of the checks of calls: they take any text, and each fix mends what it says and breaks nothing.

The texts are calls made by the calling convention, with and without mistakes, and the same with words lost or put in.
"""

from __future__ import annotations

import time
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from enzyme_lsp import checks
from enzyme_lsp.checks import syntax_problems
from enzyme_lsp.settings import Settings
from enzyme_lsp.syntax.tokens import tokenize
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.differential import generate
from tests.fuzz.test_fixes import spoiled
from tests.fuzz.test_syntax import TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.snapshot import Snapshot


@lru_cache(maxsize=1_024)
def _call(number: int, spelling: str) -> bytes:
    return generate.case(20_000, number).text("classic" if spelling == "classic" else "strict").encode()


CALLS = st.builds(_call, st.integers(0, 9_999), st.sampled_from(["classic", "strict"]))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A call of which some words are lost, doubled, exchanged or taken from another call."""
    text, other = draw(CALLS), draw(CALLS)
    for _ in range(draw(st.integers(1, 3))):
        tokens, others = tokenize(text), tokenize(other)
        if not len(tokens):
            break
        at, source = draw(st.integers(0, len(tokens) - 1)), draw(st.integers(0, max(len(others) - 1, 0)))
        new = draw(st.sampled_from([b"", tokens.word(at) + b" " + tokens.word(at), others.word(source), b",", b">"]))
        text = text[: tokens.starts[at]] + new + text[tokens.ends[at] :]
    return text


def opened(text: bytes) -> Snapshot:
    return Workspace(Settings()).open(Document.of("untitled:1", text))


def counted(found: Iterable[Diagnostic]) -> Counter[tuple[str, str]]:
    return Counter((one.code, one.message) for one in found)


@settings(deadline=None)
@given(st.one_of(TEXTS, spoiled(), mutated()))
def test_any_text_is_checked_and_every_edit_is_in_it(text: bytes) -> None:
    for one in checks.found(opened(text)):
        assert 0 <= one.span.start <= one.span.end <= len(text)
        assert one.message == one.message.strip()
        assert one.message.endswith("...") or one.message[-1:] not in (".", "")
        for fix in one.fixes:
            assert fix.title
            assert fix.edits.edits
            assert all(0 <= edit.span.start <= edit.span.end <= len(text) for edit in fix.edits.edits)
            assert fix.edits.apply(text) != text


@settings(deadline=None)
@given(st.one_of(spoiled(), mutated()))
def test_no_fix_makes_a_problem_of_syntax(text: bytes) -> None:
    snapshot = opened(text)
    before = Counter(one.code for one in syntax_problems.check(snapshot))
    for one in checks.found(snapshot):
        for fix in one.fixes:
            after = Counter(one.code for one in syntax_problems.check(opened(fix.edits.apply(text))))
            assert not after - before, fix.title


@settings(deadline=None)
@given(CALLS)
def test_what_a_fix_mends_is_gone(text: bytes) -> None:
    snapshot = opened(text)
    found = [*checks.found(snapshot)]
    before = counted(found)
    for one in found:
        for fix in one.fixes:
            after = counted(checks.found(opened(fix.edits.apply(text))))
            assert after[one.code, one.message] < before[one.code, one.message], fix.title


def test_many_mistakes_cost_little_more_than_the_text() -> None:
    count = 400
    kinds = [("f64", "f32", "i32")[number % 3] for number in range(count)]
    arguments = ", ".join(f"%a{number}: {kind}" for number, kind in enumerate(kinds))
    wide = f"func.func @wide({arguments}) -> f64 {{\n  return %a0 : f64\n}}\n"
    named = ", ".join(f"%a{number}" for number in range(len(kinds)))
    active, dup = "#enzyme<activity enzyme_active>", "#enzyme<activity enzyme_dup>"

    def call(activity: str, types: str) -> str:
        lists = f"activity = [{', '.join([activity] * len(kinds))}], ret_activity = [{activity}]"
        return f"func.func @d({arguments}) {{\n  %r = enzyme.fwddiff @wide({named}) {{{lists}}} : ({types}) -> f64\n  return\n}}\n"

    calls = "".join(
        f"  %r{number} = enzyme.fwddiff @square(%x) {{activity = [{dup}], ret_activity = [{dup}]}} : (f64) -> f64\n"
        for number in range(count)
    )
    square = "func.func @square(%x: f64) -> f64 {\n  return %x : f64\n}\n"
    for text in (
        wide + call(dup, ", ".join(kinds)),
        wide + call(active, ", ".join(kinds)),
        wide + call(dup, ", ".join(["f16"] * len(kinds))),
        wide + call(dup, ", ".join(kinds)).replace(f"[{', '.join([dup] * len(kinds))}]", "[]"),
        f"{square}func.func @d(%x: f64, %dx: f64) {{\n{calls}  return\n}}\n",
    ):
        started = time.process_time()
        assert [*checks.found(opened(text.encode()))]
        # What is quadratic in them took half a minute; a slow machine does not.
        assert time.process_time() - started < 12
