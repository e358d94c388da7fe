"""A file is in one spelling.

Enzyme's text form changed between releases. Engines up to 0.0.15 read the classic spelling, `{activity =
[#enzyme<activity enzyme_dup>], ...}`, later ones the strict one, `<activity = [#enzyme.activity<enzyme_dup>], ...>`,
and none reads both. This server does, so what is here is checked all the same; the compiler will refuse the file.
The spelling that is in the minority is reported; of two that are as frequent, the one that comes second.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dx: f64, %t: tensor<2xf64>) -> (f64, f64, tensor<2xf64>) {
      %0 = enzyme.fwddiff @square(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>]
      } : (f64, f64) -> f64
      %1 = enzyme.fwddiff @square(%x, %dx) <
      //   ^^^^^^^^^^^^^^ hint[mixed-spelling]: enzyme.fwddiff is in the strict spelling, but 2 of 3 in this file are in the classic one, and no engine reads both
        activity = [#enzyme.activity<enzyme_dup>],
        ret_activity = [#enzyme.activity<enzyme_dupnoneed>]
      > : (f64, f64) -> f64
      %2 = enzyme.batch @square(%t) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64>
      return %0, %1, %2 : f64, f64, tensor<2xf64>
    }
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from enzyme_lsp.checks import respelling
from enzyme_lsp.checks.diagnostic import Fix, Severity, hint
from enzyme_lsp.dialect import spelling
from enzyme_lsp.dialect.ops import DERIVATIVE_OPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.spelling import Spelling, Unit
    from enzyme_lsp.workspace.snapshot import Snapshot

CODE = "mixed-spelling"
SEVERITY = Severity.HINT


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    pieces = snapshot.layout.pieces
    # At each keystroke, over all pieces: few are unlike the others. What is in one spelling is not even parsed.
    likely = {piece.fact(spelling.may_hold) for piece in pieces}
    if not (any(classic for classic, _ in likely) and any(strict for _, strict in likely)):
        return
    tallies = {piece.fact(spelling.tally) for piece in pieces}
    has_classic, has_strict, has_both = (any(one[column] for one in tallies) for column in range(3))
    if not has_both and not (has_classic and has_strict):
        return
    found = list(respelling.everything(snapshot))
    counts = Counter(unit.spelling for _, unit in found)
    classic, strict, both = counts["classic"], counts["strict"], counts[None]
    first: Spelling | None = next((unit.spelling for _, unit in found if unit.spelling is not None), None)
    is_classic = classic > strict or (classic == strict and first == "classic")
    majority: Spelling = "classic" if is_classic else "strict"
    minority = spelling.other(majority)
    share = f"but {max(classic, strict)} of {classic + strict + both} in this file are in the {majority} one"
    for index, unit in found:
        if unit.spelling == minority:
            what = f"{unit.name} is in the {minority} spelling, {share}"
        elif unit.spelling is None and unit.name not in DERIVATIVE_OPS:
            what = f"{unit.name} is partly in the classic and partly in the strict spelling"
        else:
            continue  # in the right one, or an operation that `mixed-operation` speaks about
        span, certain = snapshot.span_in(index, unit.name_span), classic != strict
        fixes = _fixes(snapshot, index, unit, majority, is_certain=certain)
        yield hint(CODE, span, f"{what}, and no engine reads both", fixes=fixes)


def _fixes(snapshot: Snapshot, index: int, unit: Unit, target: Spelling, *, is_certain: bool) -> tuple[Fix, ...]:
    """Converts it with the aliases that it uses: in the end they must be in the spelling of the file, as it must."""
    if unit.to(target).reason:
        return ()
    edits = respelling.edits(snapshot, [(index, unit)], respelling.aliases(snapshot, index, unit), target)
    return (Fix(f"Convert {unit.name} to the {target} spelling", edits, is_certain),)
