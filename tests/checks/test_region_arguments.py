"""The region of `autodiff_region` and `fwddiff_region` takes the primals as its arguments, and no shadows."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_too_few_and_none():
    check_diagnostics("""
        func.func @d(%x: f64) {
          %0 = enzyme.fwddiff_region(%x, %x, %x) {
          ^bb0(%a: f64):
          //   ^^^^^^^ error[region-arguments]: the region takes 1 argument, but activity lists 2: it takes the primals alone, one for each activity
            enzyme.yield %a : f64
          } attributes {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64, f64) -> f64
          %1 = "enzyme.autodiff_region"(%x, %x) <{
          //   ^^^^^^^^^^^^^^^^^^^^^^^^ error[region-arguments]: the region takes no arguments, but activity lists 1: it takes the primals alone, one for each activity
            activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]
          }> ({
            enzyme.yield %x : f64
          }) : (f64, f64) -> f64
          return
        }
    """)


def test_one_for_each_in_both_modes():
    check_diagnostics("""
        func.func @d(%x: f64, %m: memref<2xf64>, %dr: f64) {
          %0 = enzyme.autodiff_region(%x, %m, %m, %dr) {
          ^bb0(%a: f64, %b: memref<2xf64>):
            enzyme.yield %a : f64
          } <
            activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_dup>],
            ret_activity = [#enzyme.activity<enzyme_activenoneed>],
            fn = "f"
          > : (f64, memref<2xf64>, memref<2xf64>, f64) -> f64
          %1 = enzyme.fwddiff_region() {
            enzyme.yield %x : f64
          } <activity = [], ret_activity = [#enzyme.activity<enzyme_const>]> : () -> f64
          return
        }
    """)
