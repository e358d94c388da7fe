"""`strong_zero` and `atomic_add` are `true` or `false`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_what_engines_read_and_what_they_do_not():
    check_diagnostics("""
        #yes = true
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) {
          %0 = enzyme.autodiff @square(%x, %dx) <{activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>], strong_zero = true, atomic_add = 0 : i1}> : (f64, f64) -> f64
          %1 = enzyme.autodiff @square(%x, %dx) <activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>], strong_zero = 1, atomic_add = false> : (f64, f64) -> f64
          %2 = "enzyme.autodiff"(%x, %dx) <{fn = @square, activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>], strong_zero = #yes, atomic_add = 1}> : (f64, f64) -> f64
          //                                                                                                                                                                                     ^ error[bad-flag]: atomic_add is true or false, not 1
          %3 = enzyme.autodiff @square(%x, %dx) <{activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>], strong_zero = 2 : i64, atomic_add}> : (f64, f64) -> f64
          //                                                                                                                                                          ^^^^^^^ error[bad-flag]: strong_zero is true or false, not 2 : i64
          //                                                                                                                                                                   ^^^^^^^^^^ error[bad-flag]: atomic_add is true or false, and no value is written
          return
        }
    """)


def test_a_name_alone(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @square(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>],
                <|>atomic_add
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @square(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>],
                atomic_add = true
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_a_string(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = "enzyme.fwddiff"(%x, %dx) <{
                fn = @square,
                strong_zero = <|>"false",
                activity = [#enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
              }> : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = "enzyme.fwddiff"(%x, %dx) <{
                fn = @square,
                strong_zero = false,
                activity = [#enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
              }> : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    )
