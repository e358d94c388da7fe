"""wrap-options: the options of `enzyme-wrap` in RUN lines against the function that they name."""

from __future__ import annotations

from tests.fixture import check_diagnostics, check_fix


def test_one_entry_for_each_argument_and_result() -> None:
    check_diagnostics("""
        // RUN: enzymexlamlir-opt %s --enzyme-wrap="infn=f outfn=df argTys=enzyme_dup,enzyme_const retTys=enzyme_dup mode=ForwardMode"
        // RUN: enzymexlamlir-opt %s --enzyme-wrap="infn=f outfn=df argTys=enzyme_dup mode=ForwardMode"
        //                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[wrap-options]: @f has 1 result, but retTys lists none: enzyme-wrap then changes nothing and reports success
        //                                                                 ^^^^^^^^^^ error[wrap-options]: @f has 2 arguments, but argTys lists 1: enzyme-wrap then changes nothing and reports success
        func.func @f(%x: f64, %n: i32) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the function: @f : (f64, i32) -> f64
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the function: @f : (f64, i32) -> f64
          return %x : f64
        }
    """)


def test_a_pipeline_and_a_continued_line() -> None:
    check_diagnostics("""
        // RUN: opt %s --pass-pipeline='builtin.module(enzyme-wrap{infn=f outfn=d argTys=enzyme_dup retTys= mode=ForwardMode})'
        //                                                                                                 ^ error[wrap-options]: @f has 1 result, but retTys lists none: enzyme-wrap then changes nothing and reports success
        // RUN: opt %s \\
        // RUN:   --enzyme-wrap="infn=g outfn=d"
        //                            ^ error[wrap-options]: no section of this file defines @g, which enzyme-wrap differentiates
        func.func @f(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^ note: the function: @f : (f64) -> f64
          return %x : f64
        }
    """)


def test_other_comments_and_other_passes_say_nothing() -> None:
    check_diagnostics("""
        // Use enzyme-wrap="infn=nope" here.
        // RUN: opt %s --enzyme --enzyme-wrap="infn=%fn outfn=d" | FileCheck %s
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
    """)


def test_the_function_may_stand_in_a_module_and_in_some_section() -> None:
    check_diagnostics("""
        // RUN: opt %s --split-input-file --enzyme-wrap="infn=f outfn=d argTys=enzyme_dup retTys=enzyme_dup mode=ForwardMode"
        func.func @g() {
          return
        }
        // -----
        module {
          func.func @f(%x: f64) -> f64 {
            return %x : f64
          }
        }
    """)


def test_a_misspelt_activity_is_mended() -> None:
    check_fix(
        """
        // RUN: opt %s --enzyme-wrap="infn=f outfn=d argTys=enzyme_dub<|> retTys=enzyme_dup mode=ForwardMode"
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        """,
        """
        // RUN: opt %s --enzyme-wrap="infn=f outfn=d argTys=enzyme_dup retTys=enzyme_dup mode=ForwardMode"
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        """,
    )


def test_a_mode_without_its_prefix_is_told_apart() -> None:
    check_diagnostics("""
        // RUN: opt %s --enzyme-wrap="infn=f outfn=d argTys=enzyme_dup retTys=dup mode=Forward"
        //                                                                    ^^^ error[wrap-options]: dup is no activity of enzyme-wrap, which then reads retTys as empty, did you mean enzyme_dup?
        //                                                                             ^^^^^^^ error[wrap-options]: Forward is no mode of enzyme-wrap, did you mean ForwardMode?
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
    """)


def test_it_names_a_function_and_has_five_options() -> None:
    check_diagnostics("""
        // RUN: opt %s --enzyme-wrap | FileCheck %s
        //               ^^^^^^^^^^^ error[wrap-options]: enzyme-wrap names no function to differentiate (infn=...), and crashes
        // RUN: opt %s --pass-pipeline='builtin.module(enzyme-wrap,canonicalize)'
        //                                             ^^^^^^^^^^^ error[wrap-options]: enzyme-wrap names no function to differentiate (infn=...), and crashes
        // RUN: opt %s --enzyme-wrap="outfn=d mode=ForwardMode"
        //               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[wrap-options]: enzyme-wrap names no function to differentiate (infn=...), and crashes
        // RUN: opt %s --enzyme-wrap="infn=f argTys=enzyme_dup retTy=enzyme_dup retTys=enzyme_dup width=2"
        //                                                     ^^^^^ error[wrap-options]: enzyme-wrap has no option retTy, did you mean retTys?
        //                                                                                        ^^^^^ error[wrap-options]: enzyme-wrap has no option width, write one of infn, outfn, argTys, retTys, mode
        // RUN: opt %s --enzyme-wrap="%options" --enzyme-wrap-more
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
    """)


def test_nothing_is_active_in_forward_mode() -> None:
    check_diagnostics("""
        // RUN: opt %s --enzyme-wrap="infn=f outfn=d argTys=enzyme_active retTys=enzyme_active mode=ForwardMode"
        //                                                  ^^^^^^^^^^^^^ error[wrap-options]: enzyme_active has no meaning in ForwardMode, where a tangent comes with enzyme_dup
        //                                                                       ^^^^^^^^^^^^^ error[wrap-options]: enzyme_active has no meaning in ForwardMode, where a tangent comes with enzyme_dup
        // RUN: opt %s --enzyme-wrap="infn=f outfn=d argTys=enzyme_active retTys=enzyme_active mode=ReverseModeGradient"
        // RUN: opt %s --enzyme-wrap="infn=f outfn=d argTys=enzyme_dup retTys=enzyme_active"
        //                                                                    ^^^^^^^^^^^^^ error[wrap-options]: enzyme_active has no meaning in ForwardMode, where a tangent comes with enzyme_dup
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
    """)


def test_activities_fit_the_types() -> None:
    check_diagnostics("""
        !matrix = memref<4xf64>
        // RUN: opt %s --enzyme-wrap="infn=f outfn=d argTys=enzyme_active,enzyme_dup,enzyme_dup retTys=enzyme_active mode=ReverseModeGradient"
        //                                                  ^^^^^^^^^^^^^ error[wrap-options]: argument 0 of @f is memref<4xf64> and cannot be enzyme_active
        //                                                                ^^^^^^^^^^ error[wrap-options]: argument 1 of @f is vector<4xf64> and cannot be enzyme_dup
        // RUN: opt %s --enzyme-wrap="infn=f outfn=d argTys=enzyme_dup,enzyme_const,enzyme_const retTys=enzyme_active mode=ReverseModeCombined"
        func.func @f(%m: !matrix, %v: vector<4xf64>, %x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the function: @f : (!matrix, vector<4xf64>, f64) -> f64
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the function: @f : (!matrix, vector<4xf64>, f64) -> f64
          return %x : f64
        }
    """)


def test_fix_writes_the_option_that_was_meant() -> None:
    check_fix(
        """
        // RUN: opt %s --enzyme-wrap="infn=f argTys=enzyme_dup retTys=enzyme_dup <|>mod=ForwardMode"
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        """,
        """
        // RUN: opt %s --enzyme-wrap="infn=f argTys=enzyme_dup retTys=enzyme_dup mode=ForwardMode"
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        """,
    )
