"""An argument that is `noneed` is treated like one that is not, but for `enzyme_dupnoneed`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_arguments_but_no_results_and_no_shadows():
    check_diagnostics("""
        func.func @f(%x: f64, %n: i32, %m: memref<2xf64>) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64, %n: i32, %m: memref<2xf64>) {
          %0 = enzyme.autodiff @f(%x, %n, %m, %m, %x) <
            activity = [#enzyme.activity<enzyme_activenoneed>, #enzyme.activity<enzyme_constnoneed>, #enzyme.activity<enzyme_dupnoneed>],
            //                           ^^^^^^^^^^^^^^^^^^^ hint[noneed-argument]: enzyme_activenoneed means enzyme_active for an argument
            //                                                                  ^^^^^^^^^^^^^^^^^^ hint[noneed-argument]: enzyme_constnoneed means enzyme_const for an argument
            ret_activity = [#enzyme.activity<enzyme_activenoneed>]
          > : (f64, i32, memref<2xf64>, memref<2xf64>, f64) -> f64
          %1 = enzyme.fwddiff @f(%x, %x, %n, %m) <
            activity = [#enzyme.activity<enzyme_dupnoneed>, #enzyme.activity<enzyme_constnoneed>, #enzyme.activity<enzyme_const>],
            //                                                               ^^^^^^^^^^^^^^^^^^ hint[noneed-argument]: enzyme_constnoneed means enzyme_const for an argument
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64, f64, i32, memref<2xf64>) -> f64
          return
        }
    """)


def test_the_plain_word(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = "enzyme.autodiff"(%x, %dr) <{
                fn = @square,
                activity = [#enzyme<activity <|>enzyme_activenoneed>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              }> : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = "enzyme.autodiff"(%x, %dr) <{
                fn = @square,
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              }> : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        title="Make argument 0 enzyme_active",
    )
