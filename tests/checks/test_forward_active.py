"""In forward mode an argument or result is `enzyme_dup` or `enzyme_const`, with or without `noneed`, and never active."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_arguments_results_and_nothing_that_follows_from_them():
    check_diagnostics("""
        #active = #enzyme.activity<enzyme_active>
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
        //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64) {
          %0:3 = enzyme.fwddiff @square(%x) <
            activity = [#enzyme.activity<enzyme_activenoneed>], ret_activity = [#active]
            //                           ^^^^^^^^^^^^^^^^^^^ error[forward-active]: enzyme_activenoneed is for reverse mode: in forward mode argument 0 (%x) is enzyme_dup, with its tangent behind it, or enzyme_const
            //                                                                  ^^^^^^^ error[forward-active]: enzyme_active is for reverse mode: in forward mode result 0 is enzyme_dup, which gives its tangent, or enzyme_const
          > : (f64) -> (f32, f64, i1)
          %1 = enzyme.fwddiff_region(%x) {
          ^bb0(%a: f64):
            enzyme.yield %a : f64
          } <
            activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_const>]
            //                           ^^^^^^^^^^^^^ error[forward-active]: enzyme_active is for reverse mode: in forward mode argument 0 is enzyme_dup, with its tangent behind it, or enzyme_const
          > : (f64) -> f64
          return
        }
    """)


def test_reverse_mode_is_where_it_belongs():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @square(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_the_operands_tell_what_is_meant(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @mul(%x: f64, %y: f64) -> f64 {
              %z = arith.mulf %x, %y : f64
              return %z : f64
            }
            func.func @d(%x: f64, %y: f64, %dy: f64) -> f64 {
              %0 = enzyme.fwddiff @mul(%x, %y, %dy) <
                activity = [#enzyme.activity<enzyme_const>, #enzyme.activity<<|>enzyme_active>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
              > : (f64, f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @mul(%x: f64, %y: f64) -> f64 {
              %z = arith.mulf %x, %y : f64
              return %z : f64
            }
            func.func @d(%x: f64, %y: f64, %dy: f64) -> f64 {
              %0 = enzyme.fwddiff @mul(%x, %y, %dy) <
                activity = [#enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
              > : (f64, f64, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_an_attribute_takes_the_place_of_an_alias(check_mended: CheckMended):
    check_mended(
        before="""
            #active = #enzyme<activity enzyme_active>
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> (f64, f64) {
              %0:2 = "enzyme.fwddiff"(%x, %dx) <{
                fn = @square,
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [<|>#active]
              }> : (f64, f64) -> (f64, f64)
              return %0#0, %0#1 : f64, f64
            }
        """,
        after="""
            #active = #enzyme<activity enzyme_active>
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> (f64, f64) {
              %0:2 = "enzyme.fwddiff"(%x, %dx) <{
                fn = @square,
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dup>]
              }> : (f64, f64) -> (f64, f64)
              return %0#0, %0#1 : f64, f64
            }
        """,
    )
