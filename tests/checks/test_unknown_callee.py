"""A derivative call names a function that exists."""

from __future__ import annotations

from tests.fixture import check_diagnostics, check_fix


def test_a_function_of_the_same_module_is_found():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) {
          %0:2 = enzyme.fwddiff @f(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dup>]} : (f64, f64) -> (f64, f64)
          %1:2 = "enzyme.fwddiff"(%x, %x) <{fn = @f, activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dup>]}> : (f64, f64) -> (f64, f64)
          //     ^^^^^^^^^^^^^^^^ hint[mixed-spelling]: enzyme.fwddiff is in the strict spelling, but 1 of 2 in this file are in the classic one, and no engine reads both
          return
        }
    """)


def test_every_operation_with_a_callee_in_every_form():
    check_diagnostics("""
        func.func @d(%x: f64) {
          enzyme.autodiff @no(%x) <activity = [#enzyme.activity<enzyme_const>], ret_activity = []> : (f64) -> ()
          //              ^^^ error[unknown-callee]: @no is not defined in this module
        //^^^^^^^^^^^^^^^ hint[mixed-spelling]: enzyme.autodiff is in the strict spelling, but 2 of 3 in this file are in the classic one, and no engine reads both
          "enzyme.fwddiff"(%x) {fn = @no, activity = [], ret_activity = []} : (f64) -> ()
          //                         ^^^ error[unknown-callee]: @no is not defined in this module
          %2 = enzyme.jacobian @no(%x) {activity = [], ret_activity = []} : (f64) -> f64
          //                   ^^^ error[unknown-callee]: @no is not defined in this module
          %3 = enzyme.batch @no(%x) {batch_shape = array<i64: 2>} : (f64) -> f64
          //                ^^^ error[unknown-callee]: @no is not defined in this module
          return
        }
    """)


def test_modules_see_their_own_symbols_only():
    check_diagnostics("""
        func.func @outside(%x: f64) -> f64 {
        //        ^^^^^^^^ note: a @outside is defined here, in another module, which is not seen
          return %x : f64
        }
        module @inner {
          func.func @inside(%x: f64) -> f64 {
            return %x : f64
          }
          func.func @d(%x: f64) {
            enzyme.fwddiff @inside(%x) {activity = [#enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_const>]} : (f64) -> f64
            enzyme.fwddiff @outside(%x) {activity = [], ret_activity = []} : (f64) -> f64
            //             ^^^^^^^^ error[unknown-callee]: @outside is not defined in this module
            return
          }
        }
    """)


def test_modules_in_the_generic_form_see_their_own_symbols_too():
    check_diagnostics("""
        "builtin.module"() ({
          func.func @inside(%x: f64) -> f64 {
          //        ^^^^^^^ note: @inside is defined here: @inside : (f64) -> f64
            return %x : f64
          }
          func.func @d(%x: f64) {
            enzyme.fwddiff @inside(%x) {activity = [#enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_const>]} : (f64) -> f64
            enzyme.fwddiff @insid(%x) {activity = [], ret_activity = []} : (f64) -> f64
            //             ^^^^^^ error[unknown-callee]: @insid is not defined in this module, did you mean @inside?
            return
          }
        }) : () -> ()
    """)


def test_sections_do_not_see_each_other():
    check_diagnostics("""
        func.func @f(%x: f64) -> f64 {
        //        ^^ note: a @f is defined here, in another module, which is not seen
          return %x : f64
        }
        // -----
        func.func @d(%x: f64) {
          enzyme.fwddiff @f(%x) {activity = [], ret_activity = []} : (f64) -> f64
          //             ^^ error[unknown-callee]: @f is not defined in this module
          return
        }
    """)


def test_a_nested_reference_names_no_callee():
    check_diagnostics("""
        func.func @d(%x: f64) {
          enzyme.fwddiff @m::@f(%x) {activity = [], ret_activity = []} : (f64) -> f64
          //             ^^^^^^ error[unknown-callee]: enzyme.fwddiff names no function: write `@name` after it
          return
        }
    """)


def test_no_callee_at_all():
    check_diagnostics("""
        func.func @d(%x: f64) {
          enzyme.fwddiff (%x) {activity = [], ret_activity = []} : (f64) -> f64
        //^^^^^^^^^^^^^^ error[unknown-callee]: enzyme.fwddiff names no function: write `@name` after it
          "enzyme.fwddiff"(%x) {activity = [], ret_activity = []} : (f64) -> f64
        //^^^^^^^^^^^^^^^^ error[unknown-callee]: enzyme.fwddiff names no function: write `fn = @name` in its attributes
          return
        }
    """)


def test_quoted_names_and_broken_functions_are_found():
    check_diagnostics("""
        func.func @"a b"(%x: f64) -> f64 {
          %0 = arith.mulf %x, : f64
          //                ^ error[missing-element]: something is missing between `,` and `:`
        }
        func.func @d(%x: f64) {
          enzyme.fwddiff @"a b"(%x) {activity = [#enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_const>]} : (f64) -> f64
          return
        }
    """)


def test_the_function_with_the_closest_name_that_fits_is_meant():
    check_diagnostics("""
        func.func @square1(%x: f64, %y: f64) -> f64 {
          return %x : f64
        }
        func.func @square2(%x: f64) -> f64 {
        //        ^^^^^^^^ note: @square2 is defined here: @square2 : (f64) -> f64
          return %x : f64
        }
        memref.global @square3 : memref<4xf64>
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^^^^^^ error[unknown-callee]: @square is not defined in this module, did you mean @square2?
          return %0 : f64
        }
    """)


def test_a_fix_writes_the_name():
    check_fix(
        """
        func.func @square(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @sq<|>are(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        """
        func.func @square(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
        """,
    )
    check_fix(
        """
        func.func @"a function"(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) -> f64 {
          %0 = "enzyme.fwddiff"(%x, %x) <{fn = @"a fun<|>tion", activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]}> : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        """
        func.func @"a function"(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) -> f64 {
          %0 = "enzyme.fwddiff"(%x, %x) <{fn = @"a function", activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]}> : (f64, f64) -> f64
          return %0 : f64
        }
        """,
    )
