"""An attribute of a derivative call is given once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics, check_fix, check_fix_all

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_in_one_dictionary_and_in_two():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) {
          %0 = enzyme.fwddiff @square(%x, %dx) <activity = [#enzyme.activity<enzyme_dup>], activity = [#enzyme.activity<enzyme_const>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>], activity = []> : (f64, f64) -> f64
          //                                    ^^^^^^^^ note: activity is given here first
          //                                    ^^^^^^^^ note: activity is given here first
          //                                                                               ^^^^^^^^ error[duplicate-attribute]: activity is given again
          //                                                                                                                                                                                 ^^^^^^^^ error[duplicate-attribute]: activity is given again
          %1 = "enzyme.fwddiff"(%x, %dx) <{fn = @square, activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]}> {fn = @square} : (f64, f64) -> f64
          //                               ^^ note: fn is given here first
          //                                                                                                                                               ^^ error[duplicate-attribute]: fn is given again
          return
        }
    """)


def test_the_same_again_is_removed(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = enzyme.fwddiff @square(%x, %dx) {
                activity = [#enzyme<activity enzyme_dup>],
                strong_zero = true, <|>strong_zero = true,
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = enzyme.fwddiff @square(%x, %dx) {
                activity = [#enzyme<activity enzyme_dup>],
                strong_zero = true,
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_which_of_two_is_meant_is_for_the_user_to_say():
    before = """
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x, %dx) {
            strong_zero = true,
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>],
            <|>strong_zero = false
          } : (f64, f64) -> f64
          return %0 : f64
        }
    """
    check_fix_all(before, before.replace("<|>", ""))
    check_fix(
        before,
        after="""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x, %dx) {
            strong_zero = true,
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
    """,
        title="Remove this strong_zero",
    )
