"""The type of a derivative call names a type for each of its operands.

The list of operands and the list of their types are read together; where they differ in length the parser stops.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x, %dr) {
      //   ^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (argument 0 (%x): f64, seed of result 0: f64) and gives (gradient of argument 0 (%x): f64)
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64) -> f64
      //  ^^^^^^^^^^^^ error[unpaired-operand]: enzyme.autodiff has 2 operands, but 1 type is written for them
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import rewriting, slots
from enzyme_lsp.checks.diagnostic import Fix, error
from enzyme_lsp.dialect.alignment import Written, align
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.edit import Edit, EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "unpaired-operand"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    call = reading.call
    if call.operands_inside is None or call.type is None or call.type.operands is None or call.type.inside is None:
        return
    names, types = call.operands, call.type.operands
    if len(names) == len(types) or _is_unfinished(reading):
        return
    counted = f"{len(names) or 'no'} operand{'' if len(names) == 1 else 's'}"
    written = f"{len(types) or 'no'} type{' is' if len(types) == 1 else 's are'}"
    message = f"{call.op.name} has {counted}, but {written} written for {'it' if len(names) == 1 else 'them'}"
    yield error(CODE, call.type.span, message, *slots.table(reading), fixes=_fixes(reading))


def _is_unfinished(reading: Reading) -> bool:
    """Whether a list ends in a comma, behind which the next is still to be typed; missing-element says so."""
    call, text = reading.call, reading.call.operation.tree.tokens.text
    lists = (call.operands_inside, call.type.inside if call.type is not None else None)
    return any(span is not None and span.of(text).rstrip().endswith(b",") for span in lists)


def _fixes(reading: Reading) -> tuple[Fix, ...]:
    """The types that the operands have where they are defined, if the text tells them all.

    It is certain when the operands are then all that is asked for: otherwise it may be an operand that is missing.
    """
    call, known = reading.call, rewriting.visible(reading)
    if call.type is None or call.type.inside is None or call.type.results is None:
        return ()
    written = [Written(one.text, known.get(one.text)) for one in call.operands]
    types = [one.type for one in written if one.type is not None and one.type.kind is not TypeKind.BROKEN]
    if len(types) < len(written):
        return ()
    wanted = ", ".join(type_.text for type_ in types)
    certain = reading.slots is not None and align(reading.slots.operands, written).is_perfect
    fix = Fix(f"Write the types ({wanted})", EditSet([Edit(call.type.inside, wanted.encode())]), is_certain=certain)
    return (fix,)
