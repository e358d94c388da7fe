"""Highlights: definitions are writes, uses are reads."""

from __future__ import annotations

from tests.fixture import check_highlights


def test_a_value():
    check_highlights("""
        func.func @f(%x: f64) -> f64 {
          %0 = arith.mulf %x, %x : f64
        //^^ write
          %1 = arith.addf %<|>0, %0 : f64
          //              ^^ read
          //                  ^^ read
          return %1 : f64
        }
    """)


def test_one_result_of_several():
    check_highlights("""
        func.func @f() {
          %p:2 = "my.op"() : () -> (f64, f32)
        //^^ write
          "my.use"(%p#0, %p#<|>1) : (f64, f32) -> ()
          //             ^^ read
          return
        }
    """)


def test_a_block():
    check_highlights("""
        func.func @f() {
          cf.br ^bb<|>1
          //    ^^^^ read
        ^bb1:
        //<^^^^ write
          return
        }
    """)


def test_a_symbol():
    check_highlights("""
        func.func private @square(f64) -> f64
        //                ^^^^^^^ write
        func.func @f(%x: f64) -> f64 {
          %0 = call @squ<|>are(%x) : (f64) -> f64
          //        ^^^^^^^ read
          return %0 : f64
        }
    """)


def test_an_alias():
    check_highlights("""
        !t = f64
        //<^^ write
        func.func private @f(!<|>t) -> !t
        //                   ^^ read
        //                          ^^ read
    """)


def test_no_name():
    check_highlights("""
        func.func private @f(f<|>64) -> f64
    """)
