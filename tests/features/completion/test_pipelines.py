"""Completion in RUN lines: programs, passes as options and in pipelines, options of passes and their values."""

from __future__ import annotations

from enzyme_lsp.engines.enzyme.pass_table import PASSES
from enzyme_lsp.features import completion
from enzyme_lsp.features.completion import pipelines
from enzyme_lsp.lowering import summaries
from tests.fixture import check_completion


def test_passes_as_options() -> None:
    check_completion(
        "// RUN: enzymexlamlir-opt %s --enz<|> | FileCheck %s\n",
        """
    --enzyme  pass  differentiates: replaces enzyme.autodiff and enzyme.fwddiff by calls of functions that it makes
    --enzyme-simplify-math  pass  simplifies the arithmetic that differentiation leaves
    --enzyme-wrap  pass  makes a derivative of one function, without an operation that asks for it
""",
        most=3,
    )


def test_passes_in_a_pipeline() -> None:
    check_completion(
        '// RUN: enzymexlamlir-opt --pass-pipeline="builtin.module(enzyme,can<|>)" %s\n',
        """
    canonicalize  pass  applies the simplifications that each operation brings along
    canonicalize-elementwise-shapes  pass
""",
        most=2,
    )


def test_a_pipeline_inside_an_operation() -> None:
    check_completion(
        '// RUN: enzymexlamlir-opt --pass-pipeline="builtin.module(func.func(<|>',
        """
    enzyme  pass  differentiates: replaces enzyme.autodiff and enzyme.fwddiff by calls of functions that it makes
    canonicalize  pass  applies the simplifications that each operation brings along
""",
        most=2,
    )


def test_options_that_are_missing() -> None:
    check_completion(
        '// RUN: enzymexlamlir-opt %s --enzyme-wrap="infn=f outfn=g <|>"\n',
        """
    argTys  option  an activity for each argument, with commas (text)
      writes argTys={}
    dataflow  option  whether activity is found by data flow (bool)
      writes dataflow={}
    mode  option  ForwardMode or ReverseModeCombined (text, usually ForwardMode)
      writes mode={}
""",
        most=3,
    )


def test_options_in_braces() -> None:
    check_completion(
        '// RUN: enzymexlamlir-opt --pass-pipeline="builtin.module(canonicalize{top<|>})" %s\n',
        """
    top-down  option  whether operations are visited from the top (bool, usually true)
      writes top-down={}
""",
    )


def test_values() -> None:
    check_completion(
        '// RUN: enzymexlamlir-opt %s --enzyme-wrap="infn=f outfn=g mode=<|>"\n',
        """
    ReverseModeCombined  word
    ForwardMode  word
""",
        most=2,
    )


def test_a_pipeline_in_an_option() -> None:
    check_completion(
        "// RUN: enzymexlamlir-opt %s --enzyme='postpasses=\"canonicalize,rem<|>\"'\n",
        """
    remove-unnecessary-enzyme-ops  pass  replaces caches and gradients that are written once by the values themselves
""",
        most=1,
    )


def test_a_line_that_is_continued() -> None:
    check_completion(
        """
        // RUN: enzymexlamlir-opt %s \\
        // RUN:   --arith-r<|>
        """,
        """
    --arith-raise  pass  makes StableHLO of arithmetic on tensors
""",
    )


def test_programs_and_what_reads_their_output() -> None:
    check_completion(
        "// RUN: <|>\n",
        """
    enzymexlamlir-opt  pass  program
""",
        most=1,
    )
    check_completion(
        "// RUN: mlir-opt %s | <|>\n",
        """
    FileCheck %s  pass  program
""",
    )


def test_nothing_for_other_programs_and_in_other_comments() -> None:
    check_completion(
        "// RUN: cat --enz<|>\n",
        """
    nothing
""",
    )
    check_completion(
        "// runs --enz<|>\n",
        """
    nothing
""",
    )


def test_every_summary_is_of_a_pass_that_the_engines_have() -> None:
    assert sorted(name for name in summaries.SUMMARIES if name not in PASSES) == []
    known = {(name, option) for name, options in PASSES.items() for option in options}
    assert sorted({*summaries.OPTIONS, *summaries.VALUES} - known) == []


def test_summaries_are_short_and_begin_small() -> None:
    for name in PASSES:
        said = summaries.summary(name)
        assert len(said) <= 110, name
        assert not said.endswith("."), name


def test_the_page_of_a_pass_has_its_options() -> None:
    assert completion.documentation("pass enzyme") == pipelines.page("enzyme")
    assert "`postpasses`" in pipelines.page("enzyme")
    assert pipelines.page("nosuch") == ""
