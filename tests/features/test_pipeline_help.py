"""Pipeline help: what a typed pipeline means, what is wrong with it, and how it can go on."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from enzyme_lsp.engines.enzyme.allowed import REFUSED
from enzyme_lsp.features.pipeline_help import pipeline_help
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_expect


def check_help(typed: str, expect: str, document: str = "", most: int = 3) -> None:
    """What is said of a pipeline with its cursor, `most` proposals of it."""
    __tracebackhide__ = True
    text, at = typed.replace("<|>", ""), typed.find("<|>")
    snapshot = Workspace(Settings()).open(Document.of("untitled:1", document)) if document else None
    found = pipeline_help(text, None if at < 0 else at, snapshot)
    lines = [f"pass {text[one.span.start : one.span.end]}: {one.meaning or 'unknown'}" for one in found.passes]
    lines += [f"problem [{text[one.span.start : one.span.end]}]: {one.message}" for one in found.problems]
    for one in found.proposals[:most]:
        after = text[: one.span.start] + one.inserted + text[one.span.end :]
        lines.append(f"{one.label} makes {after}" + " (documented)" * bool(one.page))
    check_expect("\n".join(lines) or "nothing", expect)


def test_nothing_typed_yet() -> None:
    check_help(
        "",
        """
    enzyme makes enzyme (documented)
    canonicalize makes canonicalize (documented)
    remove-unnecessary-enzyme-ops makes remove-unnecessary-enzyme-ops (documented)
""",
    )


def test_a_pass_that_is_half_typed() -> None:
    check_help(
        "builtin.module(enzyme,remove-un<|>)",
        """
    pass enzyme: differentiates: replaces enzyme.autodiff and enzyme.fwddiff by calls of functions that it makes
    pass remove-un: unknown
    problem [remove-un]: Enzyme has no pass remove-un; did you mean remove-atomics?
    remove-unnecessary-enzyme-ops makes builtin.module(enzyme,remove-unnecessary-enzyme-ops) (documented)
""",
    )


def test_options() -> None:
    check_help(
        "enzyme-wrap{mode=ForwardMode out<|>}",
        """
    pass enzyme-wrap: makes a derivative of one function, without an operation that asks for it
    problem [out]: enzyme-wrap has no option out; did you mean outfn?
    outfn makes enzyme-wrap{mode=ForwardMode outfn=} (documented)
""",
    )


def test_values_of_an_option() -> None:
    check_help(
        "enzyme-wrap{mode=<|>}",
        """
    pass enzyme-wrap: makes a derivative of one function, without an operation that asks for it
    ReverseModeCombined makes enzyme-wrap{mode=ReverseModeCombined}
    ForwardMode makes enzyme-wrap{mode=ForwardMode}
    ReverseModeGradient makes enzyme-wrap{mode=ReverseModeGradient}
""",
    )


def test_the_functions_of_the_document() -> None:
    check_help(
        "enzyme-wrap{infn=s<|>",
        """
    pass enzyme-wrap: makes a derivative of one function, without an operation that asks for it
    problem [{]: this brace is never closed
    square makes enzyme-wrap{infn=square
""",
        "func.func private @square(f64) -> f64\nmodule @m {}\n",
    )


def test_a_pipeline_in_an_option() -> None:
    check_help(
        'enzyme{postpasses="canonicalize,cs<|>"}',
        """
    pass enzyme: differentiates: replaces enzyme.autodiff and enzyme.fwddiff by calls of functions that it makes
    cse makes enzyme{postpasses="canonicalize,cse"} (documented)
""",
        most=1,
    )


def test_what_is_wrong() -> None:
    check_help(
        "enzym{width=2},canonicalize{top-down=maybe region-simplify=much},print,(",
        """
    pass enzym: unknown
    pass canonicalize: applies the simplifications that each operation brings along
    pass print: unknown
    problem [enzym]: Enzyme has no pass enzym; did you mean enzyme?
    problem [maybe]: top-down of canonicalize is true or false
    problem [much]: region-simplify of canonicalize is one of disabled, normal, aggressive
    problem [print]: print is not run for a text: it writes a file
    problem []: the parenthesis behind this is never closed
    problem [(]: the name of a pass is expected here
    problem []: the name of a pass is expected here
""",
        most=0,
    )


def test_nothing_can_follow_a_number() -> None:
    check_help(
        "canonicalize{max-iterations=<|>}",
        """
    pass canonicalize: applies the simplifications that each operation brings along
""",
    )


def test_refused_passes_are_told() -> None:
    for name in REFUSED:
        assert any("is not run for a text" in one.message for one in pipeline_help(name).problems)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.sampled_from([*"{}()=,'\"\\ \n😀", "enzyme", "canonicalize", "inline", "infn", "module"])).map("".join),
    st.integers(0, 50),
)
def test_any_text(text: str, at: int) -> None:
    found = pipeline_help(text, at)
    for one in (*found.passes, *found.problems, *found.proposals):
        assert 0 <= one.span.start <= one.span.end <= len(text)
    assert all(one.span.start <= min(at, len(text)) <= one.span.end for one in found.proposals)


def test_a_long_text_is_no_burden() -> None:
    start = time.perf_counter()
    for text in ("nosuchpass," * 100_000, "{" * 1_000_000, "a{b=" * 100_000, "x" * 1_000_000):
        pipeline_help(text)
    assert time.perf_counter() - start < 2
