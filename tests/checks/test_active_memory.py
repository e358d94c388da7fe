"""Memory is `enzyme_dup` or `enzyme_const` in reverse mode, and never active."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_memrefs_pointers_and_results():
    check_diagnostics("""
        func.func @f(%m: memref<?xf64, 1>, %p: !llvm.ptr) -> memref<?xf64, 1> {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (memref<?xf64, 1>, !llvm.ptr) -> memref<?xf64, 1>
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (memref<?xf64, 1>, !llvm.ptr) -> memref<?xf64, 1>
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (memref<?xf64, 1>, !llvm.ptr) -> memref<?xf64, 1>
          return %m : memref<?xf64, 1>
        }
        func.func @d(%m: memref<?xf64, 1>, %p: !llvm.ptr) {
          enzyme.autodiff @f(%m, %p) <
            activity = [#enzyme.activity<enzyme_activenoneed>, #enzyme.activity<enzyme_active>],
            //                           ^^^^^^^^^^^^^^^^^^^ error[active-memory]: argument 0 (%m) is memory (memref<?xf64, 1>) and cannot be enzyme_activenoneed: its gradient is added to a shadow, which enzyme_dup brings
            //                                                                  ^^^^^^^^^^^^^ error[active-memory]: argument 1 (%p) is memory (!llvm.ptr) and cannot be enzyme_active: its gradient is added to a shadow, which enzyme_dup brings
            ret_activity = [#enzyme.activity<enzyme_active>]
            //                               ^^^^^^^^^^^^^ error[active-memory]: result 0 is memory (memref<?xf64, 1>) and cannot be enzyme_active: it takes no seed, make it enzyme_const or enzyme_dup
          > : (memref<?xf64, 1>, !llvm.ptr) -> ()
          return
        }
    """)


def test_what_holds_memory_is_left_to_the_engine():
    check_diagnostics("""
        llvm.func @f(%s: !llvm.struct<(ptr, f64)>, %x: f64) -> f64 {
          llvm.return %x : f64
        }
        llvm.func @d(%s: !llvm.struct<(ptr, f64)>, %x: f64, %dr: f64) {
          %0 = enzyme.autodiff @f(%s, %x, %dr) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (!llvm.struct<(ptr, f64)>, f64, f64) -> !llvm.struct<(ptr, f64)>
          llvm.return
        }
    """)


def test_the_shadow_that_is_there_says_dup(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @sum(%m: memref<2xf64>) -> f64 {
              %c = arith.constant 0 : index
              %x = memref.load %m[%c] : memref<2xf64>
              return %x : f64
            }
            func.func @d(%m: memref<2xf64>, %dm: memref<2xf64>, %dr: f64) {
              "enzyme.autodiff"(%m, %dm, %dr) <{
                fn = @sum,
                activity = [#enzyme<activity <|>enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              }> : (memref<2xf64>, memref<2xf64>, f64) -> ()
              return
            }
        """,
        after="""
            func.func @sum(%m: memref<2xf64>) -> f64 {
              %c = arith.constant 0 : index
              %x = memref.load %m[%c] : memref<2xf64>
              return %x : f64
            }
            func.func @d(%m: memref<2xf64>, %dm: memref<2xf64>, %dr: f64) {
              "enzyme.autodiff"(%m, %dm, %dr) <{
                fn = @sum,
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              }> : (memref<2xf64>, memref<2xf64>, f64) -> ()
              return
            }
        """,
    )
