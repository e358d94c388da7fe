"""Generic and custom form by the engine: names, blocks, aliases, comments, places and the spelling stay the text's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.features import code_actions, generic_form
from enzyme_lsp.features.actions import forms
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.settings import HoverSettings, Settings
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.asking import after
from enzyme_lsp.verification.value_types import NOTHING_KNOWN
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_engine_action, check_engine_refusal, check_no_action
from tests.samples import EXAMPLES

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot
    from tests.judges import EngineThread


VALID = tuple(path.read_bytes() for path in sorted(EXAMPLES.glob("*.mlir")))


CASE = """\
func.func @f(%i: tensor<i32>, %x: tensor<f64>) -> tensor<f64> {
  %y = "stablehlo.<|>case"(%i) ({
    stablehlo.return %x : tensor<f64>
  }) : (tensor<i32>) -> tensor<f64>
  return %y : tensor<f64>
}
"""


def opened(text: str | bytes) -> Snapshot:
    return Workspace(Settings()).open(Document.of("untitled:1", text))


def test_an_operation_in_generic_form(classic: EngineThread) -> None:
    check_engine_action(
        classic,
        "generic",
        before="""
            func.func @f(%x: f64, %y: f64) -> f64 {
                %sum = arith.<|>addf %x, %y : f64 // what it gives
                return %sum : f64
            }
        """,
        after="""
            func.func @f(%x: f64, %y: f64) -> f64 {
                %sum = "arith.addf"(%x, %y) <{fastmath = #arith.fastmath<none>}> : (f64, f64) -> f64 // what it gives
                return %sum : f64
            }
        """,
    )


def test_a_function_in_generic_form(classic: EngineThread) -> None:
    check_engine_action(
        classic,
        "generic",
        before="""
            #shift = affine_map<(d0)[s0] -> (d0 + s0)>
            !view = memref<?xf64, #shift>
            func.func private @g(f64) -> f64
            <|>func.func @f(%m: memref<?xf64>, %x: f64, %v: !view) -> f64 {
                // The length.
                %c0 = arith.constant 0 : index
                %n = memref.dim %m, %c0 : memref<?xf64> loc("here.py":1:2)
                %less = arith.cmpf olt, %x, %x : f64
                %r:2 = scf.for %i = %c0 to %n step %n iter_args(%a = %x, %w = %v) -> (f64, !view) {
                    %l = memref.load %w[%i] : !view // one
                    %y = func.call @g(%l) : (f64) -> f64
                    scf.yield %y, %w : f64, !view
                }
                affine.for %j = 0 to 10 {
                }
                cf.cond_br %less, ^less(%x: f64), ^more
            ^less(%q: f64):
                cf.br ^more
            ^more:
                return %r#0 : f64
            } // the end
        """,
        after="""
            #shift = affine_map<(d0)[s0] -> (d0 + s0)>
            !view = memref<?xf64, #shift>
            func.func private @g(f64) -> f64
            // The length.
            // one
            "func.func"() <{function_type = (memref<?xf64>, f64, !view) -> f64, sym_name = "f"}> ({
            ^bb0(%m: memref<?xf64>, %x: f64, %v: !view):
                %c0 = "arith.constant"() <{value = 0 : index}> : () -> index
                %n = "memref.dim"(%m, %c0) : (memref<?xf64>, index) -> index loc("here.py":1:2)
                %less = "arith.cmpf"(%x, %x) <{fastmath = #arith.fastmath<none>, predicate = 4 : i64}> : (f64, f64) -> i1
                %r:2 = "scf.for"(%c0, %n, %n, %x, %v) ({
                ^bb0(%i: index, %a: f64, %w: !view):
                    %l = "memref.load"(%w, %i) : (!view, index) -> f64
                    %y = "func.call"(%l) <{callee = @g}> : (f64) -> f64
                    "scf.yield"(%y, %w) : (f64, !view) -> ()
                }) : (index, index, index, f64, !view) -> (f64, !view)
                "affine.for"() <{lowerBoundMap = affine_map<() -> (0)>, operandSegmentSizes = array<i32: 0, 0, 0>, step = 1 : index, upperBoundMap = affine_map<() -> (10)>}> ({
                ^bb0(%j: index):
                    "affine.yield"() : () -> ()
                }) : () -> ()
                "cf.cond_br"(%less, %x)[^less, ^more] <{operandSegmentSizes = array<i32: 1, 1, 0>}> : (i1, f64) -> ()
            ^less(%q: f64):
                "cf.br"()[^more] : () -> ()
            ^more:
                "func.return"(%r#0) : (f64) -> ()
            }) : () -> () // the end
        """,
    )


def test_a_function_in_custom_form(classic: EngineThread) -> None:
    check_engine_action(
        classic,
        "custom",
        before="""
            module {
              <|>"func.func"() <{function_type = (f64, index) -> f64, sym_name = "f"}> ({
              ^entry(%x: f64, %n: index):
                // Twice.
                %sums:2 = "scf.for"(%n, %n, %n, %x, %x) ({
                ^body(%i: index, %a: f64, %b: f64):
                  "scf.yield"(%b, %a) : (f64, f64) -> ()
                }) {test.note = "%x"} : (index, index, index, f64, f64) -> (f64, f64)
                "affine.for"() <{lowerBoundMap = affine_map<() -> (0)>, operandSegmentSizes = array<i32: 0, 0, 0>, step = 1 : index, upperBoundMap = affine_map<() -> (9)>}> ({
                ^body(%j: index):
                  "affine.yield"() : () -> ()
                }) : () -> ()
                "func.return"(%sums#1) : (f64) -> ()
              }) : () -> ()
            }
        """,
        after="""
            module {
              // Twice.
              func.func @f(%x: f64, %n: index) -> f64 {
                %sums:2 = scf.for %i = %n to %n step %n iter_args(%a = %x, %b = %x) -> (f64, f64) {
                  scf.yield %b, %a : f64, f64
                } {test.note = "%x"}
                affine.for %j = 0 to 9 {
                }
                return %sums#1 : f64
              }
            }
        """,
    )


def test_what_ends_a_function_that_stays_generic_keeps_its_dialect(classic: EngineThread) -> None:
    check_engine_action(
        classic,
        "custom",
        before="""
            "func.func"() <{function_type = (f64) -> f64, sym_name = "f"}> ({
            ^bb0(%x: f64):
              "func.return<|>"(%x) : (f64) -> ()
            }) : () -> ()
        """,
        after="""
            "func.func"() <{function_type = (f64) -> f64, sym_name = "f"}> ({
            ^bb0(%x: f64):
              func.return %x : f64
            }) : () -> ()
        """,
    )


def test_new_values_get_a_name_that_is_free(classic: EngineThread) -> None:
    check_engine_action(
        classic,
        "generic",
        before="""
            func.func @f(%arg1: tensor<4xf64>, %0: f64) -> tensor<4xf64> {
              %1 = <|>linalg.add ins(%arg1, %arg1 : tensor<4xf64>, tensor<4xf64>) outs(%arg1 : tensor<4xf64>) -> tensor<4xf64>
              return %1 : tensor<4xf64>
            }
        """,
        after="""
            func.func @f(%arg1: tensor<4xf64>, %0: f64) -> tensor<4xf64> {
              %1 = "linalg.add"(%arg1, %arg1, %arg1) <{operandSegmentSizes = array<i32: 2, 1>}> ({
              ^bb0(%arg2: f64, %arg3: f64, %arg4: f64):
                %2 = "arith.addf"(%arg2, %arg3) <{fastmath = #arith.fastmath<none>}> : (f64, f64) -> f64
                "linalg.yield"(%2) : (f64) -> ()
              }) : (tensor<4xf64>, tensor<4xf64>, tensor<4xf64>) -> tensor<4xf64>
              return %1 : tensor<4xf64>
            }
        """,
    )


def test_a_text_in_the_other_spelling_stays_in_it(classic: EngineThread) -> None:
    check_engine_action(
        classic,
        "generic",
        before="""
            func.func private @f(f64) -> f64
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %dx = enzyme.<|>autodiff @f(%x, %dr) <
                activity = [#enzyme.activity<enzyme_active>],
                ret_activity = [#enzyme.activity<enzyme_activenoneed>]
              > : (f64, f64) -> f64
              return %dx : f64
            }
        """,
        after="""
            func.func private @f(f64) -> f64
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %dx = "enzyme.autodiff"(%x, %dr) <{activity = [#enzyme.activity<enzyme_active>], atomic_add = false, fn = @f, ret_activity = [#enzyme.activity<enzyme_activenoneed>], strong_zero = false, width = 1 : i64}> : (f64, f64) -> f64
              return %dx : f64
            }
        """,
    )


def test_a_classic_text_with_the_strict_engine(strict: EngineThread) -> None:
    check_engine_action(
        strict,
        "custom",
        before="""
            func.func private @f(f64) -> f64
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %dx = "enzyme.auto<|>diff"(%x, %dr) <{activity = [#enzyme<activity enzyme_active>], fn = @f, ret_activity = [#enzyme<activity enzyme_activenoneed>], width = 1 : i64}> : (f64, f64) -> f64
              return %dx : f64
            }
        """,
        after="""
            func.func private @f(f64) -> f64
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %dx = enzyme.autodiff @f(%x, %dr) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
              return %dx : f64
            }
        """,
    )


def test_operations_around_may_be_of_dialects_that_nobody_knows(classic: EngineThread) -> None:
    check_engine_action(
        classic,
        "generic",
        before="""
            func.func @f(%x: f64) -> f64 {
              %y = unheard.of %x : (f64) -> f64
              %z = arith.<|>negf %y : f64
              return %z : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> f64 {
              %y = unheard.of %x : (f64) -> f64
              %z = "arith.negf"(%y) <{fastmath = #arith.fastmath<none>}> : (f64) -> f64
              return %z : f64
            }
        """,
    )


def test_reasons_why_not(classic: EngineThread) -> None:
    check_engine_refusal(
        classic,
        "generic",
        "func.func @f(%x: f64) -> f64 {\n  %y = unheard<|>.of %x : (f64) -> f64\n  return %y : f64\n}",
        "the engine does not know unheard.of",
    )
    check_engine_refusal(
        classic,
        "generic",
        "func.func @f(%x: f64) -> f32 {\n  re<|>turn %x : f64\n}",
        "the engine refuses the text: type of return operand 0 ('f64') doesn't match function result type ('f32') in "
        "function @f",
    )
    check_engine_refusal(
        classic,
        "custom",
        CASE,
        "stablehlo.case has no custom form",
    )


def test_bytes_that_are_no_text_are_not_lost(classic: EngineThread) -> None:
    snapshot = opened(b'func.func private @f() attributes {test.note = "\xff"}\n')
    with pytest.raises(RefusedError, match="there are bytes in it that are no text"):
        classic.run(generic_form.generic_form(snapshot, 3))


def test_lines_end_as_those_of_the_text(classic: EngineThread) -> None:
    text = "func.func @f() {\r\n  // Words.\r\n  return\r\n}\r\n"
    snapshot = opened(text)
    kind = "refactor.rewrite.enzyme.genericForm"
    edits = classic.run(code_actions.resolution(snapshot, Span(0, 0), kind, "generic")).edits
    assert edits is not None
    made = edits.apply(snapshot.document.data)
    assert made.startswith(b'// Words.\r\n"func.func"() <{')
    assert made.count(b"\n") == made.count(b"\r\n") == 4


def test_where_nothing_is_offered() -> None:
    check_no_action("generic", "func.func @f() {\n<|>\n  return\n}")
    check_no_action("custom", "func.func @f() {\n  re<|>turn\n}")
    check_no_action("generic", 'func.func @f() {\n  "func.re<|>turn"() : () -> ()\n}')
    check_no_action("generic", "mod<|>ule {\n  func.func private @f()\n}")
    check_no_action("generic", "#m<|>ap = affine_map<(d0) -> (d0)>")


def test_only_who_comes_back_is_offered_it() -> None:
    snapshot = opened("func.func @f() {\n  return\n}")
    kinds = [one.kind for one in code_actions.code_actions_with_edits(snapshot, Span(0, 0))]
    assert not [kind for kind in kinds if kind.endswith("Form")]


def test_the_request_gives_the_text_alone(classic: EngineThread) -> None:
    text = 'func.func @f(%x: f64) {\n  %y = arith.negf %x : f64 loc("here.py":1:2)\n  return\n}\n'
    snapshot = opened(text)
    assert classic.run(generic_form.generic_form(snapshot, text.index("negf"))) == (
        '%y = "arith.negf"(%x) <{fastmath = #arith.fastmath<none>}> : (f64) -> f64'
    )
    with pytest.raises(RefusedError, match="no operation stands here"):
        classic.run(generic_form.generic_form(snapshot, len(text)))


def test_a_hover_shows_what_has_been_told_when_asked_to(classic: EngineThread) -> None:
    text = "func.func @f(%x: f64) {\n  %y = arith.negf %x : f64 // for a hover\n  return\n}\n"
    settings = Settings(hover=HoverSettings(generic_form=True))
    snapshot = Workspace(settings).open(Document.of("untitled:1", text))

    def shown(offset: int) -> str:
        found = classic.run(generic_form.hovered(snapshot, offset, NOTHING_KNOWN))
        return found.markdown if found is not None else ""

    at = text.index("negf")
    assert "In generic form: the engine has been asked; look again in a moment." in shown(at)
    classic.run(generic_form.generic_form(snapshot, at))
    form = '```mlir\n%y = "arith.negf"(%x) <{fastmath = #arith.fastmath<none>}> : (f64) -> f64\n```'
    assert shown(at).endswith(form)
    assert '"arith.negf"' not in shown(text.index("%x :"))
    snapshot = opened(text)
    assert '"arith.negf"' not in shown(at)


def test_every_function_of_the_examples_comes_back(classic: EngineThread) -> None:
    """Each step is held by the engine to mean the same; what comes back stays what it is."""
    for sample in VALID:
        once = there_and_back(classic, opened(sample))
        assert there_and_back(classic, opened(once)) == once


def there_and_back(classic: EngineThread, snapshot: Snapshot) -> bytes:
    """A text whose top-level operations have been in generic form."""
    for index, piece in enumerate(snapshot.layout.pieces):
        if piece.kind is PieceKind.ITEM:
            for form in ("generic", "custom"):
                operation = snapshot.layout.pieces[index].tree.operations[0]
                snapshot = after(snapshot, classic.run(forms.converted(snapshot, index, operation, form)))
    return snapshot.document.data
