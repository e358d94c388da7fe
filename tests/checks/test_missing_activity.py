"""A derivative call lists the activities of its arguments and of its results."""

from __future__ import annotations

from tests.fixture import check_diagnostics, check_fix


def test_both_missing_in_every_form():
    check_diagnostics("""
        func.func @f(%x: f64, %y: i32) {
        //        ^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, i32) -> ()
        //        ^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, i32) -> ()
          return
        }
        func.func @d(%x: f64, %n: i32) {
          enzyme.autodiff @f(%x, %n) : (f64, i32) -> ()
        //^^^^^^^^^^^^^^^ error[missing-activity]: enzyme.autodiff needs activity, the activity of each argument of @f (2: f64, i32) and ret_activity, the activity of each result of @f (none: `[]`)
          "enzyme.jacobian"(%x, %n) {fn = @f} : (f64, i32) -> ()
        //^^^^^^^^^^^^^^^^^ error[missing-activity]: enzyme.jacobian needs activity, the activity of each argument of @f (2: f64, i32) and ret_activity, the activity of each result of @f (none: `[]`)
          return
        }
    """)


def test_a_batch_needs_none():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: tensor<2xf64>) {
          enzyme.batch @f(%x) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64>
          return
        }
    """)


def test_a_region_needs_them_too():
    check_diagnostics("""
        func.func @d(%x: f64) {
          enzyme.fwddiff_region(%x, %x) {
        //^^^^^^^^^^^^^^^^^^^^^ error[missing-activity]: enzyme.fwddiff_region needs ret_activity, the activity of each result
          ^bb0(%a: f64):
            enzyme.yield %a : f64
          } attributes {activity = [#enzyme<activity enzyme_dup>]} : (f64, f64) -> f64
          return
        }
    """)


def test_a_misspelled_key_is_not_called_missing():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) {activity = [#enzyme<activity enzyme_const>], retactivity = []} : (f64) -> ()
          //                                                                   ^^^^^^^^^^^ error[unknown-attribute]: enzyme.autodiff has no attribute retactivity, did you mean ret_activity?
          return
        }
    """)


SQUARE = """
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }"""


def test_the_likeliest_list_that_fits_is_inserted() -> None:
    check_fix(
        f"""{SQUARE}
        func.func @d(%x: f64, %dx: f64) -> f64 {{
          %0 = enzyme.fwddiff<|> @square(%x, %dx) {{
            activity = [#enzyme<activity enzyme_dup>]
          }} : (f64, f64) -> (f64)
          return %0 : f64
        }}
        """,
        f"""{SQUARE}
        func.func @d(%x: f64, %dx: f64) -> f64 {{
          %0 = enzyme.fwddiff @square(%x, %dx) {{
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          }} : (f64, f64) -> (f64)
          return %0 : f64
        }}
        """,
        title="Insert ret_activity",
    )


def test_both_lists_with_their_braces() -> None:
    check_fix(
        f"""{SQUARE}
        func.func @d(%x: f64, %dx: f64) -> (f64, f64) {{
          %0:2 = enzyme.fwddiff<|> @square(%x, %dx) : (f64, f64) -> (f64, f64)
          return %0#0, %0#1 : f64, f64
        }}
        """,
        f"""{SQUARE}
        func.func @d(%x: f64, %dx: f64) -> (f64, f64) {{
          %0:2 = enzyme.fwddiff @square(%x, %dx) {{activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dup>]}} : (f64, f64) -> (f64, f64)
          return %0#0, %0#1 : f64, f64
        }}
        """,
    )
