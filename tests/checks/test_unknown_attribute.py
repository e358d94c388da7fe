"""A derivative call has the attributes of its operation and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics, check_fix, check_fix_all

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_in_every_form():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64, %xs: tensor<2xf64>) {
          %0 = enzyme.fwddiff @square(%x, %dx) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>], atomic_add = true, my.note = 1} : (f64, f64) -> f64
          //                                                                                                                                    ^^^^^^^^^^ error[unknown-attribute]: enzyme.fwddiff has no attribute atomic_add and ignores it
          %2 = "enzyme.fwddiff"(%x, %dx) <{fn = @square, activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>], note}> {"some.note" = 1} : (f64, f64) -> f64
          //                                                                                                                                             ^^^^ error[unknown-attribute]: enzyme.fwddiff has no attribute note and ignores it
          %3 = enzyme.batch @square(%xs) {batch_shape = array<i64: 2>, width = 2 : i64} : (tensor<2xf64>) -> tensor<2xf64>
          //                                                           ^^^^^ error[unknown-attribute]: enzyme.batch has no attribute width and ignores it
          return
        }
    """)


def test_what_the_bare_form_does_not_read():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) {
          %0 = enzyme.fwddiff @square(%x, %dx) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>], fn = @square> {note = 1} : (f64, f64) -> f64
          //                                                                                                                                    ^^ error[unknown-attribute]: enzyme.fwddiff has no attribute fn
          //                                                                                                                                                   ^^^^ error[unknown-attribute]: enzyme.fwddiff has no attribute note and ignores it
          return
        }
    """)


def test_what_is_missing_for_a_slip_is_said_once(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = enzyme.fwddiff @square(%x, %dx) <
                <|>activty = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
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
                activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
              > : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_what_nobody_can_guess_is_removed_only_when_the_user_says_so():
    before = """
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x, %dx) {
            <|>foo = {bar = [1, 2]},
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
    """
    check_fix_all(before, before.replace("<|>", ""))
    check_fix(
        before,
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
        title="Remove foo",
    )


def test_the_only_one_leaves_its_brackets():
    check_fix(
        before="""
            func.func @d(%x: f64) {
              enzyme.fwddiff @nobody(%x) {<|>foo = 1} : (f64) -> ()
              return
            }
        """,
        after="""
            func.func @d(%x: f64) {
              enzyme.fwddiff @nobody(%x) {} : (f64) -> ()
              return
            }
        """,
        title="Remove foo",
    )
