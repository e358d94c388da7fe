"""A derivative call has no more operands than its activities ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics, check_fix_all

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_the_types_tell_which_one():
    check_diagnostics("""
        func.func @f(%x: f64, %n: i32) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, i32) -> f64
          return %x : f64
        }
        func.func @d(%x: f64, %n: i32, %t: tensor<2xf64>, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %t, %n, %dr) {
          //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, %n: i32, seed of result 0: f64) and gives (gradient of %x: f64)
          //                          ^^ error[surplus-operand]: %t is one operand too many: enzyme.autodiff of @f with these activities takes 3 operands
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, tensor<2xf64>, i32, f64) -> f64
          return %0 : f64
        }
    """)


def test_for_no_arguments_none():
    check_diagnostics("""
        func.func @f() -> f64 {
        //        ^^^^^^^^^^^ note: the callee: @f : () -> f64
        //        ^^^^^^^^^^^ note: the callee: @f : () -> f64
        //        ^^^^^^^^^^^ note: the callee: @f : () -> f64
          %c = arith.constant 1.0 : f64
          //   ^^^^^^^^^^^^^^ note: here
          return %c : f64
        }
        func.func @d(%x: f64) -> f64 {
          %0 = "enzyme.fwddiff"(%x, %x) <{
          //   ^^^^^^^^^^^^^^^^ note: enzyme.fwddiff takes () and gives (result 0: f64)
          //   ^^^^^^^^^^^^^^^^ note: enzyme.fwddiff takes () and gives (result 0: f64)
          //                    ^^ error[surplus-operand]: %x is one operand too many: enzyme.fwddiff of @f with these activities takes no operands
          //                        ^^ error[surplus-operand]: %x is one operand too many: enzyme.fwddiff of @f with these activities takes no operands
            fn = @f, activity = [], ret_activity = [#enzyme.activity<enzyme_const>]
          }> : (f64, f64) -> f64
          %1 = enzyme.batch @f(%x) <batch_shape = [2]> : (f64) -> tensor<2xf64>
          //   ^^^^^^^^^^^^ note: enzyme.batch takes () and gives (result 0: tensor<2xf64>)
          //                   ^^ error[surplus-operand]: %x is one operand too many: enzyme.batch of @f takes no operands
          //                ^^ warning[batch-body]: engines 0.0.15 and 0.0.16 cannot batch @f: it has a constant that is no tensor (f64)
          return %0 : f64
        }
    """)


def test_it_is_removed_with_its_type(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%x: f64, %n: i32) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %n: i32, %t: tensor<2xf64>, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, <|>%t, %n, // a comment
                                      %dr) <
                activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_const>],
                ret_activity = [#enzyme.activity<enzyme_activenoneed>]
              > : (f64, tensor<2xf64>, i32, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @f(%x: f64, %n: i32) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %n: i32, %t: tensor<2xf64>, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, %n, // a comment
                                      %dr) <
                activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_const>],
                ret_activity = [#enzyme.activity<enzyme_activenoneed>]
              > : (f64, i32, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_the_first_goes_with_the_comma_behind_it(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %n: i32, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @square(<|>%n, %x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (i32, f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %n: i32, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @square(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_which_of_two_is_not_known_and_so_none_is_preferred():
    text = """
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %y: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x, %y) {
            activity = [#enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_const>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
    """
    check_fix_all(text, text)


def test_the_activity_may_be_what_is_wrong(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = enzyme.fwddiff @square(%x, <|>%dx) {
                activity = [#enzyme<activity enzyme_const>],
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
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        title="Make argument 0 enzyme_dup",
    )
