"""A derivative as a function of its own."""

from __future__ import annotations

import pytest

from tests.fixture import check_action, check_no_action

SQUARE = """
    func.func @f(%x: f64) -> f64 {
      return %x : f64
    }
"""


def test_the_operation_is_taken_over_as_it_is_written():
    check_action(
        "extract derivative",
        before="""
            module {
              func.func @f(%x: f64) -> f64 {
                return %x : f64
              }
              func.func @d(%x: f64, %0: f64) -> f64 {
                %1:2 = enzyme.auto<|>diff @f(%x, %0) {
                  activity = [#enzyme<activity enzyme_active>],  // the number
                  ret_activity = [#enzyme<activity enzyme_active>], strong_zero = true
                } : (f64, f64) -> (f64, f64) loc("model.py":3:4)
                return %1#1 : f64
              }
              func.func private @grad_f(f64)
            }
        """,
        after="""
            module {
              func.func @f(%x: f64) -> f64 {
                return %x : f64
              }
              func.func @d(%x: f64, %0: f64) -> f64 {
                %1:2 = func.call @grad_f_1(%x, %0) : (f64, f64) -> (f64, f64) loc("model.py":3:4)
                return %1#1 : f64
              }

              func.func private @grad_f_1(%x: f64, %0: f64) -> (f64, f64) {
                %result:2 = enzyme.autodiff @f(%x, %0) {
                  activity = [#enzyme<activity enzyme_active>],  // the number
                  ret_activity = [#enzyme<activity enzyme_active>], strong_zero = true
                } : (f64, f64) -> (f64, f64) loc("model.py":3:4)
                return %result#0, %result#1 : f64, f64
              }

              func.func private @grad_f(f64)
            }
        """,
    )


def test_values_of_one_operation_get_names():
    check_action(
        "extract derivative",
        before="""
            func.func @f(%x: f64, %y: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%v: f64) {
              %o:2 = builtin.unrealized_conversion_cast %v, %v : f64, f64 to f64, f64
              enzyme.fwd<|>diff @f(%o#0, %o#1, %o#0) {
                activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_constnoneed>]
              } : (f64, f64, f64) -> ()
              return
            }
            func.func @after() {
              return
            }
        """,
        after="""
            func.func @f(%x: f64, %y: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%v: f64) {
              %o:2 = builtin.unrealized_conversion_cast %v, %v : f64, f64 to f64, f64
              func.call @jvp_f(%o#0, %o#1) : (f64, f64) -> ()
              return
            }

            func.func private @jvp_f(%o_0: f64, %o_1: f64) {
              enzyme.fwddiff @f(%o_0, %o_1, %o_0) {
                activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_constnoneed>]
              } : (f64, f64, f64) -> ()
              return
            }

            func.func @after() {
              return
            }
        """,
    )


REGION = """
    func.func @d(%x: f64, %k: f64, %dr: f64) -> f64 {
      %l = arith.negf %k : f64
      %0 = enzyme.auto<|>diff_region(%x, %dr) {
      ^bb0(%y: f64):
        %z = arith.mulf %y, %k : f64
        %w = arith.mulf %z, %l : f64
        enzyme.yield %w : f64
      } attributes {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""


def test_what_a_region_uses_from_around_it_is_handed_over():
    check_action(
        "extract derivative",
        REGION,
        after="""
    func.func @d(%x: f64, %k: f64, %dr: f64) -> f64 {
      %l = arith.negf %k : f64
      %0 = func.call @grad_d(%x, %dr, %k, %l) : (f64, f64, f64, f64) -> f64
      return %0 : f64
    }

    func.func private @grad_d(%x: f64, %dr: f64, %k: f64, %l: f64) -> f64 {
      %result = enzyme.autodiff_region(%x, %dr) {
      ^bb0(%y: f64):
        %z = arith.mulf %y, %k : f64
        %w = arith.mulf %z, %l : f64
        enzyme.yield %w : f64
      } attributes {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %result : f64
    }
""",
    )


def test_what_has_no_type_in_the_text_cannot_be():
    check_no_action(
        "extract derivative",
        REGION.replace("arith.negf %k : f64", "my.value"),
        reason="the type of %l, which the region uses, cannot be told from the text",
    )


def test_in_a_function_of_llvm_it_is_one_of_llvm():
    check_action(
        "extract derivative",
        before="""
            llvm.func @f(%x: f64) -> f64 {
              llvm.return %x : f64
            }
            llvm.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.auto<|>diff @f(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              llvm.return %0 : f64
            }
        """,
        after="""
            llvm.func @f(%x: f64) -> f64 {
              llvm.return %x : f64
            }
            llvm.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = llvm.call @grad_f(%x, %dr) : (f64, f64) -> f64
              llvm.return %0 : f64
            }

            llvm.func private @grad_f(%x: f64, %dr: f64) -> f64 {
              %result = enzyme.autodiff @f(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              llvm.return %result : f64
            }
        """,
    )


@pytest.mark.parametrize(
    "text",
    [
        "%0 = enzyme.auto<|>diff @f(%x, %x) {activity = []} : (f64, f64) -> f64",
        "func.func @d(%x: f64) {\n  %0 = enzyme.auto<|>diff @f(%x, %x) {activity = []} : (f64",
        "func.func @d(%x: f64) {\n  %0 = enzyme.auto<|>diff @f(%x, %x) {activity = []}\n}",
    ],
)
def test_nothing_is_offered_for_what_is_not_whole_or_in_no_function(text: str):
    check_no_action("extract derivative", text)


@pytest.mark.parametrize("type_", ["(f64) -> (f64, , f64)", "(f64,) -> f64"])
def test_what_has_a_syntax_error_stays_where_it_is(type_: str):
    check_no_action(
        "extract derivative",
        f"func.func @d(%x: f64) {{\n  %0 = enzyme.auto<|>diff @f(%x) {{activity = []}} : {type_}\n}}",
        reason="it cannot be taken over as it is written: it has a syntax error",
    )
