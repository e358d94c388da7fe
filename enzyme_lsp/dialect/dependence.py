"""Dependence: which values and operations of a body are active for given activities of its arguments and results.

Active is what depends on an active argument and is needed for an active result, or is stored, or handed to a call. The
engines' own analysis finds more active; what is active here is so there too, and the tests hold it against them. Where
the text does not tell, because an operation or a type is not known, nothing is active behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.body import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from enzyme_lsp.dialect.body import Body, Step
    from enzyme_lsp.dialect.spelling import Spelling

_KEPT: Final = 64
"""Answers that are kept of a body. The calls in a real file ask in a few ways."""


@dataclass(frozen=True, slots=True)
class ActiveCall:
    """A call or derivative op that takes active values: bit n says whether operand n is active, or result n needed."""

    step: Step
    operands: int
    results: int


@dataclass(frozen=True, slots=True)
class Active:
    """What is surely active in a body, in the order of the text."""

    steps: tuple[Step, ...]
    """Those that must be differentiated, calls and derivative ops aside."""
    calls: tuple[ActiveCall, ...]
    derivatives: tuple[ActiveCall, ...]


class Dependence:
    """What of a body depends on what. Answers are computed once."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self._flow: _Flow | None = None
        self._known: dict[tuple[Spelling, int, int], Active] = {}

    def activity(self, release: Spelling, active: int, needed: int) -> Active:
        """What is active when the arguments of the bits `active` and the results of the bits `needed` are."""
        key = (release, active, needed)
        found = self._known.get(key)
        if found is None:
            if self._flow is None:
                self._flow = _Flow(self.body)
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[key] = self._flow.activity(release, active, needed)
        return found

    def constant_results(self, active: int) -> frozenset[int]:
        """The results that surely depend on no argument of the bits `active`: they are made of constants alone, by
        plain operations, or are an argument that is constant.
        """
        constant = {
            *self.body.sources,
            *(value for index, value in enumerate(self.body.arguments) if not active >> index & 1),
        }
        for step in self.body.steps:
            is_plain = step.role is Role.PLAIN and not step.memory and not step.operation.regions
            if is_plain and constant.issuperset(step.operands):
                constant.update(step.results)
        given = zip(*self.body.returns, strict=False)
        return frozenset(index for index, values in enumerate(given) if constant.issuperset(values))

    def handed_on(self, active: int) -> frozenset[int]:
        """The results that are one of the arguments of the bits `active`, as it came in."""
        arguments = {value for index, value in enumerate(self.body.arguments) if active >> index & 1}
        return frozenset(
            index for index, values in enumerate(zip(*self.body.returns, strict=False)) if arguments.issuperset(values)
        )

    def stores(self, release: Spelling, active: int, needed: int) -> Iterator[tuple[Step, int]]:
        """The operations that surely store an active value in the memory of an argument, with the argument's number."""
        numbers = {value: index for index, value in enumerate(self.body.arguments)}
        for step in self.activity(release, active, needed).steps:
            if step.role is Role.STORE and step.memory and (place := self.body.places[step.memory[0]]) in numbers:
                yield step, numbers[place]


class _Flow:
    """The steps of a body by the values that they take and make."""

    def __init__(self, body: Body) -> None:
        count = len(body.floats)
        self._body = body
        self._users: dict[int, list[int]] = {}
        self._makers: list[int] = [-1] * count
        self._to: dict[int, list[int]] = {}
        self._from: dict[int, list[int]] = {}
        self._loads: dict[int, list[int]] = {}
        """By place, the steps that read it."""
        self._passing: dict[Spelling, list[bool]] = {}
        """For each release and step, whether what the step makes of active values is active."""
        for source, target in body.copies:
            self._to.setdefault(source, []).append(target)
            self._from.setdefault(target, []).append(source)
        for number, step in enumerate(body.steps):
            for value in step.operands:
                self._users.setdefault(value, []).append(number)
            for value in step.results:
                self._makers[value] = number
            if step.role is Role.LOAD and step.memory:
                self._loads.setdefault(body.places[step.memory[0]], []).append(number)

    def activity(self, release: Spelling, active: int, needed: int) -> Active:
        passing = self._passing.get(release)
        if passing is None:
            passing = self._passing[release] = [_passes(step, release) for step in self._body.steps]
        varied, memory = self._forward(passing, active)
        wanted = self._backward(passing, varied, needed)
        live = self._live(varied, wanted, memory)
        steps: list[Step] = []
        calls: list[ActiveCall] = []
        derivatives: list[ActiveCall] = []
        for step in self._body.steps:
            if step.role in (Role.CALL, Role.DERIVATIVE):
                taken = _bits(bool(varied[value]) or self._body.places[value] in memory for value in step.operands)
                given = _bits(bool(wanted[value]) for value in step.results)
                if taken:
                    found = calls if step.role is Role.CALL else derivatives
                    found.append(ActiveCall(step, taken, given))
            elif self._is_active(step, varied, wanted, live):
                steps.append(step)
        return Active(tuple(steps), tuple(calls), tuple(derivatives))

    def _forward(self, passing: list[bool], active: int) -> tuple[bytearray, set[int]]:
        """The values that depend on active arguments, and the places in memory that hold such."""
        body, steps = self._body, self._body.steps
        varied, memory = bytearray(len(body.floats)), set[int]()
        pending: list[int] = []

        def reach(value: int) -> None:
            if body.floats[value] and not varied[value]:
                varied[value] = 1
                pending.append(value)

        def fill(place: int) -> None:
            if place not in memory:
                memory.add(place)
                for number in self._loads.get(place, ()):
                    for result in body.steps[number].results:
                        reach(result)

        for index, value in enumerate(body.arguments):
            if active >> index & 1:
                if body.places[value] == value:
                    fill(value)
                reach(value)
        while pending:
            value = pending.pop()
            for target in self._to.get(value, ()):
                reach(target)
            for number in self._users.get(value, ()):
                step = steps[number]
                if step.role is Role.STORE:
                    place = body.places[step.memory[0]] if step.memory else -1
                    if step.written == value and place in body.allocations:
                        fill(place)
                if passing[number]:
                    for result in step.results:
                        reach(result)
        return varied, memory

    def _backward(self, passing: list[bool], varied: bytearray, needed: int) -> bytearray:
        """Those of the `varied` values that are returned as active results, stored, or handed to calls."""
        body = self._body
        wanted = bytearray(len(body.floats))
        pending: list[int] = []

        def want(value: int) -> None:
            if varied[value] and not wanted[value]:
                wanted[value] = 1
                pending.append(value)

        for returned in body.returns:
            for index, value in enumerate(returned):
                if needed >> index & 1:
                    want(value)
        for step in body.steps:
            if step.role is Role.STORE and (value := step.written) >= 0:
                want(value)
            elif step.role in (Role.CALL, Role.DERIVATIVE):
                for value in step.operands:
                    want(value)
        while pending:
            value = pending.pop()
            for source in self._from.get(value, ()):
                want(source)
            maker = self._makers[value]
            if maker >= 0 and passing[maker] and body.steps[maker].role is Role.PLAIN:
                for operand in body.steps[maker].operands:
                    want(operand)
        return wanted

    def _live(self, varied: bytearray, wanted: bytearray, memory: set[int]) -> set[int]:
        """The values through which an active value is stored to `memory`, or one that is needed read; and their places.

        A view is live when what is done through it is, and not since it shows a place that is.
        """
        body, live = self._body, set[int]()
        for step in reversed(body.steps):
            if not step.memory or (place := body.places[step.memory[0]]) not in memory:
                continue
            stored = step.role is Role.STORE and (value := step.written) >= 0 and varied[value]
            read = step.role is Role.LOAD and any(wanted[result] for result in step.results)
            seen = step.role is Role.PLAIN and any(result in live for result in step.results)
            if stored or read or seen:
                live.update((step.memory[0], place))
        return live

    def _is_active(self, step: Step, varied: bytearray, wanted: bytearray, live: set[int]) -> bool:
        body = self._body
        if step.role is Role.BRANCH:
            return any(varied[source] and wanted[target] for source, target in step.moves)
        if step.role is Role.STORE:
            value = step.written
            return value >= 0 and bool(varied[value])
        if step.role is Role.PLAIN and step.memory and not step.results:
            return any(body.places[value] in live for value in step.memory)
        return any(wanted[result] or result in live for result in step.results)


def _passes(step: Step, release: Spelling) -> bool:
    """Whether what a step makes of active values is active."""
    if step.role in (Role.CALL, Role.DERIVATIVE):
        return True
    rule = step.rule
    if rule is None or step.role is Role.LOAD:
        return False
    return rule.passes(release) or rule.is_lacking(release)


def _bits(flags: Iterable[bool]) -> int:
    """A number with bit n set where flag n is."""
    return sum(1 << index for index, flag in enumerate(flags) if flag)
