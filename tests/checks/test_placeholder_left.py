"""placeholder-left: an operand of a derivative call that is still to be written."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_placeholders_that_no_derivative_takes_are_left_alone() -> None:
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
          %p = "enzyme.placeholder"() : () -> f64
          %y = arith.mulf %x, %p : f64
          return %y : f64
        }
    """)


def test_each_operand_that_is_one() -> None:
    check_diagnostics("""
        func.func @mul(%x: f64, %y: f64) -> f64 {
          %z = arith.mulf %x, %y : f64
          return %z : f64
        }
        func.func @d(%x: f64, %y: f64) -> f64 {
          %dx = "enzyme.placeholder"() : () -> f64
          %dy = "enzyme.placeholder"() : () -> f64
          %0 = enzyme.fwddiff @mul(%x, %dx, %y, %dy) <
          //                           ^^^ warning[placeholder-left]: %dx is a placeholder: write the value that it stands for
          //                                    ^^^ warning[placeholder-left]: %dy is a placeholder: write the value that it stands for
            activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup>],
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64, f64, f64, f64) -> f64
          return %0 : f64
        }
    """)
