"""The gradient of an integer is zero."""

from __future__ import annotations

from tests.fixture import check_diagnostics, check_fix


def test_arguments_and_results():
    check_diagnostics("""
        func.func @f(%x: f64, %t: tensor<2xi32>, %i: index) -> (f64, i1) {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, tensor<2xi32>, index) -> (f64, i1)
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, tensor<2xi32>, index) -> (f64, i1)
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, tensor<2xi32>, index) -> (f64, i1)
          %c = arith.constant true
          return %x, %c : f64, i1
        }
        func.func @d(%x: f64, %t: tensor<2xi32>, %i: index, %c: i1) {
          %0:3 = enzyme.autodiff @f(%x, %t, %i, %x, %c) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>, #enzyme<activity enzyme_activenoneed>],
            //                                                            ^^^^^^^^^^^^^ warning[active-integer]: argument 1 (%t) is enzyme_active, but tensor<2xi32> carries no derivative: its gradient is 0
            //                                                                                             ^^^^^^^^^^^^^^^^^^^ hint[noneed-argument]: enzyme_activenoneed means enzyme_active for an argument
            //                                                                                             ^^^^^^^^^^^^^^^^^^^ warning[active-integer]: argument 2 (%i) is enzyme_activenoneed, but index carries no derivative: its gradient is 0
            ret_activity = [#enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_activenoneed>]
            //                                                                      ^^^^^^^^^^^^^^^^^^^ warning[active-integer]: result 1 is enzyme_activenoneed, but i1 carries no derivative: its seed has no effect
          } : (f64, tensor<2xi32>, index, f64, i1) -> (f64, tensor<2xi32>, index)
          return
        }
    """)


def test_forward_mode_has_no_such_word():
    check_diagnostics("""
        func.func @f(%x: f64, %n: i32) -> (f64, i32) {
          return %x, %n : f64, i32
        }
        func.func @d(%x: f64, %n: i32) {
          %0:2 = enzyme.fwddiff @f(%x, %x, %n, %n) <
            activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup>],
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>, #enzyme.activity<enzyme_dupnoneed>]
          > : (f64, f64, i32, i32) -> (f64, i32)
          return
        }
    """)


def test_it_is_made_constant():
    check_fix(
        before="""
            func.func @f(%x: f64) -> (f64, i32) {
              %n = arith.fptosi %x : f64 to i32
              return %x, %n : f64, i32
            }
            func.func @d(%x: f64, %dr: f64, %n: i32) -> f64 {
              %0 = enzyme.autodiff @f(%x, %dr, %n) <
                activity = [#enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme.activity<enzyme_activenoneed>, #enzyme.activity<<|>enzyme_activenoneed>]
              > : (f64, f64, i32) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> (f64, i32) {
              %n = arith.fptosi %x : f64 to i32
              return %x, %n : f64, i32
            }
            func.func @d(%x: f64, %dr: f64, %n: i32) -> f64 {
              %0 = enzyme.autodiff @f(%x, %dr, %n) <
                activity = [#enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme.activity<enzyme_activenoneed>, #enzyme.activity<enzyme_constnoneed>]
              > : (f64, f64, i32) -> f64
              return %0 : f64
            }
        """,
        title="Make result 1 enzyme_constnoneed",
    )
