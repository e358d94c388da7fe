"""A derivative call lists one activity for each argument of its callee."""

from __future__ import annotations

from tests.fixture import check_diagnostics, check_fix, check_no_fix


def test_too_few_name_what_is_left_out():
    check_diagnostics("""
        func.func @f(%x: f64, %m: memref<4xf64>) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, memref<4xf64>) -> f64
          return %x : f64
        }
        func.func @d(%x: f64, %m: memref<4xf64>) {
          enzyme.fwddiff @f(%x, %x, %m, %m) {
            activity = [#enzyme<activity enzyme_dup>],
            //         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[activity-count]: @f has 2 arguments, but 1 activity is listed: nothing for %m: memref<4xf64>
            ret_activity = [#enzyme<activity enzyme_dup>]
          } : (f64, f64, memref<4xf64>, memref<4xf64>) -> (f64, f64)
          return
        }
    """)


def test_too_many_are_underlined():
    check_diagnostics("""
        func.func @f() -> f64 {
        //        ^^^^^^^^^^^ note: the callee: @f : () -> f64
          %c0 = arith.constant 1.0 : f64
          return %c0 : f64
        }
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) <activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_const>]> : (f64) -> f64
          //                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[activity-count]: @f has no arguments, but 2 activities are listed
          return
        }
    """)


def test_the_list_of_an_alias_is_counted():
    check_diagnostics("""
        #list = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>]
        func.func @f(%x: f64) {
        //        ^^^^^^^^^^^ note: the callee: @f : (f64) -> ()
          return
        }
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) {activity = #list, ret_activity = []} : (f64) -> ()
          //                                 ^^^^^ error[activity-count]: @f has 1 argument, but 2 activities are listed
          return
        }
    """)


def test_a_region_is_counted_by_its_own_check():
    check_diagnostics("""
        func.func @d(%x: f64) {
          enzyme.autodiff_region(%x) {
          ^bb0(%a: f64):
          //   ^^^^^^^ error[region-arguments]: the region takes 1 argument, but activity lists none: it takes the primals alone, one for each activity
            enzyme.yield %a : f64
          } attributes {activity = [], ret_activity = [#enzyme<activity enzyme_constnoneed>]} : (f64) -> ()
          return
        }
    """)


def test_what_is_too_much_is_removed_with_its_commas():
    check_fix(
        before="""
            func.func @f(%x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, %dr) {
                activity = [
                  #enzyme<activity enzyme_active>,
                  <|>#enzyme<activity enzyme_const>,
                  #enzyme<activity enzyme_const>
                ],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, %dr) {
                activity = [
                  #enzyme<activity enzyme_active>
                ],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_a_list_that_should_be_empty_is_emptied():
    check_fix(
        before="""
            func.func @f() -> f64 {
              %c0 = arith.constant 1.0 : f64
              return %c0 : f64
            }
            func.func @d(%dr: f64) {
              enzyme.autodiff @f(%dr) <activity = [ <|>#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup> ], ret_activity = [#enzyme.activity<enzyme_activenoneed>]> : (f64) -> ()
              return
            }
        """,
        after="""
            func.func @f() -> f64 {
              %c0 = arith.constant 1.0 : f64
              return %c0 : f64
            }
            func.func @d(%dr: f64) {
              enzyme.autodiff @f(%dr) <activity = [  ], ret_activity = [#enzyme.activity<enzyme_activenoneed>]> : (f64) -> ()
              return
            }
        """,
    )


def test_comments_in_the_list_stay():
    check_fix(
        before="""
            func.func @f(%x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>, // of %x
                            <|>#enzyme<activity enzyme_const>, #enzyme<activity enzyme_const> // of nothing
                           ],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, %dr) {
                activity = [#enzyme<activity enzyme_active> // of %x
                             // of nothing
                           ],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_in_generic_form():
    check_fix(
        before="""
            func.func @f(%x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = "enzyme.autodiff"(%x, %dr) <{fn = @f, activity = [#enzyme<activity enzyme_active>, <|>#enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_activenoneed>], width = 1 : i64, strong_zero = false}> : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = "enzyme.autodiff"(%x, %dr) <{fn = @f, activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>], width = 1 : i64, strong_zero = false}> : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_the_list_of_an_alias_is_nobodys_to_cut():
    check_no_fix("""
        #list = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>]
        func.func @f(%x: f64) {
          return
        }
        func.func @d(%x: f64) {
          enzyme.autodiff @f(%x) {activity = #list, ret_activity = []} : (f64) -> ()
          return
        }
    """)
