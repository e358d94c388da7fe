"""A gradient of a tensor whose sizes are not known starts from a constant that no text can hold.

Engines 0.0.15 and 0.0.16 make `arith.constant dense<0.0> : tensor<?xf64>`, which the derivative keeps and which no
parser reads back: `elements literal type must have static shape`. It works as long as the module is not printed and
read again.

    func.func @same(%x: tensor<?xf64>) -> tensor<?xf64> {
    //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @same : (tensor<?xf64>) -> tensor<?xf64>
      return %x : tensor<?xf64>
    }
    func.func @d(%x: tensor<?xf64>, %dr: tensor<?xf64>) -> tensor<?xf64> {
      %0 = enzyme.autodiff @same(%x, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        //                           ^^^^^^^^^^^^^ warning[dynamic-gradient]: engines 0.0.15 and 0.0.16 start the gradient of tensor<?xf64> from a constant that cannot be read back
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (tensor<?xf64>, tensor<?xf64>) -> tensor<?xf64>
      return %0 : tensor<?xf64>
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Severity, warning
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Side
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "dynamic-gradient"
SEVERITY = Severity.WARNING
_ACTIVE = frozenset({Activity.ACTIVE, Activity.ACTIVE_NO_NEED})


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    function = reading.function
    if reading.mode is not Mode.REVERSE or reading.slots is None or function is None:
        return
    both = (
        (Side.ARGUMENT, function.arguments, reading.activities or ()),
        (Side.RESULT, function.results, reading.return_activities or ()),
    )
    for side, types, listed in both:
        for index, (type_, activity) in enumerate(zip(types, listed, strict=True)):
            dynamic = type_.kind is TypeKind.UNRANKED_TENSOR or (type_.kind is TypeKind.TENSOR and not type_.is_static)
            if activity in _ACTIVE and dynamic:
                message = (
                    f"engines 0.0.15 and 0.0.16 start the gradient of {type_} from a constant that cannot be read back"
                )
                yield warning(CODE, activities.place(reading, side, index), message, *callee_note(reading))
                return
