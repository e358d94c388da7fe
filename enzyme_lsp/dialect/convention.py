"""The calling convention: which operands an operation of Enzyme takes and which results it gives, as a pure function.

Let the callee be f : (A1..An) -> (B1..Bm), w the width, and S(T) the type of a shadow of T.

    reverse (autodiff)                            forward (fwddiff)
     operands, for each argument in order:         operands, for each argument in order:
       active         Ai                             dup            Ai, S(Ai)
       const          Ai                             const          Ai
       dup            Ai, S(Ai)
     then, for each result in order:
       active         S(Bj), the seed
     results, for each result in order:            results, for each result in order:
       active, dup, const           Bj               dup            Bj, S(Bj)
     then, for each argument in order:               dupnoneed      S(Bj)
       active         S(Ai), the gradient            const          Bj

An argument that is `noneed` is treated like one that is not; a result that is `noneed` gives no primal. In batch every
type grows by the batch's sizes in front. A function of LLVM has one result, so two or more are packed into a struct.

Source: measured on Enzyme's engines 0.0.15 and 0.0.16, which agree: all 36 pairs of activities in both modes, 63 types
at three widths, and the signatures of the functions that the engines generate. The engines check nearly none of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.syntax import types
from enzyme_lsp.syntax.types import Type, TypeKind

if TYPE_CHECKING:
    from collections.abc import Sequence


class Mode(Enum):
    """What an operation makes of its callee."""

    REVERSE = "reverse"
    FORWARD = "forward"
    JACOBIAN = "jacobian"
    BATCH = "batch"


MODE_OF: Final = {
    "enzyme.autodiff": Mode.REVERSE,
    "enzyme.autodiff_region": Mode.REVERSE,
    "enzyme.fwddiff": Mode.FORWARD,
    "enzyme.fwddiff_region": Mode.FORWARD,
    "enzyme.jacobian": Mode.JACOBIAN,
    "enzyme.batch": Mode.BATCH,
}
"""By the name of the operation."""


class Side(Enum):
    """Whether something belongs to an argument of the callee or to a result of it."""

    ARGUMENT = "argument"
    RESULT = "result"


class Role(Enum):
    """What a value is for."""

    PRIMAL = "primal"
    """An operand: the value of an argument. As a result: the value of a result."""
    SHADOW = "shadow"
    """An operand beside a primal: its tangent, or the memory that its gradient is added to. As a result: a tangent."""
    SEED = "seed"
    """An operand: the cotangent of a result."""
    GRADIENT = "gradient"
    """A result: the cotangent of an argument."""
    JACOBIAN = "jacobian"
    """A result: the derivative of one result by one argument."""
    PACKED = "packed"
    """The one result of a call to a function of LLVM that has several to give."""


@dataclass(frozen=True, slots=True)
class Function:
    """What is known of a callee: the types it takes and gives."""

    arguments: tuple[Type, ...]
    results: tuple[Type, ...]
    is_llvm: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """One operand or result that the convention asks for.

    `side` and `index` say which argument or result of the callee it belongs to. `type` is None when it cannot be
    told. `by` is for a Jacobian the argument that is differentiated by. `parts` are the slots in a packed one.
    """

    role: Role
    side: Side
    index: int
    type: Type | None
    by: int = 0
    parts: tuple[Slot, ...] = ()


class Wrong(Enum):
    """What an activity cannot be."""

    ACTIVE_IN_FORWARD = "active in forward mode"
    """There is nothing to be active in: a tangent comes in with `dup`. The engine crashes or miscounts."""
    ACTIVE_MEMORY = "active memory"
    """A gradient of memory is added to its shadow, which `dup` brings. The engine crashes."""
    NO_GRADIENT = "no gradient"
    """The type has no zero that a gradient could start from. The engine crashes or fails."""
    NO_SHADOW = "no shadow"
    """The type has no derivative type at all. The engine ends its process."""
    NO_WIDE_SHADOW = "no wide shadow"
    """The type has a shadow at width 1 only."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An activity that is not possible, by the argument or result that it is given to."""

    wrong: Wrong
    side: Side
    index: int
    type: Type


@dataclass(frozen=True, slots=True)
class Convention:
    """The slots of one operation, in order, and what is wrong with its activities."""

    operands: tuple[Slot, ...]
    results: tuple[Slot, ...]
    faults: tuple[Fault, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Return:
    """What a result of the callee adds in one mode."""

    primal: bool
    shadow: bool = False
    seed: bool = False


_HAS_SHADOW: Final = frozenset({Activity.DUP, Activity.DUP_NO_NEED})
_IS_ACTIVE: Final = frozenset({Activity.ACTIVE, Activity.ACTIVE_NO_NEED})

_REVERSE_RETURNS: Final = {
    Activity.ACTIVE: _Return(primal=True, seed=True),
    Activity.ACTIVE_NO_NEED: _Return(primal=False, seed=True),
    Activity.DUP: _Return(primal=True),
    Activity.DUP_NO_NEED: _Return(primal=False),
    Activity.CONST: _Return(primal=True),
    Activity.CONST_NO_NEED: _Return(primal=False),
}
_FORWARD_RETURNS: Final = {
    Activity.DUP: _Return(primal=True, shadow=True),
    Activity.DUP_NO_NEED: _Return(primal=False, shadow=True),
    Activity.CONST: _Return(primal=True),
    Activity.CONST_NO_NEED: _Return(primal=False),
    # Not possible; read as what is most likely meant.
    Activity.ACTIVE: _Return(primal=True, shadow=True),
    Activity.ACTIVE_NO_NEED: _Return(primal=False, shadow=True),
}


def reverse(
    callee: Function, activities: Sequence[Activity], return_activities: Sequence[Activity], width: int
) -> Convention:
    """The slots of `enzyme.autodiff`. There must be one activity for each argument and result of the callee."""
    faults = list[Fault]()
    operands, gradients = list[Slot](), list[Slot]()
    for index, (type_, activity) in enumerate(zip(callee.arguments, activities, strict=True)):
        operands.append(Slot(Role.PRIMAL, Side.ARGUMENT, index, type_))
        shadow_ = shadow(type_, width)
        if activity in _HAS_SHADOW:
            operands.append(Slot(Role.SHADOW, Side.ARGUMENT, index, shadow_))
            faults += _faults_of_shadow(type_, width, Side.ARGUMENT, index)
        if activity in _IS_ACTIVE:
            gradients.append(Slot(Role.GRADIENT, Side.ARGUMENT, index, shadow_))
            faults += _faults_of_active(type_, width, Side.ARGUMENT, index)
    primals = list[Slot]()
    for index, (type_, activity) in enumerate(zip(callee.results, return_activities, strict=True)):
        given = _REVERSE_RETURNS[activity]
        if given.primal:
            primals.append(Slot(Role.PRIMAL, Side.RESULT, index, type_))
        if given.seed:
            operands.append(Slot(Role.SEED, Side.RESULT, index, shadow(type_, width)))
            faults += _faults_of_active(type_, width, Side.RESULT, index)
    return Convention(tuple(operands), _returned(callee, (*primals, *gradients)), tuple(faults))


def forward(
    callee: Function, activities: Sequence[Activity], return_activities: Sequence[Activity], width: int
) -> Convention:
    """The slots of `enzyme.fwddiff`. There must be one activity for each argument and result of the callee."""
    faults = list[Fault]()
    operands, results = list[Slot](), list[Slot]()
    for index, (type_, activity) in enumerate(zip(callee.arguments, activities, strict=True)):
        operands.append(Slot(Role.PRIMAL, Side.ARGUMENT, index, type_))
        if activity in _IS_ACTIVE:
            faults.append(Fault(Wrong.ACTIVE_IN_FORWARD, Side.ARGUMENT, index, type_))
        elif activity in _HAS_SHADOW:
            operands.append(Slot(Role.SHADOW, Side.ARGUMENT, index, shadow(type_, width)))
            faults += _faults_of_shadow(type_, width, Side.ARGUMENT, index)
    for index, (type_, activity) in enumerate(zip(callee.results, return_activities, strict=True)):
        given = _FORWARD_RETURNS[activity]
        if activity in _IS_ACTIVE:
            faults.append(Fault(Wrong.ACTIVE_IN_FORWARD, Side.RESULT, index, type_))
        elif given.shadow:
            faults += _faults_of_shadow(type_, width, Side.RESULT, index)
        if given.primal:
            results.append(Slot(Role.PRIMAL, Side.RESULT, index, type_))
        if given.shadow:
            results.append(Slot(Role.SHADOW, Side.RESULT, index, shadow(type_, width)))
    return Convention(tuple(operands), _returned(callee, tuple(results)), tuple(faults))


def jacobian(callee: Function) -> Convention:
    """The slots of `enzyme.jacobian`: the primals in; out, for each result of the callee and each of its arguments,
    constant ones included, a tensor with the sizes of the result before those of the argument.

    The numbering of the results is that of the pass `lower-enzyme-jacobian-stablehlo`, which nothing checks.
    """
    operands = tuple(Slot(Role.PRIMAL, Side.ARGUMENT, index, type_) for index, type_ in enumerate(callee.arguments))
    results = tuple(
        Slot(Role.JACOBIAN, Side.RESULT, out, _jacobian_type(given, taken), by=by)
        for out, given in enumerate(callee.results)
        for by, taken in enumerate(callee.arguments)
    )
    return Convention(operands, results)


def batch(callee: Function, sizes: Sequence[int | None]) -> Convention:
    """The slots of `enzyme.batch`: all arguments in, all results out, each with the batch's sizes in front."""
    operands = tuple(
        Slot(Role.PRIMAL, Side.ARGUMENT, i, batched(type_, sizes)) for i, type_ in enumerate(callee.arguments)
    )
    results = tuple(Slot(Role.PRIMAL, Side.RESULT, i, batched(type_, sizes)) for i, type_ in enumerate(callee.results))
    return Convention(operands, results)


class WrapMode(Enum):
    """The modes of the pass `enzyme-wrap`."""

    FORWARD = "ForwardMode"
    REVERSE_COMBINED = "ReverseModeCombined"
    REVERSE_GRADIENT = "ReverseModeGradient"
    REVERSE_PRIMAL = "ReverseModePrimal"


WRAP_ACTIVITIES: Final = (Activity.ACTIVE, Activity.DUP, Activity.CONST, Activity.DUP_NO_NEED)
"""Those that the options of `enzyme-wrap` know."""

_REVERSE_WRAPPED: Final = {
    Activity.ACTIVE: _Return(primal=False, seed=True),
    Activity.DUP: _Return(primal=True),
    Activity.DUP_NO_NEED: _Return(primal=False),
    Activity.CONST: _Return(primal=False),
}
_FORWARD_WRAPPED: Final = {
    Activity.DUP: _Return(primal=True, shadow=True),
    Activity.DUP_NO_NEED: _Return(primal=False, shadow=True),
    Activity.CONST: _Return(primal=False),
}


def wrapped(
    callee: Function, mode: WrapMode, activities: Sequence[Activity], return_activities: Sequence[Activity]
) -> Convention | None:
    """The signature of the function that `enzyme-wrap` makes, which is not that of the operations: a primal is given
    for `enzyme_dup` only. None for activities that the mode has no rule for.

    The three modes that begin with Reverse give the same function, also those that are named after one half of it.
    """
    reversed_ = mode is not WrapMode.FORWARD
    rules = _REVERSE_WRAPPED if reversed_ else _FORWARD_WRAPPED
    if not all(activity in rules for activity in return_activities):
        return None
    if not all(activity in _HAS_SHADOW or activity is Activity.CONST or reversed_ for activity in activities):
        return None
    operands, results, gradients, seeds = list[Slot](), list[Slot](), list[Slot](), list[Slot]()
    faults = list[Fault]()
    for index, (type_, activity) in enumerate(zip(callee.arguments, activities, strict=True)):
        operands.append(Slot(Role.PRIMAL, Side.ARGUMENT, index, type_))
        if activity in _HAS_SHADOW:
            operands.append(Slot(Role.SHADOW, Side.ARGUMENT, index, shadow(type_, 1)))
            faults += _faults_of_shadow(type_, 1, Side.ARGUMENT, index)
        if activity is Activity.ACTIVE:
            gradients.append(Slot(Role.GRADIENT, Side.ARGUMENT, index, shadow(type_, 1)))
            faults += _faults_of_active(type_, 1, Side.ARGUMENT, index)
    for index, (type_, activity) in enumerate(zip(callee.results, return_activities, strict=True)):
        given = rules[activity]
        if given.primal:
            results.append(Slot(Role.PRIMAL, Side.RESULT, index, type_))
        if given.shadow:
            results.append(Slot(Role.SHADOW, Side.RESULT, index, shadow(type_, 1)))
            faults += _faults_of_shadow(type_, 1, Side.RESULT, index)
        if given.seed:
            seeds.append(Slot(Role.SEED, Side.RESULT, index, shadow(type_, 1)))
            faults += _faults_of_active(type_, 1, Side.RESULT, index)
    return Convention((*operands, *seeds), (*results, *gradients), tuple(faults))


def shadow(type_: Type, width: int) -> Type | None:
    """The type of a shadow, tangent, seed or gradient; None when there is none or it cannot be told.

    At width w other than 1 a scalar becomes `tensor<w x T>` and a tensor gets w as its first size; memory and LLVM's
    aggregates stay as they are.
    """
    if has_derivative(type_) is False:
        return None
    if width == 1 or type_.is_memory or type_.kind is TypeKind.AGGREGATE:
        return type_
    if type_.kind in (TypeKind.UNRANKED_TENSOR, TypeKind.OTHER, TypeKind.BROKEN):
        return None
    return batched(type_, (width,))


def batched(type_: Type, sizes: Sequence[int | None]) -> Type | None:
    """The type with sizes in front; None for types that no tensor can hold, as of memory, and where it is not known.

    A tensor keeps its encoding. No sizes make `tensor<T>` of a scalar.
    """
    if type_.kind is TypeKind.TENSOR and type_.element is not None:
        return types.tensor((*sizes, *type_.shape), type_.element, type_.tail)
    if type_.kind in (TypeKind.MEMREF, TypeKind.UNRANKED_MEMREF, TypeKind.UNRANKED_TENSOR, TypeKind.BROKEN):
        return None
    if type_.kind is TypeKind.OTHER and not type_.is_certain:
        return None
    return types.tensor(tuple(sizes), type_)


def has_derivative(type_: Type) -> bool | None:
    """Whether the type takes part in differentiation at all; None when its text does not tell.

    Only types with Enzyme's type interface do: the others end the engine's process in any activity but const.
    """
    if type_.kind is TypeKind.FLOAT:
        return type_.text in _FLOATS
    if type_.kind in (TypeKind.VECTOR, TypeKind.UNRANKED_MEMREF):
        return False
    if type_.kind is TypeKind.OTHER:
        is_builtin = type_.text[:1] != "!"
        return False if is_builtin or type_.text.startswith(_NO_DERIVATIVE) else None
    return None if type_.kind is TypeKind.BROKEN else True


def can_be_active(type_: Type, width: int) -> bool | None:
    """Whether a gradient of the type can start from zero; None when its text does not tell."""
    if type_.is_memory:
        return False
    if has_derivative(type_) is not True:
        return has_derivative(type_)
    if type_.kind is TypeKind.INDEX:
        return width == 1
    if type_.kind is TypeKind.AGGREGATE:
        return True
    if type_.kind is TypeKind.UNRANKED_TENSOR and width != 1:
        return False
    scalar = type_.scalar
    if scalar.kind is TypeKind.COMPLEX:
        return scalar.element is not None and scalar.element.text in _FLOATS
    if scalar.kind is TypeKind.INTEGER:
        return scalar.is_signless
    if scalar.kind is TypeKind.OTHER:
        return None
    return scalar.kind is TypeKind.FLOAT and scalar.text in _FLOATS


_FLOATS: Final = frozenset({"f16", "bf16", "f32", "f64"})
_NO_DERIVATIVE: Final = ("!enzyme.", "!llvm.void", "!stablehlo.token", "!async.token", "!llvm.token", "!llvm.metadata")


def _faults_of_shadow(type_: Type, width: int, side: Side, index: int) -> tuple[Fault, ...]:
    if has_derivative(type_) is False:
        return (Fault(Wrong.NO_SHADOW, side, index, type_),)
    if type_.kind is TypeKind.UNRANKED_TENSOR and width != 1:
        return (Fault(Wrong.NO_WIDE_SHADOW, side, index, type_),)
    return ()


def _faults_of_active(type_: Type, width: int, side: Side, index: int) -> tuple[Fault, ...]:
    if type_.kind in (TypeKind.MEMREF, TypeKind.POINTER):
        return (Fault(Wrong.ACTIVE_MEMORY, side, index, type_),)
    if faults := _faults_of_shadow(type_, width, side, index):
        return faults
    if can_be_active(type_, width) is False:
        return (Fault(Wrong.NO_GRADIENT, side, index, type_),)
    return ()


def _returned(callee: Function, results: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """The results as the callee's kind of function returns them."""
    if not callee.is_llvm or len(results) < 2:
        return results
    members = [slot.type for slot in results]
    known = tuple(member for member in members if member is not None)
    packed = types.struct(known) if len(known) == len(members) else None
    return (Slot(Role.PACKED, Side.RESULT, 0, packed, parts=results),)


def _jacobian_type(given: Type, taken: Type) -> Type | None:
    """`tensor<sizes of the result, sizes of the argument, element of the result>`; None for what is no tensor."""
    if given.kind is TypeKind.TENSOR and taken.kind is TypeKind.TENSOR and given.element is not None:
        return types.tensor((*given.shape, *taken.shape), given.element)
    return None
