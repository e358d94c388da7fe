"""A function is not differentiated inside itself.

To differentiate a function, Enzyme first lowers the derivatives that are taken in it. When one of them leads back to the
function, that never ends: the engines recurse until they crash.

    func.func @f(%x: f64) -> f64 {
      %0 = enzyme.fwddiff @f(%x, %x) {
        //                ^^ error[self-differentiation]: the derivative of @f is taken inside @f itself, which does not end
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }

The same holds for functions that differentiate each other, and for one that calls, with active values, the function in
which its derivative is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import obstacles
from enzyme_lsp.checks.diagnostic import error
from enzyme_lsp.checks.obstacles import Circle, What

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.checks.obstacles import Prospect
    from enzyme_lsp.workspace.snapshot import Snapshot

CODE = "self-differentiation"


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for prospect in snapshot.fact(obstacles.prospects):
        call, function = prospect.reading.call, prospect.function
        if call.callee_span is None or function is None:
            continue
        span = snapshot.span_in(prospect.piece, call.callee_span)
        if prospect.circle is not Circle.NONE:
            yield error(CODE, span, _message(prospect.circle, function.name, call.callee or ""))
        elif calls_back(prospect):
            message = f"@{call.callee} calls @{function.name} with active values, in which its derivative is taken"
            yield error(CODE, span, message)


def _message(circle: Circle, function: str, callee: str) -> str:
    if circle is Circle.ITSELF:
        return f"the derivative of @{callee} is taken inside @{callee} itself, which does not end"
    if circle is Circle.EACH_OTHER:
        return f"@{function} and @{callee} differentiate each other, which does not end"
    return f"@{function} differentiates @{callee}, which leads back to @{function} and does not end"


def calls_back(prospect: Prospect) -> bool:
    """Whether the function in which a derivative is taken is itself called, with active values, for that derivative."""
    function = prospect.function
    return function is not None and any(
        prospect.is_beyond(obstacle) and obstacle.function.operation is function.operation
        for obstacle in prospect.of(What.DERIVATIVE)
    )
