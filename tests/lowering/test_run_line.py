"""RUN lines: which pipelines the command lines of tests describe, and where they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enzyme_lsp.lowering import run_line, shell


def only(text: str) -> run_line.Lowering:
    (found,) = run_line.lowerings(text.encode())
    return found


@pytest.mark.parametrize(
    ("line", "pipeline"),
    [
        ("enzymexlamlir-opt %s --enzyme --canonicalize", "enzyme,canonicalize"),
        ("enzymexlamlir-opt --enzyme %s | FileCheck %s", "enzyme"),
        ("mlir-opt -cse < %s", "cse"),
        ("cat %s | mlir-opt --cse -", "cse"),
        ("/a/b/enzymemlir-opt %s -enzyme -o - ", "enzyme"),
        ("%enzymexlamlir-opt %s --cse", "cse"),
        ('mlir-opt %s --pass-pipeline="builtin.module(func.func(cse),enzyme)"', "func.func(cse),enzyme"),
        ("mlir-opt %s '--pass-pipeline=builtin.module(cse{a=1})'", "cse{a=1}"),
        ("mlir-opt %s --pass-pipeline builtin.module(cse)", "cse"),
        (
            'opt %s --enzyme-wrap="infn=f outfn= argTys=enzyme_dup,enzyme_const mode=ForwardMode" --cse',
            "enzyme-wrap{infn=f outfn= argTys=enzyme_dup,enzyme_const mode=ForwardMode},cse",
        ),
        ("opt %s --convert-polygeist-to-llvm=backend=cuda", "convert-polygeist-to-llvm{backend=cuda}"),
        ("opt %s --a='patterns=f(1);g'", "a{patterns=f(1);g}"),
        (r"opt %s --a=b=\"c\"", 'a{b="c"}'),
        ("env A=B C=d opt %s --cse", "cse"),
        ("not --crash opt %s --cse", "cse"),
        ("opt %s --split-input-file --verify-diagnostics -allow-unregistered-dialect --cse 2>&1 | FileCheck %s", "cse"),
        ("opt %s --cse | opt --canonicalize | FileCheck %s", "cse,canonicalize"),
        ("opt %s --cse > %t", "cse"),
        ("opt %s --chlo-legalize-to-stablehlo --cse", "func.func(chlo-legalize-to-stablehlo),cse"),
        ("opt %s --affine-loop-tile=tile-size=4", "func.func(affine-loop-tile{tile-size=4})"),
        ('opt %s --pass-pipeline="builtin.module(affine-loop-tile)"', "affine-loop-tile"),
        ("opt %s", ""),
    ],
)
def test_a_command_line_is_a_pipeline(line: str, pipeline: str):
    found = only(f"// RUN: {line}\n")
    assert (str(found.pipeline), found.reason, found.pipeline.problems) == (pipeline, "", ())


def test_what_the_options_say_besides():
    found = only(
        "// RUN: not opt %s -split-input-file --verify-diagnostics --allow-unregistered-dialect --cse"
        " | FileCheck %s --check-prefix=A\n"
    )
    assert found.splits
    assert found.verifies_diagnostics
    assert found.allows_unregistered
    assert found.fails
    assert found.checker == ("%s", "--check-prefix=A")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("stablehlo-translate %s", "`stablehlo-translate` is no program of the mlir-opt family"),
        ("opt %t --cse", "it reads %t, not this file"),
        ("opt --cse", "it does not read this file"),
        ("FileCheck %s", "there is no program of the mlir-opt family in it"),
        ("opt --show-dialects %s", "it prints something else than what the module becomes"),
    ],
)
def test_what_is_not_lowered_has_a_reason(line: str, reason: str):
    assert only(f"// RUN: {line}\n").reason == reason


def test_lines_that_go_on():
    text = "// RUN: opt %s --cse \\\n// RUN:   --enzyme-wrap='infn=f \\\n// RUN: outfn=g' | FileCheck %s\nmodule {}\n"
    found = only(text)
    assert str(found.pipeline) == "cse,enzyme-wrap{infn=f outfn=g}"
    assert found.span.of(text.encode()).endswith(b"FileCheck %s")


def test_several_lines_and_commands():
    text = "// RUN: opt %s --a && opt %s --b\n// RUN: cat x\n// RUN: opt %s --c\n"
    found = run_line.lowerings(text.encode())
    assert [(one.number, str(one.pipeline), bool(one.reason)) for one in found] == [
        (1, "a", False),
        (1, "b", False),
        (2, "", True),
        (3, "c", False),
    ]


def test_places_of_passes_and_options():
    text = '// RUN: opt %s --canonicalize="max-iterations=3" --cse\n'
    first, second = only(text).passes
    name = first.element.name_span
    assert first.word.place(name.start, name.end).of(text.encode()) == b"canonicalize"
    option = first.element.options[0].value_span
    assert first.word.place(option.start, option.end).of(text.encode()) == b"3"
    assert second.word.place(second.start, second.start + 3).of(text.encode()) == b"cse"


@given(st.text(alphabet="opt %s-=\"'|<>&;\\\n/RUN:", max_size=60))
def test_any_text_is_read(text: str):
    data = f"// RUN: {text}".encode()
    for line in shell.run_lines(data):
        for command in (command for pipe in line.pipes for command in pipe):
            for word in command.words:
                assert len(word.places) == len(word.raw)
                assert line.span.covers(word.span)
    run_line.lowerings(data)
