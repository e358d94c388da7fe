"""A function that is differentiated calls, with active values, functions with bodies only.

The derivative of a call is a call of a derivative, which Enzyme makes from the body of the function that is called. When
that is a declaration, 0.0.15 crashes and 0.0.16 refuses. Calls with constants alone are left as they are.

    func.func private @ext(f64) -> f64
    //                ^^^^ note: @ext has no body
    func.func @f(%x: f64) -> f64 {
      %y = func.call @ext(%x) : (f64) -> f64
      //             ^^^^ note: @ext is called here with values that are active
      return %y : f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwddiff @f(%x, %dx) {
        //                ^^ warning[calls-declaration]: @f cannot be differentiated: it calls @ext with active values, which has no body, and Enzyme 0.0.15 crashes
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }

Write the body of the function in the same module; or put `enzyme.ignore_derivatives` before its arguments when it has no
part in the derivative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import obstacles
from enzyme_lsp.checks.diagnostic import Note, Severity, warning
from enzyme_lsp.checks.obstacles import What
from enzyme_lsp.dialect.derivative_rules import RELEASES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.snapshot import Snapshot

CODE = "calls-declaration"
SEVERITY = Severity.WARNING


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for prospect in snapshot.fact(obstacles.prospects):
        for obstacle in prospect.of(What.DECLARATION)[:1]:
            called = obstacle.callee
            if called is None:
                continue
            fails = "crashes" if prospect.release == "classic" else "refuses that"
            message = (
                f"{obstacles.subject(prospect)} cannot be differentiated: {obstacles.caller(prospect, obstacle)} calls"
                f" @{called.name} with active values, which has no body, and Enzyme {RELEASES[prospect.release]} {fails}"
            )
            notes = (
                Note(
                    f"@{called.name} is called here with values that are active",
                    obstacles.callee_place(snapshot, obstacle),
                ),
                Note(f"@{called.name} has no body", obstacles.definition_place(snapshot, called)),
            )
            yield warning(CODE, obstacles.span(snapshot, prospect), message, *notes)
