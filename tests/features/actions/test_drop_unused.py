"""What nothing uses is not computed."""

from __future__ import annotations

from tests.fixture import check_action, check_no_action

REVERSE = """
    func.func @f(%x: f64, %y: f64, %m: memref<4xf64>) -> (f64, i32) {
      %n = arith.constant 1 : i32
      return %x, %n : f64, i32
    }
    func.func @d(%x: f64, %y: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %dr: f64) -> f64 {
      %0:4 = enzyme.auto<|>diff @f(%x, %y, %m, %dm, %dr) {
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>]
      } : (f64, f64, memref<4xf64>, memref<4xf64>, f64) -> (f64, i32, f64, f64)
      return %0#3 : f64
    }
"""


def test_reverse():
    check_action(
        "drop unused",
        REVERSE,
        after="""
    func.func @f(%x: f64, %y: f64, %m: memref<4xf64>) -> (f64, i32) {
      %n = arith.constant 1 : i32
      return %x, %n : f64, i32
    }
    func.func @d(%x: f64, %y: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @f(%x, %y, %m, %dm, %dr) {
        activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_constnoneed>]
      } : (f64, f64, memref<4xf64>, memref<4xf64>, f64) -> f64
      return %0 : f64
    }
""",
    )


FORWARD = """
    func.func @f(%x: f64) -> (f64, f64, f64) {
      return %x, %x, %x : f64, f64, f64
    }
    func.func @d(%x: f64, %dx: f64) -> (f64, f64) {
      %a, %da, %b, %db, %dc = enzyme.fwd<|>diff @f(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> (f64, f64, f64, f64, f64)
      return %a, %db : f64, f64
    }
"""


def test_forward():
    check_action(
        "drop unused",
        FORWARD,
        after="""
    func.func @f(%x: f64) -> (f64, f64, f64) {
      return %x, %x, %x : f64, f64, f64
    }
    func.func @d(%x: f64, %dx: f64) -> (f64, f64) {
      %a, %db = enzyme.fwddiff @f(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_constnoneed>]
      } : (f64, f64) -> (f64, f64)
      return %a, %db : f64, f64
    }
""",
    )


def test_where_all_is_used_nothing_is_offered():
    check_no_action("drop unused", FORWARD.replace("return %a, %db", "return %a, %da, %b, %db, %dc"))


def test_where_nothing_is_used_the_operation_itself_is_unused():
    check_no_action(
        "drop unused", FORWARD.replace("return %a, %db", "return %x, %x"), reason="nothing uses any of its results"
    )


def test_of_a_struct_what_is_taken_out_is_used():
    check_action(
        "drop unused",
        before="""
            llvm.func @f(%x: f64, %y: f64, %z: f64) -> f64 {
              llvm.return %x : f64
            }
            llvm.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.auto<|>diff @f(%x, %x, %x, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_active>]
              } : (f64, f64, f64, f64) -> !llvm.struct<(f64, f64, f64, f64)>
              %1 = llvm.extractvalue %0[1] : !llvm.struct<(f64, f64, f64, f64)>
              %2 = llvm.extractvalue %0[3] : !llvm.struct<(f64, f64, f64, f64)>
              %3 = llvm.fadd %1, %2 : f64
              llvm.return %3 : f64
            }
        """,
        after="""
            llvm.func @f(%x: f64, %y: f64, %z: f64) -> f64 {
              llvm.return %x : f64
            }
            llvm.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, %x, %x, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64, f64, f64) -> !llvm.struct<(f64, f64)>
              %1 = llvm.extractvalue %0[0] : !llvm.struct<(f64, f64)>
              %2 = llvm.extractvalue %0[1] : !llvm.struct<(f64, f64)>
              %3 = llvm.fadd %1, %2 : f64
              llvm.return %3 : f64
            }
        """,
    )
