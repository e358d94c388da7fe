"""Pipelines: what any text says, where, and that printing it changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enzyme_lsp.lowering import lower, pipeline
from enzyme_lsp.lowering.mistakes import mistakes
from enzyme_lsp.lowering.presets import PRESETS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cse",
        "cse,canonicalize{max-iterations=3 top-down=false}",
        'enzyme{postpasses="canonicalize,cse"},canonicalize',
        "builtin.module(func.func(canonicalize{max-iterations=3},cse),enzyme)",
        "enzyme-wrap{infn=main outfn= retTys=enzyme_active argTys=a,b}",
        "inline{op-pipelines={func.func(canonicalize)} x}",
        "enzyme-hlo-generate-td{patterns=f<1>(1);g}",
    ],
)
def test_what_is_printed_is_what_was_read(text: str):
    read = pipeline.parse(text)
    assert read.problems == ()
    assert str(read) == text


def test_places_and_values():
    (only,) = pipeline.parse('  enzyme-wrap { infn=f  x "y" }'.replace('"y" ', "")).elements
    assert isinstance(only, pipeline.Pass)
    assert (only.name, only.name_span.start, only.name_span.end) == ("enzyme-wrap", 2, 13)
    infn, flag = only.options
    assert (infn.name, infn.value, infn.name_span.start, infn.value_span.start) == ("infn", "f", 16, 21)
    assert (flag.name, flag.value) == ("x", None)


@pytest.mark.parametrize(
    ("text", "message", "start"),
    [
        ("a(b", "the parenthesis behind this is never closed", 0),
        ("a)b", "nothing is open that this closes", 1),
        ("a,,b", "the name of a pass is expected here", 2),
        ("a,", "the name of a pass is expected here", 2),
        ("a{b", "this brace is never closed", 1),
        ('a{b="c}', "this is not closed before the end", 4),
        ("a{=1}", "the name of an option is expected here", 2),
        ("a{b} c", "a comma is expected between two passes", 5),
    ],
)
def test_what_is_wrong_has_a_place(text: str, message: str, start: int):
    first = min(pipeline.parse(text).problems, key=lambda one: one.span)
    assert (first.message, first.span.start) == (message, start)


@given(st.text(alphabet="ab,(){}= \"'", max_size=40))
def test_any_text_is_read(text: str):
    read = pipeline.parse(text)
    for problem in read.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text) + 1
    lower.elements(read)


def test_nesting_that_nobody_writes_costs_no_stack():
    assert pipeline.parse("a(" * 100_000).problems
    assert pipeline.parse(")" * 100_000).problems


def test_steps_are_single_passes_in_what_they_are_nested_in():
    read = pipeline.parse("builtin.module(any(enzyme,func.func(cse,scf.for(canonicalize{a=1},cse)),inline))")
    assert lower.elements(read) == (
        "enzyme",
        "func.func(cse)",
        "func.func(scf.for(canonicalize{a=1}))",
        "func.func(scf.for(cse))",
        "inline",
    )


def test_presets_have_no_mistakes():
    for preset in PRESETS.values():
        assert mistakes(pipeline.parse(preset.pipeline)) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("canonicalise", "1 Enzyme has no pass canonicalise; did you mean canonicalize?"),
        ("cse,func.func(enzym)", "15 Enzyme has no pass enzym; did you mean enzyme?"),
        ("canonicalize{max-iteration=3}", "14 canonicalize has no option max-iteration; did you mean max-iterations?"),
        ("canonicalize{top-down=maybe}", "23 top-down of canonicalize is true or false"),
        ("canonicalize{region-simplify=x}", "30 region-simplify of canonicalize is one of ..."),
    ],
)
def test_mistakes_name_what_is_close(text: str, said: str):
    (found,) = mistakes(pipeline.parse(text))
    shown = f"{found.span.start + 1} {found.message}"
    assert shown == said or (said.endswith("...") and shown.startswith(said[:-3]))
