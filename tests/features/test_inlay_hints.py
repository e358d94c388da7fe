"""Inlay hints: what the operands and results of a differentiation op are for."""

from __future__ import annotations

from enzyme_lsp.settings import HintSettings, Settings
from tests.fixture import check_hints


def test_reverse_mode_names_every_slot() -> None:
    check_hints("""
        func.func @mul(%x: f64, %n: i32, %m: memref<4xf64>) -> (f64, i32) {
          return %x, %n : f64, i32
        }
        func.func @d(%x: f64, %n: i32, %m: memref<4xf64>, %dm: memref<4xf64>, %dr: f64) -> f64 {
          %y, %g = enzyme.autodiff @mul(%x, %n, %m, %dm, %dr) {
          //^ hint: : result 0
          //    ^ hint: : grad x
          //                            ^ hint: primal x:
          //                                ^ hint: primal n:
          //                                    ^ hint: primal m:
          //                                        ^ hint: shadow m:
          //                                             ^ hint: seed 0:
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_constnoneed>]
          } : (f64, i32, memref<4xf64>, memref<4xf64>, f64) -> (f64, f64)
          return %g : f64
        }
    """)


def test_one_name_for_several_results_puts_them_at_their_types() -> None:
    check_hints("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) -> (f64, f64) {
          %r:2 = enzyme.fwddiff @square(%x, %dx) <
          //                            ^ hint: primal x:
          //                                ^ hint: shadow x:
            activity = [#enzyme.activity<enzyme_dup>],
            ret_activity = [#enzyme.activity<enzyme_dup>]
          > : (f64, f64) -> (f64, f64)
          //                 ^ hint: result 0:
          //                      ^ hint: tangent 0:
          return %r#0, %r#1 : f64, f64
        }
    """)


def test_an_operand_that_does_not_fit_has_none() -> None:
    check_hints("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %f: f32) -> f64 {
          %r = enzyme.fwddiff @square(%x, %f) {
          //^ hint: : tangent 0
          //                          ^ hint: primal x:
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f32) -> f64
          return %r : f64
        }
    """)


def test_a_batch_has_primals_alone() -> None:
    check_hints("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: tensor<2xf64>) -> tensor<2xf64> {
          %r = enzyme.batch @square(%x) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64>
          //^ hint: : result 0
          //                        ^ hint: primal x:
          return %r : tensor<2xf64>
        }
    """)


def test_each_kind_is_a_setting() -> None:
    check_hints(
        """
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: tensor<2xf64>) -> tensor<2xf64> {
          %r = enzyme.batch @square(%x) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64>
          return %r : tensor<2xf64>
        }
        """,
        Settings(hints=HintSettings(operands=False, results=False)),
    )


SOURCES = Settings(hints=HintSettings(block_arguments=True))


def test_arguments_of_blocks_show_what_branches_hand_to_them() -> None:
    check_hints(
        """
        func.func @f(%c: i1, %x: f64, %p: f64) -> f64 {
          %y:2 = "test.two"() : () -> (f64, f64)
          cf.cond_br %c, ^bb1(%x, %y#1 : f64, f64), ^bb1(%p, %y#1 : f64, f64)
        ^bb1(%a: f64, %b: f64):
        //          ^ hint:  = %x, %p
        //                   ^ hint:  = %y#1
          cf.br ^bb2
        ^bb2:
          return %a : f64
        }
        """,
        SOURCES,
    )


def test_a_branch_in_generic_form_leaves_them_unknown() -> None:
    check_hints(
        """
        func.func @f(%c: i1, %x: f64) -> f64 {
          cf.cond_br %c, ^bb1(%x : f64), ^bb2
        ^bb2:
          "cf.br"(%x)[^bb1] : (f64) -> ()
        ^bb1(%a: f64):
          return %a : f64
        }
        """,
        SOURCES,
    )


def test_a_branch_that_is_being_typed_leaves_them_unknown() -> None:
    check_hints(
        """
        func.func @f(%x: f64) -> f64 {
          cf.br ^bb1(
        ^bb1(%a: f64):
          return %a : f64
        }
        """,
        SOURCES,
    )
