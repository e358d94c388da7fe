"""unknown-pass: passes, options and values in RUN lines of Enzyme's programs."""

from __future__ import annotations

from tests.fixture import check_diagnostics, check_fix


def test_passes_options_and_values_in_every_form() -> None:
    check_diagnostics("""
        // RUN: enzymexlamlir-opt %s --pass-pipeline="builtin.module(enzym,func.func(cse{x=1}))" | FileCheck %s
        //                                                           ^^^^^ warning[unknown-pass]: Enzyme has no pass enzym; did you mean enzyme?
        // RUN: enzymemlir-opt %s --canonicalize="max-iteration=3 top-down=maybe" --cse
        //                                        ^^^^^^^^^^^^^ warning[unknown-pass]: canonicalize has no option max-iteration; did you mean max-iterations?
        //                                                                 ^^^^^ warning[unknown-pass]: top-down of canonicalize is true or false
        // RUN: enzymemlir-opt %s \\
        // RUN:   --affine-loop-fusion=mode=greed
        //                                  ^^^^^ warning[unknown-pass]: mode of affine-loop-fusion is one of greedy, producer, sibling
        func.func @f() {
          return
        }
    """)


def test_a_pipeline_that_cannot_be_read() -> None:
    check_diagnostics("""
        // RUN: enzymemlir-opt %s --pass-pipeline="builtin.module(cse"
        //                                         ^^^^^^^^^^^^^^ warning[unknown-pass]: the parenthesis behind this is never closed
        func.func @f() {
          return
        }
    """)


def test_programs_of_others_have_passes_of_their_own() -> None:
    check_diagnostics("""
        // RUN: mlir-opt %s --no-such-pass | enzyme-translate --no-such-option
        // RUN: enzymemlir-opt %s --enzyme --split-input-file -o - | FileCheck %s --no-such-option
        func.func @f() {
          return
        }
    """)


def test_a_name_that_is_close_is_written() -> None:
    check_fix(
        "// RUN: enzymemlir-opt %s --<|>canonicalise --cse\nmodule {}\n",
        "// RUN: enzymemlir-opt %s --canonicalize --cse\nmodule {}\n",
        title="Write canonicalize",
    )
