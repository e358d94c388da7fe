"""From a function to its derivatives."""

from __future__ import annotations

from tests.fixture import check_definition, check_implementation


def test_the_operations_that_differentiate_a_function():
    check_implementation("""
        func.func @f<|>(%x: f64) -> f64 {
          return %x : f64
        }
        func.func private @g(f64) -> f64
        func.func @d(%x: f64, %t: f64, %v: tensor<2xf64>) {
          %0 = enzyme.fwddiff @f(%x, %t) : (f64, f64) -> f64
          //   ^^^^^^^^^^^^^^ derivative
          %1 = enzyme.autodiff @g(%x, %t) : (f64, f64) -> f64
          %2 = "enzyme.autodiff"(%x, %t) {fn = @f} : (f64, f64) -> f64
          //   ^^^^^^^^^^^^^^^^^ derivative
          %3 = func.call @f(%x) : (f64) -> f64
          %4 = enzyme.batch @f(%v) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64>
          //   ^^^^^^^^^^^^ derivative
          return
        }
    """)


def test_from_any_place_that_names_the_function_in_its_section():
    check_implementation("""
        func.func private @f(f64) -> f64
        func.func @d(%x: f64, %t: f64) {
          %0 = enzyme.fwddiff @f(%x, %t) : (f64, f64) -> f64
          //   ^^^^^^^^^^^^^^ derivative
          %1 = func.call @<|>f(%x) : (f64) -> f64
          return
        }
        // -----
        func.func private @f(f64) -> f64
        func.func @d(%x: f64, %t: f64) {
          %0 = enzyme.fwddiff @f(%x, %t) : (f64, f64) -> f64
          return
        }
    """)


def test_while_the_text_is_broken():
    check_implementation("""
        func.func private @f<|>(f64) -> f64
        func.func @d(%x: f64, %t: f64) {
          %0 = enzyme.fwddiff @f(%x, %t
          //   ^^^^^^^^^^^^^^ derivative
    """)


def test_what_is_no_function_of_the_text_has_none():
    for text in ("func.func @d(%<|>x: f64) {", "%0 = enzyme.fwddiff @f<|>(%x)", "<|>", "#a<|> = 1"):
        check_implementation(text)


def test_and_back():
    check_definition("""
        func.func private @f(f64) -> f64
        //                ^^ definition
        func.func @d(%x: f64, %t: f64) {
          %0 = enzyme.fwd<|>diff @f(%x, %t) : (f64, f64) -> f64
          return
        }
    """)
