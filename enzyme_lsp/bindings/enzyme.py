"""The Enzyme dialect for upstream MLIR's Python bindings: registers it, builds its operations and prints them.

    from mlir import ir
    from enzyme_lsp.bindings import enzyme

    with ir.Context() as context, ir.Location.unknown():
        enzyme.register(context)

`autodiff`, `fwddiff`, `jacobian` and `batch` build what they are told, and refuse what does not fit the
callee, as far as it is known. `gradient_of`, `jvp_of`, `jacobian_of` and `batched` find out operands, activities and
types themselves. What is wrong raises `WrongCallError` before anything is built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mlir import ir  # pyright: ignore[reportMissingTypeStubs]

from enzyme_lsp.bindings import callee as callees
from enzyme_lsp.bindings import calls
from enzyme_lsp.bindings.callee import WrongCallError
from enzyme_lsp.bindings.place import Place, current_context
from enzyme_lsp.bindings.printing import text
from enzyme_lsp.bindings.registration import is_registered, register
from enzyme_lsp.dialect import convention, usual_activities
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Role
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from enzyme_lsp.bindings.callee import Callable, Callee
    from enzyme_lsp.dialect.convention import Convention, Function

__all__ = [
    "Activity",
    "WrongCallError",
    "activity_array_attribute",
    "activity_attribute",
    "autodiff",
    "batch",
    "batched",
    "fwddiff",
    "gradient_of",
    "jacobian",
    "jacobian_of",
    "jvp_of",
    "register",
    "text",
]

_MODES: Final = {"enzyme.autodiff": Mode.REVERSE, "enzyme.fwddiff": Mode.FORWARD, "enzyme.jacobian": Mode.JACOBIAN}


def activity_attribute(activity: Activity, context: ir.Context | None = None) -> ir.Attribute:
    """The attribute that is an activity, in the context given or the current one."""
    context = context or current_context()
    if not is_registered(context) and not context.allow_unregistered_dialects:
        raise WrongCallError("the context has no Enzyme dialect: register(context), or allow unregistered dialects")
    return ir.Attribute.parse(f'#enzyme.activity<"{activity.mnemonic}">', context)


def activity_array_attribute(activities: Iterable[Activity], context: ir.Context | None = None) -> ir.ArrayAttr:
    """The list of activities that `activity` and `ret_activity` are."""
    context = context or current_context()
    arrays: Any = ir.ArrayAttr  # whose stub does not say what is in a list
    return arrays.get([activity_attribute(one, context) for one in activities], context)


def autodiff(
    function: Callable,
    operands: Sequence[ir.Value],
    result_types: Sequence[ir.Type],
    activity: Sequence[Activity] | ir.ArrayAttr,
    ret_activity: Sequence[Activity] | ir.ArrayAttr,
    *,
    width: int = 1,
    strong_zero: bool = False,
    loc: ir.Location | None = None,
    ip: ir.InsertionPoint | None = None,
) -> ir.Operation:
    """`enzyme.autodiff`, the derivative in reverse mode."""
    place = Place(loc, ip)
    lists = _lists(activity, ret_activity)
    return _told("enzyme.autodiff", function, operands, result_types, lists, width, place, is_strong=strong_zero)


def fwddiff(
    function: Callable,
    operands: Sequence[ir.Value],
    result_types: Sequence[ir.Type],
    activity: Sequence[Activity] | ir.ArrayAttr,
    ret_activity: Sequence[Activity] | ir.ArrayAttr,
    *,
    width: int = 1,
    strong_zero: bool = False,
    loc: ir.Location | None = None,
    ip: ir.InsertionPoint | None = None,
) -> ir.Operation:
    """`enzyme.fwddiff`, the derivative in forward mode."""
    place = Place(loc, ip)
    lists = _lists(activity, ret_activity)
    return _told("enzyme.fwddiff", function, operands, result_types, lists, width, place, is_strong=strong_zero)


def jacobian(
    function: Callable,
    operands: Sequence[ir.Value],
    result_types: Sequence[ir.Type],
    activity: Sequence[Activity] | ir.ArrayAttr,
    ret_activity: Sequence[Activity] | ir.ArrayAttr,
    *,
    width: int = 1,
    strong_zero: bool = False,
    loc: ir.Location | None = None,
    ip: ir.InsertionPoint | None = None,
) -> ir.Operation:
    """`enzyme.jacobian`, all derivatives of all results by all arguments."""
    place = Place(loc, ip)
    lists = _lists(activity, ret_activity)
    return _told("enzyme.jacobian", function, operands, result_types, lists, width, place, is_strong=strong_zero)


def batch(
    function: Callable,
    operands: Sequence[ir.Value],
    result_types: Sequence[ir.Type],
    batch_shape: Sequence[int],
    *,
    loc: ir.Location | None = None,
    ip: ir.InsertionPoint | None = None,
) -> ir.Operation:
    """`enzyme.batch`, the function of many values at once."""
    place = Place(loc, ip)
    taken, given = calls.checked_operands(operands, "operand"), calls.checked_types(result_types)
    sizes = calls.checked_shape(batch_shape)
    callee = callees.of(function, place.ip)
    calls.refuse_llvm(Mode.BATCH, callee)
    if callee.function is not None:
        calls.check("enzyme.batch", callee, convention.batch(callee.function, sizes), taken, given)
    return place.built("enzyme.batch", callee, taken, given, _shape(sizes, place.context))


def gradient_of(
    function: Callable,
    primals: Sequence[ir.Value],
    seeds: Sequence[ir.Value] | None = None,
    *,
    shadows: Sequence[ir.Value] = (),
    activity: Sequence[Activity] | ir.ArrayAttr | None = None,
    ret_activity: Sequence[Activity] | ir.ArrayAttr | None = None,
    width: int = 1,
    strong_zero: bool = False,
    loc: ir.Location | None = None,
    ip: ir.InsertionPoint | None = None,
) -> ir.Operation:
    """`enzyme.autodiff` of a function that is known, whose results are the gradients.

    `seeds` are for the results that are active, in order; unless given, each is 1, where all are numbers. `shadows` are
    for the arguments that are DUP, in order. Unless given, arguments of numbers are active, memory is DUP and all else
    CONST, and results of numbers are seeded and not given.
    """
    place, width = Place(loc, ip), calls.checked_width(width)
    callee, known = _known(function, place)
    lists = _lists(
        usual_activities.of_arguments(known.arguments, Activity.ACTIVE) if activity is None else activity,
        usual_activities.reverse_returns(known.results, with_primal=False) if ret_activity is None else ret_activity,
    )
    slots = calls.convention_of(Mode.REVERSE, callee, known, lists, width)
    _refuse_constant(callee, lists[0])
    wanted = [slot for slot in slots.operands if slot.role is Role.SEED]
    given: dict[Role, Sequence[ir.Value]] = {Role.PRIMAL: primals, Role.SHADOW: shadows}
    if seeds is None:
        for slot in wanted:
            if slot.type is None or slot.type.kind is not TypeKind.FLOAT:
                raise WrongCallError(f"{calls.slot_name(slot)} of @{callee.name} is {slot.type}: hand over the seeds")
    else:
        given[Role.SEED] = seeds
    _check_parts("enzyme.autodiff", callee, slots, given)
    types = _types("enzyme.autodiff", callee, slots, place)
    attributes = _attributes(lists, width, place.context, is_strong=strong_zero)
    place.check("enzyme.autodiff")
    if seeds is None:
        given[Role.SEED] = [place.one(slot) for slot in wanted]
    return place.built("enzyme.autodiff", callee, list(_ordered(slots, given)), types, attributes)


def jvp_of(
    function: Callable,
    primals: Sequence[ir.Value],
    tangents: Sequence[ir.Value],
    *,
    activity: Sequence[Activity] | ir.ArrayAttr | None = None,
    ret_activity: Sequence[Activity] | ir.ArrayAttr | None = None,
    width: int = 1,
    strong_zero: bool = False,
    loc: ir.Location | None = None,
    ip: ir.InsertionPoint | None = None,
) -> ir.Operation:
    """`enzyme.fwddiff` of a function that is known, whose results are the tangents.

    `tangents` are for the arguments that are DUP, in order. Unless given, arguments of numbers and memory are DUP and
    all else CONST, and of results of numbers and memory only the tangent is given.
    """
    place, width = Place(loc, ip), calls.checked_width(width)
    callee, known = _known(function, place)
    lists = _lists(
        usual_activities.of_arguments(known.arguments, Activity.DUP) if activity is None else activity,
        usual_activities.forward_returns(known.results, with_primal=False) if ret_activity is None else ret_activity,
    )
    slots = calls.convention_of(Mode.FORWARD, callee, known, lists, width)
    _refuse_constant(callee, lists[0])
    given: dict[Role, Sequence[ir.Value]] = {Role.PRIMAL: primals, Role.SHADOW: tangents}
    _check_parts("enzyme.fwddiff", callee, slots, given)
    types = _types("enzyme.fwddiff", callee, slots, place)
    attributes = _attributes(lists, width, place.context, is_strong=strong_zero)
    return place.built("enzyme.fwddiff", callee, list(_ordered(slots, given)), types, attributes)


def jacobian_of(
    function: Callable,
    primals: Sequence[ir.Value],
    *,
    activity: Sequence[Activity] | ir.ArrayAttr | None = None,
    ret_activity: Sequence[Activity] | ir.ArrayAttr | None = None,
    strong_zero: bool = False,
    loc: ir.Location | None = None,
    ip: ir.InsertionPoint | None = None,
) -> ir.Operation:
    """`enzyme.jacobian` of a function of tensors that is known: a result for each result and each argument of it."""
    place = Place(loc, ip)
    callee, known = _known(function, place)
    lists = _lists(
        usual_activities.of_arguments(known.arguments, Activity.DUP) if activity is None else activity,
        usual_activities.forward_returns(known.results, with_primal=False) if ret_activity is None else ret_activity,
    )
    slots = calls.convention_of(Mode.JACOBIAN, callee, known, lists, 1)
    _refuse_constant(callee, lists[0])
    _check_parts("enzyme.jacobian", callee, slots, {Role.PRIMAL: primals})
    types = _types("enzyme.jacobian", callee, slots, place)
    attributes = _attributes(lists, 1, place.context, is_strong=strong_zero)
    return place.built("enzyme.jacobian", callee, list(primals), types, attributes)


def batched(
    function: Callable,
    operands: Sequence[ir.Value],
    batch_shape: Sequence[int],
    *,
    loc: ir.Location | None = None,
    ip: ir.InsertionPoint | None = None,
) -> ir.Operation:
    """`enzyme.batch` of a function that is known: each operand and each result has the sizes of the batch in front."""
    place, sizes = Place(loc, ip), calls.checked_shape(batch_shape)
    callee, known = _known(function, place)
    calls.refuse_llvm(Mode.BATCH, callee)
    slots = convention.batch(known, sizes)
    for slot in (*slots.operands, *slots.results):
        if slot.type is None:
            raise WrongCallError(f"no tensor can hold {calls.slot_name(slot)} of @{callee.name}, so there is no batch")
    _check_parts("enzyme.batch", callee, slots, {Role.PRIMAL: operands})
    types = _types("enzyme.batch", callee, slots, place)
    return place.built("enzyme.batch", callee, list(operands), types, _shape(sizes, place.context))


def _told(
    op: str,
    function: Callable,
    operands: Sequence[ir.Value],
    result_types: Sequence[ir.Type],
    lists: tuple[tuple[Activity, ...], tuple[Activity, ...]],
    width: int,
    place: Place,
    *,
    is_strong: bool,
) -> ir.Operation:
    """An operation that its caller knows all of."""
    taken, given = calls.checked_operands(operands, "operand"), calls.checked_types(result_types)
    width = calls.checked_width(width)
    callee = callees.of(function, place.ip)
    if callee.function is not None:
        slots = calls.convention_of(_MODES[op], callee, callee.function, lists, width)
        calls.check(op, callee, slots, taken, given)
    return place.built(op, callee, taken, given, _attributes(lists, width, place.context, is_strong=is_strong))


def _lists(
    activity: Sequence[Activity] | ir.ArrayAttr, ret_activity: Sequence[Activity] | ir.ArrayAttr
) -> tuple[tuple[Activity, ...], tuple[Activity, ...]]:
    return calls.checked_activities(activity, "activity"), calls.checked_activities(ret_activity, "ret_activity")


def _attributes(
    lists: tuple[tuple[Activity, ...], tuple[Activity, ...]], width: int, context: ir.Context, *, is_strong: bool
) -> dict[str, ir.Attribute]:
    found: dict[str, ir.Attribute] = {
        "activity": activity_array_attribute(lists[0], context),
        "ret_activity": activity_array_attribute(lists[1], context),
    }
    if width != 1:
        found["width"] = ir.IntegerAttr.get(ir.IntegerType.get_signless(64, context), width)
    if is_strong:
        found["strong_zero"] = ir.BoolAttr.get(value=True, context=context)
    return found


def _shape(sizes: Sequence[int], context: ir.Context) -> dict[str, ir.Attribute]:
    return {"batch_shape": ir.DenseI64ArrayAttr.get(list(sizes), context)}


def _known(function: Callable, place: Place) -> tuple[Callee, Function]:
    callee = callees.of(function, place.ip)
    if callee.function is None:
        message = "is not defined around the place, or takes any number of arguments, so that its types are not known"
        raise WrongCallError(f"@{callee.name} {message}")
    return callee, callee.function


def _refuse_constant(callee: Callee, activities: Sequence[Activity]) -> None:
    if all(one in usual_activities.CONSTANT for one in activities):
        raise WrongCallError(f"no argument of @{callee.name} is differentiated by: all are constant")


def _check_parts(op: str, callee: Callee, slots: Convention, given: dict[Role, Sequence[ir.Value]]) -> None:
    """Raise `WrongCallError` unless there are values for all slots of each role."""
    for role, values in given.items():
        wanted = [slot for slot in slots.operands if slot.role is role]
        calls.checked_operands(values, role.value)
        if len(wanted) != len(values):
            which = ", ".join(calls.slot_name(slot) for slot in wanted) or "none"
            raise WrongCallError(
                f"{op} @{callee.name} takes {len(wanted)} values as {role.value} ({which}), not {len(values)}"
            )
        for slot, value in zip(wanted, values, strict=True):
            if slot.type is not None and slot.type.text != str(value.type):
                raise WrongCallError(
                    f"{calls.slot_name(slot)} in {op} @{callee.name} is of type {slot.type}, not {value.type}"
                )


def _ordered(slots: Convention, given: dict[Role, Sequence[ir.Value]]) -> Iterator[ir.Value]:
    """The values in the order of the slots."""
    values = {role: iter(some) for role, some in given.items()}
    for slot in slots.operands:
        yield next(values[slot.role])


def _types(op: str, callee: Callee, slots: Convention, place: Place) -> list[ir.Type]:
    found: list[ir.Type] = []
    for slot in slots.results:
        if slot.type is None:
            raise WrongCallError(f"{calls.slot_name(slot)} has no type in {op} @{callee.name}: it must be of tensors")
        found.append(ir.Type.parse(slot.type.text, place.context))
    return found
