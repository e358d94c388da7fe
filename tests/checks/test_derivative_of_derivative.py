"""A derivative of a derivative needs passes in the right order."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_forward_mode_inside_is_fine_and_so_is_what_is_not_active():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @forward(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
        func.func @constant(%x: f64) -> f64 {
          %c = arith.constant 1.0 : f64
          %0 = enzyme.autodiff @square(%c, %c) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          %1 = arith.mulf %0, %x : f64
          return %1 : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.autodiff @forward(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          %1 = enzyme.fwddiff @constant(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return
        }
    """)


def test_batches_regions_and_jacobians_come_first():
    check_diagnostics("""
        func.func @square(%x: tensor<2xf64>) -> tensor<2xf64> {
          %y = arith.mulf %x, %x : tensor<2xf64>
          return %y : tensor<2xf64>
        }
        func.func @batched(%x: tensor<3x2xf64>) -> tensor<3x2xf64> {
          %0 = enzyme.batch @square(%x) {batch_shape = array<i64: 3>} : (tensor<3x2xf64>) -> tensor<3x2xf64>
          //   ^^^^^^^^^^^^ note: enzyme.batch works on active values
          return %0 : tensor<3x2xf64>
        }
        func.func @region(%x: f64) -> f64 {
          %0 = enzyme.fwddiff_region(%x, %x) {
          //   ^^^^^^^^^^^^^^^^^^^^^ note: enzyme.fwddiff_region works on active values
          ^bb0(%a: f64):
            %1 = arith.mulf %a, %a : f64
            enzyme.yield %1 : f64
          } attributes {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
        func.func @d(%x: f64, %t: tensor<3x2xf64>) {
          %0 = enzyme.fwddiff @batched(%t, %t) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (tensor<3x2xf64>, tensor<3x2xf64>) -> tensor<3x2xf64>
          //                  ^^^^^^^^ warning[derivative-of-derivative]: @batched has enzyme.batch, which can be differentiated after the pass enzyme-batch only
          %1 = enzyme.fwddiff @region(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^^^^^^ warning[derivative-of-derivative]: @region has enzyme.fwddiff_region, which can be differentiated after the pass outline-enzyme-regions only
          return
        }
    """)


def test_what_is_called_must_stand_in_front():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @front(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
        func.func @f(%x: f64) -> f64 {
          %0 = func.call @front(%x) : (f64) -> f64
          return %0 : f64
        }
        func.func @g(%x: f64) -> f64 {
          %0 = func.call @behind(%x) : (f64) -> f64
          return %0 : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.fwddiff @f(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          %1 = enzyme.fwddiff @g(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //                  ^^ warning[derivative-of-derivative]: @g calls @behind, which has enzyme.fwddiff and stands behind this: it must stand in front, so that enzyme.fwddiff is lowered first
          return
        }
        func.func @behind(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @square(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //   ^^^^^^^^^^^^^^ note: enzyme.fwddiff works on active values
          return %0 : f64
        }
    """)


def test_a_run_line_that_names_the_option_says_enough():
    check_diagnostics("""
        // RUN: opt %s --enzyme="postpasses='canonicalize,remove-unnecessary-enzyme-ops,canonicalize'"
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @reverse(%x: f64) -> f64 {
          %0 = enzyme.autodiff @square(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.fwddiff @reverse(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return
        }
    """)
