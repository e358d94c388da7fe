"""A gradient of a tensor whose sizes are not known starts from a constant that no text can hold."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_arguments_results_and_what_has_no_rank():
    check_diagnostics("""
        func.func @f(%x: tensor<*xf64>) -> tensor<2x?xf64> {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<*xf64>) -> tensor<2x?xf64>
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<*xf64>) -> tensor<2x?xf64>
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<*xf64>) -> tensor<2x?xf64>
          %y = tensor.cast %x : tensor<*xf64> to tensor<2x?xf64>
          return %y : tensor<2x?xf64>
        }
        func.func @d(%x: tensor<*xf64>, %dr: tensor<2x?xf64>) {
          %0 = enzyme.autodiff @f(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]
            //                           ^^^^^^^^^^^^^ warning[dynamic-gradient]: engines 0.0.15 and 0.0.16 start the gradient of tensor<*xf64> from a constant that cannot be read back
          } : (tensor<*xf64>, tensor<2x?xf64>) -> tensor<*xf64>
          enzyme.autodiff @f(%x, %dr) {
        //^^^^^^^^^^^^^^^ warning[no-effect]: enzyme.autodiff of @f with these activities gives no result and writes no memory, so it has no effect
            activity = [#enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_activenoneed>]
            //                                                                            ^^^^^^^^^^^^^^^^^^^ warning[dynamic-gradient]: engines 0.0.15 and 0.0.16 start the gradient of tensor<2x?xf64> from a constant that cannot be read back
          } : (tensor<*xf64>, tensor<2x?xf64>) -> ()
          return
        }
    """)


def test_not_what_is_constant_not_in_forward_mode_and_no_memory():
    check_diagnostics("""
        func.func @f(%x: tensor<?xf64>, %m: memref<?xf64>, %y: f64) -> f64 {
          return %y : f64
        }
        func.func @d(%x: tensor<?xf64>, %m: memref<?xf64>, %y: f64) {
          %0 = enzyme.autodiff @f(%x, %m, %m, %y, %y) <
            activity = [#enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_active>],
            ret_activity = [#enzyme.activity<enzyme_activenoneed>]
          > : (tensor<?xf64>, memref<?xf64>, memref<?xf64>, f64, f64) -> f64
          %1 = enzyme.fwddiff @f(%x, %x, %m, %y) <
            activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>, #enzyme.activity<enzyme_const>],
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (tensor<?xf64>, tensor<?xf64>, memref<?xf64>, f64) -> f64
          return
        }
    """)
