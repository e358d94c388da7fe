"""The region of an operation as a function."""

from __future__ import annotations

from tests.fixture import check_action, check_no_action

REGION = """
    func.func @d(%x: f64, %k: f64, %dr: f64) -> f64 {
      %o:2 = builtin.unrealized_conversion_cast %k, %k : f64, f64 to f64, f64
      %0 = enzyme.auto<|>diff_region(%x, %dr) {
      ^bb0(%y: f64):
        // The body.
        %z = arith.mulf %y, %k : f64

        %w = arith.mulf %z, %o#1 : f64
        enzyme.yield %w : f64
      } attributes {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>],
        fn = "f"
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""


def test_what_is_used_from_around_it_is_constant():
    check_action(
        "outline region",
        REGION,
        after="""
    func.func @d(%x: f64, %k: f64, %dr: f64) -> f64 {
      %o:2 = builtin.unrealized_conversion_cast %k, %k : f64, f64 to f64, f64
      %0 = enzyme.autodiff @f(%x, %k, %o#1, %dr) {
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_const>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64, f64, f64) -> f64
      return %0 : f64
    }

    func.func private @f(%y: f64, %k: f64, %o_1: f64) -> f64 {
      // The body.
      %z = arith.mulf %y, %k : f64

      %w = arith.mulf %z, %o_1 : f64
      return %w : f64
    }
""",
    )


def test_a_name_that_is_taken():
    check_action(
        "outline region",
        REGION.replace('"f"', '"d"').replace("%o#1", "%y"),
        after="""
    func.func @d(%x: f64, %k: f64, %dr: f64) -> f64 {
      %o:2 = builtin.unrealized_conversion_cast %k, %k : f64, f64 to f64, f64
      %0 = enzyme.autodiff @d_1(%x, %k, %dr) {
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64, f64) -> f64
      return %0 : f64
    }

    func.func private @d_1(%y: f64, %k: f64) -> f64 {
      // The body.
      %z = arith.mulf %y, %k : f64

      %w = arith.mulf %z, %y : f64
      return %w : f64
    }
""",
    )


def test_strict_spelling_and_attributes_of_the_function():
    check_action(
        "outline region",
        before="""
            module {
              func.func @d() {
                enzyme.fwd<|>diff_region() {
                  %y = arith.constant 1.0 : f64
                  enzyme.yield %y : f64
                } <activity = [], ret_activity = [#enzyme.activity<enzyme_constnoneed>]> attributes {fn_attrs = {a.b = 1}} : () -> ()
                return
              }
            }
        """,
        after="""
            module {
              func.func @d() {
                enzyme.fwddiff @d_to_fwddiff() <activity = [], ret_activity = [#enzyme.activity<enzyme_constnoneed>]> {} : () -> ()
                return
              }

              func.func private @d_to_fwddiff() -> f64 attributes {a.b = 1} {
                %y = arith.constant 1.0 : f64
                return %y : f64
              }
            }
        """,
    )


def test_generic_form():
    check_action(
        "outline region",
        before="""
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = "enzyme.fwd<|>diff_region"(%x, %dx) <{activity = [#enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>]}> ({
              ^bb0(%y: f64):
                "enzyme.yield"(%y) : (f64) -> ()
              }) : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = "enzyme.fwddiff"(%x, %dx) <{activity = [#enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>],
                fn = @d_to_fwddiff}> : (f64, f64) -> f64
              return %0 : f64
            }

            func.func private @d_to_fwddiff(%y: f64) -> f64 {
              "func.return"(%y) : (f64) -> ()
            }
        """,
    )


def test_what_has_no_type_in_the_text_cannot_be():
    check_no_action(
        "outline region",
        REGION.replace("builtin.unrealized_conversion_cast %k, %k : f64, f64 to f64, f64", "my.values"),
        reason="the type of %o#1, which the region uses, cannot be told from the text",
    )


def test_an_argument_without_a_name():
    check_no_action(
        "outline region",
        """
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff_region<|>(%x, %dr) {
          ^bb0(f64):
            enzyme.yield %x : f64
          } attributes {activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>], fn = "square"} : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        reason="the arguments of its region cannot be read",
    )
