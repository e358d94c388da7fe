"""What is active has a type whose gradient can start from zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_types_without_a_zero():
    check_diagnostics("""
        func.func @f(%a: ui8, %b: tensor<4xindex>, %c: tensor<4xf8E5M2>, %d: complex<i32>) -> si32 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (ui8, tensor<4xindex>, tensor<4xf8E5M2>, complex<i32>) -> si32
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (ui8, tensor<4xindex>, tensor<4xf8E5M2>, complex<i32>) -> si32
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (ui8, tensor<4xindex>, tensor<4xf8E5M2>, complex<i32>) -> si32
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (ui8, tensor<4xindex>, tensor<4xf8E5M2>, complex<i32>) -> si32
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (ui8, tensor<4xindex>, tensor<4xf8E5M2>, complex<i32>) -> si32
          %y = "test.make"() : () -> si32
          return %y : si32
        }
        func.func @d(%a: ui8, %b: tensor<4xindex>, %c: tensor<4xf8E5M2>, %d: complex<i32>, %s: si32) {
          %0:4 = enzyme.autodiff @f(%a, %b, %c, %d, %s) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>, #enzyme<activity enzyme_activenoneed>],
            //                           ^^^^^^^^^^^^^ error[no-gradient]: argument 0 (%a) cannot be enzyme_active: ui8 has no gradient, make it enzyme_const
            //                                                            ^^^^^^^^^^^^^ error[no-gradient]: argument 1 (%b) cannot be enzyme_active: tensor<4xindex> has no gradient, make it enzyme_const
            //                                                                                             ^^^^^^^^^^^^^ error[no-gradient]: argument 2 (%c) cannot be enzyme_active: tensor<4xf8E5M2> has no gradient, make it enzyme_const
            //                                                                                                                              ^^^^^^^^^^^^^^^^^^^ error[no-gradient]: argument 3 (%d) cannot be enzyme_activenoneed: complex<i32> has no gradient, make it enzyme_const
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
            //                               ^^^^^^^^^^^^^^^^^^^ error[no-gradient]: result 0 cannot be enzyme_activenoneed: si32 has no gradient, make it enzyme_const
          } : (ui8, tensor<4xindex>, tensor<4xf8E5M2>, complex<i32>, si32) -> (ui8, tensor<4xindex>, tensor<4xf8E5M2>, complex<i32>)
          return
        }
    """)


def test_some_have_one_at_width_1_alone():
    check_diagnostics("""
        func.func @f(%i: index, %x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (index, f64) -> f64
          return %x : f64
        }
        func.func @d(%i: index, %x: f64, %dr: tensor<2xf64>) {
          %0 = enzyme.autodiff @f(%i, %x, %dr) <
            activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_const>],
            //                           ^^^^^^^^^^^^^ error[no-gradient]: argument 0 (%i) cannot be enzyme_active: index has no gradient at width 2, make it enzyme_const
            ret_activity = [#enzyme.activity<enzyme_activenoneed>],
            width = 2
          > : (index, f64, tensor<2xf64>) -> tensor<2xindex>
          return
        }
    """)


def test_in_forward_mode_they_have_a_shadow():
    check_diagnostics("""
        func.func @f(%a: si32, %x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%a: si32, %x: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%a, %a, %x, %x) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (si32, si32, f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_it_is_made_constant(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @pick(%x: f64, %i: si32) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %i: si32, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @pick(%x, %i, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity <|>enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, si32, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @pick(%x: f64, %i: si32) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %i: si32, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @pick(%x, %i, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, si32, f64) -> f64
              return %0 : f64
            }
        """,
    )
