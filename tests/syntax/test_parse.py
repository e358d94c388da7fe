"""Parse: operations, their nesting and names, in MLIR as people write it and as it is half typed."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from enzyme_lsp.syntax.parse import parse
from enzyme_lsp.syntax.symbols import signature

if TYPE_CHECKING:
    from enzyme_lsp.syntax.nodes import Operation


def check_operations(text: str, expect: str) -> None:
    """`expect` is an indented outline: results, name, and a line `^label` for each labelled block."""
    tree = parse(dedent(text).strip("\n").encode())
    lines: list[str] = []
    for operation in tree.operations:
        _outline(operation, 0, lines)
    assert "\n".join(lines) == dedent(expect).strip("\n")


def _outline(operation: Operation, depth: int, lines: list[str]) -> None:
    tokens = operation.tree.tokens
    results = ", ".join(f"{tokens.word(r.token).decode()}:{r.count}" for r in operation.results)
    where = " loc" if operation.location else ""
    lines.append("  " * depth + (f"{results} = " if results else "") + (operation.name or "?") + where)
    for region in operation.regions:
        for block in region.blocks:
            if block.label >= 0:
                arguments = ", ".join(tokens.word(a.token).decode() for a in block.arguments)
                lines.append("  " * (depth + 1) + f"{tokens.word(block.label).decode()}({arguments})")
            for inner in block.operations:
                _outline(inner, depth + 1, lines)


def test_custom_operations_next_to_each_other() -> None:
    check_operations(
        """
        func.func @d(%x: f64) -> f64 {
          %s = enzyme.fwddiff @f(%x, %x) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = []> : (f64, f64) -> f64
          %t = enzyme.fwddiff @f(%x, %x) <{activity = [], ret_activity = []}> : (f64, f64) -> f64
          %g:2 = "enzyme.autodiff"(%x) <{fn = @f}> : (f64) -> (f64, f64)
          llvm.mlir.global internal constant @x("abc") : !llvm.array<3 x i8>
          return %s : f64
        }
        """,
        """
        func.func
          %s:1 = enzyme.fwddiff
          %t:1 = enzyme.fwddiff
          %g:2 = enzyme.autodiff
          llvm.mlir.global
          return
        """,
    )


def test_loops_and_branches() -> None:
    check_operations(
        """
        func.func @f(%n: index, %c: i1) {
          %r = scf.for %i = %n to %n step %n iter_args(%a = %n) -> (index) {
            %b = scf.if %c -> index {
              scf.yield %a : index
            } else {
              scf.yield %i : index
            }
            scf.yield %b : index
          } loc("here")
          affine.for %j = 0 to 10 { affine.yield }
          cf.cond_br %c, ^bb1(%n : index), ^bb2
        ^bb1(%x: index):
          cf.br ^bb2
        ^bb2:
          return
        }
        """,
        """
        func.func
          %r:1 = scf.for loc
            %b:1 = scf.if
              scf.yield
              scf.yield
            scf.yield
          affine.for
            affine.yield
          cf.cond_br
          ^bb1(%x)
          cf.br
          ^bb2()
          return
        """,
    )


def test_several_operations_on_a_line() -> None:
    check_operations(
        "func.func @f(%x: f64) -> f64 { %y = arith.addf %x, %x : f64 %z = arith.mulf %y, %x : f64 return %z : f64 }",
        """
        func.func
          %y:1 = arith.addf
          %z:1 = arith.mulf
          return
        """,
    )


def test_successors_are_no_labels() -> None:
    check_operations(
        """
        llvm.func @f() {
          %0 = llvm.invoke @g() to ^bb1 unwind ^bb2 : () -> i64
        ^bb1:
          llvm.return
        ^bb2:
          llvm.unreachable
        }
        """,
        """
        llvm.func
          %0:1 = llvm.invoke
          ^bb1()
          llvm.return
          ^bb2()
          llvm.unreachable
        """,
    )


def test_regions_of_the_generic_form() -> None:
    check_operations(
        """
        "stablehlo.case"(%i) ({
          "stablehlo.return"(%a) : (f64) -> ()
        }, {
          "stablehlo.return"(%b) : (f64) -> ()
        }) {a = {b = 1}} : (i32) -> f64
        """,
        """
        stablehlo.case
          stablehlo.return
          stablehlo.return
        """,
    )


def test_a_half_typed_statement_does_not_swallow_the_next() -> None:
    check_operations(
        """
        func.func @f(%x: f64) -> f64 {
          %y =
          %z = arith.mulf %x,
          %w = arith.addf (%x
          return %z : f64
        }
        """,
        """
        func.func
          %y:1 = ?
          %z:1 = arith.mulf
          %w:1 = arith.addf
          return
        """,
    )


def test_indentation_tells_which_brace_is_missing() -> None:
    check_operations(
        """
        func.func @f(%c: i1) {
          scf.if %c {
            "a.b"() : () -> ()
          return
        }
        """,
        """
        func.func
          scf.if
            a.b
            return
        """,
    )


def test_deep_nesting_is_no_matter() -> None:
    depth = 30_000
    tree = parse(b'"a.b"() ({' * depth + b"}) : () -> ()" * depth)
    assert sum(1 for _ in tree.walk()) == depth


def check_signature(text: str, expect: str | None) -> None:
    found = signature(parse(text.encode()).operations[0])
    assert (str(found) if found else None) == expect


def test_signatures() -> None:
    check_signature(
        "func.func @f(%x: f64 {a = 1}, %m: memref<4x?xf64, affine_map<(i, j) -> (j)>>)",
        "@f : (f64, memref<4x?xf64, affine_map<(i, j) -> (j)>>) -> ()",
    )
    check_signature(
        "func.func private @f(f64, i32) -> (f64 {a.b}, tensor<2xf64>)", "@f : (f64, i32) -> (f64, tensor<2xf64>)"
    )
    check_signature(
        "llvm.func internal @f(%p: !llvm.ptr {llvm.noalias}, ...) -> f64 attributes {a = 1} {}",
        "@f : (!llvm.ptr, ...) -> f64",
    )
    check_signature("llvm.func @f() -> !llvm.void", "@f : () -> ()")
    check_signature(
        '"func.func"() <{function_type = (f64) -> f64, sym_name = "f"}> ({}) : () -> ()', "@f : (f64) -> f64"
    )
    check_signature(
        '"llvm.func"() <{function_type = !llvm.func<f64 (ptr, i32)>, sym_name = "f"}> ({}) : () -> ()',
        "@f : (ptr, i32) -> f64",
    )
    check_signature("memref.global @g : memref<4xf64>", None)
    check_signature("func.func @f(%x: f64", None)
