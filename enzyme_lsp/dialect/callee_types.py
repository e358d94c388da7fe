"""Callee types: the calling convention backwards: what a function takes and gives, from a derivative's call.

What a call does not show cannot be told: a result that is neither given nor seeded leaves no trace in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Convention, Function, Mode
from enzyme_lsp.syntax import types
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.syntax.types import Type

_SHADOWED = frozenset({Activity.DUP, Activity.DUP_NO_NEED})
_SEEDED = frozenset({Activity.ACTIVE, Activity.ACTIVE_NO_NEED})
_GIVEN = frozenset({Activity.ACTIVE, Activity.DUP, Activity.CONST})


class UnknownError(Exception):
    """The call does not tell; the text says what, for the user."""


def of_derivative(
    mode: Mode,
    activities: Sequence[Activity],
    return_activities: Sequence[Activity],
    width: int,
    operands: Sequence[Type],
    results: Sequence[Type],
) -> Function:
    """The callee of a reverse or forward derivative. Raises `UnknownError` when the call does not tell."""
    taken, given = list(operands), list(results)
    arguments: list[Type] = []
    for number, activity in enumerate(activities):
        arguments.append(_next(taken, f"there is no operand for argument {number}"))
        if activity in _SHADOWED:
            _next(taken, f"there is no shadow for argument {number}")
    of = _of_reverse if mode is Mode.REVERSE else _of_forward
    returned = [of(number, activity, width, taken, given) for number, activity in enumerate(return_activities)]
    function = Function(tuple(arguments), tuple(returned))
    slots = convention.reverse if mode is Mode.REVERSE else convention.forward
    _check(slots(function, activities, return_activities, width), operands, results)
    return function


def of_batch(sizes: Sequence[int], operands: Sequence[Type], results: Sequence[Type]) -> Function:
    """The callee of a batch."""
    arguments, returned = (tuple(_unbatched(one, sizes) for one in some) for some in (operands, results))
    return Function(arguments, returned)


def of_jacobian(operands: Sequence[Type], results: Sequence[Type]) -> Function:
    """The callee of a Jacobian, whose results have the sizes of a result of the callee before those of an argument."""
    if not operands or len(results) % len(operands):
        raise UnknownError("there is not one result for each result of the callee and each of its arguments")
    by = operands[0]
    returned: list[Type] = []
    for type_ in results[:: len(operands)]:
        sizes = len(type_.shape) - len(by.shape)
        are_tensors = by.kind is type_.kind is TypeKind.TENSOR
        if not are_tensors or type_.element is None or sizes < 0 or type_.shape[sizes:] != by.shape:
            raise UnknownError(f"{type_.text} is no tensor with the sizes of {by.text} at its end")
        returned.append(types.tensor(type_.shape[:sizes], type_.element))
    function = Function(tuple(operands), tuple(returned))
    _check(convention.jacobian(function), operands, results)
    return function


def _of_reverse(number: int, activity: Activity, width: int, taken: list[Type], given: list[Type]) -> Type:
    seed = _next(taken, f"there is no seed for result {number}") if activity in _SEEDED else None
    if activity in _GIVEN:
        return _next(given, f"result {number} is not given")
    if seed is None:
        raise UnknownError(f"nothing in the call has the type of result {number}")
    return _unshadowed(seed, width)


def _of_forward(number: int, activity: Activity, width: int, taken: list[Type], given: list[Type]) -> Type:
    del taken
    primal = _next(given, f"result {number} is not given") if activity in _GIVEN else None
    tangent = _next(given, f"the tangent of result {number} is not given") if activity in _SHADOWED else None
    if primal is not None:
        return primal
    if tangent is None:
        raise UnknownError(f"nothing in the call has the type of result {number}")
    return _unshadowed(tangent, width)


def _next(some: list[Type], otherwise: str) -> Type:
    if not some:
        raise UnknownError(otherwise)
    return some.pop(0)


def _unshadowed(type_: Type, width: int) -> Type:
    """The type whose shadow this is."""
    return type_ if width == 1 or convention.shadow(type_, width) == type_ else _unbatched(type_, (width,))


def _unbatched(type_: Type, sizes: Sequence[int]) -> Type:
    """The type that has these sizes in front; a scalar where both a scalar and a tensor without sizes would do."""
    shape = type_.shape[: len(sizes)]
    if type_.kind is not TypeKind.TENSOR or type_.element is None or shape != tuple(sizes):
        shown = "x".join(map(str, sizes))
        raise UnknownError(f"{type_.text} has no {shown} in front")
    rest = type_.shape[len(sizes) :]
    return types.tensor(rest, type_.element, type_.tail) if rest or type_.tail else type_.element


def _check(slots: Convention, operands: Sequence[Type], results: Sequence[Type]) -> None:
    for asked, written, what in ((slots.operands, operands, "operands"), (slots.results, results, "results")):
        if len(asked) != len(written) or any(
            slot.type is not None and slot.type.differs(one) for slot, one in zip(asked, written, strict=True)
        ):
            raise UnknownError(f"the {what} do not fit the activities")
