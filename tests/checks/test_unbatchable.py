"""A batch takes what a tensor can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.judges import EngineThread


def test_memory_and_what_has_no_rank():
    check_diagnostics("""
        func.func @f(%x: f64, %m: memref<*xf64>) {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, memref<*xf64>) -> ()
          return
        }
        func.func @g(%x: f64) -> tensor<*xf64> {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @g : (f64) -> tensor<*xf64>
          %t = "test.make"() : () -> tensor<*xf64>
          return %t : tensor<*xf64>
        }
        func.func @d(%x: tensor<2xf64>, %m: memref<2xf64>) {
          enzyme.batch @f(%x, %m) {batch_shape = array<i64: 2>} : (tensor<2xf64>, memref<2xf64>) -> ()
          //           ^^ error[unbatchable]: @f cannot be batched: argument 1 is memory (memref<*xf64>), and no tensor holds that
          %0 = "enzyme.batch"(%x) <{fn = @g, batch_shape = array<i64: 2>}> : (tensor<2xf64>) -> tensor<2xf64>
          //                             ^^ error[unbatchable]: @g cannot be batched: result 0 has no rank (tensor<*xf64>), and no tensor holds that
          return
        }
    """)


def test_everything_else_can_be(classic: EngineThread):
    check_diagnostics(
        """
        func.func @f(%a: i32, %b: tensor<4xi1>, %c: vector<4xf64>, %d: f80, %e: !llvm.ptr) -> vector<4xf64> {
          return %c : vector<4xf64>
        }
        func.func @d(%a: tensor<2xi32>, %b: tensor<2x4xi1>, %c: tensor<2xvector<4xf64>>, %d: tensor<2xf80>, %e: tensor<2x!llvm.ptr>) {
          %0 = enzyme.batch @f(%a, %b, %c, %d, %e) {
            batch_shape = array<i64: 2>
          } : (tensor<2xi32>, tensor<2x4xi1>, tensor<2xvector<4xf64>>, tensor<2xf80>, tensor<2x!llvm.ptr>) -> tensor<2xvector<4xf64>>
          return
        }
        """,
        engine=classic,
    )
