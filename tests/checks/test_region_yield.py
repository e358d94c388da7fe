"""The region of `autodiff_region` and `fwddiff_region` is one block that ends in `enzyme.yield`."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_no_yield_several_blocks_and_too_few_values():
    check_diagnostics("""
        func.func @d(%x: f64) {
          %0 = enzyme.fwddiff_region(%x, %x) {
          //   ^^^^^^^^^^^^^^^^^^^^^ error[region-yield]: the region of enzyme.fwddiff_region must end in enzyme.yield, which gives its results
          ^bb0(%a: f64):
            %y = arith.mulf %a, %a : f64
          } attributes {
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          %1 = enzyme.fwddiff_region(%x, %x) {
          //   ^^^^^^^^^^^^^^^^^^^^^ error[region-yield]: the region of enzyme.fwddiff_region is one block, not 2: write branches as scf.if or scf.for
          ^bb0(%a: f64):
            cf.br ^bb1(%a : f64)
          ^bb1(%b: f64):
            enzyme.yield %b : f64
          } attributes {
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          %2 = "enzyme.fwddiff_region"(%x, %x) <{
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          }> ({
          ^bb0(%a: f64):
            "enzyme.yield"() : () -> ()
          //^^^^^^^^^^^^^^ error[region-yield]: enzyme.yield gives no values, but 1 activity is listed in ret_activity
          }) : (f64, f64) -> f64
          return
        }
    """)


def test_every_way_to_write_a_good_one():
    check_diagnostics("""
        func.func @d(%x: f64, %m: memref<2xf64>) {
          %0:2 = enzyme.fwddiff_region(%x, %x) {
          ^bb0(%a: f64):
            %n = arith.fptosi %a : f64 to i32
            enzyme.yield %a, %n : f64, i32 loc(unknown)
          } <
            activity = [#enzyme.activity<enzyme_dup>],
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>, #enzyme.activity<enzyme_const>]
          > : (f64, f64) -> (f64, i32)
          %1 = "enzyme.fwddiff_region"(%x, %x) <{
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          }> ({
          ^bb0(%a: f64):
            "enzyme.yield"(%a) : (f64) -> ()
          }) : (f64, f64) -> f64
          enzyme.autodiff_region(%m, %m) {
          ^bb0(%a: memref<2xf64>):
            enzyme.yield
          } <activity = [#enzyme.activity<enzyme_dup>], ret_activity = []> : (memref<2xf64>, memref<2xf64>) -> ()
          return
        }
    """)


def test_a_yield_inside_another_region_is_not_its_own():
    check_diagnostics("""
        func.func @d(%x: f64, %c: i1) {
          %0 = enzyme.fwddiff_region(%x, %x) {
          ^bb0(%a: f64):
            %y = scf.if %c -> (f64) {
              scf.yield %a : f64
            } else {
              scf.yield %a : f64
            }
            enzyme.yield %y : f64
          } attributes {
            activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          return
        }
    """)
