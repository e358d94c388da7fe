"""The region of `autodiff_region` and `fwddiff_region` takes the primals as its arguments, and no shadows.

Its block has one argument for each primal operand, of the same type. They are checked by nothing: when the region is
made a function, operands and arguments are matched by their number, and a wrong count fails without a place.

    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwddiff_region(%x, %dx) {
      ^bb0(%a: f64, %da: f64):
      //   ^^^^^^^^^^^^^^^^^ error[region-arguments]: the region takes 2 arguments, but activity lists 1: it takes the primals alone, one for each activity
        %y = arith.mulf %a, %a : f64
        enzyme.yield %y : f64
      } attributes {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "region-arguments"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    region, listed = reading.call.region, reading.listed
    if region is None or listed is None or listed.elements is None or region.blocks == 0:
        return
    taken, given = len(region.arguments), len(listed.elements)
    if taken == given:
        return
    span = region.arguments_span if region.arguments_span is not None else reading.call.name_span
    message = (
        f"the region takes {taken or 'no'} argument{'' if taken == 1 else 's'}, but activity lists {given or 'none'}: "
        "it takes the primals alone, one for each activity"
    )
    yield error(CODE, span, message)
