"""A derivative call lists one activity for each argument of its callee.

Enzyme reads `activity` by position. A short list leaves the last arguments without a rule; a long one names arguments
that do not exist. The verifier accepts both: in reverse mode the pass then fails without a location, in forward mode
it ignores what is too much and reads past the end of what is too short.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      return %x : f64
    }
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x, %dr) {
        activity = [#enzyme<activity enzyme_active>,
                    #enzyme<activity enzyme_const>],
          //        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error[activity-count]: @square has 1 argument, but 2 activities are listed
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import counts
from enzyme_lsp.dialect.convention import Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "activity-count"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    yield from counts.compare(reading, CODE, Side.ARGUMENT)
