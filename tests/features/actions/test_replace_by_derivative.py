"""The derivative of what a call calls, in the place of the call."""

from __future__ import annotations

from tests.fixture import check_action, check_no_action

TEXT = """
    func.func @f(%x: f64) -> (i32, f64) {
      %n = arith.constant 1 : i32
      return %n, %x : i32, f64
    }
    func.func @d(%x: f64, %dx: f64, %dr: f64) -> f64 {
      %0:2 = func.ca<|>ll @f(%x) : (f64) -> (i32, f64) loc("model.py":3:4)
      return %0#1 : f64
    }
"""


def test_reverse():
    check_action(
        "replace reverse",
        TEXT,
        after="""
    func.func @f(%x: f64) -> (i32, f64) {
      %n = arith.constant 1 : i32
      return %n, %x : i32, f64
    }
    func.func @d(%x: f64, %dx: f64, %dr: f64) -> f64 {
      %0:3 = enzyme.autodiff @f(%x, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_active>]
      } : (f64, f64) -> (i32, f64, f64) loc("model.py":3:4)
      return %0#1 : f64
    }
""",
    )


def test_forward():
    check_action(
        "replace forward",
        TEXT,
        after="""
    func.func @f(%x: f64) -> (i32, f64) {
      %n = arith.constant 1 : i32
      return %n, %x : i32, f64
    }
    func.func @d(%x: f64, %dx: f64, %dr: f64) -> f64 {
      %0:3 = enzyme.fwddiff @f(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_dup>]
      } : (f64, f64) -> (i32, f64, f64) loc("model.py":3:4)
      return %0#1 : f64
    }
""",
    )


def test_a_result_that_nothing_uses_is_not_asked_for():
    check_action(
        "replace reverse",
        TEXT.replace("return %0#1", "return %x"),
        after="""
    func.func @f(%x: f64) -> (i32, f64) {
      %n = arith.constant 1 : i32
      return %n, %x : i32, f64
    }
    func.func @d(%x: f64, %dx: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @f(%x, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_constnoneed>, #enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64 loc("model.py":3:4)
      return %x : f64
    }
""",
    )


def test_what_gives_nothing_gives_a_gradient():
    check_action(
        "replace reverse",
        before="""
            func.func @f(%x: f64, %m: memref<4xf64>) {
              return
            }
            func.func @d(%x: f64, %m: memref<4xf64>) {
              ca<|>ll @f(%x, %m) : (f64, memref<4xf64>) -> ()
              return
            }
        """,
        after="""
            func.func @f(%x: f64, %m: memref<4xf64>) {
              return
            }
            func.func @d(%x: f64, %m: memref<4xf64>) {
              %dm = "enzyme.placeholder"() : () -> memref<4xf64>
              %gradient = enzyme.autodiff @f(%x, %m, %dm) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>],
                ret_activity = []
              } : (f64, memref<4xf64>, memref<4xf64>) -> f64
              return
            }
        """,
    )


LLVM = """
    llvm.func @f(%x: f64, %p: !llvm.ptr) -> f64 {
      llvm.return %x : f64
    }
    llvm.func @d(%x: f64, %p: !llvm.ptr, %dp: !llvm.ptr) -> f64 {
      %0 = llvm.ca<|>ll @f(%x, %p) : (f64, !llvm.ptr) -> f64
      llvm.return %0 : f64
    }
"""


def test_a_function_of_llvm_gives_a_struct():
    check_action(
        "replace reverse",
        LLVM,
        after="""
    llvm.func @f(%x: f64, %p: !llvm.ptr) -> f64 {
      llvm.return %x : f64
    }
    llvm.func @d(%x: f64, %p: !llvm.ptr, %dp: !llvm.ptr) -> f64 {
      %seed = arith.constant 1.0 : f64
      %gradient = enzyme.autodiff @f(%x, %p, %dp, %seed) {
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_active>]
      } : (f64, !llvm.ptr, !llvm.ptr, f64) -> !llvm.struct<(f64, f64)>
      %0 = llvm.extractvalue %gradient[0] : !llvm.struct<(f64, f64)>
      llvm.return %0 : f64
    }
""",
    )


def test_a_function_of_llvm_in_forward_mode():
    check_no_action(
        "replace forward",
        LLVM,
        reason="enzyme.fwddiff of Enzyme 0.0.15 takes a func.func, but @f is an llvm.func",
    )
