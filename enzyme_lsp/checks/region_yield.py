"""The region of `autodiff_region` and `fwddiff_region` is one block that ends in `enzyme.yield`.

What it yields are the results of the function that it stands for, one for each entry of `ret_activity`. Several blocks,
no yield or another count break when the region is made a function; nothing checks them before.

    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwddiff_region(%x, %dx) {
      ^bb0(%a: f64):
        %y = arith.mulf %a, %a : f64
        enzyme.yield %y, %y : f64, f64
      //^^^^^^^^^^^^ error[region-yield]: enzyme.yield gives 2 values, but 1 activity is listed in ret_activity
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

CODE = "region-yield"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    region, listed = reading.call.region, reading.listed_returns
    if region is None:
        return
    if region.yield_span is None:
        message = f"the region of {reading.call.op.name} must end in enzyme.yield, which gives its results"
        yield error(CODE, reading.call.name_span, message)
        return
    if region.blocks > 1:
        message = f"the region of {reading.call.op.name} is one block, not {region.blocks}: write branches as scf.if or scf.for"
        yield error(CODE, reading.call.name_span, message)
        return
    if region.results is None or listed is None or listed.elements is None:
        return
    given, wanted = len(region.results), len(listed.elements)
    if given != wanted:
        entries = f"{wanted or 'no'} {'activity is' if wanted == 1 else 'activities are'} listed in ret_activity"
        yield error(
            CODE,
            region.yield_span,
            f"enzyme.yield gives {given or 'no'} value{'' if given == 1 else 's'}, but {entries}",
        )
