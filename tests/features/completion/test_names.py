"""Completion of values, symbols, blocks, aliases, types, operations, and where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_completion

if TYPE_CHECKING:
    from tests.judges import EngineThread


def test_values_that_dominate_the_place() -> None:
    check_completion(
        """
        func.func @f(%c: i1, %a: f64) -> f64 {
          cf.cond_br %c, ^left, ^right
        ^left:
          %l = arith.addf %a, %a : f64
          cf.br ^end(%l : f64)
        ^right:
          %r = arith.mulf %a, %a : f64
          cf.br ^end(%r : f64)
        ^end(%x: f64):
          %y = arith.addf %<|>, %x : f64
          return %y : f64
        }
        """,
        """
    %a  value  f64
    %x  value  f64
""",
    )


def test_values_of_headers_and_none_from_outside_a_function() -> None:
    check_completion(
        """
        func.func @f(%n: index, %init: f64) -> f64 {
          %c = arith.constant 1 : index
          %s = scf.for %i = %c to %n step %c iter_args(%acc = %init) -> (f64) {
            %k = arith.muli %<|>, %i : index
            scf.yield %acc : f64
          }
          func.func @inner(%z: index) {
            return
          }
          return %s : f64
        }
        """,
        """
    %c  value  index
    %n  value  index
    %i  value  index
""",
    )


def test_an_argument_of_a_call_has_its_type() -> None:
    check_completion(
        """
        func.func private @g(f64, i32)
        func.func @f(%x: f64, %n: i32, %y: f64, %u: i32) {
          func.call @g(%x, <|>
          return
        }
        """,
        """
    %n  value  i32
    %u  value  i32
""",
    )


def test_results_of_one_name() -> None:
    check_completion(
        """
        func.func private @two() -> (f64, i32)
        func.func @f() -> i32 {
          %p:2 = func.call @two() : () -> (f64, i32)
          return %p<|> : i32
        }
        """,
        """
    %p#1  value  i32
    %p#0  value  f64
""",
    )


def test_callees_and_then_values() -> None:
    check_completion(
        """
        memref.global constant @table : memref<4xf64>
        func.func private @g(f64) -> f64
        func.func @f(%x: f64) -> f64 {
          %0 = call <|>
          return %x : f64
        }
        """,
        """
    @g  function  (f64) -> f64
    @f  function  (f64) -> f64
    @table  symbol
    %x  value  f64
""",
    )


def test_globals_where_one_is_due() -> None:
    check_completion(
        """
        memref.global constant @table : memref<4xf64>
        func.func @f() {
          %0 = memref.get_global @<|> : memref<4xf64>
          return
        }
        """,
        """
    @table  symbol
    @f  function  () -> ()
""",
    )


def test_a_symbol_that_needs_quotes() -> None:
    check_completion(
        """
        func.func private @"a b"(f64) -> f64
        func.func @f(%x: f64) -> f64 {
          %0 = call @<|>
          return %x : f64
        }
        """,
        """
    @"a b"  function  (f64) -> f64
""",
        most=1,
    )


def test_blocks() -> None:
    check_completion(
        """
        func.func @f(%a: f64) -> f64 {
          cf.br ^<|>
        ^one(%x: f64):
          return %x : f64
        ^two:
          return %a : f64
        }
        """,
        """
    ^one  block  (f64)
    ^two  block
""",
    )


def test_a_branch_takes_a_block_before_a_value() -> None:
    check_completion(
        """
        func.func @f(%c: i1, %a: f64) -> f64 {
          cf.cond_br %c, <|>
        ^one(%x: f64):
          return %x : f64
        }
        """,
        """
    ^one  block  (f64)
""",
    )


def test_a_block_that_is_named_and_not_there() -> None:
    check_completion(
        """
        func.func @f(%a: f64) -> f64 {
          cf.br ^end
        ^<|>
        }
        """,
        """
    ^end:  block
""",
    )


def test_aliases() -> None:
    check_completion(
        """
        #map = affine_map<(d0) -> (d0)>
        #dup = #enzyme<activity enzyme_dup>
        !t = tensor<4xf64>
        func.func @f(%a: !t, %b: !<|>) {
          return
        }
        """,
        """
    !t  alias  tensor<4xf64>
    !enzyme.Cache<>  type  A stack of values that the forward pass keeps for the reverse pass
      writes !enzyme.Cache<{f64}>
    !enzyme.Gradient<>  type  An accumulator in which the reverse pass adds up the gradient of a value
      writes !enzyme.Gradient<{f64}>
""",
        most=3,
    )


def test_types_of_the_dialect() -> None:
    check_completion(
        """
        func.func @f(%a: !enzyme.G<|>) {
          return
        }
        """,
        """
    !enzyme.Gradient<>  type  An accumulator in which the reverse pass adds up the gradient of a value
      writes !enzyme.Gradient<{f64}>
""",
    )


def test_element_types_behind_sizes() -> None:
    check_completion(
        """
        func.func @f(%a: tensor<4x?xb<|>) {
          return
        }
        """,
        """
    4x?xbf16  type
""",
    )


def test_the_type_of_the_operands() -> None:
    check_completion(
        """
        func.func @f(%a: tensor<4xf64>) -> tensor<4xf64> {
          %0 = stablehlo.add %a, %a : <|>
          return %0 : tensor<4xf64>
        }
        """,
        """
    tensor<4xf64>  type  due here
""",
        most=1,
    )


def test_the_type_of_memory_and_none_of_its_indices() -> None:
    check_completion(
        """
        func.func @f(%m: memref<4xf64>, %i: index) {
          %0 = memref.load %m[%i] : <|>
          return
        }
        """,
        """
    memref<4xf64>  type  due here
    f64  type
""",
        most=2,
    )


def test_operations_by_what_the_rest_of_the_line_is_like() -> None:
    check_completion(
        """
        func.func @f(%a: f64, %b: f64) -> f64 {
          %0 = <|> %a, %b : f64
          return %0 : f64
        }
        """,
        """
    arith.addf  operation
    arith.mulf  operation
""",
        most=2,
    )


def test_a_word_in_the_middle_of_an_operation() -> None:
    check_completion(
        """
        func.func @f(%a: f64, %b: f64) -> f64 {
          %0 = arith.mulf %a, %b : f64
          %1 = mul<|>
          return %0 : f64
        }
        """,
        """
    arith.mulf  operation
    stablehlo.multiply  operation
""",
        most=2,
    )


def test_a_name_in_quotes() -> None:
    check_completion(
        """
        func.func @f(%a: f64) -> f64 {
          %0 = "enzyme.bat<|>"
          return %a : f64
        }
        """,
        """
    "enzyme.batch"  operation  Calls a function on many arguments at once: every tensor gets the batch's sizes in front
""",
    )


def test_what_ends_a_region() -> None:
    check_completion(
        """
        func.func @f(%c: i1) {
          scf.if %c {
            <|>
          }
          return
        }
        """,
        """
    scf.yield  operation
""",
        most=1,
    )


def test_predicates() -> None:
    check_completion(
        """
        func.func @f(%a: i32) {
          %0 = arith.cmpi s<|>
          return
        }
        """,
        """
    slt  word
    sgt  word
    sle  word
    sge  word
""",
    )


def test_words_of_other_attributes() -> None:
    check_completion(
        """
        func.func @f(%a: tensor<2xf64>) {
          %0 = "stablehlo.compare"(%a, %a) <{comparison_direction = #stablehlo<comparison_direction <|>>}>
          return
        }
        """,
        """
    LT  word
    GT  word
    EQ  word
""",
        most=3,
    )


def test_an_empty_text() -> None:
    check_completion(
        "<|>",
        """
    func.func  operation
    module  operation
""",
        most=2,
    )


def test_none_in_a_comment() -> None:
    check_completion(
        """
        func.func @f(%a: f64) { // and %<|>
          return
        }
        """,
        """
    nothing
""",
    )


def test_none_for_a_name_that_is_made_up() -> None:
    check_completion(
        """
        func.func @f(%<|>) {
          return
        }
        """,
        """
    nothing
""",
    )


def test_a_blank_brings_a_list_only_where_something_must_follow() -> None:
    check_completion(
        """
        func.func @f(%a: f64) -> f64 {
          return %a <|>
        }
        """,
        """
    nothing
""",
        trigger=" ",
    )


def test_a_blank_behind_a_callee_brings_what_follows() -> None:
    check_completion(
        """
        func.func @g(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @f(%a: f64) -> f64 {
          %0 = enzyme.batch @g <|>
          return %a : f64
        }
        """,
        """
    (...)  derivative  gives result 0 of @g
      writes ({%x}) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> {tensor<2xf64>}
""",
        trigger=" ",
    )


def test_types_that_only_the_compiler_knows(classic: EngineThread) -> None:
    check_completion(
        """
        func.func @f(%m: memref<4xf64>, %n: memref<4xi32>, %i: index) -> f64 {
          %a = memref.load %m[%i] : memref<4xf64>
          %b = memref.load %n[%i] : memref<4xi32>
          %c = arith.addi %<|>b, %b : i32
          return %a : f64
        }
        """,
        """
    %b  value  i32
""",
        types=classic.types,
    )
