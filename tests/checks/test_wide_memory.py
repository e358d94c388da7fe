"""Reverse mode with a width other than 1 does not work on memory that is `enzyme_dup`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.judges import EngineThread


def test_not_at_width_1_not_in_forward_mode_and_not_what_is_constant(strict: EngineThread):
    check_diagnostics(
        """
        func.func @first(%m: memref<2xf64>) -> f64 {
          %c = arith.constant 0 : index
          %x = memref.load %m[%c] : memref<2xf64>
          return %x : f64
        }
        func.func @d(%m: memref<2xf64>, %dm: memref<2xf64>, %dr: f64, %ds: tensor<2xf64>) {
          enzyme.autodiff @first(%m, %dm, %dr) <
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_activenoneed>], width = 1
          > : (memref<2xf64>, memref<2xf64>, f64) -> ()
          enzyme.autodiff @first(%m, %ds) <
            activity = [#enzyme.activity<enzyme_const>], ret_activity = [#enzyme.activity<enzyme_activenoneed>], width = 2
          > : (memref<2xf64>, tensor<2xf64>) -> ()
          %0 = enzyme.fwddiff @first(%m, %dm) <
            activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>], width = 2
          > : (memref<2xf64>, memref<2xf64>) -> tensor<2xf64>
          return
        }
        """,
        engine=strict,
        deep=strict.deep,
    )


def test_each_such_argument(classic: EngineThread):
    fixture = """
        func.func @f(%m: memref<2xf64>, %n: memref<2xf64>) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (memref<2xf64>, memref<2xf64>) -> f64
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (memref<2xf64>, memref<2xf64>) -> f64
          %c = arith.constant 0 : index
          %x = memref.load %m[%c] : memref<2xf64>
          memref.store %x, %n[%c] : memref<2xf64>
          return %x : f64
        }
        func.func @d(%m: memref<2xf64>, %n: memref<2xf64>, %dr: tensor<2xf64>) {
          enzyme.autodiff @f(%m, %m, %n, %n, %dr) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dupnoneed>],
            //                           ^^^^^^^^^^ warning[wide-memory]: engines 0.0.15 and 0.0.16 cannot add a gradient of width 2 to the memory of argument 0 (%m)
            //                                                         ^^^^^^^^^^^^^^^^ warning[wide-memory]: engines 0.0.15 and 0.0.16 cannot add a gradient of width 2 to the memory of argument 1 (%n)
            ret_activity = [#enzyme<activity enzyme_activenoneed>],
            width = 2
          } : (memref<2xf64>, memref<2xf64>, memref<2xf64>, memref<2xf64>, tensor<2xf64>) -> ()
          return
        }
    """
    check_diagnostics(fixture)
    check_diagnostics(fixture, engine=classic)
