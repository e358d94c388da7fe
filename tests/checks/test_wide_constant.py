"""Forward mode with a width other than 1 cannot give a tangent that is constant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics, check_fix

if TYPE_CHECKING:
    from tests.judges import EngineThread


def test_of_integers_and_where_no_argument_has_a_tangent():
    check_diagnostics("""
        func.func @f(%x: f64, %n: i32) -> (f64, i32) {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, i32) -> (f64, i32)
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, i32) -> (f64, i32)
          %m = arith.addi %n, %n : i32
          return %x, %m : f64, i32
        }
        func.func @d(%x: f64, %dx: tensor<2xf64>, %n: i32) {
          %0:2 = enzyme.fwddiff @f(%x, %dx, %n) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_dupnoneed>],
            //                                                                   ^^^^^^^^^^^^^^^^ warning[wide-constant]: engines 0.0.15 and 0.0.16 cannot give the tangent of result 1 at width 2: it is the constant 0, since no argument with a tangent leads to it
            width = 2
          } : (f64, tensor<2xf64>, i32) -> (tensor<2xf64>, tensor<2xi32>)
          %1:2 = "enzyme.fwddiff"(%x, %n) <{
            fn = @f,
            activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_constnoneed>],
            //                               ^^^^^^^^^^ warning[wide-constant]: engines 0.0.15 and 0.0.16 cannot give the tangent of result 0 at width 3: it is the constant 0, since no argument has a tangent
            width = 3 : i64
          }> : (f64, i32) -> (f64, tensor<3xf64>)
          return
        }
    """)


def test_not_at_width_1_and_not_in_reverse_mode(strict: EngineThread):
    check_diagnostics(
        """
        func.func @f(%x: f64, %n: i32) -> (f64, i32) {
          %m = arith.addi %n, %n : i32
          return %x, %m : f64, i32
        }
        func.func @d(%x: f64, %n: i32, %dr: tensor<2xf64>) {
          %0:2 = enzyme.fwddiff @f(%x, %n) <
            activity = [#enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_const>],
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>, #enzyme.activity<enzyme_dupnoneed>]
          > : (f64, i32) -> (f64, i32)
          %1:2 = enzyme.autodiff @f(%x, %n, %dr) <
            activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_const>],
            ret_activity = [#enzyme.activity<enzyme_activenoneed>, #enzyme.activity<enzyme_const>],
            width = 2
          > : (f64, i32, tensor<2xf64>) -> (i32, tensor<2xf64>)
          return
        }
        """,
        engine=strict,
        deep=strict.deep,
    )


def test_it_is_made_constant():
    check_fix(
        before="""
            func.func @f(%x: f64) -> (f64, i32) {
              %n = arith.fptosi %x : f64 to i32
              return %x, %n : f64, i32
            }
            func.func @d(%x: f64, %dx: tensor<2xf64>) {
              %0:3 = enzyme.fwddiff @f(%x, %dx) <
                activity = [#enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>, #enzyme.activity<<|>enzyme_dup>],
                width = 2
              > : (f64, tensor<2xf64>) -> (tensor<2xf64>, i32, tensor<2xi32>)
              return
            }
        """,
        after="""
            func.func @f(%x: f64) -> (f64, i32) {
              %n = arith.fptosi %x : f64 to i32
              return %x, %n : f64, i32
            }
            func.func @d(%x: f64, %dx: tensor<2xf64>) {
              %0:3 = enzyme.fwddiff @f(%x, %dx) <
                activity = [#enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>, #enzyme.activity<enzyme_const>],
                width = 2
              > : (f64, tensor<2xf64>) -> (tensor<2xf64>, i32, tensor<2xi32>)
              return
            }
        """,
        title="Make result 1 enzyme_const",
    )


def test_the_body_tells_what_is_constant_and_what_is_handed_on():
    check_diagnostics("""
        func.func @f(%x: f64, %n: i32) -> (f32, i32, f64) {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, i32) -> (f32, i32, f64)
          %c = arith.constant 2.0 : f32
          %y = arith.addf %c, %c : f32
          return %y, %n, %x : f32, i32, f64
        }
        func.func @d(%x: f64, %dx: tensor<2xf64>, %n: i32, %dn: tensor<2xi32>) {
          %0:3 = enzyme.fwddiff @f(%x, %dx, %n, %dn) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_dupnoneed>,
            //                               ^^^^^^^^^^^^^^^^ warning[wide-constant]: engines 0.0.15 and 0.0.16 cannot give the tangent of result 0 at width 2: it is the constant 0, since no argument with a tangent leads to it
                            #enzyme<activity enzyme_dupnoneed>],
            width = 2
          } : (f64, tensor<2xf64>, i32, tensor<2xi32>) -> (tensor<2xf32>, tensor<2xi32>, tensor<2xf64>)
          return
        }
    """)
