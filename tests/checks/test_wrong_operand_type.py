"""Every operand of a derivative call has the type of its slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_primals_shadows_and_seeds():
    check_diagnostics("""
        func.func @f(%x: f64, %m: memref<4xf64>) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, memref<4xf64>) -> f64
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, memref<4xf64>) -> f64
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, memref<4xf64>) -> f64
          return %x : f64
        }
        func.func @d(%x: f32, %m: memref<4xf64>, %dm: memref<?xf64>, %dr: f16) {
          %0 = enzyme.autodiff @f(%x, %m, %dm, %dr) {
          //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, %m: memref<4xf64>, shadow of %m: memref<4xf64>, seed of result 0: f64) and gives (gradient of %x: f64)
          //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, %m: memref<4xf64>, shadow of %m: memref<4xf64>, seed of result 0: f64) and gives (gradient of %x: f64)
          //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, %m: memref<4xf64>, shadow of %m: memref<4xf64>, seed of result 0: f64) and gives (gradient of %x: f64)
          //                      ^^ error[wrong-operand-type]: %x is f32, but argument 0 (%x) of @f is f64
          //                              ^^^ error[wrong-operand-type]: %dm is memref<?xf64>, but the shadow of %m is memref<4xf64>
          //                                   ^^^ error[wrong-operand-type]: %dr is f16, but the seed of result 0 is f64
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f32, memref<4xf64>, memref<?xf64>, f16) -> f64
          return
        }
    """)


def test_the_width_is_the_first_size():
    check_diagnostics("""
        func.func @f(%t: tensor<3xf64>, %m: memref<3xf64>) -> tensor<3xf64> {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (tensor<3xf64>, memref<3xf64>) -> tensor<3xf64>
          return %t : tensor<3xf64>
        }
        func.func @d(%t: tensor<3xf64>, %dt: tensor<3x2xf64>, %m: memref<3xf64>, %dm: memref<3xf64>) -> tensor<2x3xf64> {
          %0 = enzyme.fwddiff @f(%t, %dt, %m, %dm) <
          //   ^^^^^^^^^^^^^^ note: enzyme.fwddiff takes (%t: tensor<3xf64>, shadow of %t: tensor<2x3xf64>, %m: memref<3xf64>, shadow of %m: memref<3xf64>) and gives (tangent of result 0: tensor<2x3xf64>)
          //                         ^^^ error[wrong-operand-type]: %dt is tensor<3x2xf64>, but the shadow of %t is tensor<2x3xf64> at width 2
            activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup>],
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>],
            width = 2
          > : (tensor<3xf64>, tensor<3x2xf64>, memref<3xf64>, memref<3xf64>) -> tensor<2x3xf64>
          return %0 : tensor<2x3xf64>
        }
    """)


def test_two_ways_to_write_one_type_are_one():
    check_diagnostics("""
        #map = affine_map<(i) -> (i)>
        !matrix = tensor<2x2xf64>
        func.func @f(%m: memref<4xf64, #map>, %t: !matrix, %n: memref<2x2xf64, affine_map<(a, b) -> (b, a)>>) {
          return
        }
        func.func @d(%m: memref<4xf64>, %t: tensor<2x2xf64>, %n: memref<2x2xf64, affine_map<(i, j) -> (j, i)>>) {
          enzyme.autodiff @f(%m, %m, %t, %n) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_const>],
            ret_activity = []
          } : (memref<4xf64, 0>, memref< 4xf64>, tensor<2x2xf64>, memref<2x2xf64, affine_map<(i, j) -> (j, i)>>) -> ()
          return
        }
    """)


def test_a_batch_has_its_sizes_in_front():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: tensor<3x2xf64>) -> tensor<2x3xf64> {
          %0 = "enzyme.batch"(%x) <{fn = @square, batch_shape = array<i64: 2, 3>}> : (tensor<3x2xf64>) -> tensor<2x3xf64>
          //   ^^^^^^^^^^^^^^ note: enzyme.batch takes (%x: tensor<2x3xf64>) and gives (result 0: tensor<2x3xf64>)
          //                  ^^ error[wrong-operand-type]: %x is tensor<3x2xf64>, but argument 0 (%x) of @square is tensor<2x3xf64> in this batch
          return %0 : tensor<2x3xf64>
        }
    """)


def test_a_type_that_is_only_written_wrong(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @square(%x, %dr<|>) <
                activity = [#enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme.activity<enzyme_activenoneed>]
              > : (f64, f32) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @square(%x, %dr) <
                activity = [#enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme.activity<enzyme_activenoneed>]
              > : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_another_value_takes_its_place(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %seed32: f32, %seed: f64) -> f64 {
              %0 = enzyme.autodiff @square(%x, %seed32<|>) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f32) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %seed32: f32, %seed: f64) -> f64 {
              %0 = enzyme.autodiff @square(%x, %seed) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        title="Replace %seed32 by %seed",
    )


def test_a_new_one_where_there_is_none(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %seed: f32) -> f64 {
              %0 = enzyme.autodiff @square(%x, %seed<|>) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f32) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %seed: f32) -> f64 {
              %seed_1 = arith.constant 1.0 : f64
              %0 = enzyme.autodiff @square(%x, %seed_1) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        title="Replace %seed by a new value %seed_1",
    )
