"""Values: which an operation may use, and their types where the text tells them."""

from __future__ import annotations

import time
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.syntax import values
from enzyme_lsp.syntax.parse import parse
from enzyme_lsp.syntax.piece import Piece, PieceKind

if TYPE_CHECKING:
    from enzyme_lsp.syntax.nodes import Operation, Tree


def check_visible(text: str, expect: str) -> None:
    """The values that the operation `test.here` may use, as `%x: f64, %y: ?`."""
    piece = Piece(PieceKind.ITEM, dedent(text).strip().encode(), 0)
    (here,) = (one for one in piece.tree.walk() if one.name == "test.here")
    found = values.visible(piece.tree, here)
    assert ", ".join(f"{one.name}: {one.type or '?'}" for one in found) == expect
    assert values.visible(piece.tree, here, piece.fact(values.results)) == found


def first(tree: Tree, name: str) -> Operation:
    return next(one for one in tree.walk() if one.name == name)


def test_arguments_and_what_stands_before():
    check_visible(
        """
        func.func @f(%x: f64, %m: memref<4x!t> {llvm.noalias}) -> f64 {
          %y = arith.mulf %x, %x : f64
          %p:2 = "test.pair"() : () -> (f32, tensor<2xf64>)
          test.here
          %z = arith.negf %y : f64
          return %z : f64
        }
        """,
        "%x: f64, %m: memref<4x!t>, %y: f64, %p#0: f32, %p#1: tensor<2xf64>",
    )


def test_all_around_but_not_beside():
    check_visible(
        """
        func.func @f(%c: i1, %x: f64) {
          %y = arith.negf %x : f64
          scf.if %c {
            %a = arith.negf %y : f64
          } else {
            %b = arith.negf %y : f64
            scf.for %i = %c to %c step %c {
              test.here
            }
          }
          %z = arith.negf %y : f64
          return
        }
        """,
        "%c: i1, %x: f64, %y: f64, %b: f64",
    )


def test_blocks_see_their_entry_and_their_own_arguments():
    check_visible(
        """
        func.func @f(%x: f64) {
          %y = arith.negf %x : f64
          cf.br ^two(%y : f64)
        ^one(%a: f32):
          return
        ^two(%b: f64, %c: index):
          %d = math.sin %b : f64
          test.here
          return
        }
        """,
        "%x: f64, %y: f64, %b: f64, %c: index, %d: f64",
    )


def test_a_function_sees_nothing_around_it():
    check_visible(
        """
        "test.module"() ({
          %outside = arith.constant 1.0 : f64
          func.func @f(%x: f64) {
            test.here
            return
          }
        }) : () -> ()
        """,
        "%x: f64",
    )


def test_a_function_in_generic_form():
    check_visible(
        """
        "func.func"() <{function_type = (f64) -> (), sym_name = "f"}> ({
        ^bb0(%x: f64):
          %y = "test.op"(%x) <{a = 1 : i64}> ({
            %inside = arith.constant 1.0 : f64
          }) {b = 2 : i64} : (f64) -> tensor<2xf64> loc("a":1:2)
          "test.here"() : () -> ()
        }) : () -> ()
        """,
        "%x: f64, %y: tensor<2xf64>",
    )


def test_the_top_of_a_text_and_a_function_that_is_not_closed():
    check_visible("test.here", "")
    check_visible(
        """
        func.func @f(%x: f64, %y: ) {
          %z = arith.addf %x,
          %w =
          test.here
        """,
        "%x: f64, %y: ?, %z: ?",
    )


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("%a = arith.addf %x, %y : f64", ("f64",)),
        ("%a = arith.addf %x, %y fastmath<fast> : tensor<2xf64> loc(unknown)", ("tensor<2xf64>",)),
        ("%a = arith.constant dense<[1.0, 2.0]> : tensor<2xf64>", ("tensor<2xf64>",)),
        ("%a = arith.constant {note = 1 : i8} 1 : i32", ("i32",)),
        # The type is that of the operands, and the result is another one.
        ("%a = arith.cmpf olt, %x, %y : f64", ()),
        ("%a = stablehlo.compare LT, %x, %y : (tensor<f64>, tensor<f64>) -> tensor<i1>", ("tensor<i1>",)),
        ("%a = memref.load %m[%i] : memref<4xf64>", ()),
        ("%a = arith.extf %x : f32 to f64", ("f64",)),
        (
            "%a = memref.cast %m : memref<4xf64> to memref<?xf64, strided<[1], offset: ?>>",
            ("memref<?xf64, strided<[1], offset: ?>>",),
        ),
        ("%a = memref.alloc() : memref<4xf64, 1 : i32>", ("memref<4xf64, 1 : i32>",)),
        ("%a = memref.alloc(%n) : memref<?xf64>", ("memref<?xf64>",)),
        ("%a = tensor.empty() : tensor<4xf64>", ("tensor<4xf64>",)),
        ("%a:2 = func.call @f(%x) : (f64) -> (f64, i32)", ("f64", "i32")),
        ("%a = func.call @f(%x) : (f64) -> ((f64) -> f64)", ("(f64) -> f64",)),
        # One of two that are named, and a number that nobody means.
        ("%a:2 = func.call @f(%x) : (f64) -> f64", ()),
        ("%a:999999999 = func.call @f(%x) : (f64) -> f64", ()),
        ('%a = "test.op"(%x) : (f64) -> (complex<f64>)', ("complex<f64>",)),
        ("%a = scf.if %c -> (f64) {\n  scf.yield %x : f64\n} else {\n  scf.yield %y : f64\n}", ("f64",)),
        ("%a:2 = scf.for %i = %x to %y step %z -> (f64, i32) {\n  scf.yield %x, %y : f64, i32\n}", ("f64", "i32")),
        ("%a = scf.while (%b = %x) : (f64) -> f64 {\n  test.c\n} do {\n^bb0(%c: f64):\n  test.d\n}", ("f64",)),
        ("%a = scf.index_switch %x -> i32 case 2 {\n  scf.yield %y : i32\n}", ("i32",)),
        ("%a = scf.if %c ->", ()),
        ("%a = scf.execute_region -> {", ()),
        ("%a = arith.addf %x, %y :", ()),
        ("%a = arith.addf", ()),
    ],
)
def test_the_types_of_results(text: str, types: tuple[str, ...]):
    (operation,) = parse(text.encode()).operations
    assert values.result_types(operation) == types


def test_results_that_nobody_can_name_cost_nothing():
    text = b"func.func @f() {\n  %a:999999999 = test.op\n  %b = arith.constant 1.0 : f64\n  test.here\n}"
    tree = parse(text)
    started = time.perf_counter()
    found = values.visible(tree, first(tree, "test.here"))
    assert time.perf_counter() - started < 1
    assert found[-1] == values.Value("%b", "f64")
    assert len(found) < 10_000


def test_a_long_function_is_read_once():
    body = "".join(f"  %v{number} = arith.constant 1.0 : f64\n  test.here\n" for number in range(3_000))
    piece = Piece(PieceKind.ITEM, f"func.func @f() {{\n{body}}}".encode(), 0)
    started = time.process_time()
    known = piece.fact(values.results)
    for operation in piece.tree.walk():
        if operation.name == "test.here":
            assert values.visible(piece.tree, operation, known)
    assert time.process_time() - started < 10
