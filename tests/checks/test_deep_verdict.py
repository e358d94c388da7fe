"""What an engine says when it lowers differentiation ops, as diagnostics: in the callee, or at the op."""

from __future__ import annotations

from enzyme_lsp.checks import deep_verdict
from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.features.diagnostics import diagnostics
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.engines import scripted
from tests.fixture import Fixture, check_diagnostics, check_labels, diagnostic_labels
from tests.judges import EngineThread


def test_one_operation_without_a_derivative_has_one_diagnostic_and_a_note_for_each_op(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
          %0 = math.tan %x : f64
          //   ^^^^^^^^ error[no-derivative]: math.tan has no derivative in enzyme-ad 0.0.15, and it takes part in what is differentiated here
          return %0 : f64
        }
        func.func @clean(%x: f64) -> f64 {
          %0 = math.sin %x : f64
          return %0 : f64
        }
        func.func @d(%x: f64, %dx: f64) -> (f64, f64, f64) {
          %0 = enzyme.autodiff @f(%x, %dx) {
          //   ^^^^^^^^^^^^^^^ note: the reverse-mode derivative of @f leads here
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          %1 = "enzyme.fwddiff"(%x, %dx) <{
          //   ^^^^^^^^^^^^^^^^ note: the forward-mode derivative of @f leads here
            activity = [#enzyme<activity enzyme_dup>],
            fn = @f,
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          }> : (f64, f64) -> f64
          %2 = enzyme.autodiff @clean(%x, %dx) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0, %1, %2 : f64, f64, f64
        }
        """,
        deep=classic.deep,
    )


def test_what_a_callee_calls_is_differentiated_too(classic: EngineThread) -> None:
    check_diagnostics(
        """
        module @around {
          func.func private @inner(%x: f64) -> f64 {
            %0 = math.tan %x : f64
            //   ^^^^^^^^ error[no-derivative]: math.tan has no reverse-mode derivative in enzyme-ad 0.0.15, and it takes part in what is differentiated here
            return %0 : f64
          }
          func.func @f(%x: f64) -> f64 {
            %0 = func.call @inner(%x) : (f64) -> f64
            return %0 : f64
          }
          func.func @d(%x: f64, %dx: f64) -> f64 {
            %0 = enzyme.autodiff @f(%x, %dx) {
            //   ^^^^^^^^^^^^^^^ note: the reverse-mode derivative of @f leads here
              activity = [#enzyme<activity enzyme_active>],
              ret_activity = [#enzyme<activity enzyme_activenoneed>]
            } : (f64, f64) -> f64
            return %0 : f64
          }
        }
        """,
        deep=classic.deep,
    )


def test_a_function_without_a_body_that_crashes_the_old_engine_was_foretold(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func private @outside(f64) -> f64
        //                ^^^^^^^^ note: @outside has no body
        func.func @f(%x: f64) -> f64 {
          %0 = func.call @outside(%x) : (f64) -> f64
          //             ^^^^^^^^ note: @outside is called here with values that are active
          return %0 : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %dx) {
          //                   ^^ warning[calls-declaration]: @f cannot be differentiated: it calls @outside with active values, which has no body, and Enzyme 0.0.15 crashes
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        deep=classic.deep,
    )


def test_a_function_without_a_body_is_an_error_of_the_new_engine(strict: EngineThread) -> None:
    check_diagnostics(
        """
        func.func private @outside(f64) -> f64
        //                ^^^^^^^^^^^^^^^^^^^^ note: @outside is declared here
        func.func @f(%x: f64) -> f64 {
          %0 = func.call @outside(%x) : (f64) -> f64
          //   ^^^^^^^^^ error[no-derivative]: enzyme-ad 0.0.16 cannot differentiate this: @outside has no body
          return %0 : f64
        }
        func.func @d(%x: f64, %dx: f64) -> (f64, f64) {
          %0 = enzyme.autodiff @f(%x, %dx) <
          //   ^^^^^^^^^^^^^^^ note: the reverse-mode derivative of @f leads here
            activity = [#enzyme.activity<enzyme_active>],
            ret_activity = [#enzyme.activity<enzyme_activenoneed>]
          > : (f64, f64) -> f64
          %1 = enzyme.fwddiff @outside(%x, %dx) <
          //                  ^^^^^^^^ error[callee-declaration]: @outside has no body, from which its derivative could be made
            activity = [#enzyme.activity<enzyme_dup>],
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
          > : (f64, f64) -> f64
          return %0, %1 : f64, f64
        }
        """,
        deep=strict.deep,
    )


def test_a_crash_is_a_warning_with_the_last_words(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
          %0 = arith.extf %x : f64 to f80
          %1 = arith.truncf %0 : f80 to f64
          return %1 : f64
        }
        func.func @g(%x: f64) -> f64 {
          %0, %1 = async.execute -> !async.value<f64> {
            async.yield %x : f64
          }
          %2 = async.await %1 : !async.value<f64>
          return %2 : f64
        }
        func.func @d(%x: f64, %dx: f64) -> (f64, f64) {
          %0 = enzyme.fwddiff @f(%x, %dx) {
          //   ^^^^^^^^^^^^^^ warning[derivative-crash]: enzyme-ad 0.0.15 crashes at the forward-mode derivative of @f: SIGSEGV
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          %1 = enzyme.autodiff @g(%x, %dx) {
          //   ^^^^^^^^^^^^^^^ warning[derivative-crash]: enzyme-ad 0.0.15 crashes at the reverse-mode derivative of @g: SIGSEGV; last words: %token, %bodyResults = async.execute -> !async.value<f64> { async.yield %arg0 : f64 }
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0, %1 : f64, f64
        }
        """,
        deep=classic.deep,
    )


def test_a_crash_that_was_foretold_is_not_said_twice(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
          %0 = complex.create %x, %x : complex<f64>
          //   ^^^^^^^^^^^^^^ note: complex.create works on active values
          %1 = complex.re %0 : complex<f64>
          return %1 : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %dx) {
          //                  ^^ warning[no-derivative-rule]: @f cannot be differentiated in forward mode: complex.create has a derivative that crashes Enzyme 0.0.15 and 0.0.16
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        deep=classic.deep,
    )


def test_derivatives_of_derivatives_need_other_passes(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
          %0 = math.sin %x : f64
          return %0 : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %dx) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        func.func @dd(%x: f64, %dx: f64, %ddx: f64) -> f64 {
          %0 = enzyme.autodiff @d(%x, %dx, %ddx) {
          //   ^^^^^^^^^^^^^^^ info[derivative-passes]: `enzyme` of enzyme-ad 0.0.15 crashes on this: enzyme.push has no derivative; `enzyme{postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize"}` accepts it
          //                   ^^ note: @d takes a derivative in reverse mode, which can be differentiated with the option postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize" of the pass enzyme only
            activity = [#enzyme<activity enzyme_active>,
                        #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64, f64) -> f64
          return %0 : f64
        }
        """,
        deep=classic.deep,
    )


def test_complex_tensors_need_other_passes(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: tensor<2xcomplex<f32>>) -> tensor<2xcomplex<f32>> {
          %0 = stablehlo.multiply %x, %x : tensor<2xcomplex<f32>>
          return %0 : tensor<2xcomplex<f32>>
        }
        func.func @d(%x: tensor<2xcomplex<f32>>, %dx: tensor<2xcomplex<f32>>) -> tensor<2xcomplex<f32>> {
          %0 = enzyme.fwddiff @f(%x, %dx) {
          //   ^^^^^^^^^^^^^^ info[derivative-passes]: `enzyme` of enzyme-ad 0.0.15 fails on this: 'complex.add' op operand #0 must be complex type with floating-point elements, but got 'tensor<2xcomplex<f32>>'; `enzyme{postpasses="arith-raise{stablehlo=true}"}` accepts it
            activity = [#enzyme<activity enzyme_dup>],
            //                           ^^^^^^^^^^ note: engines 0.0.15 and 0.0.16 cannot add derivatives of type tensor<2xcomplex<f32>>, as they must here
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (tensor<2xcomplex<f32>>, tensor<2xcomplex<f32>>) -> tensor<2xcomplex<f32>>
          return %0 : tensor<2xcomplex<f32>>
        }
        """,
        deep=classic.deep,
    )


def test_what_was_foretold_of_an_op_is_a_note_when_it_comes_true(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @first(%m: memref<2xf64>) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @first : (memref<2xf64>) -> f64
          %c = arith.constant 0 : index
          %x = memref.load %m[%c] : memref<2xf64>
          //   ^^^^^^^^^^^ note: what Enzyme makes of this is at fault
          return %x : f64
        }
        func.func @d(%m: memref<2xf64>, %dm: memref<2xf64>, %dr: tensor<2xf64>) {
          enzyme.autodiff @first(%m, %dm, %dr) {
        //^^^^^^^^^^^^^^^ error[derivative-refused]: enzyme-ad 0.0.15 cannot lower this enzyme.autodiff: 'arith.addf' op requires the same type for all operands and results
            activity = [#enzyme<activity enzyme_dup>],
            //                           ^^^^^^^^^^ note: engines 0.0.15 and 0.0.16 cannot add a gradient of width 2 to the memory of argument 0 (%m)
            ret_activity = [#enzyme<activity enzyme_activenoneed>],
            width = 2 : i64
          } : (memref<2xf64>, memref<2xf64>, tensor<2xf64>) -> ()
          return
        }
        """,
        engine=classic,
        deep=classic.deep,
    )


def test_what_was_foretold_of_an_op_goes_when_it_does_not_come_true(classic: EngineThread) -> None:
    text = """
        func.func @unused(%m: memref<2xf64>, %x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%m: memref<2xf64>, %dm: memref<2xf64>, %x: f64, %dr: tensor<2xf64>) {
          enzyme.autodiff @unused(%m, %dm, %x, %dr) {
            activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>],
            width = 2 : i64
          } : (memref<2xf64>, memref<2xf64>, f64, tensor<2xf64>) -> ()
          return
        }
        """
    snapshot = Workspace(Settings()).open(Document.of("untitled:a", text))
    assert "wide-memory" in [one.code for one in diagnostics(snapshot, None)]
    assert [one.code for one in diagnostics(snapshot, None, classic.deep(snapshot))] == []


def test_an_inner_op_that_is_refused_is_said_once(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
          %0 = math.tan %x : f64
          //   ^^^^^^^^ error[no-derivative]: math.tan has no reverse-mode derivative in enzyme-ad 0.0.15, and it takes part in what is differentiated here
          return %0 : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %dx) {
          //   ^^^^^^^^^^^^^^^ note: the reverse-mode derivative of @f leads here
          //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff works on active values
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        func.func @dd(%x: f64, %dx: f64, %ddx: f64) -> f64 {
          %0 = enzyme.autodiff @d(%x, %dx, %ddx) {
          //                   ^^ warning[derivative-of-derivative]: @d takes a derivative in reverse mode, which can be differentiated with the option postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize" of the pass enzyme only
            activity = [#enzyme<activity enzyme_active>,
                        #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64, f64) -> f64
          return %0 : f64
        }
        """,
        deep=classic.deep,
    )


def test_a_region_is_differentiated_with_what_it_captures(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @d(%x: f64, %dx: f64, %factor: f64) -> f64 {
          %c = arith.constant 2.0 : f64
          %0 = enzyme.autodiff_region(%x, %dx) {
          //   ^^^^^^^^^^^^^^^^^^^^^^ note: enzyme.autodiff_region leads here
          ^bb0(%a: f64):
            %1 = arith.mulf %a, %factor : f64
            %2 = arith.mulf %1, %c : f64
            %3 = math.tan %2 : f64
            //   ^^^^^^^^ error[no-derivative]: math.tan has no reverse-mode derivative in enzyme-ad 0.0.15, and it takes part in what is differentiated here
            enzyme.yield %3 : f64
          } attributes {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        deep=classic.deep,
    )


def test_memory_that_is_const_is_said_at_the_store(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f64, %m: memref<4xf64>) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64, memref<4xf64>) -> f64
          %c = arith.constant 0 : index
          memref.store %x, %m[%c] : memref<4xf64>
          return %x : f64
        }
        func.func @d(%x: f64, %dx: f64, %m: memref<4xf64>) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %dx, %m) {
            activity = [#enzyme<activity enzyme_dup>,
                        #enzyme<activity enzyme_const>],
                        //               ^^^^^^^^^^^^ error[constant-memory]: memref.store puts an active value into argument 1 (%m), which is enzyme_const and has no shadow for its tangent
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64, memref<4xf64>) -> f64
          return %0 : f64
        }
        """,
        deep=classic.deep,
    )


def test_what_enzyme_makes_of_an_operation_is_said_at_the_op(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
          %c = arith.constant 1.0 : f64
          return %c : f64
        //^^^^^^ note: what Enzyme makes of this is at fault
        }
        func.func @d(%x: f64, %dx: tensor<2xf64>) -> tensor<2xf64> {
          %0 = enzyme.fwddiff @f(%x, %dx) {
          //   ^^^^^^^^^^^^^^ error[derivative-refused]: enzyme-ad 0.0.15 cannot lower this enzyme.fwddiff: type of return operand 0 ('f64') doesn't match function result type ('tensor<2xf64>') in function @fwddiffe2f
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>],
            //                               ^^^^^^^^^^^^^^^^ note: engines 0.0.15 and 0.0.16 cannot give the tangent of result 0 at width 2: it is the constant 0, since no argument with a tangent leads to it
            width = 2 : i64
          } : (f64, tensor<2xf64>) -> tensor<2xf64>
          return %0 : tensor<2xf64>
        }
        func.func @b(%x: tensor<2xf64>) -> tensor<2xf64> {
          %0 = enzyme.batch @f(%x) {
          //   ^^^^^^^^^^^^ error[derivative-refused]: enzyme-ad 0.0.15 cannot lower this enzyme.batch: it reads memory that it never wrote, as it does when the callee holds a scalar constant or memory
          //                ^^ note: engines 0.0.15 and 0.0.16 cannot batch @f: it has a constant that is no tensor (f64)
            batch_shape = array<i64: 2>
          } : (tensor<2xf64>) -> tensor<2xf64>
          return %0 : tensor<2xf64>
        }
        """,
        deep=classic.deep,
    )


def test_a_broken_neighbor_changes_nothing(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
          %0 = math.tan %x : f64
          //   ^^^^^^^^ error[no-derivative]: math.tan has no reverse-mode derivative in enzyme-ad 0.0.15, and it takes part in what is differentiated here
          return %0 : f64
        }
        func.func @broken(%x: f64) -> f64 {
          %0 = arith.addf %x %x : f64
          //                 ^^ error[invalid-syntax]: expected ','
          return %0 : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %dx) {
          //   ^^^^^^^^^^^^^^^ note: the reverse-mode derivative of @f leads here
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        engine=classic,
        deep=classic.deep,
    )


def test_an_op_with_an_error_is_not_lowered(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func @f(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
          %0 = math.tan %x : f64
          return %0 : f64
        }
        func.func @d(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %dx) {
            activity = [#enzyme<activity enzyme_active>,
                        #enzyme<activity enzyme_const>],
                      //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[activity-count]: @f has 1 argument, but 2 activities are listed
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        """,
        engine=classic,
        deep=classic.deep,
    )


def test_what_is_said_of_a_wrong_op_stands_at_what_is_wrong(classic: EngineThread) -> None:
    """Our checks find these first, and then nobody is asked; here the engine is, all the same."""
    check_said(
        """
        func.func @f(%x: f64) -> f64 {
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
        //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
          %0 = math.sin %x : f64
          return %0 : f64
        }
        func.func @operand(%x: f64, %dx: f32) -> f64 {
          %0 = enzyme.autodiff @f(%x, %dx) {
          //                          ^^^ error[derivative-refused]: enzyme-ad 0.0.15 cannot lower this enzyme.autodiff: operand 1 (%dx) must be f64 by the activities, and is f32
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f32) -> f64
          return %0 : f64
        }
        func.func @result(%x: f64, %dx: f64) -> f32 {
          %0 = enzyme.autodiff @f(%x, %dx) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f32
          //                ^^^ error[derivative-refused]: enzyme-ad 0.0.15 cannot lower this enzyme.autodiff: result 0 is f64 by the activities, and is written as f32
          return %0 : f32
        }
        func.func @few(%x: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x) {
          //   ^^^^^^^^^^^^^^^ error[derivative-refused]: enzyme-ad 0.0.15 cannot lower this enzyme.autodiff: its activities ask for more operands than it has
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64) -> f64
          return %0 : f64
        }
        func.func @long(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.autodiff @f(%x, %dx) {
          //   ^^^^^^^^^^^^^^^ error[derivative-refused]: enzyme-ad 0.0.15 cannot lower this enzyme.autodiff: `activity` lists 2 activities where 1 are expected
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        func.func @results(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %dx) {
          //   ^^^^^^^^^^^^^^ error[derivative-refused]: enzyme-ad 0.0.15 cannot lower this enzyme.fwddiff: its activities give another number of results than it has
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dup>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
        func.func @crash(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x) {
          //   ^^^^^^^^^^^^^^ warning[derivative-crash]: enzyme-ad 0.0.15 crashes at the forward-mode derivative of @f: no shadow goes with <block argument> of type 'f64' at index: 0, which enzyme_dup would bring (SIGSEGV)
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64) -> f64
          return %0 : f64
        }
        func.func @v(%x: vector<4xf64>) -> vector<4xf64> {
          return %x : vector<4xf64>
        }
        func.func @exit(%x: vector<4xf64>, %dx: vector<4xf64>) -> vector<4xf64> {
          %0 = enzyme.autodiff @v(%x, %dx) {
          //   ^^^^^^^^^^^^^^^ warning[derivative-crash]: enzyme-ad 0.0.15 crashes at the reverse-mode derivative of @v: vector<4xf64> has no derivative type (exit status 1)
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (vector<4xf64>, vector<4xf64>) -> vector<4xf64>
          return %0 : vector<4xf64>
        }
        """,
        classic,
    )


def test_a_deadline_is_an_information() -> None:
    text = (
        "func.func @f() {\n  // scripted: lowering sleep\n  return\n}\n"
        "func.func @d() {\n  enzyme.autodiff @f() {activity = [], ret_activity = []} : () -> ()\n  return\n}\n"
    )
    made = EngineSettings(kind="command", command=scripted.command(), workers=1, deadline_s=0.3)
    with EngineThread(made) as engine:
        snapshot = Workspace(Settings()).open(Document.of("untitled:a", text))
        (one,) = deep_verdict.diagnose(snapshot, engine.deep(snapshot))
    assert (one.severity, one.code) == (Severity.INFORMATION, "derivative-timeout")
    assert one.message == "scripted 1 did not finish the reverse-mode derivative of @f: no answer in 0.3 s"
    assert one.span.of(snapshot.document.data) == b"enzyme.autodiff"


def test_many_ops_that_lead_to_one_operation_are_counted(classic: EngineThread) -> None:
    activities = "activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]"
    callees = "".join(
        f"func.func @f{number}(%x: f64) -> f64 {{\n  %0 = call @g(%x) : (f64) -> f64\n  return %0 : f64\n}}\n"
        f"func.func @d{number}(%x: f64, %dx: f64) {{\n"
        f"  %0 = enzyme.autodiff @f{number}(%x, %dx) {{{activities}}} : (f64, f64) -> f64\n  return\n}}\n"
        for number in range(11)
    )
    text = "func.func @g(%x: f64) -> f64 {\n  %0 = math.tan %x : f64\n  return %0 : f64\n}\n" + callees
    snapshot = Workspace(Settings()).open(Document.of("untitled:a", text))
    (one,) = deep_verdict.diagnose(snapshot, classic.deep(snapshot))
    assert one.span.of(snapshot.document.data) == b"math.tan"
    assert len(one.notes) == 9
    assert one.notes[-1].message == "and 3 more operations lead here"


def check_said(fixture: str, engine: EngineThread) -> None:
    """The labels are what the engine says when it lowers each op, whatever else is wrong with the text."""
    __tracebackhide__ = True
    parsed = Fixture.parse(fixture)
    snapshot = Workspace(Settings()).open(parsed.file.document())
    said = deep_verdict.diagnose(snapshot, engine.deep(snapshot))
    labels = [label for one in said for label in diagnostic_labels(snapshot.document, one)]
    check_labels(parsed, {parsed.file.path: labels})
