"""Only types that take part in differentiation have an activity other than const."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_they_may_be_constant_only():
    check_diagnostics("""
        func.func @f(%a: f80, %b: memref<*xf64>, %c: vector<2xf32>, %x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f80, memref<*xf64>, vector<2xf32>, f64) -> f64
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f80, memref<*xf64>, vector<2xf32>, f64) -> f64
          return %x : f64
        }
        func.func @d(%a: f80, %b: memref<*xf64>, %c: vector<2xf32>, %x: f64) {
          enzyme.autodiff @f(%a, %b, %b, %c, %x, %x) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_constnoneed>, #enzyme<activity enzyme_const>],
            //                           ^^^^^^^^^^^^^ error[no-derivative-type]: argument 0 (%a) cannot be enzyme_active: f80 has no derivative type, make it enzyme_const
            //                                                            ^^^^^^^^^^ error[no-derivative-type]: argument 1 (%b) cannot be enzyme_dup: memref<*xf64> has no derivative type, make it enzyme_const
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f80, memref<*xf64>, memref<*xf64>, vector<2xf32>, f64, f64) -> f80
          return
        }
    """)


def test_what_has_no_rank_has_no_place_for_the_width():
    check_diagnostics("""
        func.func @f(%t: tensor<*xf64>) -> tensor<*xf64> {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<*xf64>) -> tensor<*xf64>
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<*xf64>) -> tensor<*xf64>
          return %t : tensor<*xf64>
        }
        func.func @d(%t: tensor<*xf64>) {
          %0 = enzyme.fwddiff @f(%t, %t) <
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>], width = 2
            //                                                                          ^^^^^^^^^^^^^^^^ error[no-derivative-type]: result 0 cannot be enzyme_dupnoneed at width 2: tensor<*xf64> has no rank that the width could be added to
            //                           ^^^^^^^^^^ error[no-derivative-type]: argument 0 (%t) cannot be enzyme_dup at width 2: tensor<*xf64> has no rank that the width could be added to
          > : (tensor<*xf64>, tensor<*xf64>) -> tensor<*xf64>
          %1 = enzyme.fwddiff @f(%t, %t) <
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (tensor<*xf64>, tensor<*xf64>) -> tensor<*xf64>
          return
        }
    """)


def test_types_of_dialects_that_nobody_knows_are_left_alone():
    check_diagnostics("""
        func.func @f(%t: !my.type, %x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%t: !my.type, %x: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%t, %t, %x, %x) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (!my.type, !my.type, f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_it_is_made_constant(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%v: vector<4xf64>, %x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%v: vector<4xf64>, %x: f64, %dx: f64) -> f64 {
              %0 = "enzyme.fwddiff"(%v, %x, %dx) <{
                fn = @f,
                activity = [#enzyme.activity<<|>enzyme_dup>, #enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
              }> : (vector<4xf64>, f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @f(%v: vector<4xf64>, %x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%v: vector<4xf64>, %x: f64, %dx: f64) -> f64 {
              %0 = "enzyme.fwddiff"(%v, %x, %dx) <{
                fn = @f,
                activity = [#enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
              }> : (vector<4xf64>, f64, f64) -> f64
              return %0 : f64
            }
        """,
    )
