"""A derivative call that names its results names all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics, check_fix

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_too_few_none_and_far_too_many():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @f(%m: memref<2xf64>) {
          return
        }
        func.func @d(%x: f64, %dx: f64, %m: memref<2xf64>) {
          enzyme.fwddiff @square(%x, %dx) <
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dup>]
          > : (f64, f64) -> (f64, f64)
          %0 = enzyme.fwddiff @square(%x, %dx) <
        //^^ error[result-names]: 1 result is named, but the type gives 2
          //   ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, shadow of %x: f64) and gives (result 0: f64, tangent of result 0: f64)
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dup>]
          > : (f64, f64) -> (f64, f64)
          %1 = "enzyme.autodiff"(%m, %m) <{
        //^^ error[result-names]: 1 result is named, but the type gives none
          //   ^^^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%m: memref<2xf64>, shadow of %m: memref<2xf64>) and gives ()
            fn = @f, activity = [#enzyme.activity<enzyme_dup>], ret_activity = []
          }> : (memref<2xf64>, memref<2xf64>) -> ()
          %2:999999999 = enzyme.fwddiff @square(%x, %dx) <
        //^^^^^^^^^^^^ error[result-names]: 999999999 results are named, but the type gives 2
          //             ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, shadow of %x: f64) and gives (result 0: f64, tangent of result 0: f64)
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dup>]
          > : (f64, f64) -> (f64, f64)
          return
        }
    """)


def test_where_a_type_is_missing_that_is_said_alone():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) {
          %0:2 = enzyme.fwddiff @square(%x, %dx) {
          //     ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, shadow of %x: f64) and gives (result 0: f64, tangent of result 0: f64)
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dup>]
          } : (f64, f64) -> f64
          //                ^^^ error[missing-result]: the tangent of result 0 (f64) is missing: enzyme.fwddiff of @square with these activities gives 2 results, 1 is written
          return
        }
    """)


def test_a_number_behind_the_name(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0<|> = enzyme.fwddiff @square(%x, %dx) {
                activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dup>]
              } : (f64, f64) -> (f64, f64)
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0:2 = enzyme.fwddiff @square(%x, %dx) {
                activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dup>]
              } : (f64, f64) -> (f64, f64)
              return %0#0 : f64
            }
        """,
    )


def test_more_names(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%x: f64) -> (f64, f64) {
              return %x, %x : f64, f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %a, %b<|> = enzyme.fwddiff @f(%x, %dx) <
                activity = [#enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup>]
              > : (f64, f64) -> (f64, f64, f64, f64)
              return %b : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> (f64, f64) {
              return %x, %x : f64, f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %a, %b, %result, %result_1 = enzyme.fwddiff @f(%x, %dx) <
                activity = [#enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup>]
              > : (f64, f64) -> (f64, f64, f64, f64)
              return %b : f64
            }
        """,
    )


def test_a_use_of_a_name_that_goes_is_for_the_user_to_change():
    check_fix(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0:2<|> = enzyme.fwddiff @square(%x, %dx) {
                activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0#1 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = enzyme.fwddiff @square(%x, %dx) {
                activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0#1 : f64
            }
        """,
        title="Name 1 result",
    )
