"""batch-body: a function that is batched holds operations that work on tensors alike."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_the_first_operation_that_takes_no_batch():
    check_diagnostics("""
        func.func @f(%z: complex<f64>, %b: i1) -> complex<f64> {
          %y = complex.mul %z, %z : complex<f64>
          //   ^^^^^^^^^^^ note: here
          %w = scf.if %b -> complex<f64> {
            scf.yield %y : complex<f64>
          } else {
            scf.yield %z : complex<f64>
          }
          return %w : complex<f64>
        }
        func.func @g(%x: f64) -> f64 {
          %t = arith.constant true
          //   ^^^^^^^^^^^^^^ note: here
          %y = arith.select %t, %x, %x : f64
          return %y : f64
        }
        func.func @d(%z: tensor<2xcomplex<f64>>, %b: tensor<2xi1>, %x: tensor<2xf64>) {
          %0 = enzyme.batch @f(%z, %b) {batch_shape = array<i64: 2>} : (tensor<2xcomplex<f64>>, tensor<2xi1>) -> tensor<2xcomplex<f64>>
          //                ^^ warning[batch-body]: engines 0.0.15 and 0.0.16 cannot batch @f: it holds complex.mul, which takes no tensors of a batch
          %1 = "enzyme.batch"(%x) <{batch_shape = array<i64: 2>, fn = @g}> : (tensor<2xf64>) -> tensor<2xf64>
          //                                                          ^^ warning[batch-body]: engines 0.0.15 and 0.0.16 cannot batch @g: it has a constant that is no tensor (i1)
          return
        }
    """)


def test_what_works_on_tensors_alike():
    check_diagnostics("""
        !vec = tensor<4xf64>
        func.func @f(%x: f64, %v: !vec) -> (f64, !vec) {
          %c = arith.constant dense<1.0> : !vec
          %d = "arith.constant"() <{value = dense<2.0> : tensor<4xf64>}> : () -> tensor<4xf64>
          %s = stablehlo.add %v, %c : !vec
          %y = math.sin %x : f64
          return %y, %s : f64, !vec
        }
        func.func @d(%x: tensor<2xf64>, %v: tensor<2x4xf64>) {
          %0:2 = enzyme.batch @f(%x, %v) <batch_shape = [2]> : (tensor<2xf64>, tensor<2x4xf64>) -> (tensor<2xf64>, tensor<2x4xf64>)
          return
        }
    """)
