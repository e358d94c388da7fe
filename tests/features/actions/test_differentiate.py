"""Each sort of derivative of each sort of function, as the text that the action writes behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from enzyme_lsp.derivatives import VARIANTS
from enzyme_lsp.features import code_actions, formatting
from enzyme_lsp.features.actions import differentiate
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_action, check_no_action

SCALARS = """
    func.func @<|>f(%x: f64, %n: i32, %y: f64) -> (f64, i32) {
      %z = arith.mulf %x, %y : f64
      return %z, %n : f64, i32
    }
"""
TENSORS = """
    func.func @f<|>(%x: tensor<2xf32>, %w: tensor<3xf32>) -> tensor<2xf32> {
      %y = stablehlo.sine %x : tensor<2xf32>
      return %y : tensor<2xf32>
    }
"""


def test_gradient():
    check_action(
        "reverse",
        SCALARS,
        """
        func.func @f(%x: f64, %n: i32, %y: f64) -> (f64, i32) {
          %z = arith.mulf %x, %y : f64
          return %z, %n : f64, i32
        }

        func.func @grad_f(%x: f64, %n: i32, %y: f64, %dr: f64) -> (f64, f64) {
          %0:2 = enzyme.autodiff @f(%x, %n, %y, %dr) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_constnoneed>]
          } : (f64, i32, f64, f64) -> (f64, f64)
          return %0#0, %0#1 : f64, f64
        }
        """,
    )


def test_value_and_gradient():
    check_action(
        "reverse.primal",
        SCALARS,
        """
        func.func @f(%x: f64, %n: i32, %y: f64) -> (f64, i32) {
          %z = arith.mulf %x, %y : f64
          return %z, %n : f64, i32
        }

        func.func @value_and_grad_f(%x: f64, %n: i32, %y: f64, %dr: f64) -> (f64, i32, f64, f64) {
          %0:4 = enzyme.autodiff @f(%x, %n, %y, %dr) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>]
          } : (f64, i32, f64, f64) -> (f64, i32, f64, f64)
          return %0#0, %0#1, %0#2, %0#3 : f64, i32, f64, f64
        }
        """,
    )


def test_gradients_of_several_seeds():
    check_action(
        "reverse.seeds",
        TENSORS,
        """
        func.func @f(%x: tensor<2xf32>, %w: tensor<3xf32>) -> tensor<2xf32> {
          %y = stablehlo.sine %x : tensor<2xf32>
          return %y : tensor<2xf32>
        }

        func.func @grads_f(%x: tensor<2xf32>, %w: tensor<3xf32>, %dr: tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x3xf32>) {
          %0:2 = enzyme.autodiff @f(%x, %w, %dr) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>],
            width = 2 : i64
          } : (tensor<2xf32>, tensor<3xf32>, tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x3xf32>)
          return %0#0, %0#1 : tensor<2x2xf32>, tensor<2x3xf32>
        }
        """,
    )


def test_derivative_in_a_direction():
    check_action(
        "forward",
        SCALARS,
        """
        func.func @f(%x: f64, %n: i32, %y: f64) -> (f64, i32) {
          %z = arith.mulf %x, %y : f64
          return %z, %n : f64, i32
        }

        func.func @jvp_f(%x: f64, %dx: f64, %n: i32, %y: f64, %dy: f64) -> (f64, f64, i32) {
          %0:3 = enzyme.fwddiff @f(%x, %dx, %n, %y, %dy) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>]
          } : (f64, f64, i32, f64, f64) -> (f64, f64, i32)
          return %0#0, %0#1, %0#2 : f64, f64, i32
        }
        """,
    )


def test_derivatives_in_several_directions():
    check_action(
        "forward.directions",
        TENSORS,
        """
        func.func @f(%x: tensor<2xf32>, %w: tensor<3xf32>) -> tensor<2xf32> {
          %y = stablehlo.sine %x : tensor<2xf32>
          return %y : tensor<2xf32>
        }

        func.func @jvps_f(%x: tensor<2xf32>, %dx: tensor<2x2xf32>, %w: tensor<3xf32>, %dw: tensor<2x3xf32>) -> (tensor<2xf32>, tensor<2x2xf32>) {
          %0:2 = enzyme.fwddiff @f(%x, %dx, %w, %dw) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dup>],
            width = 2 : i64
          } : (tensor<2xf32>, tensor<2x2xf32>, tensor<3xf32>, tensor<2x3xf32>) -> (tensor<2xf32>, tensor<2x2xf32>)
          return %0#0, %0#1 : tensor<2xf32>, tensor<2x2xf32>
        }
        """,
    )


def test_jacobian_of_scalars_has_an_operation_for_each_seed():
    check_action(
        "jacobian",
        SCALARS,
        """
        func.func @f(%x: f64, %n: i32, %y: f64) -> (f64, i32) {
          %z = arith.mulf %x, %y : f64
          return %z, %n : f64, i32
        }

        // For each result in turn its derivatives, argument by argument.
        func.func @jacobian_f(%x: f64, %n: i32, %y: f64) -> (f64, f64) {
          %one = arith.constant 1.0 : f64
          %0:2 = enzyme.autodiff @f(%x, %n, %y, %one) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_constnoneed>]
          } : (f64, i32, f64, f64) -> (f64, f64)
          return %0#0, %0#1 : f64, f64
        }
        """,
    )


def test_jacobian_of_scalars_has_an_operation_for_each_direction_if_these_are_fewer():
    check_action(
        "jacobian",
        """
        func.func @f(%x: f64, %y: f64) -> (f64, f64, f64) {
          return %x, %y, %x : f64, f64, f64
        }<|>
        """,
        """
        func.func @f(%x: f64, %y: f64) -> (f64, f64, f64) {
          return %x, %y, %x : f64, f64, f64
        }

        // For each result in turn its derivatives, argument by argument.
        func.func @jacobian_f(%x: f64, %y: f64) -> (f64, f64, f64, f64, f64, f64) {
          %one = arith.constant 1.0 : f64
          %zero = arith.constant 0.0 : f64
          %0:3 = enzyme.fwddiff @f(%x, %one, %y, %zero) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64, f64, f64) -> (f64, f64, f64)
          %1:3 = enzyme.fwddiff @f(%x, %zero, %y, %one) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64, f64, f64) -> (f64, f64, f64)
          return %0#0, %1#0, %0#1, %1#1, %0#2, %1#2 : f64, f64, f64, f64, f64, f64
        }
        """,
    )


def test_jacobian_of_tensors_takes_all_seeds_at_once():
    check_action(
        "jacobian",
        TENSORS,
        """
        func.func @f(%x: tensor<2xf32>, %w: tensor<3xf32>) -> tensor<2xf32> {
          %y = stablehlo.sine %x : tensor<2xf32>
          return %y : tensor<2xf32>
        }

        // Row k of each is the gradient of element k of result 0.
        func.func @jacobian_f(%x: tensor<2xf32>, %w: tensor<3xf32>) -> (tensor<2x2xf32>, tensor<2x3xf32>) {
          %seed = stablehlo.constant dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf32>
          %0:2 = enzyme.autodiff @f(%x, %w, %seed) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>],
            width = 2 : i64
          } : (tensor<2xf32>, tensor<3xf32>, tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x3xf32>)
          return %0#0, %0#1 : tensor<2x2xf32>, tensor<2x3xf32>
        }
        """,
    )


def test_jacobian_of_tensors_takes_all_directions_at_once_if_these_are_fewer():
    check_action(
        "jacobian",
        """
        func.func @f(<|>%x: tensor<1x2xf64>, %k: tensor<2xi64>) -> (tensor<1x2xf64>, tensor<1x2xf64>) {
          return %x, %x : tensor<1x2xf64>, tensor<1x2xf64>
        }
        """,
        """
        func.func @f(%x: tensor<1x2xf64>, %k: tensor<2xi64>) -> (tensor<1x2xf64>, tensor<1x2xf64>) {
          return %x, %x : tensor<1x2xf64>, tensor<1x2xf64>
        }

        // Row k of each is the derivative by element k of %x.
        func.func @jacobian_f(%x: tensor<1x2xf64>, %k: tensor<2xi64>) -> (tensor<2x1x2xf64>, tensor<2x1x2xf64>) {
          %seed = arith.constant dense<[[[1.0, 0.0]], [[0.0, 1.0]]]> : tensor<2x1x2xf64>
          %0:2 = enzyme.fwddiff @f(%x, %seed, %k) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_dupnoneed>],
            width = 2 : i64
          } : (tensor<1x2xf64>, tensor<2x1x2xf64>, tensor<2xi64>) -> (tensor<2x1x2xf64>, tensor<2x1x2xf64>)
          return %0#0, %0#1 : tensor<2x1x2xf64>, tensor<2x1x2xf64>
        }
        """,
    )


def test_large_seeds_are_made_by_stablehlo():
    check_action(
        "jacobian",
        """
        func.func @<|>f(%x: tensor<10x5xf32>, %rows: tensor<10xf32>) -> (tensor<10x5xf32>, tensor<10x5xf32>) {
          %b = stablehlo.broadcast_in_dim %rows, dims = [0] : (tensor<10xf32>) -> tensor<10x5xf32>
          %y = stablehlo.multiply %b, %x : tensor<10x5xf32>
          return %y, %b : tensor<10x5xf32>, tensor<10x5xf32>
        }
        """,
        """
        func.func @f(%x: tensor<10x5xf32>, %rows: tensor<10xf32>) -> (tensor<10x5xf32>, tensor<10x5xf32>) {
          %b = stablehlo.broadcast_in_dim %rows, dims = [0] : (tensor<10xf32>) -> tensor<10x5xf32>
          %y = stablehlo.multiply %b, %x : tensor<10x5xf32>
          return %y, %b : tensor<10x5xf32>, tensor<10x5xf32>
        }

        // Row k of each is the derivative by element k of %x then %rows.
        func.func @jacobian_f(%x: tensor<10x5xf32>, %rows: tensor<10xf32>) -> (tensor<60x10x5xf32>, tensor<60x10x5xf32>) {
          %rows_1 = stablehlo.iota dim = 0 : tensor<60x50xi64>
          %columns = stablehlo.iota dim = 1 : tensor<60x50xi64>
          %ones = stablehlo.compare EQ, %rows_1, %columns : (tensor<60x50xi64>, tensor<60x50xi64>) -> tensor<60x50xi1>
          %numbers = stablehlo.convert %ones : (tensor<60x50xi1>) -> tensor<60x50xf32>
          %seed = stablehlo.reshape %numbers : (tensor<60x50xf32>) -> tensor<60x10x5xf32>
          %rows_2 = stablehlo.iota dim = 0 : tensor<60x10xi64>
          %columns_1 = stablehlo.iota dim = 1 : tensor<60x10xi64>
          %first = stablehlo.constant dense<50> : tensor<60x10xi64>
          %places = stablehlo.add %columns_1, %first : tensor<60x10xi64>
          %ones_1 = stablehlo.compare EQ, %rows_2, %places : (tensor<60x10xi64>, tensor<60x10xi64>) -> tensor<60x10xi1>
          %numbers_1 = stablehlo.convert %ones_1 : (tensor<60x10xi1>) -> tensor<60x10xf32>
          %seed_1 = stablehlo.reshape %numbers_1 : (tensor<60x10xf32>) -> tensor<60x10xf32>
          %0:2 = enzyme.fwddiff @f(%x, %seed, %rows, %seed_1) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_dupnoneed>],
            width = 60 : i64
          } : (tensor<10x5xf32>, tensor<60x10x5xf32>, tensor<10xf32>, tensor<60x10xf32>) -> (tensor<60x10x5xf32>, tensor<60x10x5xf32>)
          return %0#0, %0#1 : tensor<60x10x5xf32>, tensor<60x10x5xf32>
        }
        """,
    )


def test_jacobian_of_numbers_and_tensors():
    check_action(
        "jacobian",
        """
        func.func @f(<|>%x: tensor<2xf64>, %a: f64) -> tensor<2xf64> {
          %y = arith.mulf %x, %x : tensor<2xf64>
          return %y : tensor<2xf64>
        }
        """,
        """
        func.func @f(%x: tensor<2xf64>, %a: f64) -> tensor<2xf64> {
          %y = arith.mulf %x, %x : tensor<2xf64>
          return %y : tensor<2xf64>
        }

        // For each result in turn its derivatives, argument by argument.
        func.func @jacobian_f(%x: tensor<2xf64>, %a: f64) -> (tensor<2xf64>, f64, tensor<2xf64>, f64) {
          %seed = arith.constant dense<[1.0, 0.0]> : tensor<2xf64>
          %seed_1 = arith.constant dense<[0.0, 1.0]> : tensor<2xf64>
          %0:2 = enzyme.autodiff @f(%x, %a, %seed) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (tensor<2xf64>, f64, tensor<2xf64>) -> (tensor<2xf64>, f64)
          %1:2 = enzyme.autodiff @f(%x, %a, %seed_1) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (tensor<2xf64>, f64, tensor<2xf64>) -> (tensor<2xf64>, f64)
          return %0#0, %0#1, %1#0, %1#1 : tensor<2xf64>, f64, tensor<2xf64>, f64
        }
        """,
    )


def test_the_operation_jacobian_says_what_lowers_it():
    check_action(
        "jacobian.operation",
        TENSORS,
        """
        func.func @f(%x: tensor<2xf32>, %w: tensor<3xf32>) -> tensor<2xf32> {
          %y = stablehlo.sine %x : tensor<2xf32>
          return %y : tensor<2xf32>
        }

        // Lowered by the pass lower-enzyme-jacobian-stablehlo alone, and only where stablehlo.dot_general multiplies it with a tangent.
        func.func @jacobian_f(%x: tensor<2xf32>, %w: tensor<3xf32>) -> (tensor<2x2xf32>, tensor<2x3xf32>) {
          %0:2 = enzyme.jacobian @f(%x, %w) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (tensor<2xf32>, tensor<3xf32>) -> (tensor<2x2xf32>, tensor<2x3xf32>)
          return %0#0, %0#1 : tensor<2x2xf32>, tensor<2x3xf32>
        }
        """,
    )


def test_hessian_vector_product():
    check_action(
        "hvp",
        SCALARS,
        """
        func.func @f(%x: f64, %n: i32, %y: f64) -> (f64, i32) {
          %z = arith.mulf %x, %y : f64
          return %z, %n : f64, i32
        }

        func.func @grad_f(%x: f64, %n: i32, %y: f64, %dr: f64) -> (f64, f64) {
          %0:2 = enzyme.autodiff @f(%x, %n, %y, %dr) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_constnoneed>]
          } : (f64, i32, f64, f64) -> (f64, f64)
          return %0#0, %0#1 : f64, f64
        }

        // @grad_f takes a derivative in reverse mode, which can be differentiated with the option postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize" of the pass enzyme only.
        func.func @hvp_f(%x: f64, %vx: f64, %n: i32, %y: f64, %vy: f64, %dr: f64) -> (f64, f64) {
          %0:2 = enzyme.fwddiff @grad_f(%x, %vx, %n, %y, %vy, %dr) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64, i32, f64, f64, f64) -> (f64, f64)
          return %0#0, %0#1 : f64, f64
        }
        """,
    )


def test_batch():
    check_action(
        "batch",
        SCALARS,
        """
        func.func @f(%x: f64, %n: i32, %y: f64) -> (f64, i32) {
          %z = arith.mulf %x, %y : f64
          return %z, %n : f64, i32
        }

        func.func @batched_f(%x: tensor<2xf64>, %n: tensor<2xi32>, %y: tensor<2xf64>) -> (tensor<2xf64>, tensor<2xi32>) {
          %0:2 = enzyme.batch @f(%x, %n, %y) {
            batch_shape = array<i64: 2>
          } : (tensor<2xf64>, tensor<2xi32>, tensor<2xf64>) -> (tensor<2xf64>, tensor<2xi32>)
          return %0#0, %0#1 : tensor<2xf64>, tensor<2xi32>
        }
        """,
    )


MEMORY = """
    module {
      func.func <|>@f(%m: memref<4xf64>, %k: memref<4xi64>, %p: !llvm.ptr) {
        return
      }
      // What stands behind it stays.
    }
"""


def test_memory_has_shadows_and_memory_without_numbers_is_constant():
    check_action(
        "reverse",
        MEMORY,
        """
        module {
          func.func @f(%m: memref<4xf64>, %k: memref<4xi64>, %p: !llvm.ptr) {
            return
          }

          func.func @grad_f(%m: memref<4xf64>, %dm: memref<4xf64>, %k: memref<4xi64>, %p: !llvm.ptr, %dp: !llvm.ptr) {
            enzyme.autodiff @f(%m, %dm, %k, %p, %dp) {
              activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_dup>],
              ret_activity = []
            } : (memref<4xf64>, memref<4xf64>, memref<4xi64>, !llvm.ptr, !llvm.ptr) -> ()
            return
          }

          // What stands behind it stays.
        }
        """,
    )
    check_action(
        "forward",
        MEMORY,
        """
        module {
          func.func @f(%m: memref<4xf64>, %k: memref<4xi64>, %p: !llvm.ptr) {
            return
          }

          func.func @jvp_f(%m: memref<4xf64>, %dm: memref<4xf64>, %k: memref<4xi64>, %p: !llvm.ptr, %dp: !llvm.ptr) {
            enzyme.fwddiff @f(%m, %dm, %k, %p, %dp) {
              activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_dup>],
              ret_activity = []
            } : (memref<4xf64>, memref<4xf64>, memref<4xi64>, !llvm.ptr, !llvm.ptr) -> ()
            return
          }

          // What stands behind it stays.
        }
        """,
    )
    check_action(
        "hvp",
        MEMORY,
        """
        module {
          func.func @f(%m: memref<4xf64>, %k: memref<4xi64>, %p: !llvm.ptr) {
            return
          }

          func.func @grad_f(%m: memref<4xf64>, %dm: memref<4xf64>, %k: memref<4xi64>, %p: !llvm.ptr, %dp: !llvm.ptr) {
            enzyme.autodiff @f(%m, %dm, %k, %p, %dp) {
              activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_dup>],
              ret_activity = []
            } : (memref<4xf64>, memref<4xf64>, memref<4xi64>, !llvm.ptr, !llvm.ptr) -> ()
            return
          }

          // @grad_f takes a derivative in reverse mode, which can be differentiated with the option postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize" of the pass enzyme only.
          func.func @hvp_f(%m: memref<4xf64>, %vm: memref<4xf64>, %dm: memref<4xf64>, %vdm: memref<4xf64>, %k: memref<4xi64>, %p: !llvm.ptr, %vp: !llvm.ptr, %dp: !llvm.ptr, %vdp: !llvm.ptr) {
            enzyme.fwddiff @grad_f(%m, %vm, %dm, %vdm, %k, %p, %vp, %dp, %vdp) {
              activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
              ret_activity = []
            } : (memref<4xf64>, memref<4xf64>, memref<4xf64>, memref<4xf64>, memref<4xi64>, !llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> ()
            return
          }

          // What stands behind it stays.
        }
        """,
    )


def test_functions_of_llvm():
    before = """
        llvm.func internal @f(%x: f64, %p: !llvm.ptr, %n: i32) -> f64 <|>{
          %y = llvm.load %p : !llvm.ptr -> f64
          llvm.return %y : f64
        }
        llvm.func @after()
    """
    check_action(
        "reverse",
        before,
        """
        llvm.func internal @f(%x: f64, %p: !llvm.ptr, %n: i32) -> f64 {
          %y = llvm.load %p : !llvm.ptr -> f64
          llvm.return %y : f64
        }

        llvm.func @grad_f(%x: f64, %p: !llvm.ptr, %dp: !llvm.ptr, %n: i32, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %p, %dp, %n, %dr) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, !llvm.ptr, !llvm.ptr, i32, f64) -> f64
          llvm.return %0 : f64
        }

        llvm.func @after()
        """,
    )
    check_action(
        "reverse.primal",
        before,
        """
        llvm.func internal @f(%x: f64, %p: !llvm.ptr, %n: i32) -> f64 {
          %y = llvm.load %p : !llvm.ptr -> f64
          llvm.return %y : f64
        }

        llvm.func @value_and_grad_f(%x: f64, %p: !llvm.ptr, %dp: !llvm.ptr, %n: i32, %dr: f64) -> !llvm.struct<(f64, f64)> {
          %0 = enzyme.autodiff @f(%x, %p, %dp, %n, %dr) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_active>]
          } : (f64, !llvm.ptr, !llvm.ptr, i32, f64) -> !llvm.struct<(f64, f64)>
          llvm.return %0 : !llvm.struct<(f64, f64)>
        }

        llvm.func @after()
        """,
    )


def test_a_function_of_llvm_without_results():
    check_action(
        "reverse",
        """
        <|>llvm.func @f(%p: !llvm.ptr) {
          llvm.return
        }
        """,
        """
        llvm.func @f(%p: !llvm.ptr) {
          llvm.return
        }

        llvm.func @grad_f(%p: !llvm.ptr, %dp: !llvm.ptr) {
          enzyme.autodiff @f(%p, %dp) {
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = []
          } : (!llvm.ptr, !llvm.ptr) -> ()
          llvm.return
        }
        """,
    )


def test_generic_form():
    before = """
        "func.func"() <{function_type = (tensor<2xf64>, i1) -> tensor<2xf64>, sym_name = "<|>f"}> ({
        ^bb0(%x: tensor<2xf64>, %b: i1):
            %y = "arith.mulf"(%x, %x) : (tensor<2xf64>, tensor<2xf64>) -> tensor<2xf64>
            "func.return"(%y) : (tensor<2xf64>) -> ()
        }) : () -> ()
    """
    check_action(
        "forward.directions",
        before,
        """
        "func.func"() <{function_type = (tensor<2xf64>, i1) -> tensor<2xf64>, sym_name = "f"}> ({
        ^bb0(%x: tensor<2xf64>, %b: i1):
            %y = "arith.mulf"(%x, %x) : (tensor<2xf64>, tensor<2xf64>) -> tensor<2xf64>
            "func.return"(%y) : (tensor<2xf64>) -> ()
        }) : () -> ()

        "func.func"() <{function_type = (tensor<2xf64>, tensor<2x2xf64>, i1) -> (tensor<2xf64>, tensor<2x2xf64>), sym_name = "jvps_f"}> ({
        ^bb0(%x: tensor<2xf64>, %dx: tensor<2x2xf64>, %b: i1):
            %0:2 = "enzyme.fwddiff"(%x, %dx, %b) <{fn = @f, activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_dup>], width = 2 : i64}> : (tensor<2xf64>, tensor<2x2xf64>, i1) -> (tensor<2xf64>, tensor<2x2xf64>)
            "func.return"(%0#0, %0#1) : (tensor<2xf64>, tensor<2x2xf64>) -> ()
        }) : () -> ()
        """,
    )
    check_action(
        "jacobian",
        before,
        """
        "func.func"() <{function_type = (tensor<2xf64>, i1) -> tensor<2xf64>, sym_name = "f"}> ({
        ^bb0(%x: tensor<2xf64>, %b: i1):
            %y = "arith.mulf"(%x, %x) : (tensor<2xf64>, tensor<2xf64>) -> tensor<2xf64>
            "func.return"(%y) : (tensor<2xf64>) -> ()
        }) : () -> ()

        // Row k of each is the derivative by element k of %x.
        "func.func"() <{function_type = (tensor<2xf64>, i1) -> tensor<2x2xf64>, sym_name = "jacobian_f"}> ({
        ^bb0(%x: tensor<2xf64>, %b: i1):
            %seed = "arith.constant"() <{value = dense<[[1.0, 0.0], [0.0, 1.0]]> : tensor<2x2xf64>}> : () -> tensor<2x2xf64>
            %0 = "enzyme.fwddiff"(%x, %seed, %b) <{fn = @f, activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_dupnoneed>], width = 2 : i64}> : (tensor<2xf64>, tensor<2x2xf64>, i1) -> tensor<2x2xf64>
            "func.return"(%0) : (tensor<2x2xf64>) -> ()
        }) : () -> ()
        """,
    )
    check_action(
        "batch",
        before,
        """
        "func.func"() <{function_type = (tensor<2xf64>, i1) -> tensor<2xf64>, sym_name = "f"}> ({
        ^bb0(%x: tensor<2xf64>, %b: i1):
            %y = "arith.mulf"(%x, %x) : (tensor<2xf64>, tensor<2xf64>) -> tensor<2xf64>
            "func.return"(%y) : (tensor<2xf64>) -> ()
        }) : () -> ()

        "func.func"() <{function_type = (tensor<2x2xf64>, tensor<2xi1>) -> tensor<2x2xf64>, sym_name = "batched_f"}> ({
        ^bb0(%x: tensor<2x2xf64>, %b: tensor<2xi1>):
            %0 = "enzyme.batch"(%x, %b) <{fn = @f, batch_shape = array<i64: 2>}> : (tensor<2x2xf64>, tensor<2xi1>) -> tensor<2x2xf64>
            "func.return"(%0) : (tensor<2x2xf64>) -> ()
        }) : () -> ()
        """,
    )


def test_generic_form_with_all_attributes_in_one_dictionary():
    check_action(
        "reverse.primal",
        """
        "llvm.func"() ({
        ^bb0(%0: f64, %1: f64):
          "llvm.return"(%0) : (f64) -> ()
        }) {function_type = !llvm.func<f64 (f64, f64)>, linkage = #llvm.linkage<external>, <|>sym_name = "f"} : () -> ()
        """,
        """
        "llvm.func"() ({
        ^bb0(%0: f64, %1: f64):
          "llvm.return"(%0) : (f64) -> ()
        }) {function_type = !llvm.func<f64 (f64, f64)>, linkage = #llvm.linkage<external>, sym_name = "f"} : () -> ()

        "llvm.func"() ({
        ^bb0(%0: f64, %1: f64, %dr: f64):
          %2 = "enzyme.autodiff"(%0, %1, %dr) {fn = @f, activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_active>]} : (f64, f64, f64) -> !llvm.struct<(f64, f64, f64)>
          "llvm.return"(%2) : (!llvm.struct<(f64, f64, f64)>) -> ()
        }) {function_type = !llvm.func<struct<(f64, f64, f64)> (f64, f64, f64)>, sym_name = "value_and_grad_f"} : () -> ()
        """,
    )


def test_strict_spelling():
    before = """
        func.func @f<|>(%x: f64) -> f64 {
          func.return %x : f64
        }

        func.func @g(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %dx) <
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64, f64) -> f64
          func.return %0 : f64
        }
    """
    check_action(
        "reverse.seeds",
        before,
        """
        func.func @f(%x: f64) -> f64 {
          func.return %x : f64
        }

        func.func @grads_f(%x: f64, %dr: tensor<2xf64>) -> tensor<2xf64> {
          %0 = enzyme.autodiff @f(%x, %dr) <
            activity = [#enzyme.activity<enzyme_active>],
            ret_activity = [#enzyme.activity<enzyme_activenoneed>],
            width = 2
          > : (f64, tensor<2xf64>) -> tensor<2xf64>
          func.return %0 : tensor<2xf64>
        }

        func.func @g(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %dx) <
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64, f64) -> f64
          func.return %0 : f64
        }
        """,
    )
    check_action(
        "batch",
        before,
        """
        func.func @f(%x: f64) -> f64 {
          func.return %x : f64
        }

        func.func @batched_f(%x: tensor<2xf64>) -> tensor<2xf64> {
          %0 = enzyme.batch @f(%x) <
            batch_shape = [2]
          > : (tensor<2xf64>) -> tensor<2xf64>
          func.return %0 : tensor<2xf64>
        }

        func.func @g(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %dx) <
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64, f64) -> f64
          func.return %0 : f64
        }
        """,
    )


def test_names_are_new():
    check_action(
        "reverse",
        """
        func.func @f<|>(%x: f64, %dr: f64, %0: memref<2xf64>, %d0: f64) -> f64 {
          return %x : f64
        }

        func.func private @grad_f(f64) -> f64
        func.func private @grad_f_1(f64) -> f64
        """,
        """
        func.func @f(%x: f64, %dr: f64, %0: memref<2xf64>, %d0: f64) -> f64 {
          return %x : f64
        }

        func.func @grad_f_2(%x: f64, %dr: f64, %0: memref<2xf64>, %d0_1: memref<2xf64>, %d0: f64, %dr_1: f64) -> (f64, f64, f64) {
          %1:3 = enzyme.autodiff @f(%x, %dr, %0, %d0_1, %d0, %dr_1) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64, memref<2xf64>, memref<2xf64>, f64, f64) -> (f64, f64, f64)
          return %1#0, %1#1, %1#2 : f64, f64, f64
        }

        func.func private @grad_f(f64) -> f64
        func.func private @grad_f_1(f64) -> f64
        """,
    )


def test_symbols_of_another_module_are_no_obstacle():
    check_action(
        "reverse",
        """
        module @a {
          func.func private @grad_f(f64) -> f64
        }
        module @b { func.func @f<|>(%x: f64) -> f64 { return %x : f64 } }
        """,
        """
        module @a {
          func.func private @grad_f(f64) -> f64
        }
        module @b { func.func @f(%x: f64) -> f64 { return %x : f64 }

        func.func @grad_f(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
         }
        """,
    )


def test_a_name_in_quotes():
    check_action(
        "reverse",
        """
        func.func @"a b<|>"(%x: f64) -> f64 {
          return %x : f64
        }
        """,
        """
        func.func @"a b"(%x: f64) -> f64 {
          return %x : f64
        }

        func.func @"grad_a b"(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @"a b"(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        """,
    )


def test_aliases_stay_and_are_understood():
    check_action(
        "reverse",
        """
        !t = tensor<2xf64>
        func.func @f<|>(%x: !t) -> !t {
          return %x : !t
        }
        """,
        """
        !t = tensor<2xf64>
        func.func @f(%x: !t) -> !t {
          return %x : !t
        }

        func.func @grad_f(%x: !t, %dr: !t) -> !t {
          %0 = enzyme.autodiff @f(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (!t, !t) -> !t
          return %0 : !t
        }
        """,
    )
    check_action(
        "forward.directions",
        """
        !t = tensor<2xf64>
        func.func @f<|>(%x: !t) -> !t {
          return %x : !t
        }
        """,
        """
        !t = tensor<2xf64>
        func.func @f(%x: !t) -> !t {
          return %x : !t
        }

        func.func @jvps_f(%x: !t, %dx: tensor<2x2xf64>) -> (!t, tensor<2x2xf64>) {
          %0:2 = enzyme.fwddiff @f(%x, %dx) {
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dup>],
            width = 2 : i64
          } : (!t, tensor<2x2xf64>) -> (!t, tensor<2x2xf64>)
          return %0#0, %0#1 : !t, tensor<2x2xf64>
        }
        """,
    )


def test_a_derivative_can_be_differentiated_and_the_text_says_how():
    check_action(
        "forward",
        """
        func.func @f(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }

        func.func @grad_f<|>(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        """
        func.func @f(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }

        func.func @grad_f(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }

        // @grad_f takes a derivative in reverse mode, which can be differentiated with the option postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize" of the pass enzyme only.
        func.func @jvp_grad_f(%x: f64, %dx: f64, %dr: f64, %ddr: f64) -> (f64, f64) {
          %0:2 = enzyme.fwddiff @grad_f(%x, %dx, %dr, %ddr) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dup>]
          } : (f64, f64, f64, f64) -> (f64, f64)
          return %0#0, %0#1 : f64, f64
        }
        """,
    )


@pytest.mark.parametrize(
    "place",
    ["<|>func.func @f", "func.func @f<|>(", "(%x: <|>f64", "-> <|>f64 attributes", "attributes {<|>a} {", "}<|> loc"],
)
def test_it_is_offered_in_all_of_the_function_but_its_body(place: str):
    text = "func.func @f(%x: f64) -> f64 attributes {a} {\n  return %x : f64\n} loc(unknown)\n"
    snapshot = Workspace(Settings()).open(Document.of("untitled:1", text))
    at = text.index(place.replace("<|>", "")) + place.index("<|>")
    offered = code_actions.code_actions(snapshot, Span(at, at), ("refactor.rewrite.enzyme.reverse",))
    assert [one.id for one in offered] == ["reverse", "reverse.primal", "reverse.seeds"]


@pytest.mark.parametrize("body", ["<|>return %x : f64", "return <|>%x : f64", "return %x : f64\n<|>"])
def test_it_is_not_offered_in_the_body(body: str):
    for variant in VARIANTS:
        check_no_action(variant.id, f"func.func @f(%x: f64) -> f64 {{\n  {body}\n}}\n")


@pytest.mark.parametrize(
    ("id_", "function", "reason"),
    [
        ("reverse", "func.func private @f(f64) -> f64", "@f is only declared here, and a derivative is made of a function's body"),
        ("reverse", "func.func @f(%i: i32) -> i32 { return %i : i32 }", "@f takes no floating point numbers to differentiate by"),
        ("reverse", "func.func @f(%x: f64) { return }", "a gradient starts from a seed, and @f gives no floating point numbers to seed"),
        ("forward", "func.func @f(%x: f64) { return }", "@f gives no floating point numbers that could have a tangent"),
        ("jacobian", "func.func @f(%x: f64) { return }", "@f takes or gives no floating point numbers to differentiate"),
        ("reverse", "func.func @f(%x: f64) -> f64 {\n  return %x : f64\n", "@f has no closing brace"),
        ("reverse", "func.func @f(%x: f64, %y: : f64) -> f64 { return %x : f64 }", "the signature of @f has something in it that is no type"),
        ("reverse.seeds", "func.func @f(%m: memref<2xf64>) { return }", "Enzyme cannot add gradients of several seeds to memory, as to that of argument 0 (%m: memref<2xf64>)"),
        ("forward.directions", "func.func @f(%m: memref<2xf64>) { return }", "one shadow cannot hold the tangents of several directions, as that of argument 0 (%m: memref<2xf64>) would"),
        ("jacobian", "func.func @f(%x: tensor<0xf64>) -> tensor<0xf64> { return %x : tensor<0xf64> }", "@f takes or gives no floating point numbers to differentiate"),
        ("jacobian", "func.func @f(%m: memref<2xf64>) -> f64 { return }", "a Jacobian is of numbers and of tensors of known size, and argument 0 of @f is memref<2xf64>"),
        ("jacobian", "func.func @f(%x: f64) -> tensor<?xf64> { return }", "a Jacobian is of numbers and of tensors of known size, and result 0 of @f is tensor<?xf64>"),
        ("jacobian", "func.func @f(%x: tensor<40xf64>) -> tensor<40xf64> { return %x : tensor<40xf64> }", "a Jacobian of @f takes seeds of 1600 numbers, and at most 1024 are written"),
        ("jacobian", "func.func @f(%x: tensor<40xf64>, %y: f64) -> tensor<40xf64> { return %x : tensor<40xf64> }", "a Jacobian of @f takes 40 operations, and at most 32 are written"),
        ("jacobian.operation", "func.func @f(%x: f64) -> f64 { return %x : f64 }", "enzyme.jacobian is for tensors, and not all that @f takes and gives are some"),
        ("forward", "llvm.func @f(%x: f64) -> f64 { llvm.return %x : f64 }", "enzyme.fwddiff of Enzyme 0.0.15 takes a func.func, but @f is an llvm.func"),
        ("hvp", "llvm.func @f(%x: f64) -> f64 { llvm.return %x : f64 }", "no engine takes a derivative of that of an llvm.func, and @f is one"),
        ("batch", "llvm.func @f(%x: f64) -> f64 { llvm.return %x : f64 }", "enzyme.batch crashes on all but a func.func, but @f is an llvm.func"),
        ("batch", "func.func @f(%x: f64) -> f64 {\n  %c = arith.constant 2.0 : f64\n  return %x : f64\n}", "engines 0.0.15 and 0.0.16 cannot batch @f: it has a constant that is no tensor (f64)"),
        ("batch", "func.func @f(%m: memref<2xf64>) { return }", "argument 0 of @f is memref<2xf64>, which has no derivative of this sort"),
        ("reverse", "func.func @f(%x: tensor<?xf64>) -> f64 { return }", "engines 0.0.15 and 0.0.16 start the gradient of tensor<?xf64> from a constant that cannot be read back"),
        ("forward", "func.func @f(%x: f64) -> f64 {\n  %y = math.tan %x : f64\n  return %y : f64\n}", "@f cannot be differentiated in forward mode: math.tan has no derivative rule in Enzyme 0.0.15, nor in 0.0.16"),
        ("hvp", "func.func @f(%x: f64) -> f64 {\n  %y = math.tan %x : f64\n  return %y : f64\n}", "@f cannot be differentiated in reverse mode: math.tan has no derivative rule in Enzyme 0.0.15, nor in 0.0.16"),
    ],
)  # fmt: skip
def test_what_has_no_such_derivative_is_shown_with_the_reason(id_: str, function: str, reason: str):
    check_no_action(id_, function.replace("@f", "@f<|>", 1), reason=reason)


@pytest.mark.parametrize(
    "text", ["", "func.func", "func.func @", "func.func @f", "func.func @f(", "func.func @f(%x", "module {"]
)
def test_half_a_function_is_no_function(text: str):
    snapshot = Workspace(Settings()).open(Document.of("untitled:1", text))
    for action in differentiate.ACTIONS:
        for at in range(len(text) + 1):
            assert list(action.offered(snapshot, Span(at, at))) == []
            assert not action.apply(snapshot, Span(at, at), action.variant.id).edits


def test_kinds_are_stable_and_the_page_for_editors_has_them():
    page = (Path(__file__).resolve().parents[3] / "docs" / "editors.md").read_text()
    assert all(f"| `{action.KIND}` |" in page for action in differentiate.ACTIONS)
    assert [action.KIND for action in differentiate.ACTIONS] == [
        "refactor.rewrite.enzyme.reverse",
        "refactor.rewrite.enzyme.reverse.primal",
        "refactor.rewrite.enzyme.reverse.seeds",
        "refactor.rewrite.enzyme.forward",
        "refactor.rewrite.enzyme.forward.directions",
        "refactor.rewrite.enzyme.jacobian",
        "refactor.rewrite.enzyme.jacobian.operation",
        "refactor.rewrite.enzyme.hvp",
        "refactor.rewrite.enzyme.batch",
    ]


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.id)
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_what_is_written_is_formatted_and_has_the_line_ends_of_the_file(variant: object, ends: str):
    text = "func.func @f(%x: tensor<2xf64>) -> tensor<2xf64> {\n  return %x : tensor<2xf64>\n}\n".replace("\n", ends)
    snapshot = Workspace(Settings()).open(Document.of("untitled:1", text))
    id_ = getattr(variant, "id", "")
    action = code_actions.resolved(snapshot, Span(0, 0), f"refactor.rewrite.enzyme.{id_}", id_)
    assert action.edits is not None
    document = snapshot.document.edited_at_once(action.edits, version=1)
    assert document.data.count(b"\n") == document.data.count(ends.encode())
    assert document.data.startswith(text.encode())
    assert not formatting.formatted(Workspace(Settings()).open(document), None, 2, insert_spaces=True).edits
