"""The derivative of what a call calls, beside the call."""

from __future__ import annotations

from tests.fixture import check_action, check_no_action

TEXT = """
    func.func @f(%x: f64, %m: memref<4xf64>, %n: i32) -> f64 {
      return %x : f64
    }
    func.func @d(%a: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %n: i32) -> f64 {
      %0 = func.ca<|>ll @f(%a, %m, %n) : (f64, memref<4xf64>, i32) -> f64  // the value
      return %0 : f64
    }
"""


def test_reverse():
    check_action(
        "add reverse",
        TEXT,
        after="""
    func.func @f(%x: f64, %m: memref<4xf64>, %n: i32) -> f64 {
      return %x : f64
    }
    func.func @d(%a: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %n: i32) -> f64 {
      %0 = func.call @f(%a, %m, %n) : (f64, memref<4xf64>, i32) -> f64  // the value
      %seed = arith.constant 1.0 : f64
      %gradient = enzyme.autodiff @f(%a, %m, %dm, %n, %seed) {
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, memref<4xf64>, memref<4xf64>, i32, f64) -> f64
      return %0 : f64
    }
""",
    )


def test_forward():
    check_action(
        "add forward",
        TEXT,
        after="""
    func.func @f(%x: f64, %m: memref<4xf64>, %n: i32) -> f64 {
      return %x : f64
    }
    func.func @d(%a: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %n: i32) -> f64 {
      %0 = func.call @f(%a, %m, %n) : (f64, memref<4xf64>, i32) -> f64  // the value
      %da = "enzyme.placeholder"() : () -> f64
      %tangent = enzyme.fwddiff @f(%a, %da, %m, %dm, %n) {
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64, memref<4xf64>, memref<4xf64>, i32) -> f64
      return %0 : f64
    }
""",
    )


def test_in_the_generic_form_and_strict_spelling_of_what_is_there():
    check_action(
        "add reverse",
        before="""
            "func.func"() <{function_type = (f64) -> f64, sym_name = "f"}> ({
            ^bb0(%x: f64):
              "func.return"(%x) : (f64) -> ()
            }) : () -> ()
            "func.func"() <{function_type = (f64, f64) -> f64, sym_name = "d"}> ({
            ^bb0(%x: f64, %dr: f64):
              %0 = "func.<|>call"(%x) <{callee = @f}> : (f64) -> f64
              %1 = "enzyme.fwddiff"(%x, %dr) <{activity = [#enzyme.activity<enzyme_dup>], fn = @f,
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>]}> : (f64, f64) -> f64
              "func.return"(%0) : (f64) -> ()
            }) : () -> ()
        """,
        after="""
            "func.func"() <{function_type = (f64) -> f64, sym_name = "f"}> ({
            ^bb0(%x: f64):
              "func.return"(%x) : (f64) -> ()
            }) : () -> ()
            "func.func"() <{function_type = (f64, f64) -> f64, sym_name = "d"}> ({
            ^bb0(%x: f64, %dr: f64):
              %0 = "func.call"(%x) <{callee = @f}> : (f64) -> f64
              %gradient = "enzyme.autodiff"(%x, %dr) <{fn = @f, activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>]}> : (f64, f64) -> f64
              %1 = "enzyme.fwddiff"(%x, %dr) <{activity = [#enzyme.activity<enzyme_dup>], fn = @f,
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>]}> : (f64, f64) -> f64
              "func.return"(%0) : (f64) -> ()
            }) : () -> ()
        """,
    )


def test_in_a_module_the_callee_is_that_of_the_module():
    check_action(
        "add forward",
        before="""
            func.func @f(%x: f32) -> f32 {
              return %x : f32
            }
            module @outer {
              module @inner {
                func.func @f(%x: f64) -> (f64, i32) {
                  %n = arith.constant 1 : i32
                  return %x, %n : f64, i32
                }
                func.func @d(%x: f64, %x_dot: f64) {
                  %0:2 = call @<|>f(%x) : (f64) -> (f64, i32)
                  return
                }
              }
            }
        """,
        after="""
            func.func @f(%x: f32) -> f32 {
              return %x : f32
            }
            module @outer {
              module @inner {
                func.func @f(%x: f64) -> (f64, i32) {
                  %n = arith.constant 1 : i32
                  return %x, %n : f64, i32
                }
                func.func @d(%x: f64, %x_dot: f64) {
                  %0:2 = call @f(%x) : (f64) -> (f64, i32)
                  %tangent = enzyme.fwddiff @f(%x, %x_dot) {
                    activity = [#enzyme<activity enzyme_dup>],
                    ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_constnoneed>]
                  } : (f64, f64) -> f64
                  return
                }
              }
            }
        """,
    )


def test_a_declaration_has_no_derivative():
    check_no_action(
        "add reverse",
        """
            func.func private @f(f64) -> f64
            func.func @d(%x: f64) -> f64 {
              %0 = call @<|>f(%x) : (f64) -> f64
              return %0 : f64
            }
        """,
        reason="@f is only declared here, and a derivative is made of a function's body",
    )


def test_a_function_has_no_derivative_in_itself():
    check_no_action(
        "add reverse",
        """
            func.func @f(%x: f64) -> f64 {
              %0 = call @<|>f(%x) : (f64) -> f64
              return %0 : f64
            }
        """,
        reason="the derivative of @f would be taken inside @f itself",
    )


def test_integers_have_no_derivative():
    check_no_action(
        "add forward",
        """
            func.func @f(%n: i32) -> i32 {
              return %n : i32
            }
            func.func @d(%n: i32) -> i32 {
              %0 = call @<|>f(%n) : (i32) -> i32
              return %0 : i32
            }
        """,
        reason="@f takes no floating point numbers to differentiate by",
    )


def test_nothing_is_offered_for_what_is_no_whole_call():
    for call in ("call @f(%a, %m)", "call @nobody(%a)", "llvm.call %a(%m)", "call @f", "call", "call @f(%a, %m, %n"):
        text = TEXT.replace("func.ca<|>ll @f(%a, %m, %n)", f"<|>{call}")
        check_no_action("add reverse", text)
