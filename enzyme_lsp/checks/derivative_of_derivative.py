"""A derivative of a derivative needs passes in the right order.

What `enzyme.fwddiff` leaves can be differentiated again. What `enzyme.autodiff` leaves cannot: caches and accumulators
have no derivative rules. They can be cleaned away between the two, by passes that the pass `enzyme` runs over each
derivative: `enzyme{postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize"}`. Regions, batches and
Jacobians are lowered by passes of their own, which must come first.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @dsquare(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x, %dr) {
      //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff works on active values
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
    func.func @ddsquare(%x: f64, %dx: f64, %dr: f64) -> f64 {
      %0 = enzyme.fwddiff @dsquare(%x, %dx, %dr) {
        //                ^^^^^^^^ warning[derivative-of-derivative]: @dsquare takes a derivative in reverse mode, which can be differentiated with the option postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize" of the pass enzyme only
        activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64, f64) -> f64
      return %0 : f64
    }

Nothing is said where the file names the pass or the option, as a `RUN:` line does. Derivatives are lowered function by
function in the order of the text, so that a function which takes one and is not differentiated itself, but called, must
stand in front.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import obstacles
from enzyme_lsp.checks.diagnostic import Note, Severity, warning
from enzyme_lsp.checks.obstacles import Circle, What
from enzyme_lsp.checks.self_differentiation import calls_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.checks.obstacles import Obstacle, Prospect
    from enzyme_lsp.workspace.snapshot import Snapshot

CODE = "derivative-of-derivative"
SEVERITY = Severity.WARNING

_POSTPASSES: Final = 'postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize"'
_FIRST: Final = {
    "enzyme.batch": "enzyme-batch",
    "enzyme.jacobian": "lower-enzyme-jacobian-stablehlo",
    "enzyme.autodiff_region": "outline-enzyme-regions",
    "enzyme.fwddiff_region": "outline-enzyme-regions",
}
"""The pass that must come before the pass `enzyme`."""


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for prospect in snapshot.fact(obstacles.prospects):
        if prospect.circle is not Circle.NONE or calls_back(prospect):
            continue  # self-differentiation speaks about this.
        for obstacle in prospect.of(What.DERIVATIVE):
            message = _message(snapshot, prospect, obstacle)
            if message:
                here = obstacles.place(snapshot, obstacle.function, obstacle.step.operation)
                note = Note(f"{obstacle.step.name} works on active values", here)
                yield warning(CODE, obstacles.span(snapshot, prospect), message, note)
                break


def _message(snapshot: Snapshot, prospect: Prospect, obstacle: Obstacle) -> str:
    """What is to be done about an active derivative op; empty when it is no obstacle after all."""
    name, subject = obstacle.step.name, obstacles.subject(prospect)
    holder = obstacles.caller(prospect, obstacle)
    has = f"{subject} has" if holder == "it" else f"{subject} calls {holder}, which has"
    takes = f"{subject} takes" if holder == "it" else f"{subject} calls {holder}, which takes"
    if (first := _FIRST.get(name)) is not None:
        return (
            ""
            if _mentions(snapshot, first)
            else f"{has} {name}, which can be differentiated after the pass {first} only"
        )
    if prospect.is_beyond(obstacle) and obstacle.function.piece > prospect.piece:
        return f"{has} {name} and stands behind this: it must stand in front, so that {name} is lowered first"
    if name == "enzyme.autodiff" and not _mentions(snapshot, "postpasses"):
        return (
            f"{takes} a derivative in reverse mode, which can be differentiated with the option {_POSTPASSES}"
            " of the pass enzyme only"
        )
    return ""


def _mentions(snapshot: Snapshot, word: str) -> bool:
    """Whether the file names a pass or option, as a `RUN:` line does: then it is known."""
    return word.encode() in snapshot.document.data
