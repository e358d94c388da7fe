"""A derivative call that names its results names all of them.

`%r:2 = ...` and `%a, %b = ...` name two; the type behind the arrow says how many there are. An operation may leave all
its results without a name, but not some of them.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0:2 = enzyme.autodiff @square(%x, %dr) {
    //^^^^ error[result-names]: 2 results are named, but the type gives 1
      //     ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, seed of result 0: f64) and gives (gradient of %x: f64)
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0#0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import results, rewriting, slots
from enzyme_lsp.checks.diagnostic import Fix, error
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "result-names"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    operation, written = reading.call.operation, reading.results
    if (
        written is None
        or not operation.results
        or results.mismatch(reading) is not None
        or reading.result_order is not None
    ):
        return  # missing-result and surplus-result speak about their types, and set the names right with them.
    named = sum(one.count for one in operation.results)
    if named == len(written):
        return
    tree = operation.tree
    span = tree.span(operation.first, max(operation.first + 1, operation.name_token - 1))
    names = f"{named} result{' is' if named == 1 else 's are'} named"
    message = f"{names}, but the type gives {len(written) or 'none'}"
    yield error(CODE, span, message, *slots.table(reading), fixes=_fixes(reading, named, len(written)))


def _fixes(reading: Reading, named: int, wanted: int) -> tuple[Fix, ...]:
    binding = rewriting.results_bound(reading, [number if number < named else None for number in range(wanted)])
    if binding is None:
        return ()
    return (Fix(f"Name {wanted} result{'' if wanted == 1 else 's'}", EditSet(binding.edits), not binding.loses_uses),)
