"""A derivative is taken inside a function.

Enzyme's passes look for derivative calls in functions. One that stands in a module itself is left where it is without a
word, and whatever comes behind in the pipeline stumbles over it.

    func.func @zero() -> f64 {
      %y = arith.constant 0.0 : f64
      return %y : f64
    }
    %0 = enzyme.fwddiff @zero() {activity = [], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : () -> f64
    //   ^^^^^^^^^^^^^^ error[outside-function]: enzyme.fwddiff stands in no function, where no pass finds it
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "outside-function"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    call = reading.call
    if call.table is None:
        beside = reading.piece.tree.operations
    else:
        beside = [o for region in call.table.regions for block in region.blocks for o in block.operations]
    if call.operation in beside:
        yield error(CODE, call.name_span, f"{call.op.name} stands in no function, where no pass finds it")
