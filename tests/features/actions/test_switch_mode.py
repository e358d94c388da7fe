"""Reverse into forward and back."""

from __future__ import annotations

from tests.fixture import check_action, check_no_action

SQUARE = """
    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
"""


def test_of_one_number_by_one_number_all_follows():
    before = (
        SQUARE
        + """
    func.func @d(%x: f64, %dr: f64) -> (f64, f64) {
      %r, %dx = enzyme.auto<|>diff @square(%x, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_active>],
        atomic_add = true
      } : (f64, f64) -> (f64, f64)
      return %r, %dx : f64, f64
    }
"""
    )
    check_action(
        "switch mode",
        before,
        after="""
    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }

    func.func @d(%x: f64, %dr: f64) -> (f64, f64) {
      %r, %dx = enzyme.fwddiff @square(%x, %dr) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dup>]
      } : (f64, f64) -> (f64, f64)
      return %r, %dx : f64, f64
    }
""",
    )


def test_memory_keeps_its_shadow_and_numbers_get_one():
    check_action(
        "switch mode",
        before="""
            func.func @f(%x: f64, %m: memref<4xf64>, %n: i32) {
              return
            }
            func.func @d(%x: f64, %dx: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %n: i32) {
              <|>enzyme.autodiff @f(%x, %m, %dm, %n) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
                ret_activity = []
              } : (f64, memref<4xf64>, memref<4xf64>, i32) -> f64
              return
            }
        """,
        after="""
            func.func @f(%x: f64, %m: memref<4xf64>, %n: i32) {
              return
            }
            func.func @d(%x: f64, %dx: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %n: i32) {
              enzyme.fwddiff @f(%x, %dx, %m, %dm, %n) {
                activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
                ret_activity = []
              } : (f64, f64, memref<4xf64>, memref<4xf64>, i32) -> ()
              return
            }
        """,
    )


def test_where_no_value_says_that_it_is_a_shadow_there_is_a_placeholder():
    check_action(
        "switch mode",
        before="""
            func.func @f(%x: f64, %y: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %y: f64, %z: f64, %dr: f64) {
              %0:2 = "enzyme.autodiff"(%x, %y, %dr) <{fn = @f,
                activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_active>],<|>
                ret_activity = [#enzyme.activity<enzyme_activenoneed>]
              }> : (f64, f64, f64) -> (f64, f64)
              return
            }
        """,
        after="""
            func.func @f(%x: f64, %y: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %y: f64, %z: f64, %dr: f64) {
              %dx = "enzyme.placeholder"() : () -> f64
              %dy = "enzyme.placeholder"() : () -> f64
              %0 = "enzyme.fwddiff"(%x, %dx, %y, %dy) <{fn = @f,
                activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
              }> : (f64, f64, f64, f64) -> f64
              return
            }
        """,
    )


def test_back_to_reverse_a_seed_is_found_or_made():
    check_action(
        "switch mode",
        before="""
            func.func @f(%x: tensor<4xf64>, %n: i32) -> (tensor<4xf64>, f32, i32) {
              %y = arith.constant 1.0 : f32
              return %x, %y, %n : tensor<4xf64>, f32, i32
            }
            func.func @d(%x: tensor<4xf64>, %dx: tensor<4xf64>, %n: i32, %seed: tensor<4xf64>) -> (tensor<4xf64>, i32) {
              %0:4 = enzyme.fwddiff @f(%x, %dx, %n, %n) <<|>
                activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dup>],
                ret_activity = [#enzyme.activity<enzyme_dup>, #enzyme.activity<enzyme_dupnoneed>,
                                #enzyme.activity<enzyme_const>]
              > : (tensor<4xf64>, tensor<4xf64>, i32, i32) -> (tensor<4xf64>, tensor<4xf64>, f32, i32)
              return %0#0, %0#3 : tensor<4xf64>, i32
            }
        """,
        after="""
            func.func @f(%x: tensor<4xf64>, %n: i32) -> (tensor<4xf64>, f32, i32) {
              %y = arith.constant 1.0 : f32
              return %x, %y, %n : tensor<4xf64>, f32, i32
            }
            func.func @d(%x: tensor<4xf64>, %dx: tensor<4xf64>, %n: i32, %seed: tensor<4xf64>) -> (tensor<4xf64>, i32) {
              %seed_1 = arith.constant 1.0 : f32
              %0:3 = enzyme.autodiff @f(%x, %n, %seed, %seed_1) <
                activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_const>],
                ret_activity = [#enzyme.activity<enzyme_active>, #enzyme.activity<enzyme_activenoneed>,
                                #enzyme.activity<enzyme_const>]
              > : (tensor<4xf64>, i32, tensor<4xf64>, f32) -> (tensor<4xf64>, i32, tensor<4xf64>)
              return %0#0, %0#1 : tensor<4xf64>, i32
            }
        """,
    )


def test_a_region():
    check_action(
        "switch mode",
        before="""
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.auto<|>diff_region(%x, %dr) {
              ^bb0(%y: f64):
                %z = arith.mulf %y, %y : f64
                enzyme.yield %z : f64
              } attributes {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.fwddiff_region(%x, %dr) {
              ^bb0(%y: f64):
                %z = arith.mulf %y, %y : f64
                enzyme.yield %z : f64
              } attributes {
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_a_gradient_that_is_used_is_no_tangent():
    check_no_action(
        "switch mode",
        """
            func.func @f(%x: f64, %y: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %y: f64, %dr: f64) -> f64 {
              %0:2 = enzyme.auto<|>diff @f(%x, %y, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64, f64) -> (f64, f64)
              %z = arith.negf %0#1 : f64
              return %z : f64
            }
        """,
        reason="the gradient of argument 1 (%y) is used by arith.negf, and enzyme.fwddiff gives none",
    )


def test_a_function_around_it_that_something_calls_stays():
    check_no_action(
        "switch mode",
        """
            func.func @f(%x: f64, %y: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %y: f64, %dr: f64) -> f64 {
              %0:2 = enzyme.auto<|>diff @f(%x, %y, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64, f64) -> (f64, f64)
              return %0#1 : f64
            }
            func.func @e(%x: f64) -> f64 {
              %0 = call @d(%x, %x, %x) : (f64, f64, f64) -> f64
              return %0 : f64
            }
        """,
        reason="the gradient of argument 1 (%y) is used by return, and enzyme.fwddiff gives none",
    )


def test_a_function_that_takes_and_returns_what_the_operation_does_follows():
    check_action(
        "switch mode",
        """
            func.func @f(%x: tensor<4xf64>, %y: f64) -> (tensor<4xf64>, f64) {
              return %x, %y : tensor<4xf64>, f64
            }
            // The gradient.
            func.func @d(%x: tensor<4xf64> {test.a = 1 : i64}, %y: f64, %dr: tensor<4xf64>, %ds: f64, %k: i32) -> (i32, f64, tensor<4xf64>, f64) attributes {test.b} {
              %r:3 = enzyme.auto<|>diff @f(%x, %y, %dr, %ds) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>, #enzyme<activity enzyme_active>]
              } : (tensor<4xf64>, f64, tensor<4xf64>, f64) -> (f64, tensor<4xf64>, f64)
              return %k, %r#0, %r#1, %r#2 : i32, f64, tensor<4xf64>, f64
            }
        """,
        """
    func.func @f(%x: tensor<4xf64>, %y: f64) -> (tensor<4xf64>, f64) {
      return %x, %y : tensor<4xf64>, f64
    }
    // The gradient.
    func.func @d(%x: tensor<4xf64> {test.a = 1 : i64}, %y: f64, %dx: tensor<4xf64>, %dy: f64, %k: i32) -> (i32, f64, tensor<4xf64>, f64) attributes {test.b} {
      %r:3 = enzyme.fwddiff @f(%x, %dx, %y, %dy) {
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>, #enzyme<activity enzyme_dup>]
      } : (tensor<4xf64>, tensor<4xf64>, f64, f64) -> (tensor<4xf64>, f64, f64)
      return %k, %r#1, %r#0, %r#2 : i32, f64, tensor<4xf64>, f64
    }
""",
    )


def test_a_function_that_returned_a_tangent_alone_returns_gradients():
    check_action(
        "switch mode",
        """
            func.func @f(%x: f64, %y: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %dx: f64, %y: f64, %dy: f64) -> f64 {
              %r = enzyme.fwd<|>diff @f(%x, %dx, %y, %dy) {
                activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64, f64, f64) -> f64
              return %r : f64
            }
        """,
        """
    func.func @f(%x: f64, %y: f64) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64, %seed: f64, %y: f64) -> (f64, f64) {
      %r:2 = enzyme.autodiff @f(%x, %y, %seed) {
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64, f64) -> (f64, f64)
      return %r#0, %r#1 : f64, f64
    }
""",
    )


def test_a_function_that_returns_nothing_then():
    check_action(
        "switch mode",
        """
            func.func @f(%x: f64, %m: memref<4xf64>) {
              return
            }
            func.func @d(%x: f64, %m: memref<4xf64>, %dm: memref<4xf64>) -> f64 {
              %r = enzyme.auto<|>diff @f(%x, %m, %dm) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>],
                ret_activity = []
              } : (f64, memref<4xf64>, memref<4xf64>) -> f64
              return %r : f64
            }
        """,
        """
    func.func @f(%x: f64, %m: memref<4xf64>) {
      return
    }
    func.func @d(%x: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %dx: f64) {
      enzyme.fwddiff @f(%x, %dx, %m, %dm) {
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
        ret_activity = []
      } : (f64, f64, memref<4xf64>, memref<4xf64>) -> ()
      return
    }
""",
    )


def test_what_our_checks_would_say_is_the_reason():
    check_no_action(
        "switch mode",
        """
            llvm.func @f(%x: f64) -> f64 {
              llvm.return %x : f64
            }
            func.func @d(%x: f64, %dr: f64) {
              %0 = enzyme.auto<|>diff @f(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              return
            }
        """,
        reason="enzyme.fwddiff of Enzyme 0.0.15 takes a func.func, but @f is an llvm.func",
    )


def test_nothing_is_offered_where_operands_do_not_fit_yet():
    check_no_action(
        "switch mode",
        """
            func.func @f(%x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64) {
              %0 = enzyme.auto<|>diff @f(%x) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64) -> f64
              return
            }
        """,
    )


def test_nothing_is_offered_where_a_type_cannot_be_read():
    check_no_action(
        "switch mode",
        """
            func.func @f(%x: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64) -> f64 {
              %r = enzyme.fwd<|>diff @f(%x) {
                activity = [#enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64) -> (trn %r : f64
            }
        """,
    )


def test_a_head_that_is_half_typed():
    check_action(
        "switch mode",
        """
            func.func @f(%x: f64, %y: f64) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %dx: f64, f64, %dy: f64) -> f64 {
              %r = enzyme.fwd<|>diff @f(%x, %dx, %x, %dy) {
                activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64, f64, f64) -> f64
              return %r : f64
            }
        """,
        """
    func.func @f(%x: f64, %y: f64) -> f64 {
      return %x : f64
    }
    func.func @d(%x: f64, %dx: f64, f64, %dy: f64) -> (f64, f64) {
      %seed = arith.constant 1.0 : f64
      %r:2 = enzyme.autodiff @f(%x, %x, %seed) {
        activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64, f64) -> (f64, f64)
      return %r#0, %r#1 : f64, f64
    }
""",
    )
