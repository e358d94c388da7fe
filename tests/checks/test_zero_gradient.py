"""In reverse mode a gradient starts from a seed or from the shadow of memory; with neither it is zero."""

from __future__ import annotations

from tests.fixture import check_diagnostics, check_fix


def test_no_seed_at_all():
    check_diagnostics("""
        func.func @f(%x: f64, %y: f64) -> (f64, f64) {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, f64) -> (f64, f64)
          return %x, %y : f64, f64
        }
        func.func @g(%x: f64) {
        //        ^^^^^^^^^^^ note: the callee: @g : (f64) -> ()
          return
        }
        func.func @d(%x: f64) {
          %0:2 = enzyme.autodiff @f(%x, %x) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_constnoneed>, #enzyme<activity enzyme_dupnoneed>]
            //                               ^^^^^^^^^^^^^^^^^^ warning[zero-gradient]: the gradients of argument 0 (%x) and argument 1 (%y) are always 0: no result of @f is enzyme_active, so none takes a seed
          } : (f64, f64) -> (f64, f64)
          %1 = "enzyme.autodiff"(%x) <{fn = @g, activity = [#enzyme<activity enzyme_active>], ret_activity = []}> : (f64) -> f64
          //   ^^^^^^^^^^^^^^^^^ warning[zero-gradient]: the gradient of argument 0 (%x) is always 0: no result of @g is enzyme_active, so none takes a seed
          return
        }
    """)


def test_one_of_two_results_has_none():
    check_diagnostics("""
        func.func @f(%x: f64) -> (f64, f64, f64) {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> (f64, f64, f64)
          return %x, %x, %x : f64, f64, f64
        }
        func.func @d(%x: f64, %dr: f64) {
          %0:3 = enzyme.autodiff @f(%x, %dr) <
            activity = [#enzyme.activity<enzyme_active>],
            ret_activity = [#enzyme.activity<enzyme_activenoneed>, #enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>]
            //                                                                      ^^^^^^^^^^ warning[zero-gradient]: result 1 is enzyme_dup, which takes no seed in reverse mode: it adds nothing to the gradients
          > : (f64, f64) -> (f64, f64, f64)
          return
        }
    """)


def test_memory_carries_one_in():
    check_diagnostics("""
        func.func @f(%x: f64, %m: memref<2xf64>) -> f64 {
          %c = arith.constant 0 : index
          memref.store %x, %m[%c] : memref<2xf64>
          return %x : f64
        }
        func.func @d(%x: f64, %m: memref<2xf64>, %dm: memref<2xf64>) {
          %0 = enzyme.autodiff @f(%x, %m, %dm) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_constnoneed>]
          } : (f64, memref<2xf64>, memref<2xf64>) -> f64
          return
        }
    """)


def test_the_result_is_made_active():
    check_fix(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64) -> f64 {
              %0 = "enzyme.autodiff"(%x) <{
                fn = @square,
                activity = [#enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme.activity<<|>enzyme_constnoneed>]
              }> : (f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64) -> f64 {
              %0 = "enzyme.autodiff"(%x) <{
                fn = @square,
                activity = [#enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme.activity<enzyme_activenoneed>]
              }> : (f64) -> f64
              return %0 : f64
            }
        """,
        title="Make result 0 enzyme_activenoneed",
    )
