"""An argument that is `noneed` is treated like one that is not, but for `enzyme_dupnoneed`.

`noneed` says of a result that its primal is not wanted. An argument's primal is always taken, so `enzyme_activenoneed`
and `enzyme_constnoneed` mean `enzyme_active` and `enzyme_const` there.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x, %dr) {
        activity = [#enzyme<activity enzyme_activenoneed>],
        //                           ^^^^^^^^^^^^^^^^^^^ hint[noneed-argument]: enzyme_activenoneed means enzyme_active for an argument
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities
from enzyme_lsp.checks.diagnostic import Severity, hint
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "noneed-argument"
SEVERITY = Severity.HINT
_PLAIN = {Activity.ACTIVE_NO_NEED: Activity.ACTIVE, Activity.CONST_NO_NEED: Activity.CONST}


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    if reading.slots is None or reading.activities is None:
        return
    for index, activity in enumerate(reading.activities):
        plain = _PLAIN.get(activity)
        if plain is None:
            continue
        fixes = activities.changed(reading, Side.ARGUMENT, index, plain, certain=False)
        message = f"{activity.value} means {plain.value} for an argument"
        yield hint(CODE, activities.place(reading, Side.ARGUMENT, index), message, fixes=fixes)
