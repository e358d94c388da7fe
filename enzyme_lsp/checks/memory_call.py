"""In reverse mode, functions that are called with active values do not touch memory.

The reverse pass runs after the whole forward pass, when memory may have been overwritten, so that what a called function
read would have to be kept. Enzyme 0.0.16 does not do that yet and refuses. This concerns text in its spelling, the
strict one; 0.0.15 goes on without keeping anything.

    func.func @load(%m: memref<4xf64>) -> f64 {
      %i = arith.constant 0 : index
      %v = memref.load %m[%i] : memref<4xf64>
      //   ^^^^^^^^^^^ note: memref.load touches memory
      return %v : f64
    }
    func.func @f(%m: memref<4xf64>) -> f64 {
      %y = func.call @load(%m) : (memref<4xf64>) -> f64
      //             ^^^^^ note: @load is called here with values that are active
      return %y : f64
    }
    func.func @d(%m: memref<4xf64>, %dm: memref<4xf64>, %dr: f64) {
      enzyme.autodiff @f(%m, %dm, %dr) <
      //              ^^ warning[memory-call]: @f cannot be differentiated in reverse mode: it calls @load with active values, which touches memory, and Enzyme 0.0.16 refuses that
        activity = [#enzyme.activity<enzyme_dup>],
        ret_activity = [#enzyme.activity<enzyme_activenoneed>]
      > : (memref<4xf64>, memref<4xf64>, f64) -> ()
      return
    }

Inline the function, with the pass `inline`, before the derivative is taken.
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

CODE = "memory-call"
SEVERITY = Severity.WARNING


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for prospect in snapshot.fact(obstacles.prospects):
        for obstacle in prospect.of(What.MEMORY)[:1]:
            called = obstacle.callee
            touching = None if called is None else obstacles.effect(snapshot, called)
            if called is None or touching is None:
                continue
            message = (
                f"{obstacles.subject(prospect)} cannot be differentiated in reverse mode:"
                f" {obstacles.caller(prospect, obstacle)} calls @{called.name} with active values, which touches memory,"
                f" and Enzyme {RELEASES[prospect.release]} refuses that"
            )
            notes = (
                Note(
                    f"@{called.name} is called here with values that are active",
                    obstacles.callee_place(snapshot, obstacle),
                ),
                Note(f"{touching[1].name} touches memory", obstacles.place(snapshot, *touching)),
            )
            yield warning(CODE, obstacles.span(snapshot, prospect), message, *notes)
