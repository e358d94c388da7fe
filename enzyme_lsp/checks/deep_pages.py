"""The manual pages of what an engine says when it lowers differentiation ops, by the codes of `deep_verdict`."""

from __future__ import annotations

from textwrap import dedent
from typing import Final

from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.checks.page import Page


def _page(code: str, title: str, text: str, severity: Severity = Severity.ERROR) -> Page:
    return Page(code, title, severity, "deep", dedent(text).strip("\n"))


PAGES: Final = (
    _page(
        "no-derivative",
        "Enzyme has no derivative of this operation",
        """
        A function is differentiated operation by operation. One that lies between what is differentiated and what the
        function gives, or that writes it to memory, needs a rule of its own; most operations of `arith`, `math`, `scf`,
        `affine`, `memref` and `stablehlo` have one, and it depends on the version. Verifying the file does not show it:
        the engine is asked to differentiate, each op alone. The notes are the ops that lead here.

            func.func @f(%x: f64) -> f64 {
              %0 = math.tan %x : f64
              //   ^^^^^^^^ error[no-derivative]: math.tan has no reverse-mode derivative in enzyme-ad 0.0.15, and it takes part in what is differentiated here
              return %0 : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, %dr) {
              //   ^^^^^^^^^^^^^^^ note: the reverse-mode derivative of @f leads here
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }

        Write it with operations that have a derivative, or make the argument that it depends on `enzyme_const`.
        """,
    ),
    _page(
        "derivative-refused",
        "The engine refuses to lower this operation",
        """
        The engine's pass fails on the op itself, or on what it makes of the callee. The words are the engine's.

            func.func @f(%x: f64) -> f64 {
            //        ^^^^^^^^^^^^^^^^^^ note: the callee: @f : (f64) -> f64
              %c = arith.constant 1.0 : f64
              %0 = arith.mulf %x, %c : f64
              return %0 : f64
            }
            func.func @d(%x: tensor<2xf64>) -> tensor<2xf64> {
              %0 = enzyme.batch @f(%x) {
              //   ^^^^^^^^^^^^ error[derivative-refused]: enzyme-ad 0.0.15 cannot lower this enzyme.batch: it reads memory that it never wrote, as it does when the callee holds a scalar constant or memory
              //                ^^ note: engines 0.0.15 and 0.0.16 cannot batch @f: it has a constant that is no tensor (f64)
                batch_shape = array<i64: 2>
              } : (tensor<2xf64>) -> tensor<2xf64>
              return %0 : tensor<2xf64>
            }
        """,
    ),
    _page(
        "derivative-passes",
        "It depends on the passes whether this can be lowered",
        """
        The pass that lowers the op fails as it stands, and is known to succeed with other passes around it: a derivative
        must be tidied up before it can be differentiated again, a batch must be lowered before what holds it is
        differentiated, and operations on complex scalars must be raised to tensors.

            func.func @f(%x: f64) -> f64 {
              %0 = math.sin %x : f64
              return %0 : f64
            }
            func.func @d(%x: f64, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @f(%x, %dr) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
            func.func @dd(%x: f64, %dr: f64, %ddr: f64) -> f64 {
              %0 = enzyme.autodiff @d(%x, %dr, %ddr) {
              //   ^^^^^^^^^^^^^^^ info[derivative-passes]: `enzyme` of enzyme-ad 0.0.15 crashes on this: enzyme.push has no derivative; `enzyme{postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize"}` accepts it
              //                   ^^ note: @d takes a derivative in reverse mode, which can be differentiated with the option postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize" of the pass enzyme only
                activity = [#enzyme<activity enzyme_active>,
                            #enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, f64, f64) -> f64
              return %0 : f64
            }
        """,
        Severity.INFORMATION,
    ),
    _page(
        "derivative-crash",
        "The engine crashes when it lowers this operation",
        """
        That is a fault of the engine, and says that the op will not get through it. The process that crashed is not the
        server's, and is started again.

            func.func @f(%x: f64) -> f64 {
              %0 = arith.extf %x : f64 to f80
              %1 = arith.truncf %0 : f80 to f64
              return %1 : f64
            }
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = enzyme.fwddiff @f(%x, %dx) {
              //   ^^^^^^^^^^^^^^ warning[derivative-crash]: enzyme-ad 0.0.15 crashes at the forward-mode derivative of @f: SIGSEGV
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        Severity.WARNING,
    ),
    _page(
        "derivative-timeout",
        "The engine did not finish lowering this operation",
        """
        It was stopped after `engine.deadlineS` seconds, so it is not known whether the op can be lowered. It is asked
        again when the op or something that it needs has changed.
        """,
        Severity.INFORMATION,
    ),
)
