"""Calls: what a derivative's call must be by the calling convention, in words where it is not; builds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlir import ir  # pyright: ignore[reportMissingTypeStubs]

from enzyme_lsp.bindings.callee import WrongCallError
from enzyme_lsp.dialect import activity as written_activity
from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Convention, Mode, Role, Side, Slot, Wrong
from enzyme_lsp.syntax import types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.bindings.callee import Callee
    from enzyme_lsp.dialect.convention import Fault, Function

_SLOTS: Final = {
    (Role.PRIMAL, Side.ARGUMENT): "argument {index}",
    (Role.SHADOW, Side.ARGUMENT): "the shadow of argument {index}",
    (Role.SEED, Side.RESULT): "the seed of result {index}",
    (Role.PRIMAL, Side.RESULT): "result {index}",
    (Role.SHADOW, Side.RESULT): "the tangent of result {index}",
    (Role.GRADIENT, Side.ARGUMENT): "the gradient of argument {index}",
    (Role.JACOBIAN, Side.RESULT): "the derivative of result {index} by argument {by}",
    (Role.PACKED, Side.RESULT): "the struct of all that it gives",
}
_FAULTS: Final = {
    Wrong.ACTIVE_IN_FORWARD: "is active, which nothing can be in forward mode: a tangent comes in with DUP",
    Wrong.ACTIVE_MEMORY: "is memory, whose gradient is added to its shadow: it can be DUP and not active",
    Wrong.NO_GRADIENT: "is {type}, of which there is no gradient: it can be CONST",
    Wrong.NO_SHADOW: "is {type}, of which there is no derivative: it can be CONST",
    Wrong.NO_WIDE_SHADOW: "is {type}, which has a shadow at width 1 only",
}
_FUNC_ONLY: Final = (Mode.JACOBIAN, Mode.BATCH)


def convention_of(
    mode: Mode,
    callee: Callee,
    function: Function,
    activities: tuple[Sequence[Activity], Sequence[Activity]],
    width: int,
) -> Convention:
    """The slots of a call without faults that differentiates. Raises `WrongCallError` when there are some."""
    refuse_llvm(mode, callee)
    for listed, some, what in zip(
        activities, (function.arguments, function.results), ("argument", "result"), strict=True
    ):
        if len(listed) != len(some):
            raise WrongCallError(
                f"@{callee.name} has {_counted(len(some), what)}, but {_counted(len(listed), 'activity')} listed for it"
            )
    if mode is Mode.JACOBIAN:
        return convention.jacobian(function)
    found = (convention.reverse if mode is Mode.REVERSE else convention.forward)(function, *activities, width)
    for fault in found.faults:
        raise WrongCallError(_fault(callee, fault))
    return found


def refuse_llvm(mode: Mode, callee: Callee) -> None:
    """Raise `WrongCallError` for a function of LLVM where the engines take none."""
    if mode in _FUNC_ONLY and callee.function is not None and callee.function.is_llvm:
        raise WrongCallError(f"enzyme.{mode.value} takes a func.func, but @{callee.name} is an llvm.func")


def check(op: str, callee: Callee, slots: Convention, operands: Sequence[ir.Value], results: Sequence[ir.Type]) -> None:
    """Raise `WrongCallError` unless the operands and results are those of the convention."""
    for what, wanted, given in (
        ("operand", slots.operands, [one.type for one in operands]),
        ("result", slots.results, list(results)),
    ):
        for number, (slot, type_) in enumerate(zip(wanted, given, strict=False)):
            if slot.type is not None and slot.type.differs(types.read(str(type_))):
                raise WrongCallError(
                    f"{what} {number} of {op} @{callee.name} is {slot_name(slot)} and of type {slot.type}, not {type_}"
                )
        if len(wanted) != len(given):
            missing = f": {slot_name(wanted[len(given)])} is missing" if len(given) < len(wanted) else ""
            raise WrongCallError(
                f"{op} @{callee.name} has {_counted(len(wanted), what)} with these activities, not {len(given)}"
                f"{missing}"
            )


def slot_name(slot: Slot) -> str:
    """What a slot is for, in words."""
    return _SLOTS[slot.role, slot.side].format(index=slot.index, by=slot.by)


def checked_operands(operands: Sequence[ir.Value], what: str) -> list[ir.Value]:
    """The operands. Raises `WrongCallError` when one is no value."""
    for number, one in enumerate(operands):
        if not isinstance(one, ir.Value):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may have no types
            raise WrongCallError(f"{what} {number} is no value but {type(one).__name__}")
    return list(operands)


def checked_types(results: Sequence[ir.Type]) -> list[ir.Type]:
    """The types of the results. Raises `WrongCallError` when one is no type."""
    for number, one in enumerate(results):
        if not isinstance(one, ir.Type):  # pyright: ignore[reportUnnecessaryIsInstance] # callers may have no types
            raise WrongCallError(f"result type {number} is no type but {type(one).__name__}")
    return list(results)


def checked_width(width: int) -> int:
    """The width. Raises `WrongCallError` unless it is a number of directions."""
    if type(width) is not int or not 1 <= width < 1 << 32:
        raise WrongCallError(f"width is a number of at least 1 and below 2 ** 32, not {width!r}")
    return width


def checked_shape(sizes: Sequence[int]) -> tuple[int, ...]:
    """The sizes of a batch. Raises `WrongCallError` unless each is at least 1 and there is one."""
    for one in sizes:
        if type(one) is not int or not 1 <= one < 1 << 63:
            raise WrongCallError(f"a size of a batch is a number of at least 1, not {one!r}")
    if not sizes:
        raise WrongCallError("a batch has one size or more")
    return tuple(sizes)


def checked_activities(listed: Sequence[Activity] | ir.ArrayAttr, what: str) -> tuple[Activity, ...]:
    """The activities of a list or an attribute. Raises `WrongCallError` for what is none."""
    return tuple(_activity(one, f"{what} {number}") for number, one in enumerate(listed))


def _activity(one: Activity | ir.Attribute, what: str) -> Activity:
    if isinstance(one, Activity):
        return one
    written = written_activity.read(str(one).encode()) if isinstance(one, ir.Attribute) else None  # pyright: ignore[reportUnnecessaryIsInstance]
    if written is None or written.activity is None:
        raise WrongCallError(f"{what} is no activity but {one!r}")
    return written.activity


def _fault(callee: Callee, fault: Fault) -> str:
    return f"{fault.side.value} {fault.index} of @{callee.name} {_FAULTS[fault.wrong].format(type=fault.type)}"


def _counted(count: int, what: str) -> str:
    if what == "activity":
        return "1 activity is" if count == 1 else f"{count} activities are"
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
