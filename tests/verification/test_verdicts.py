"""Verdicts of the real engine: on wholes and on pieces, where they stand, and what is not the text's fault."""

from __future__ import annotations

from dataclasses import replace

from enzyme_lsp.settings import DiagnosticSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_diagnostics
from tests.judges import EngineThread


def test_one_broken_function_hides_no_other(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @a(%x: f64) -> f64 {
          %0 = arith.mulff %x, %x : f64
          //   ^^^^^^^^^^^ error[unknown-operation]: arith.mulff is no operation that the engine knows
          return %0 : f64
        }
        func.func @b(%x: f64) -> f64 {
          %0 = arith.mulf %x, %y : f64
          //                  ^^ error[undeclared-value]: %y is not defined before this use
          return %0 : f64
        }
        func.func @c(%x: f64) -> f64 {
          %0 = func.call @b(%x) : (f64) -> f64
          return %0 : f64
        }
        """,
        engine=classic,
    )


def test_sections_are_modules_of_their_own(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func private @f(f64) -> f64
        // -----
        func.func @g(%x: f64) -> f64 {
          %0 = func.call @f(%x) : (f64) -> f64
          //             ^^ error[unknown-symbol]: @f does not name a function of this module
          return %0 : f64
        }
        // -----
        func.func private @f(f32)
        """,
        engine=classic,
    )


def test_recorded_locations_do_not_move_diagnostics(classic: EngineThread) -> None:
    check_diagnostics(
        """
        #loc7 = loc("model.py":31:5)
        func.func private @g(f64) -> f64
        //                ^^^^^^^^^^^^^^ note: the callee: @g : (f64) -> f64
        func.func @f(%x: f32 loc("x")) -> f64 {
          %0 = func.call @g(%x) : (f32) -> f64 loc(#loc7)
          //                ^^ error[operand-type]: operand 0 (%x) of func.call has type f32, but its callee takes f64
          //                ^^ note: the location that this operation records (at model.py:31:5)
          return %0 : f64 loc("model.py":32:5)
        } loc("model.py":30:1)
        """,
        engine=classic,
    )


def test_errors_inside_modules_stand_where_they_are(classic: EngineThread) -> None:
    check_diagnostics(
        """
        !t = tensor<2xf64>
        module @outer attributes {a.b = 1} {
          module @inner {
            func.func @f(%x: !t) -> !t {
              %0 = arith.mulf %x, %zz : !t
              //                  ^^^ error[undeclared-value]: %zz is not defined before this use
              return %0 : !t
            }
          }
          func.func @g(%x: !t) -> !t {
            %0 = func.call @h(%x) : (!t) -> !t
            //             ^^ error[unknown-symbol]: @h does not name a function of this module
            return %0 : !t
          }
        }
        """,
        engine=classic,
    )


def test_the_generic_form_is_judged_by_pieces_too(classic: EngineThread) -> None:
    check_diagnostics(
        """
        "builtin.module"() ({
          "func.func"() <{function_type = (f64) -> f64, sym_name = "f"}> ({
          ^bb0(%arg0: f64):
            %0 = "arith.mulf"(%arg0, %nosuch) : (f64, f64) -> f64
            //                       ^^^^^^^ error[undeclared-value]: %nosuch is not defined before this use
            "func.return"(%0) : (f64) -> ()
          }) : () -> ()
          "func.func"() <{function_type = (f64) -> f64, sym_name = "g"}> ({
          ^bb0(%arg0: f64):
            %0 = "func.call"(%arg0) <{callee = @f}> : (f64) -> f64
            "func.return"(%0, %arg0) : (f64, f64) -> ()
          //^^^^^^^^^^^^^ error[operand-count]: func.return has 2 operands, but enclosing function (@g) returns 1
          }) : () -> ()
        }) : () -> ()
        """,
        engine=classic,
    )


def test_an_unregistered_dialect_is_passed_over(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
          %0 = "mine.twice"(%x) ({
          //   ^^^^^^^^^^^^ info[unregistered-dialect]: the dialect mine is not registered in enzyme-ad 0.0.15, so what it holds is not checked
            "mine.yield"() : () -> ()
          }) : (f64) -> f64
          %1 = mine.thrice %0 : f64
          mine.log "x", %1
          %2 = arith.mulf %1, %y : f64
          //                  ^^ error[undeclared-value]: %y is not defined before this use
          return %2 : f64
        }
        func.func @g(%x: f64) -> f64 {
          %0 = arith.mulff %x, %x : f64
          //   ^^^^^^^^^^^ error[unknown-operation]: arith.mulff is no operation that the engine knows
          return %0 : f64
        }
        """,
        engine=classic,
    )


def test_an_unregistered_dialect_can_be_an_error_or_nothing(classic: EngineThread) -> None:
    text = """
        func.func @f(%x: !mine.t) {
          //             ^^^^^^^ error[unregistered-dialect]: the dialect mine is not registered in...
          return
        }
        """
    settings = Settings(diagnostics=DiagnosticSettings(unregistered_dialects="error"))
    check_diagnostics(text, settings, engine=classic)
    silent = "func.func @f(%x: !mine.t) {\n  return\n}"
    check_diagnostics(silent, Settings(diagnostics=DiagnosticSettings(unregistered_dialects="off")), engine=classic)


def test_a_verdict_on_the_whole_silences_syntax(classic: EngineThread) -> None:
    snapshot = Workspace(Settings()).open(Document.of("untitled:a", "func.func private @f(f64) -> f64\n"))
    verdict = classic(snapshot)
    assert verdict.accepted == {0}
    assert verdict.complete
    assert not verdict.findings


def test_a_crash_is_a_warning_on_the_symbol(classic: EngineThread) -> None:
    deep = b"[" * 1_500_000 + b"]" * 1_500_000
    text = b"func.func @good(%x: f64) { return }\nfunc.func @deep() attributes {a.x = " + deep + b"} { return }\n"
    workspace = Workspace(Settings())
    snapshot = workspace.open(Document.of("untitled:crash", text))
    verdict = classic(snapshot)
    assert [(failure.outcome.value, failure.piece) for failure in verdict.failures] == [("crashed", 1)]
    assert not verdict.findings


def test_keystrokes_in_a_large_section_ask_about_what_changed(classic: EngineThread) -> None:
    function = "func.func @f{0}(%x: f64) -> f64 {{\n  %0 = arith.mulf %x, %x : f64\n  return %0 : f64\n}}\n"
    text = "".join(function.format(number) for number in range(2000)).encode()
    assert len(text) > 65_536
    workspace = Workspace(Settings())
    document = Document.of("untitled:large", text)
    workspace.open(document)
    snapshot = workspace.get("untitled:large")
    assert snapshot is not None
    verifier = classic.verifier()
    assert classic.wait(verifier.full(snapshot)).accepted == {0}
    at = text.index(b"arith.mulf", text.index(b"@f1000("))
    edit = Edit(Span(at + len(b"arith.mulf"), at + len(b"arith.mulf")), b"f")
    document = document.edited(edit, version=1)
    broken = workspace.change(document, [edit])
    verdict = classic.wait(verifier.quick(broken))
    assert [finding.offset for finding in verdict.findings] == [at]
    assert not verdict.accepted
    # A signature that changes asks about its callers again.
    call = b"func.func @caller(%x: f64) -> f64 {\n  %0 = func.call @f7(%x) : (f64) -> f64\n  return %0 : f64\n}\n"
    append = Edit(Span(len(document.data), len(document.data)), call)
    document = document.edited(append, version=2)
    assert len(classic.wait(verifier.quick(workspace.change(document, [append]))).findings) == 1
    at = document.data.index(b"f64", document.data.index(b"@f7("))
    change = Edit(Span(at, at + 3), b"f32")
    document = document.edited(change, version=3)
    found = classic.wait(verifier.quick(workspace.change(document, [change]))).findings
    assert any("func.call" in finding.problem.message for finding in found)


def test_no_engine_is_trouble_and_no_error() -> None:
    off = replace(Settings().engine, kind="none")
    with EngineThread(off) as nobody:
        snapshot = Workspace(Settings()).open(Document.of("untitled:a", "func.func @f( {"))
        verdict = nobody(snapshot)
    assert verdict.trouble
    assert not verdict.complete
    assert not verdict.findings
