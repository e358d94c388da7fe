"""The derivative of an `llvm.func` gives its results in one struct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics, check_no_fix

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_one_result_is_given_as_it_is():
    check_diagnostics("""
        llvm.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          llvm.return %y : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @square(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          %1 = enzyme.autodiff @square(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_active>]
          } : (f64, f64) -> !llvm.struct<(f64,f64)>
          return %0 : f64
        }
    """)


def test_arrays_in_it_keep_their_blanks(check_mended: CheckMended):
    check_mended(
        before="""
            llvm.func @f(%x: f64, %a: !llvm.array<2 x f64>) -> f64 {
              llvm.return %x : f64
            }
            llvm.func @d(%x: f64, %a: !llvm.array<2 x f64>, %dr: f64) {
              %0:3 = "enzyme.autodiff"(%x, %a, %dr) <{
                fn = @f,
                activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme.activity<enzyme_active>]
              }> : (f64, !llvm.array<2 x f64>, f64) -> (<|>f64, f64, !llvm.array<2 x f64>)
              llvm.return
            }
        """,
        after="""
            llvm.func @f(%x: f64, %a: !llvm.array<2 x f64>) -> f64 {
              llvm.return %x : f64
            }
            llvm.func @d(%x: f64, %a: !llvm.array<2 x f64>, %dr: f64) {
              %0 = "enzyme.autodiff"(%x, %a, %dr) <{
                fn = @f,
                activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme.activity<enzyme_active>]
              }> : (f64, !llvm.array<2 x f64>, f64) -> !llvm.struct<(f64, f64, array<2 x f64>)>
              llvm.return
            }
        """,
    )


def test_without_a_name(check_mended: CheckMended):
    check_mended(
        before="""
            llvm.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              llvm.return %y : f64
            }
            func.func @d(%x: f64, %dr: f64) {
              enzyme.autodiff @square(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_active>]
              } : (f64, f64) -> (<|>f64, f64)
              return
            }
        """,
        after="""
            llvm.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              llvm.return %y : f64
            }
            func.func @d(%x: f64, %dr: f64) {
              enzyme.autodiff @square(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_active>]
              } : (f64, f64) -> !llvm.struct<(f64, f64)>
              return
            }
        """,
    )


def test_what_is_used_must_be_taken_out_by_hand():
    check_no_fix("""
        llvm.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          llvm.return %y : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0:2 = enzyme.autodiff @square(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_active>]
          } : (f64, f64) -> (<|>f64, f64)
          return %0#1 : f64
        }
    """)
