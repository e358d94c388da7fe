"""A derivative call has no more operands than its activities ask for.

In reverse mode the engine drops what is left over without a word, so that the call may mean something else than it
says; in forward mode it crashes.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dr: f64, %z: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x, %dr, %z) {
      //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%x: f64, seed of result 0: f64) and gives (gradient of %x: f64)
      //                                    ^^ error[surplus-operand]: %z is one operand too many: enzyme.autodiff of @square with these activities takes 2 operands
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities, rewriting, slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Fix, error
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "surplus-operand"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    found, convention = reading.operand_alignment, reading.slots
    if found is None or convention is None:
        return
    wanted = len(convention.operands)
    surplus = [pair.written for pair in found.surplus if pair.written is not None]
    others = activities.any_that_fit(reading) if surplus else ()
    for position in surplus:
        operand = reading.call.operands[position]
        takes = f"{slots.takes(reading)} takes {wanted or 'no'} operand{'' if wanted == 1 else 's'}"
        message = f"{operand.text} is one operand too many: {takes}"
        edits = EditSet(rewriting.operand_removed(reading, position))
        fix = Fix(f"Remove the operand {operand.text}", edits, is_certain=not others and _is_alone(reading, position))
        notes = (*callee_note(reading), *slots.table(reading))
        yield error(CODE, operand.span, message, *notes, fixes=(fix, *others))


def _is_alone(reading: Reading, position: int) -> bool:
    """Whether it is this operand that is too many, and not as well one beside it of the same type.

    At the end, in reverse mode, the engine drops what is left over.
    """
    written = reading.operands or ()
    if reading.mode is Mode.REVERSE and position == len(written) - 1:
        return True
    beside = written[max(position - 1, 0) : position] + written[position + 1 : position + 2]
    own = written[position].type
    return own is not None and all(one.type is not None and one.type.differs(own) for one in beside)
