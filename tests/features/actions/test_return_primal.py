"""The primal results too, or no longer."""

from __future__ import annotations

from tests.fixture import check_action, check_no_action

TEXT = """
    func.func @f(%x: f64) -> (f64, f64) {
      return %x, %x : f64, f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0:3 = enzyme.fwddiff @f(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_dup>]
      } : (f64, f64) -> (f64, f64, f64)
      return %0#2 : f64
    }
"""


def test_all_of_them():
    check_action(
        "primal on",
        TEXT.replace("fwddiff", "fwd<|>diff"),
        after="""
    func.func @f(%x: f64) -> (f64, f64) {
      return %x, %x : f64, f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0:4 = enzyme.fwddiff @f(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>]
      } : (f64, f64) -> (f64, f64, f64, f64)
      return %0#3 : f64
    }
""",
    )
    check_action(
        "primal off",
        TEXT.replace("fwddiff", "fwd<|>diff"),
        after="""
    func.func @f(%x: f64) -> (f64, f64) {
      return %x, %x : f64, f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0:2 = enzyme.fwddiff @f(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> (f64, f64)
      return %0#1 : f64
    }
""",
    )


def test_that_of_the_result_at_the_cursor():
    check_action(
        "primal on",
        TEXT.replace("dupnoneed", "dup<|>noneed"),
        after="""
    func.func @f(%x: f64) -> (f64, f64) {
      return %x, %x : f64, f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0:4 = enzyme.fwddiff @f(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>]
      } : (f64, f64) -> (f64, f64, f64, f64)
      return %0#3 : f64
    }
""",
    )
    check_no_action("primal off", TEXT.replace("dupnoneed", "dup<|>noneed"))


def test_one_result_becomes_two():
    check_action(
        "primal on",
        before="""
            func.func @f(%x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %dx = enzyme.auto<|>diff @f(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              %two = arith.addf %dx, %dx : f64
              return %two : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %dx:2 = enzyme.autodiff @f(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_active>]
              } : (f64, f64) -> (f64, f64)
              %two = arith.addf %dx#1, %dx#1 : f64
              return %two : f64
            }
        """,
    )


def test_one_that_is_used_stays():
    check_no_action(
        "primal off",
        TEXT.replace("%0#2", "%0#1").replace("fwddiff", "fwd<|>diff"),
        reason="result 1 of @f is used by return",
    )


STRUCT = """
    llvm.func @f(%x: f64) -> f64 {
      llvm.return %x : f64
    }
    llvm.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.auto<|>diff @f(%x, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_active>]
      } : (f64, f64) -> !llvm.struct<(f64, f64)>
      %1 = llvm.extractvalue %0[1] : !llvm.struct<(f64, f64)>
      %2 = llvm.fadd %1, %1 : f64
      llvm.return %2 : f64
    }
"""


def test_what_is_taken_out_of_a_struct_follows():
    check_action(
        "primal off",
        STRUCT,
        after="""
    llvm.func @f(%x: f64) -> f64 {
      llvm.return %x : f64
    }
    llvm.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @f(%x, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      %2 = llvm.fadd %0, %0 : f64
      llvm.return %2 : f64
    }
""",
    )


def test_what_comes_in_a_struct_then_is_taken_out_of_it():
    check_action(
        "primal on",
        before="""
            llvm.func @f(%x: f64) -> f64 {
              llvm.return %x : f64
            }
            llvm.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.auto<|>diff @f(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              llvm.return %0 : f64
            }
        """,
        after="""
            llvm.func @f(%x: f64) -> f64 {
              llvm.return %x : f64
            }
            llvm.func @d(%x: f64, %dr: f64) -> f64 {
              %derivative = enzyme.autodiff @f(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_active>]
              } : (f64, f64) -> !llvm.struct<(f64, f64)>
              %0 = llvm.extractvalue %derivative[1] : !llvm.struct<(f64, f64)>
              llvm.return %0 : f64
            }
        """,
    )


def test_a_member_that_is_used_stays():
    check_no_action(
        "primal off", STRUCT.replace("%0[1]", "%0[0]"), reason="result 0 of @f is used by llvm.extractvalue"
    )


def test_a_struct_that_is_used_as_a_whole_stays():
    check_no_action(
        "primal off",
        STRUCT.replace("llvm.return %2 : f64", "llvm.return %0 : !llvm.struct<(f64, f64)>"),
        reason="the struct that it gives is used as a whole",
    )
