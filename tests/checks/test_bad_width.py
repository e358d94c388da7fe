"""The width is a number of directions or seeds: a 64 bit integer attribute of at least 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics, check_fix

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_numbers_that_are_no_width_and_what_is_no_number():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) {
          %0 = enzyme.fwddiff @square(%x, %dx) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>], width = -1 : i64} : (f64, f64) -> f64
          //                                                                                                                                            ^^^^^^^^ error[bad-width]: width is at least 1, not -1: it counts the directions or seeds that are taken at once
          %1 = enzyme.fwddiff @square(%x, %dx) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>], width = 4294967297} : (f64, f64) -> f64
          //                                                                                                                                            ^^^^^^^^^^ error[bad-width]: width is read as 32 bits, so that 4294967297 becomes 1
          %2 = "enzyme.fwddiff"(%x, %dx) <{fn = @square, activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>], width = 2.5}> : (f64, f64) -> f64
          //                                                                                                                                                     ^^^ error[bad-width]: width is a 64 bit integer such as 2, not 2.5
          %3 = enzyme.fwddiff @square(%x, %dx) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>], width = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]} : (f64, f64) -> f64
          //                                                                                                                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[bad-width]: width is a 64 bit integer such as 2, not [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1...
          %4 = enzyme.fwddiff @square(%x, %dx) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>], width} : (f64, f64) -> f64
          //                                                                                                                                    ^^^^^ error[bad-width]: width is a 64 bit integer such as 2, and no value is written
          return
        }
    """)


def test_every_way_to_write_a_good_one():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: tensor<16xf64>) {
          %0 = enzyme.fwddiff @square(%x, %dx) <{activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>], width = 16 : i64}> : (f64, tensor<16xf64>) -> tensor<16xf64>
          %1 = enzyme.fwddiff @square(%x, %dx) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>], width = 16> : (f64, tensor<16xf64>) -> tensor<16xf64>
          %2 = "enzyme.fwddiff"(%x, %dx) <{fn = @square, activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>], width = 0x10 : i64}> : (f64, tensor<16xf64>) -> tensor<16xf64>
          return
        }
    """)


def test_the_number_that_is_meant(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: tensor<2xf64>) -> tensor<2xf64> {
              %0 = enzyme.fwddiff @square(%x, %dx) {
                activity = [#enzyme<activity enzyme_dup>],
                width = <|>2 : i32,
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, tensor<2xf64>) -> tensor<2xf64>
              return %0 : tensor<2xf64>
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: tensor<2xf64>) -> tensor<2xf64> {
              %0 = enzyme.fwddiff @square(%x, %dx) {
                activity = [#enzyme<activity enzyme_dup>],
                width = 2,
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, tensor<2xf64>) -> tensor<2xf64>
              return %0 : tensor<2xf64>
            }
        """,
    )


def test_it_can_go(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = enzyme.fwddiff @square(%x, %dx) <
                activity = [#enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>],
                width = <|>0
              > : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = enzyme.fwddiff @square(%x, %dx) <
                activity = [#enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
              > : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        title="Remove the width, which is 1 then",
    )


def test_from_the_front_too():
    check_fix(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = enzyme.fwddiff @square(%x, %dx) {width = <|>0, // as many as there are
                activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
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
              %0 = enzyme.fwddiff @square(%x, %dx) { // as many as there are
                activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        title="Remove the width, which is 1 then",
    )


def test_a_bare_number_has_no_type() -> None:
    check_fix(
        """
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: tensor<2xf64>) -> tensor<2xf64> {
          %0 = enzyme.fwddiff @square(%x, %dx) <
            activity = [#enzyme.activity<enzyme_dup>], width = <|>2 : i64,
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64, tensor<2xf64>) -> tensor<2xf64>
          return %0 : tensor<2xf64>
        }
        """,
        """
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: tensor<2xf64>) -> tensor<2xf64> {
          %0 = enzyme.fwddiff @square(%x, %dx) <
            activity = [#enzyme.activity<enzyme_dup>], width = 2,
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64, tensor<2xf64>) -> tensor<2xf64>
          return %0 : tensor<2xf64>
        }
        """,
    )
