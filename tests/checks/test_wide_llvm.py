"""wide-llvm: a width other than 1 and a function of LLVM."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_a_shadow_of_a_number() -> None:
    check_diagnostics("""
        llvm.func @square(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
          %y = arith.mulf %x, %x : f64
          llvm.return %y : f64
        }
        func.func @d(%x: f64, %dx: tensor<3xf64>) -> tensor<3xf64> {
          %0 = enzyme.fwddiff @square(%x, %dx) <
            activity = [#enzyme.activity<enzyme_dup>],
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>],
            width = 3
            //      ^ error[wide-llvm]: @square is an llvm.func, but the shadow of %x would be tensor<3xf64>, which is no type of LLVM
          > : (f64, tensor<3xf64>) -> tensor<3xf64>
          return %0 : tensor<3xf64>
        }
    """)


def test_shadows_of_pointers_stay_pointers() -> None:
    check_diagnostics("""
        llvm.func @touch(%p: !llvm.ptr) {
          %x = llvm.load %p : !llvm.ptr -> f64
          llvm.store %x, %p : f64, !llvm.ptr
          llvm.return
        }
        func.func @d(%p: !llvm.ptr, %dp: !llvm.ptr) {
          enzyme.fwddiff @touch(%p, %dp) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [], width = 2>
            : (!llvm.ptr, !llvm.ptr) -> ()
          return
        }
    """)
