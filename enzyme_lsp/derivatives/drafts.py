"""Drafts: new functions that take derivatives, before they are text; and how the calling convention makes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.derivatives.refusal import RefusedError
from enzyme_lsp.derivatives.subject import Callee, Parameter, unused
from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.convention import Role, Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.dialect.activity import Activity
    from enzyme_lsp.dialect.convention import Convention, Slot
    from enzyme_lsp.syntax.types import Type


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for beyond the sort of derivative; None: whatever is usual for that sort.

    `width` is how many directions, seeds or rows of a batch there are at once. `activities` has one for each argument.
    `with_primal`: the results of the function itself are given too.
    """

    width: int | None = None
    activities: tuple[Activity, ...] | None = None
    with_primal: bool | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A value and its type, as they are written."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that the new function makes: `1.0`, or what stands between `dense<` and `>` for a tensor."""

    value: Value
    text: str
    is_tensor: bool


@dataclass(frozen=True, slots=True)
class Computed:
    """A value that the new function makes by the operations in `lines`, too large for a constant."""

    value: Value
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """The operation that differentiates or batches; `results` are types. `sizes` are those of a batch."""

    op: str
    callee: str
    operands: tuple[Value, ...]
    results: tuple[str, ...]
    activities: tuple[Activity, ...] = ()
    returns: tuple[Activity, ...] = ()
    width: int = 1
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A new function. `given` says which result of which call it returns, in order; `remarks` are lines above it."""

    name: str
    arguments: tuple[Value, ...]
    calls: tuple[Call, ...]
    given: tuple[tuple[int, int], ...]
    constants: tuple[Constant | Computed, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def results(self) -> tuple[str, ...]:
        """The types of what it returns."""
        return tuple(self.calls[call].results[number] for call, number in self.given)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an operation is asked for, as its attributes say it."""

    op: str
    activities: tuple[Activity, ...] = ()
    returns: tuple[Activity, ...] = ()
    width: int = 1
    sizes: tuple[int, ...] = ()


TANGENT: Final = "d"
"""How the name of a shadow begins."""


def of_asked(callee: Callee, asked: Asked) -> Convention:
    """The slots of the operation."""
    match asked.op:
        case "enzyme.autodiff":
            return convention.reverse(callee.function, asked.activities, asked.returns, asked.width)
        case "enzyme.fwddiff":
            return convention.forward(callee.function, asked.activities, asked.returns, asked.width)
        case "enzyme.jacobian":
            return convention.jacobian(callee.function)
        case _:
            return convention.batch(callee.function, asked.sizes)


def call(callee: Callee, asked: Asked, operands: Sequence[Value]) -> Call:
    """The operation with operands that are there already."""
    results = tuple(type_text(callee, slot) for slot in of_asked(callee, asked).results)
    return Call(
        asked.op, callee.name, tuple(operands), results, asked.activities, asked.returns, asked.width, asked.sizes
    )


def wrapper(callee: Callee, name: str, asked: Asked, mark: str = TANGENT, remarks: tuple[str, ...] = ()) -> Draft:
    """A function that takes just what the operation takes, and gives what it gives.

    `mark` is how the names of shadows begin.
    """
    taken = arguments(callee, of_asked(callee, asked).operands, mark)
    made = call(callee, asked, taken)
    return Draft(name, taken, (made,), tuple((0, number) for number in range(len(made.results))), remarks=remarks)


def as_callee(draft: Draft, callee: Callee, asked: Asked) -> Callee:
    """A wrapper as one that differentiates it sees it."""
    slots = of_asked(callee, asked)
    taken = tuple(
        Parameter(value.name, slot.type, value.type)
        for value, slot in zip(draft.arguments, slots.operands, strict=True)
        if slot.type is not None
    )
    given = tuple(Parameter("", slot.type, type_text(callee, slot)) for slot in slots.results if slot.type is not None)
    return Callee(draft.name, taken, given, is_llvm=callee.is_llvm)


def arguments(callee: Callee, slots: Sequence[Slot], mark: str = TANGENT) -> tuple[Value, ...]:
    """A value for each operand, named after what it is for."""
    taken = {one.name for one in callee.arguments}
    seeds = sum(slot.role is Role.SEED for slot in slots)
    found: list[Value] = []
    for slot in slots:
        if slot.role is Role.PRIMAL:
            name = callee.arguments[slot.index].name
        elif slot.role is Role.SEED:
            name = unused("%dr" if seeds == 1 else f"%dr{slot.index}", taken)
        else:
            name = unused(f"%{mark}{callee.arguments[slot.index].name.removeprefix('%')}", taken)
        taken.add(name)
        found.append(Value(name, type_text(callee, slot)))
    return tuple(found)


def type_text(callee: Callee, slot: Slot) -> str:
    """The type of a slot: as the function has it, where it is the same."""
    if slot.role in (Role.PACKED, Role.JACOBIAN):
        return _known(callee, slot, slot.type)
    source = (callee.arguments if slot.side is Side.ARGUMENT else callee.results)[slot.index]
    text = _known(callee, slot, slot.type)
    return source.written if text == source.type.text else text


def _known(callee: Callee, slot: Slot, type_: Type | None) -> str:
    if type_ is not None:
        return type_.text
    if slot.role is Role.JACOBIAN:
        raise RefusedError(f"enzyme.jacobian is for tensors, and not all that @{callee.name} takes and gives are some")
    source = (callee.arguments if slot.side is Side.ARGUMENT else callee.results)[slot.index]
    what = f"{slot.side.value} {slot.index} of @{callee.name}"
    raise RefusedError(f"{what} is {source.written}, which has no derivative of this sort")
