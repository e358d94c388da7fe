"""In reverse mode the gradient of an immutable argument that is `enzyme_dup` is lost."""

from __future__ import annotations

from tests.fixture import check_diagnostics, check_fix


def test_values_of_every_kind_but_no_memory():
    check_diagnostics("""
        func.func @f(%x: f64, %t: tensor<2xf64>, %m: memref<2xf64>, %p: !llvm.ptr, %s: !llvm.struct<(ptr)>) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, tensor<2xf64>, memref<2xf64>, !llvm.ptr, !llvm.struct<(ptr)>) -> f64
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, tensor<2xf64>, memref<2xf64>, !llvm.ptr, !llvm.struct<(ptr)>) -> f64
          return %x : f64
        }
        func.func @d(%x: f64, %t: tensor<2xf64>, %m: memref<2xf64>, %p: !llvm.ptr, %s: !llvm.struct<(ptr)>) {
          enzyme.autodiff @f(%x, %x, %t, %t, %m, %m, %p, %p, %s, %s, %x) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            //                           ^^^^^^^^^^ warning[lost-gradient]: the gradient of argument 0 (%x) is lost: enzyme_dup adds it to a shadow in memory, and f64 is a value
            //                                                         ^^^^^^^^^^^^^^^^ warning[lost-gradient]: the gradient of argument 1 (%t) is lost: enzyme_dupnoneed adds it to a shadow in memory, and tensor<2xf64> is a value
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64, tensor<2xf64>, tensor<2xf64>, memref<2xf64>, memref<2xf64>, !llvm.ptr, !llvm.ptr, !llvm.struct<(ptr)>, !llvm.struct<(ptr)>, f64) -> ()
          return
        }
    """)


def test_in_forward_mode_it_is_a_tangent():
    check_diagnostics("""
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
    """)


def test_active_returns_it():
    check_fix(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @square(%x, %dx, %dr) <
                activity = [#enzyme.activity<<|>enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_active>]
              > : (f64, f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dx: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @square(%x, %dx, %dr) <
                activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_active>]
              > : (f64, f64, f64) -> f64
              return %0 : f64
            }
        """,
        title="Make argument 0 enzyme_active",
    )
