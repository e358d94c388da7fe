"""malformed-operation: an operation of Enzyme has its operands in parentheses and a function type at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics, check_fix

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended
    from tests.judges import EngineThread


def test_forms_that_no_engine_reads():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
          return %x : f64
        }
        func.func @a(%x: f64) {
          enzyme.fwddiff @f %x, %x {activity = [#enzyme<activity enzyme_dup>], ret_activity = []} : (f64, f64) -> ()
          //             ^^ error[malformed-operation]: the operands of enzyme.fwddiff stand in parentheses: `(%x, ...)`
          //                                                                                  ^^ error[return-activity-count]: @f has 1 result, but 0 activities are listed: none for f64
          return
        }
        func.func @b(%x: f64) {
          %0 = enzyme.fwddiff @f(%x, %x) {
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : f64
          //  ^^^ error[malformed-operation]: the type of enzyme.fwddiff is that of a function, `(operands) -> results`, not f64
          return
        }
        func.func @c(%x: f64) {
          %0 = "enzyme.fwddiff"(%x, %x) ({
          //   ^^^^^^^^^^^^^^^^ error[malformed-operation]: enzyme.fwddiff has no region
          ^bb0:
            "enzyme.yield"() : () -> ()
          }) {
            fn = @f, activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          return
        }
        func.func @d(%x: f64) {
          %0 = enzyme.fwddiff_region(%x, %x) {
          ^bb0(%y: f64):
            enzyme.yield %y : f64
          } attributes {
            fn = @f, activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
            //   ^^ error[malformed-operation]: the fn of enzyme.fwddiff_region is a name in quotes, no symbol
          } : (f64, f64) -> f64
          return
        }
        func.func @e(%x: f64) {
          %0 = "enzyme.fwddiff"(%x, %x)[^bb1] {
          //                            ^^^^ error[malformed-operation]: enzyme.fwddiff has no successors
            fn = @f, activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
        ^bb1:
          return
        }
    """)


def test_the_engine_says_no_more(classic: EngineThread):
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
          return %x : f64
        }
        func.func @a(%x: f64) {
          enzyme.fwddiff @f %x, %x {activity = [#enzyme<activity enzyme_dup>], ret_activity = []} : (f64, f64) -> ()
          //             ^^ error[malformed-operation]: the operands of enzyme.fwddiff stand in parentheses: `(%x, ...)`
          //                                                                                  ^^ error[return-activity-count]: @f has 1 result, but 0 activities are listed: none for f64
          return
        }
        func.func @b(%x: f64) {
          %0 = enzyme.fwddiff @f(%x, %x) {
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : f64
          //  ^^^ error[malformed-operation]: the type of enzyme.fwddiff is that of a function, `(operands) -> results`, not f64
          return
        }
        func.func @c(%x: f64) {
          %0 = "enzyme.fwddiff"(%x, %x) ({
          //   ^^^^^^^^^^^^^^^^ error[malformed-operation]: enzyme.fwddiff has no region
          ^bb0:
            "enzyme.yield"() : () -> ()
          }) {
            fn = @f, activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          return
        }
        func.func @d(%x: f64) {
          %0 = enzyme.fwddiff_region(%x, %x) {
          ^bb0(%y: f64):
            enzyme.yield %y : f64
          } attributes {
            fn = @f, activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
            //   ^^ error[malformed-operation]: the fn of enzyme.fwddiff_region is a name in quotes, no symbol
          } : (f64, f64) -> f64
          return
        }
        func.func @e(%x: f64) {
          %0 = "enzyme.fwddiff"(%x, %x)[^bb1] {
          //                            ^^^^ error[malformed-operation]: enzyme.fwddiff has no successors
            fn = @f, activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
        ^bb1:
          return
        }
        """,
        engine=classic,
    )


def test_what_stands_in_which_brackets_in_the_strict_spelling():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.fwddiff @f(%x, %x) <
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>],
            //                                                                                            ^ error[malformed-operation]: an attribute must follow this comma
          > {strong_zero = true, my.own = 1 : i64} : (f64, f64) -> f64
          // ^^^^^^^^^^^ error[malformed-operation]: strong_zero is an attribute that enzyme.fwddiff has itself, which stands in `<...>`
          return
        }
    """)


def test_what_is_not_closed_yet_is_another_matter():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.fwddiff @f(%x,
          //                    ^ error[unclosed-bracket]: `(` is never closed by `)`
          return
        }
    """)


def test_fix_writes_the_type(check_mended: CheckMended):
    check_mended(
        """
        func.func @f(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64) -> f64 {
          %0:2 = enzyme.fwddiff<|> @f(%x, %x) <
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dup>]
          >
          return %0#1 : f64
        }
        """,
        """
        func.func @f(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64) -> f64 {
          %0:2 = enzyme.fwddiff @f(%x, %x) <
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dup>]
          > : (f64, f64) -> (f64, f64)
          return %0#1 : f64
        }
        """,
    )


def test_fix_writes_the_name_in_quotes():
    check_fix(
        """
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff_region(%x, %x) {
          ^bb0(%y: f64):
            enzyme.yield %y : f64
          } attributes {
            fn = <|>@f, activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        """
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff_region(%x, %x) {
          ^bb0(%y: f64):
            enzyme.yield %y : f64
          } attributes {
            fn = "f", activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        """,
    )
