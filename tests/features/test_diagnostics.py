"""Diagnostics of three sources as one list: each mistake once, and none lost for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.features.diagnostics import diagnostics
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.judges import EngineThread


def test_an_error_in_the_header_is_not_hidden_by_one_in_the_body(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f6x4) -> f64 {
        //               ^^^^ error[invalid-syntax]: expected non-function type
          %0 = enzyme.fwddiff @nope(%x) {activity = [], ret_activity = []} : (f64) -> f64
          //                  ^^^^^ error[unknown-callee]: @nope is not defined in this module
          return %0 : f64
        }
        """,
        engine=classic,
    )


def test_an_error_before_a_syntax_problem_is_not_hidden_by_it(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
          %0 = arith.addd %x, %x : f64
          //   ^^^^^^^^^^ error[unknown-operation]: arith.addd is no operation that the engine knows
          %1 =
        //^^^^ error[missing-operation]: %1 needs an operation after `=`
          return %x : f64
        }
        func.func @g(%x: f64) -> f64 {
          %0 = arith.addf %x %x : f64
          //                 ^^ error[invalid-syntax]: expected ','
          %1 = "test.op"() {a = "open} : () -> f64
          //                    ^^^^^^^^^^^^^^^^^^ error[unterminated-string]: this string has no closing quote on its line
          return %x : f64
        }
        """,
        engine=classic,
    )


def test_an_unclosed_brace_hides_only_where_it_makes_a_parser_stumble(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%c: i1) {
          scf.if %c {
          //        ^ error[unclosed-bracket]: `{` is never closed by `}`
            %0 = arith.constant
            //   ^^^^^^^^^^^^^^ error[invalid-syntax]: expected attribute value
          return
        }
        func.func @g() {
          return
        }
        """,
        engine=classic,
    )


def test_a_module_that_is_never_closed_is_said_once(classic: EngineThread) -> None:
    check_diagnostics(
        """
        module {
        //     ^ error[unclosed-bracket]: `{` of this module is never closed by `}`
          func.func @f() {
            return
          }
        """,
        engine=classic,
    )


@pytest.mark.parametrize(
    "text",
    [
        "module {", "module @a @b {}", "module {} module", '"builtin.module"() ({', '"builtin.module"() ({}', "{-#",
        '"builtin.module"() ({}) :', '"builtin.module"() ({})) : () -> ()', "\x0c", '"foobar"() : () -> ()',
        'func.func @f() {\n  %c = arith.constant 1 : i32\n  "foo.bar"\n  return\n}',
        'func.func @f() {\n  return loc("x":1:a)\n}', "func.func @f() {\n  return loc()\n}",
        "func.func @f() {\n  return loc(#nope)\n}", 'func.func @f() {\n  return loc("x":1:1 zz)\n}',
        'func.func @f() {\n  loc("x":1:1)\n  return\n}',
    ],
)  # fmt: skip
def test_what_the_engine_refuses_gets_an_error(text: str, classic: EngineThread) -> None:
    snapshot = Workspace(Settings()).open(Document.of("untitled:a", text))
    found = diagnostics(snapshot, classic(snapshot))
    assert any(one.severity == 1 for one in found)


def test_a_half_typed_quoted_operation_teaches_no_dialect(classic: EngineThread) -> None:
    workspace, verifier = Workspace(Settings()), classic.verifier()
    text = "func.func @f(%a: i32) {\n  \n  %1 = arith.addi %a, %nope : i32\n  return\n}\n"
    document = Document.of("untitled:a", text)
    workspace.open(document)
    at = text.index("\n  \n") + 3
    seen: list[list[str]] = []
    for version, (start, old, new) in enumerate([(at, 0, b'"a"'), (at, 3, b""), (at, 0, b'"arith"'), (at, 7, b"")], 1):
        edit = Edit(Span(start, start + old), new)
        document = document.edited(edit, version=version)
        snapshot = workspace.change(document, [edit])
        verdict = classic.wait(verifier.full(snapshot))
        assert not verdict.unregistered
        seen.append([one.code for one in diagnostics(snapshot, verdict)])
    assert seen == [["generic-operands"], ["undeclared-value"], ["generic-operands"], ["undeclared-value"]]


def test_values_at_the_top_of_a_module_see_each_other(classic: EngineThread) -> None:
    check_diagnostics(
        """
        %c = arith.constant 1 : i32
        %d = arith.addi %c, %c : i32
        %e = arith.bogus %d : i32
        //   ^^^^^^^^^^^ error[unknown-operation]: arith.bogus is no operation that the engine knows
        """,
        engine=classic,
    )


def test_words_stand_where_the_engine_means_them(classic: EngineThread) -> None:
    check_diagnostics(
        """
        #b = 1
        func.func @aliases(%a: !nope) {
        //                     ^^^^^ error[undefined-alias]: no alias !nope is defined before this
          return
        }
        func.func @else(%c: i1) {
          scf.if %c {
          } else {
          } else {
          //^^^^ error[unknown-operation]: else is no operation that the engine knows
          }
          return
        }
        func.func @arrow(%a: f32) - > f32 {
        //                        ^ error[invalid-syntax]: expected operation name in quotes
          return %a : f32
        }
        func.func @order(%a: i32) -> i32 {
          %0 = arith.addi %1, %1 : i32
          //              ^^ error[undeclared-value]: operand 0 (%1) is used here before it is defined
          %1 = arith.addi %a, %a : i32
          return %0 : i32
        }
        #b = 2
        """,
        engine=classic,
    )
