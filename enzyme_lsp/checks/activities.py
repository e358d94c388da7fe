"""Activities: what the checks of activities share: the entry for an argument or result, and the fixes that change it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks import rewriting
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Diagnostic, Fix, error
from enzyme_lsp.dialect import alignment, convention
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Mode, Side
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.edit import EditSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from enzyme_lsp.dialect.calls import Activities, Element
    from enzyme_lsp.dialect.convention import Fault, Wrong
    from enzyme_lsp.syntax.types import Type
    from enzyme_lsp.text.edit import Edit
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading


def faults(
    reading: Reading, code: str, wrong: frozenset[Wrong], message: Callable[[Reading, Fault], str]
) -> Iterator[Diagnostic]:
    """A diagnostic for each activity that is not possible for one of the reasons `wrong`."""
    if reading.convention is None:
        return
    are_many = len(reading.convention.faults) > _MOST_CHANGED
    for fault in reading.convention.faults:
        if fault.wrong in wrong:
            span = place(reading, fault.side, fault.index)
            fixes = () if are_many else instead(reading, fault.side, fault.index)
            yield error(code, span, message(reading, fault), *callee_note(reading), fixes=fixes)


def listed(reading: Reading, side: Side) -> Activities | None:
    """The list for the arguments or for the results."""
    return reading.listed if side is Side.ARGUMENT else reading.listed_returns


def element(reading: Reading, side: Side, index: int) -> Element | None:
    """The entry of argument or result `index`."""
    found = listed(reading, side)
    return found.elements[index] if found is not None and found.elements and index < len(found.elements) else None


def place(reading: Reading, side: Side, index: int) -> Span:
    """Where the entry of argument or result `index` is written; the operation's name when it is not."""
    found = element(reading, side, index)
    return reading.call.name_span if found is None else found.word_span or found.span


def word(reading: Reading, side: Side, index: int) -> str:
    """The activity of argument or result `index`, as it is written."""
    found = element(reading, side, index)
    return found.written.word if found is not None and found.written is not None else ""


def type_of(reading: Reading, side: Side, index: int) -> Type | None:
    """The type of argument or result `index` of the callee."""
    function = reading.function
    if function is None:
        return None
    types = function.arguments if side is Side.ARGUMENT else function.results
    return types[index] if index < len(types) else None


def set_to(reading: Reading, side: Side, index: int, activity: Activity) -> Edit | None:
    """The edit that makes an activity another; None when its whole list stands in an alias."""
    found, of = element(reading, side, index), listed(reading, side)
    if found is None or of is None or found.span == of.span:
        return None
    return rewriting.activity_set(reading, found, activity)


def changed(reading: Reading, side: Side, index: int, activity: Activity, *, certain: bool) -> tuple[Fix, ...]:
    """The fix that makes an activity another."""
    edit = set_to(reading, side, index, activity)
    if edit is None:
        return ()
    title = f"Make {side.value} {index} {activity.value}"
    return (Fix(title, EditSet([edit]), is_certain=certain),)


def instead(reading: Reading, side: Side, index: int) -> tuple[Fix, ...]:
    """Fixes that give an argument or result an activity that is possible, best first.

    The one is certain that alone makes operands and results what is written.
    """
    now, type_ = reading.activities, type_of(reading, side, index)
    if now is None or reading.return_activities is None or type_ is None:
        return ()
    tried: list[tuple[int, Activity]] = []
    for activity in possible(reading, side, type_):
        own, others = list(now), list(reading.return_activities)
        (own if side is Side.ARGUMENT else others)[index] = activity
        tried.append((mismatches(reading, own, others), activity))
    tried.sort(key=lambda one: one[0])
    alone = len(tried) == 1 or (len(tried) > 1 and tried[0][0] == 0 < tried[1][0])
    found: list[Fix] = []
    for number, (_, activity) in enumerate(tried[:3]):
        found += changed(reading, side, index, activity, certain=alone and number == 0)
    return tuple(found)


def that_fit(reading: Reading, side: Side, index: int) -> tuple[Fix, ...]:
    """The fixes that give an argument or result an activity with which operands and results all fit as they are."""
    now, returns, type_ = reading.activities, reading.return_activities, type_of(reading, side, index)
    if now is None or returns is None or type_ is None or not 0 < reading.mismatches <= _MOST_MENDED:
        return ()
    found: list[Fix] = []
    for activity in possible(reading, side, type_):
        own, others = list(now), list(returns)
        (own if side is Side.ARGUMENT else others)[index] = activity
        if mismatches(reading, own, others) == 0:
            found += changed(reading, side, index, activity, certain=False)
    return tuple(found)


def any_that_fit(reading: Reading) -> tuple[Fix, ...]:
    """The fixes that change one activity, of whatever argument or result, so that operands and results all fit."""
    function = reading.function
    if function is None or reading.mode not in (Mode.REVERSE, Mode.FORWARD):
        return ()
    counts = {Side.ARGUMENT: len(function.arguments), Side.RESULT: len(function.results)}
    if sum(counts.values()) > _MOST_CHANGED:
        return ()
    return tuple(fix for side in Side for index in range(counts[side]) for fix in that_fit(reading, side, index))


_MOST_CHANGED: Final = 32
"""Arguments and results whose activities are tried one by one."""
_MOST_MENDED: Final = 3
"""Operands and results that one activity decides: the seed, the primal and the shadow of a result."""


def possible(reading: Reading, side: Side, type_: Type) -> tuple[Activity, ...]:
    """The activities that are possible and sensible for a type, the most likely first."""
    width = reading.width or 1
    carries = type_.scalar.kind not in (TypeKind.INTEGER, TypeKind.INDEX)
    if convention.has_derivative(type_) is False:
        return (Activity.CONST,) if side is Side.ARGUMENT else (Activity.CONST, Activity.CONST_NO_NEED)
    if reading.mode is Mode.REVERSE:
        active = convention.can_be_active(type_, width) is not False and carries
        if side is Side.ARGUMENT:
            if type_.is_memory:
                return (Activity.DUP, Activity.CONST)
            return (Activity.ACTIVE, Activity.CONST) if active else (Activity.CONST,)
        if active:
            return (Activity.ACTIVE_NO_NEED, Activity.ACTIVE, Activity.CONST, Activity.CONST_NO_NEED)
        return (Activity.CONST, Activity.CONST_NO_NEED)
    if side is Side.ARGUMENT:
        return (Activity.DUP, Activity.CONST) if carries else (Activity.CONST, Activity.DUP)
    if carries:
        return (Activity.DUP, Activity.DUP_NO_NEED, Activity.CONST, Activity.CONST_NO_NEED)
    return (Activity.CONST, Activity.CONST_NO_NEED, Activity.DUP)


def mismatches(reading: Reading, activities: Sequence[Activity], returns: Sequence[Activity]) -> int:
    """How many operands and results would be missing, too many or of the wrong type with other activities."""
    function = reading.function
    if function is None or reading.width is None or reading.operands is None or reading.results is None:
        return 0
    if reading.mode not in (Mode.REVERSE, Mode.FORWARD):
        return 0
    slots = convention.reverse if reading.mode is Mode.REVERSE else convention.forward
    wanted = slots(function, activities, returns, reading.width)
    wrong = alignment.mismatches(wanted.operands, reading.operands)
    wrong += alignment.mismatches(wanted.results, reading.results)
    return wrong + 100 * len(wanted.faults)


@dataclass(frozen=True, slots=True)
class Best:
    """Lists of activities with which operands and results fit best, and whether nothing else fits as well."""

    lists: dict[Side, tuple[Activity, ...]]
    is_alone: bool


_MOST_TRIED: Final = 512


def best(reading: Reading, sides: Sequence[Side]) -> Best | None:
    """The lists for `sides`, the other one as it is written; None where the callee or the other list is not known."""
    function = reading.function
    if function is None:
        return None
    types = {Side.ARGUMENT: function.arguments, Side.RESULT: function.results}
    written = {Side.ARGUMENT: reading.activities, Side.RESULT: reading.return_activities}
    choices = list[list[tuple[Activity, ...]]]()
    for side in Side:
        own = written[side]
        if side in sides:
            each = (possible(reading, side, type_) for type_ in types[side])
            choices.append(list(islice(product(*each), _MOST_TRIED)))
        elif own is not None:
            choices.append([own])
        else:
            return None
    tried = [(mismatches(reading, *lists), lists) for lists in islice(product(*choices), _MOST_TRIED)]
    lowest = min(cost for cost, _ in tried)
    fitting = [lists for cost, lists in tried if cost == lowest]
    found = dict(zip(Side, fitting[0], strict=True))
    return Best(found, is_alone=lowest == 0 and len(fitting) == 1 and len(tried) < _MOST_TRIED)
