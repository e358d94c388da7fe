"""An argument that is `enzyme_dup` or `enzyme_dupnoneed` is followed by its shadow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics, check_fix_all

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_in_both_modes_and_for_both_activities():
    check_diagnostics("""
        func.func @f(%m: memref<2xf64>) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (memref<2xf64>) -> f64
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (memref<2xf64>) -> f64
          %c = arith.constant 0 : index
          %x = memref.load %m[%c] : memref<2xf64>
          return %x : f64
        }
        func.func @d(%m: memref<2xf64>, %dr: f64) -> f64 {
          enzyme.autodiff @f(%m, %dr) {
        //^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%m: memref<2xf64>, shadow of %m: memref<2xf64>, seed of result 0: f64) and gives ()
          //                 ^^ error[missing-shadow]: %m is enzyme_dupnoneed, so its shadow (memref<2xf64>) must follow it
            activity = [#enzyme<activity enzyme_dupnoneed>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (memref<2xf64>, f64) -> ()
          %0 = enzyme.fwddiff @f(%m) {
          //   ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%m: memref<2xf64>, shadow of %m: memref<2xf64>) and gives (tangent of result 0: f64)
          //                     ^^ error[missing-shadow]: %m is enzyme_dup, so its shadow (memref<2xf64>) must follow it
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (memref<2xf64>) -> f64
          return %0 : f64
        }
    """)


def test_a_missing_one_shifts_nothing():
    check_diagnostics("""
        func.func @f(%x: f64, %y: f64, %n: i32) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, f64, i32) -> f64
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, f64, i32) -> f64
          return %x : f64
        }
        func.func @d(%x: f64, %dx: f64, %y: f64, %dy: f64, %n: i32) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %y, %dy, %n) <
          //   ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, shadow of %x: f64, %y: f64, shadow of %y: f64, %n: i32) and gives (tangent of result 0: f64)
          //                     ^^ error[missing-shadow]: %x is enzyme_dup, so its shadow (f64) must follow it
            activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>],
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64, f64, f64, i32) -> f64
          %1 = enzyme.fwddiff @f(%x, %dx, %y, %n) <
          //   ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%x: f64, shadow of %x: f64, %y: f64, shadow of %y: f64, %n: i32) and gives (tangent of result 0: f64)
          //                              ^^ error[missing-shadow]: %y is enzyme_dup, so its shadow (f64) must follow it
            activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>],
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64, f64, f64, i32) -> f64
          return %0 : f64
        }
    """)


def test_it_has_the_width(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %x_dot: tensor<3xf64>) -> tensor<3xf64> {
              %0 = "enzyme.fwddiff"(%x<|>) {
                fn = @square,
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>],
                width = 3 : i64
              } : (f64) -> tensor<3xf64>
              return %0 : tensor<3xf64>
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %x_dot: tensor<3xf64>) -> tensor<3xf64> {
              %0 = "enzyme.fwddiff"(%x, %x_dot) {
                fn = @square,
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>],
                width = 3 : i64
              } : (f64, tensor<3xf64>) -> tensor<3xf64>
              return %0 : tensor<3xf64>
            }
        """,
    )


def test_a_region_has_it_among_its_operands_alone():
    check_diagnostics("""
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff_region(%x) {
          //   ^^^^^^^^^^^^^^^^^^^^^ note: enzyme.fwddiff_region takes (%x: f64, shadow of %x: f64) and gives (tangent of result 0: f64)
          //                         ^^ error[missing-shadow]: %x is enzyme_dup, so its shadow (f64) must follow it
          ^bb0(%a: f64):
            %y = arith.mulf %a, %a : f64
            enzyme.yield %y : f64
          } attributes {
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64) -> f64
          return %0 : f64
        }
    """)


def test_all_of_a_call_are_mended_together():
    check_fix_all(
        before="""
            func.func @mul(%x: f64, %y: f64) -> f64 {
              %z = arith.mulf %x, %y : f64
              return %z : f64
            }
            func.func @d(%a: f64, %b: f64, %da: f64, %db: f64) -> f64 {
              %0 = enzyme.fwddiff @mul(%a, %b) {
                activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @mul(%x: f64, %y: f64) -> f64 {
              %z = arith.mulf %x, %y : f64
              return %z : f64
            }
            func.func @d(%a: f64, %b: f64, %da: f64, %db: f64) -> f64 {
              %0 = enzyme.fwddiff @mul(%a, %da, %b, %db) {
                activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64, f64, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_the_activity_may_be_what_is_wrong(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @mul(%x: f64, %y: f64) -> f64 {
              %z = arith.mulf %x, %y : f64
              return %z : f64
            }
            func.func @d(%x: f64, %y: f64, %dy: f64) -> f64 {
              %0 = enzyme.fwddiff @mul(%x<|>, %y, %dy) {
                activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @mul(%x: f64, %y: f64) -> f64 {
              %z = arith.mulf %x, %y : f64
              return %z : f64
            }
            func.func @d(%x: f64, %y: f64, %dy: f64) -> f64 {
              %0 = enzyme.fwddiff @mul(%x, %y, %dy) {
                activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64, f64) -> f64
              return %0 : f64
            }
        """,
        title="Make argument 0 enzyme_const",
    )


def test_the_only_value_of_the_type_is_offered(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %other: f64) -> f64 {
              %0 = enzyme.fwddiff @square(%x<|>) {
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %other: f64) -> f64 {
              %0 = enzyme.fwddiff @square(%x, %other) {
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        title="Insert %other as the shadow of %x",
    )
