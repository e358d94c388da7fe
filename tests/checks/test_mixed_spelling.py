"""The spelling that is in the minority of a file is reported, and converted with the aliases that it uses."""

from __future__ import annotations

from tests.fixture import check_diagnostics, check_fix, check_fix_all, check_no_fix


def test_the_minority_is_reported():
    check_diagnostics("""
        #a = #enzyme<activity enzyme_dup>
        #b = #enzyme.activity<enzyme_dup>
        //<^^ hint[mixed-spelling]: #b is in the strict spelling, but 3 of 5 in this file are in the classic one, and no engine reads both
        func.func @f(%t: tensor<2xf64>, %x: f64) {
          %0 = enzyme.dump %x {label = "x"} : (f64) -> f64
          %1 = enzyme.dump %x <label = "y"> : (f64) -> f64
          //   ^^^^^^^^^^^ hint[mixed-spelling]: enzyme.dump is in the strict spelling, but 3 of 5 in this file are in the classic one, and no engine reads both
          %2 = enzyme.dump %x {label = "z"} : (f64) -> f64
          return
        }
    """)


def test_of_two_that_are_as_frequent_the_first_one_counts():
    check_diagnostics("""
        func.func @f(%x: f64) {
          %0 = enzyme.dump %x <label = "x"> : (f64) -> f64
          %1 = enzyme.dump %x {label = "y"} : (f64) -> f64
          //   ^^^^^^^^^^^ hint[mixed-spelling]: enzyme.dump is in the classic spelling, but 1 of 2 in this file are in the strict one, and no engine reads both
          return
        }
    """)


def test_sections_are_one_file():
    check_diagnostics("""
        func.func @f(%x: f64) {
          %0 = enzyme.dump %x {label = "x"} : (f64) -> f64
          return
        }
        // -----
        func.func @f(%x: f64) {
          %1 = enzyme.dump %x <label = "y"> : (f64) -> f64
          //   ^^^^^^^^^^^ hint[mixed-spelling]: enzyme.dump is in the strict spelling, but 1 of 2 in this file are in the classic one, and no engine reads both
          return
        }
    """)


def test_what_is_in_no_spelling_counts_for_none():
    check_diagnostics("""
        func.func @f(%x: f64, %m: memref<4xf64>, %i: index) {
          %0 = enzyme.dump %x <label = "x"> : (f64) -> f64
          %1 = enzyme.atomic_rmw addf %x, %m[%i] monotonic : (f64, memref<4xf64>) -> f64
          %2 = enzyme.ignore_derivatives %x {a.b = 1} : f64 -> f64
          return
        }
    """)


def test_attributes_elsewhere_in_both():
    check_diagnostics("""
        #both = [#enzyme<activity enzyme_dup>, #enzyme.activity<enzyme_dup>]
        //<^^^^^ hint[mixed-spelling]: #both is partly in the classic and partly in the strict spelling, and no engine reads both
    """)


def test_an_operation_that_takes_no_derivative_in_both():
    check_diagnostics("""
        func.func @f(%x: f64) {
          %0 = enzyme.dump %x {label = "l", a.b = #enzyme.activity<enzyme_dup>} : (f64) -> f64
          //   ^^^^^^^^^^^ hint[mixed-spelling]: enzyme.dump is partly in the classic and partly in the strict spelling, and no engine reads both
          return
        }
    """)


def test_the_fix_converts_the_aliases_too():
    check_fix(
        before="""
            #both = [#one]
            #one = #enzyme.activity<enzyme_dup>
            func.func @f(%x: f64) -> f64 {
              %0 = enzyme.dump %x {label = "x"} : (f64) -> f64
              %1 = enzyme.dump %x {label = "x"} : (f64) -> f64
              %2 = enzyme.dump %x {label = "x"} : (f64) -> f64
              %3 = enz<|>yme.dump %x <label = "y"> {a.b = #both} : (f64) -> f64
              return %x : f64
            }
        """,
        after="""
            #both = [#one]
            #one = #enzyme<activity enzyme_dup>
            func.func @f(%x: f64) -> f64 {
              %0 = enzyme.dump %x {label = "x"} : (f64) -> f64
              %1 = enzyme.dump %x {label = "x"} : (f64) -> f64
              %2 = enzyme.dump %x {label = "x"} : (f64) -> f64
              %3 = enzyme.dump %x {label = "y", a.b = #both} : (f64) -> f64
              return %x : f64
            }
        """,
    )


def test_all_certain_fixes_leave_one_spelling():
    check_fix_all(
        before="""
            #one = #enzyme<activity enzyme_dup>
            func.func @f(%x: f64) {
              %0 = enzyme.dump %x <label = "x"> {a.b = #one} : (f64) -> f64
              %1 = enzyme.dump %x <label = "x"> : (f64) -> f64
              %2 = enzyme.dump %x <label = "x"> {a.b = #one} : (f64) -> f64
              %3 = enzyme.dump %x {label = "y"} : (f64) -> f64
              return
            }
        """,
        after="""
            #one = #enzyme.activity<enzyme_dup>
            func.func @f(%x: f64) {
              %0 = enzyme.dump %x <label = "x"> {a.b = #one} : (f64) -> f64
              %1 = enzyme.dump %x <label = "x"> : (f64) -> f64
              %2 = enzyme.dump %x <label = "x"> {a.b = #one} : (f64) -> f64
              %3 = enzyme.dump %x <label = "y"> : (f64) -> f64
              return
            }
        """,
    )


def test_nothing_is_certain_where_both_are_as_frequent():
    text = """
        func.func @f(%x: f64) {
          %0 = enzyme.dump %x <label = "x"> : (f64) -> f64
          %1 = enzyme.dump %x {label = "y"} : (f64) -> f64
          return
        }
    """
    check_fix_all(text, text)
    check_fix(
        text.replace("%1 = ", "%1 = <|>"), text.replace('{label = "y"}', '<label = "y">'),
        title="Convert enzyme.dump to the strict spelling",
    )  # fmt: skip


def test_no_fix_for_what_cannot_be_converted():
    check_no_fix("""
        func.func @f(%x: f64, %m: memref<4xf64>, %i: index) {
          %0 = enzyme.dump %x <label = "x"> : (f64) -> f64
          %1 = enzyme.dump %x <label = "y"> : (f64) -> f64
          %2 = <|>enzyme.affine_atomic_rmw addf %x, %m, (affine_map<(d0) -> (d0)>) [%i] : (f64, memref<4xf64>) -> f64
          return
        }
    """)
