"""constant-memory: in forward mode, memory that active values are stored in has a shadow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane
from tests.fixture import Fixture, check_diagnostics, check_fix

if TYPE_CHECKING:
    from tests.judges import EngineThread


def test_what_is_computed_of_an_active_value_through_a_view(classic: EngineThread):
    fixture = """
        func.func @f(%m: memref<4xf64>, %x: f64, %n: memref<4xf64>) {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (memref<4xf64>, f64, memref<4xf64>) -> ()
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (memref<4xf64>, f64, memref<4xf64>) -> ()
          %i = arith.constant 0 : index
          %y = arith.mulf %x, %x : f64
          %v = memref.cast %n : memref<4xf64> to memref<?xf64>
          memref.store %y, %v[%i] : memref<?xf64>
          affine.store %y, %m[0] : memref<4xf64>
          return
        }
        func.func @d(%m: memref<4xf64>, %x: f64, %dx: f64, %n: memref<4xf64>, %dn: memref<4xf64>) {
          enzyme.fwddiff @f(%m, %x, %dx, %n) {
            activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            //                           ^^^^^^^^^^^^ error[constant-memory]: affine.store puts an active value into argument 0 (%m), which is enzyme_const and has no shadow for its tangent
            //                                                                                         ^^^^^^^^^^^^ error[constant-memory]: memref.store puts an active value into argument 2 (%n), which is enzyme_const and has no shadow for its tangent
            ret_activity = []
          } : (memref<4xf64>, f64, f64, memref<4xf64>) -> ()
          return
        }
    """
    check_diagnostics(fixture)
    request = Request(Fixture.parse(fixture).file.text.encode(), "enzyme")
    answer = classic.wait(classic.pool.run(request, lane=Lane.BACKGROUND))
    assert answer.outcome is Outcome.REJECTED
    assert "Unsupported constant arg to memory identity" in answer.problems[0].message


def test_a_region_and_both_spellings():
    check_diagnostics("""
        func.func @d(%x: f64, %dx: f64, %m: memref<f64>) {
          enzyme.fwddiff_region(%x, %dx, %m) {
          ^bb0(%y: f64, %n: memref<f64>):
            memref.store %y, %n[] : memref<f64>
            enzyme.yield
          } <activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_const>], ret_activity = []> : (f64, f64, memref<f64>) -> ()
          //                                                            ^^^^^^^^^^^^ error[constant-memory]: memref.store puts an active value into argument 1, which is enzyme_const and has no shadow for its tangent
          return
        }
    """)


def test_what_the_engine_takes(classic: EngineThread):
    fixture = """
        func.func @f(%x: f64, %c: f64, %m: memref<f64>, %p: !llvm.ptr) {
          memref.store %c, %m[] : memref<f64>
          llvm.store %x, %p : f64, !llvm.ptr
          return
        }
        func.func @g(%x: f64, %m: memref<f64>) {
          memref.store %x, %m[] : memref<f64>
          return
        }
        func.func @d(%x: f64, %dx: f64, %m: memref<f64>, %dm: memref<f64>, %p: !llvm.ptr) {
          enzyme.fwddiff @f(%x, %dx, %x, %m, %p) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_const>],
            ret_activity = []
          } : (f64, f64, f64, memref<f64>, !llvm.ptr) -> ()
          enzyme.fwddiff @g(%x, %dx, %m, %dm) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = []
          } : (f64, f64, memref<f64>, memref<f64>) -> ()
          return
        }
    """
    check_diagnostics(fixture)
    request = Request(Fixture.parse(fixture).file.text.encode(), "enzyme")
    assert classic.wait(classic.pool.run(request, lane=Lane.BACKGROUND)).outcome is Outcome.ACCEPTED


def test_fix_asks_for_the_shadow():
    check_fix(
        """
        func.func @g(%x: f64, %m: memref<f64>) {
          memref.store %x, %m[] : memref<f64>
          return
        }
        func.func @d(%x: f64, %dx: f64, %m: memref<f64>) {
          enzyme.fwddiff @g(%x, %dx, %m) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_<|>const>],
            ret_activity = []
          } : (f64, f64, memref<f64>) -> ()
          return
        }
        """,
        """
        func.func @g(%x: f64, %m: memref<f64>) {
          memref.store %x, %m[] : memref<f64>
          return
        }
        func.func @d(%x: f64, %dx: f64, %m: memref<f64>) {
          enzyme.fwddiff @g(%x, %dx, %m) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
            ret_activity = []
          } : (f64, f64, memref<f64>) -> ()
          return
        }
        """,
        title="Make argument 1 enzyme_dup",
    )
