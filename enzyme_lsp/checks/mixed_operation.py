"""An operation is in one spelling.

An activity is written `#enzyme<activity enzyme_dup>` inside the braces of classic operations, and
`#enzyme.activity<enzyme_dup>` inside the angle brackets of strict ones. No engine reads one inside the other.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwddiff @square(%x, %dx) {
      //   ^^^^^^^^^^^^^^ error[mixed-operation]: enzyme.fwddiff is partly in the classic and partly in the strict spelling, which no engine reads
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.diagnostic import Fix, error
from enzyme_lsp.dialect import spelling
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.spelling import Spelling
    from enzyme_lsp.workspace.readings import Reading

CODE = "mixed-operation"
_BOTH: Final[tuple[Spelling, ...]] = ("classic", "strict")


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    unit = spelling.of_operation(reading.call.operation)
    if len(unit.spellings) < 2:
        return
    message = f"{unit.name} is partly in the classic and partly in the strict spelling, which no engine reads"
    ways = [(target, unit.to(target)) for target in _BOTH]
    # First the one that most of the operation is in already.
    ways.sort(key=lambda way: len(way[1].edits))
    fixes = [
        Fix(f"Convert {unit.name} to the {target} spelling", EditSet(made.edits), is_certain=False)
        for target, made in ways
        if not made.reason
    ]
    yield error(CODE, unit.name_span, message, fixes=tuple(fixes))
