"""swapped-operands: operands whose names say that they are for each other's slots are in each other's place."""

from __future__ import annotations

from tests.fixture import check_diagnostics, check_fix


def test_a_shadow_before_its_primal():
    check_diagnostics("""
        func.func @f(%a: f64, %m: memref<4xf64>) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, memref<4xf64>) -> f64
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, memref<4xf64>) -> f64
          return %a : f64
        }
        func.func @d(%x: f64, %dx: f64, %m: memref<4xf64>, %dm: memref<4xf64>) -> f64 {
          %0 = enzyme.fwddiff @f(%dx, %x, %dm, %m) {
          //   ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%dx: f64, shadow of %dx: f64, %dm: memref<4xf64>, shadow of %dm: memref<4xf64>) and gives (tangent of result 0: f64)
          //   ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%dx: f64, shadow of %dx: f64, %dm: memref<4xf64>, shadow of %dm: memref<4xf64>) and gives (tangent of result 0: f64)
          //                     ^^^ warning[swapped-operands]: %dx is taken for argument 0 (%a) of @f and %x for the shadow of argument 0 (%a): their names say the opposite
          //                              ^^^ warning[swapped-operands]: %dm is taken for argument 1 (%m) of @f and %m for the shadow of argument 1 (%m): their names say the opposite
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64, memref<4xf64>, memref<4xf64>) -> f64
          return %0 : f64
        }
    """)


def test_names_that_may_be_meant_so():
    check_diagnostics("""
        func.func @f(%dr: f64, %x: f64) -> f64 {
          %y = arith.mulf %x, %dr : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64, %ddx: f64, %dr: f64) -> f64 {
          %0:2 = enzyme.autodiff @f(%dr, %x, %dx) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64, f64) -> (f64, f64)
          %1 = enzyme.fwddiff @f(%x, %dx, %dx, %ddx) <
          //   ^^^^^^^^^^^^^^ hint[mixed-spelling]: enzyme.fwddiff is in the strict spelling, but 1 of 2 in this file are in the classic one, and no engine reads both
            activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup>],
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64, f64, f64, f64) -> f64
          return %1 : f64
        }
    """)


def test_fix_swaps_the_two():
    check_fix(
        """
        func.func @square(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = "enzyme.autodiff"(%dr<|>, %x) <{
            fn = @square, activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]
          }> : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        """
        func.func @square(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = "enzyme.autodiff"(%x, %dr) <{
            fn = @square, activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]
          }> : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        title="Swap %dr and %x",
    )
