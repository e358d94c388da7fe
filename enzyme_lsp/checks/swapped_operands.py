"""Operands whose names say that they are for each other's slots are in each other's place.

Where a value and its shadow, or an argument and a seed, have the same type, no engine can tell one from the other: the
derivative is computed at the wrong point and nothing is reported.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%dr, %x) {
      //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%dr: f64, seed of result 0: f64) and gives (gradient of %dr: f64)
      //                           ^^^ warning[swapped-operands]: %dr is taken for argument 0 (%x) of @square and %x for the seed of result 0: their names say the opposite
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Fix, Severity, warning
from enzyme_lsp.dialect import alignment
from enzyme_lsp.dialect.convention import Role
from enzyme_lsp.text.edit import Edit, EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "swapped-operands"
SEVERITY = Severity.WARNING


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    found, convention = reading.operand_alignment, reading.slots
    if found is None or convention is None or not found.is_perfect:
        return
    operands, wanted = reading.call.operands, convention.operands
    for first, second in _pairs(reading):
        one, other = operands[first], operands[second]
        message = (
            f"{one.text} is taken for {slots.operand_in_callee(reading, wanted[first])} and {other.text} for"
            f" {slots.operand_in_callee(reading, wanted[second])}: their names say the opposite"
        )
        edits = EditSet([Edit(one.span, other.text.encode()), Edit(other.span, one.text.encode())])
        fix = Fix(f"Swap {one.text} and {other.text}", edits, is_certain=False)
        yield warning(CODE, one.span, message, *callee_note(reading), *slots.table(reading), fixes=(fix,))


def _pairs(reading: Reading) -> Iterator[tuple[int, int]]:
    """The positions of a primal and of a shadow or seed of its type that are named like each other."""
    wanted = reading.slots.operands if reading.slots is not None else ()
    names = [one.text for one in reading.call.operands]
    seeds = [at for at, slot in enumerate(wanted) if slot.role is Role.SEED and not alignment.suggests_seed(names[at])]
    for at, slot in enumerate(wanted):
        if slot.role is not Role.PRIMAL:
            continue
        behind = at + 1
        if behind < len(wanted) and wanted[behind].role is Role.SHADOW and wanted[behind].type == slot.type:
            if alignment.suggests_shadow(names[at], names[behind]):
                yield at, behind
        elif alignment.suggests_seed(names[at]):
            own = slots.argument_name(reading, slot.index)
            yield from ((at, seed) for seed in seeds if wanted[seed].type == slot.type and names[seed] == own)
