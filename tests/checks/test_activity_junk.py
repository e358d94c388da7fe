"""An activity attribute holds one word and is closed behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_in_the_classic_spelling():
    check_diagnostics("""
        func.func @f(%a: f64, %b: f64, %c: f64, %d: f64) -> f64 {
          return %a : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.autodiff @f(%x, %x, %x, %x, %x) {
            activity = [#enzyme<activity enzyme_active garbage>, #enzyme<activity enzyme_const, >, #enzyme<activity enzyme_const , foo<1>>, #enzyme<activity "enzyme_const" !!>],
            //                                         ^^^^^^^ error[activity-junk]: `garbage` behind enzyme_active is too much: an activity attribute holds one word
            //                                                                                ^ error[activity-junk]: `,` behind enzyme_const is too much: an activity attribute holds one word
            //                                                                                                                     ^^^^^^ error[activity-junk]: `foo<1>` behind enzyme_const is too much: an activity attribute holds one word
            //                                                                                                                                                              ^^ error[activity-junk]: `!!` behind enzyme_const is too much: an activity attribute holds one word
            ret_activity = [#enzyme<activity enzyme_activenoneed, enzyme_dup>]
            //                                                    ^^^^^^^^^^ error[activity-junk]: `enzyme_dup` behind enzyme_activenoneed is too much: an activity attribute holds one word
          } : (f64, f64, f64, f64, f64) -> f64
          return
        }
    """)


def test_in_the_strict_spelling():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dr: f64) {
          %0 = "enzyme.autodiff"(%x, %dr) <{
            fn = @square,
            activity = [#enzyme<activity<enzyme_active , foo<1>>>],
            //                                           ^^^^^^ error[activity-junk]: `foo<1>` behind enzyme_active is too much: an activity attribute holds one word
            ret_activity = [#enzyme.activity<enzyme_activenoneed, enzyme_dup>]
            //                                                    ^^^^^^^^^^ error[activity-junk]: `enzyme_dup` behind enzyme_activenoneed is too much: an activity attribute holds one word
          }> : (f64, f64) -> f64
          return
        }
    """)


def test_blanks_are_none():
    check_diagnostics("""
        func.func @f(%a: f64, %b: f64, %c: f64) -> f64 {
          return %a : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.autodiff @f(%x, %x, %x, %x) <
            activity = [#enzyme<activity< enzyme_active > >, #enzyme< activity < enzyme_const > >, #enzyme.activity<"enzyme_const"
            >],
            ret_activity = [ #enzyme.activity< "enzyme_activenoneed" > ]
          > : (f64, f64, f64, f64) -> f64
          return
        }
    """)


def test_it_is_removed(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @square(%x, %dr) <
                activity = [#enzyme<activity<enzyme_active, <|>foo<1>>>],
                ret_activity = [#enzyme.activity<enzyme_activenoneed>]
              > : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @square(%x, %dr) <
                activity = [#enzyme<activity<enzyme_active>>],
                ret_activity = [#enzyme.activity<enzyme_activenoneed>]
              > : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_an_attribute_that_is_not_closed_takes_the_next_ones_with_it():
    check_diagnostics("""
        func.func @f(%a: f64, %b: f64) -> f64 {
          return %a : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.autodiff @f(%x, %x, %x) {
            activity = [#enzyme<activity enzyme_active, #enzyme<activity enzyme_const>],
            //                           ^^^^^^^^^^^^^ error[activity-junk]: `>` is missing behind enzyme_active, which closes the attribute
            ret_activity = [#enzyme<activity "enzyme_activenoneed"]
            //                                ^^^^^^^^^^^^^^^^^^^ error[activity-junk]: `>` is missing behind enzyme_activenoneed, which closes the attribute
          } : (f64, f64, f64) -> f64
          return
        }
    """)


def test_it_is_closed(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%a: f64, %b: f64) -> f64 {
              return %a : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, %x, %dr) {
                activity = [#enzyme<activity <|>enzyme_active, #enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @f(%a: f64, %b: f64) -> f64 {
              return %a : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, %x, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64, f64) -> f64
              return %0 : f64
            }
        """,
    )
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = "enzyme.autodiff"(%x, %dr) <{
                fn = @square,
                activity = [#enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme<activity<<|>enzyme_activenoneed>]
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
                activity = [#enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme<activity<enzyme_activenoneed>>]
              }> : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    )
