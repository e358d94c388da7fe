"""In reverse mode a gradient starts from a seed or from the shadow of memory; with neither it is zero.

Only `enzyme_active` and `enzyme_activenoneed` results take a seed. One that is `enzyme_dup` or `enzyme_const` is
differentiated with seed 0, so that the gradient of every active argument is 0 when no other result and no memory
carries one.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64) -> (f64, f64) {
      %0:2 = enzyme.autodiff @square(%x) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_dup>]
        //                               ^^^^^^^^^^ warning[zero-gradient]: the gradient of argument 0 (%x) is always 0: no result of @square is enzyme_active, so none takes a seed
      } : (f64) -> (f64, f64)
      return %0#0, %0#1 : f64, f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities, slots
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Severity, warning
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Role, Side
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.convention import Function, Slot
    from enzyme_lsp.workspace.readings import Reading

CODE = "zero-gradient"
SEVERITY = Severity.WARNING
_DUP = frozenset({Activity.DUP, Activity.DUP_NO_NEED})


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    convention, function, returns = reading.slots, reading.function, reading.return_activities
    if reading.mode is not Mode.REVERSE or convention is None or function is None or returns is None:
        return
    seeded = any(slot.role is Role.SEED for slot in convention.operands)
    in_memory = any(
        slot.role is Role.SHADOW
        and (function.arguments[slot.index].is_memory or _may_hold_memory(function, slot.index))
        for slot in convention.operands
    )
    gradients = [slot for slot in _flat(convention.results) if slot.role is Role.GRADIENT]
    for index, activity in enumerate(returns):
        is_memory = function.results[index].is_memory
        if activity in _DUP and not is_memory and gradients and (seeded or in_memory):
            message = f"result {index} is {activity.value}, which takes no seed in reverse mode: it adds nothing to the gradients"
            yield warning(CODE, activities.place(reading, Side.RESULT, index), message, *callee_note(reading))
    if not gradients or seeded or in_memory:
        return
    of = slots.listed([slots.argument(reading, slot.index) for slot in gradients])
    always = f"the gradient of {of} is always 0" if len(gradients) == 1 else f"the gradients of {of} are always 0"
    message = f"{always}: no result of {slots.callee(reading)} is enzyme_active, so none takes a seed"
    span = activities.place(reading, Side.RESULT, 0) if returns else reading.call.name_span
    fixes = ()
    if len(returns) == 1:
        no_need = returns[0] in (Activity.DUP_NO_NEED, Activity.CONST_NO_NEED)
        wanted = Activity.ACTIVE_NO_NEED if no_need else Activity.ACTIVE
        fixes = activities.changed(reading, Side.RESULT, 0, wanted, certain=False)
    yield warning(CODE, span, message, *callee_note(reading), fixes=fixes)


def _flat(results: tuple[Slot, ...]) -> tuple[Slot, ...]:
    return tuple(part for slot in results for part in (slot.parts or (slot,)))


def _may_hold_memory(function: Function, index: int) -> bool:
    return function.arguments[index].kind in (TypeKind.AGGREGATE, TypeKind.OTHER)
