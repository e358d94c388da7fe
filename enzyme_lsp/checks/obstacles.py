"""Obstacles: what stands in the way of a derivative in the functions that its call leads to.

A call asks for the derivative of its callee. What is active there (`dialect.dependence`) must have rules, and each function
that is called with active values is differentiated as well. All such functions of a document are looked at once, however
many calls lead to them; what a call finds in its callee alone is kept with the pieces of both.

Which release is meant is told by the spelling of the call. A call whose spelling the text does not tell has no obstacles
here, and neither has one whose activities are not possible.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import spelling
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.bodies import bodies, has_body
from enzyme_lsp.dialect.calls import derivative_calls
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.dialect.derivative_rules import INACTIVE_FUNCTIONS
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from enzyme_lsp.dialect.body import Step
    from enzyme_lsp.dialect.calls import DerivativeCall
    from enzyme_lsp.dialect.dependence import Active, ActiveCall
    from enzyme_lsp.dialect.spelling import Spelling
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.readings import Reading
    from enzyme_lsp.workspace.snapshot import Snapshot


class What(Enum):
    """What an obstacle is."""

    NO_RULE = "an active operation that has no derivative rule"
    DECLARATION = "a call with active values of a function without a body"
    MEMORY = "a call with active values, in reverse mode, of a function that touches memory"
    DERIVATIVE = "an active operation that takes a derivative or makes a batch itself"


class Circle(Enum):
    """How a function comes to be differentiated inside itself."""

    NONE = "it does not"
    ITSELF = "it takes its own derivative"
    EACH_OTHER = "it takes the derivative of one that takes its derivative"
    LONGER = "it takes the derivative of one that leads back to it"


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the document: its piece, the table that it sees in that piece, and its operation."""

    piece: int
    table: Operation | None
    operation: Operation

    @property
    def name(self) -> str:
        """Its symbol; empty for a region that takes the place of a function."""
        defined = symbols.definition(self.operation)
        return defined.name if defined is not None else ""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing in the way: an operation in a function. `callee` is the function that it calls, if it is a call."""

    what: What
    function: Function
    step: Step
    callee: Function | None = None


@dataclass(frozen=True, slots=True)
class Prospect:
    """A derivative call in piece `piece` that cannot succeed, and why.

    `function` is the one that the call stands in, `callee` the one that it differentiates.
    """

    piece: int
    reading: Reading
    release: Spelling
    function: Function | None
    callee: Function
    obstacles: tuple[Obstacle, ...]
    circle: Circle

    def of(self, what: What) -> list[Obstacle]:
        """The obstacles of one kind, the nearest first."""
        return [obstacle for obstacle in self.obstacles if obstacle.what is what]

    def is_beyond(self, obstacle: Obstacle) -> bool:
        """Whether an obstacle stands in a function that is reached by calls, not in the one that is differentiated."""
        return obstacle.function.operation is not self.callee.operation


def prospects(snapshot: Snapshot) -> tuple[Prospect, ...]:
    """The derivative calls of a document that meet obstacles, in the order of the text. Use through `snapshot.fact`."""
    starts = [
        (index, start)
        for index, readings in snapshot.readings()
        for start in snapshot.layout.pieces[index].kept(_starts, readings)
    ]
    if not starts:
        return ()
    search = _Search(snapshot)
    begun = [(index, start, search.begin(index, start)) for index, start in starts]
    search.run()
    found: list[Prospect] = []
    for index, start, node in begun:
        callee = node.function
        around = snapshot.layout.pieces[index].fact(_functions).get(start.reading.call.operation)
        function = None if around is None else Function(index, start.reading.call.table, around)
        circle = search.circle(function, callee) if function is not None and start.may_circle else Circle.NONE
        if node.found or circle is not Circle.NONE:
            found.append(Prospect(index, start.reading, start.release, function, callee, tuple(node.found), circle))
    return tuple(found)


def span(snapshot: Snapshot, prospect: Prospect) -> Span:
    """What is underlined: the callee, or the name of an operation whose function is its region."""
    call = prospect.reading.call
    return snapshot.span_in(prospect.piece, call.callee_span or call.name_span)


def subject(prospect: Prospect) -> str:
    """The function that is differentiated, as it is called in a sentence."""
    return f"@{prospect.callee.name}" if prospect.callee.name else "this region"


def caller(prospect: Prospect, obstacle: Obstacle) -> str:
    """The function that an obstacle stands in, as it is called in a sentence about the one that is differentiated."""
    return f"@{obstacle.function.name}" if prospect.is_beyond(obstacle) else "it"


def definition_place(snapshot: Snapshot, function: Function) -> Span:
    """Where the name of a function stands in its definition."""
    defined = symbols.definition(function.operation)
    place_ = function.operation.name_span if defined is None else defined.span
    return snapshot.span_in(function.piece, place_)


def place(snapshot: Snapshot, function: Function, operation: Operation) -> Span:
    """Where the name of an operation in a function stands in the document."""
    return snapshot.span_in(function.piece, operation.name_span)


def callee_place(snapshot: Snapshot, obstacle: Obstacle) -> Span:
    """Where the symbol of a call stands in the document."""
    operation = obstacle.step.operation
    tokens = operation.tree.tokens
    named = (i for i in operation.own_tokens(operation.name_token + 1) if tokens.kinds[i] == Kind.SYMBOL)
    at = next(named, operation.name_token)
    return snapshot.span_in(obstacle.function.piece, operation.tree.token_span(at))


def effect(snapshot: Snapshot, function: Function) -> tuple[Function, Operation] | None:
    """The operation by which a function touches memory, itself or in what it calls, and the function it stands in."""
    return snapshot.fact(_effects).of(function)


_CONST: Final = frozenset({Activity.CONST, Activity.CONST_NO_NEED})
_WAYS: Final = 8
"""Ways to be active in which a function that is called is looked at: they can double with each call on the way."""
_MOST: Final = 3
"""Obstacles of one kind that are kept for a function: more would not be shown."""


@dataclass(frozen=True, slots=True)
class _Start:
    """A derivative call that may meet obstacles. `active` and `needed` are bits of arguments and results."""

    reading: Reading
    operation: Operation
    release: Spelling
    active: int
    needed: int
    without_rule: tuple[Step, ...]
    """The active operations of the callee that have no rule."""
    leads_on: bool
    """Whether the callee calls, or takes derivatives, with active values."""
    may_circle: bool
    """Whether the callee takes derivatives, or is the function that the call stands in."""


def _starts(piece: Piece, readings: tuple[Reading, ...]) -> tuple[_Start, ...]:
    """The calls of a piece that may meet obstacles. Use through `piece.kept`."""
    del piece
    return tuple(start for reading in readings if (start := _start(reading)) is not None)


def _start(reading: Reading) -> _Start | None:
    call = reading.call
    operation = reading.definition if call.op.names_callee else call.operation
    home = reading.home if call.op.names_callee else reading.piece
    if reading.mode not in (Mode.REVERSE, Mode.FORWARD) or operation is None or home is None:
        return None
    if call.op.names_callee and (symbols.is_function(operation.name) is not True or not has_body(operation)):
        return None
    may_circle = call.op.names_callee and (
        operation in home.fact(derivatives_by_function)
        or operation is reading.piece.fact(_functions).get(call.operation)
    )
    release = spelling.of_call(call)
    if operation.name == "llvm.func" and reading.mode is Mode.FORWARD and release == "classic":
        release = None  # wrong-kind-of-function speaks about this.
    arguments, results = reading.activities, reading.return_activities
    if release is None or arguments is None or results is None or reading.slots is None:
        return _Start(reading, operation, "strict", 0, 0, (), leads_on=False, may_circle=True) if may_circle else None
    active, needed = _bits(arguments), _bits(results)
    found = home.fact(bodies).of(operation).activity(release, active, needed)
    without_rule = tuple(_without_rule(found, release, reading.mode))
    leads_on = bool(found.calls or found.derivatives)
    if not without_rule and not leads_on and not may_circle:
        return None
    return _Start(reading, operation, release, active, needed, without_rule, leads_on=leads_on, may_circle=may_circle)


def _bits(activities: Iterable[Activity]) -> int:
    return sum(1 << index for index, activity in enumerate(activities) if activity not in _CONST)


def _without_rule(found: Active, release: Spelling, mode: Mode) -> list[Step]:
    return [step for step in found.steps if step.rule is not None and step.rule.support(release, mode).is_lacking]


def derivatives_by_function(piece: Piece) -> dict[Operation, list[DerivativeCall]]:
    """The derivative calls that name a callee, by the function that they stand in. Use through `piece.fact`."""
    functions = piece.fact(_functions)
    found: dict[Operation, list[DerivativeCall]] = {}
    for call in piece.fact(derivative_calls):
        function = functions.get(call.operation)
        if function is not None and call.op.names_callee:
            found.setdefault(function, []).append(call)
    return found


def _functions(piece: Piece) -> dict[Operation, Operation]:
    """For each derivative call of a piece, the innermost function around it. Use through `piece.fact`."""
    wanted = {call.operation for call in piece.fact(derivative_calls)}
    found: dict[Operation, Operation] = {}
    pending: list[tuple[Operation, Operation | None]] = [(o, None) for o in piece.tree.operations if wanted]
    while pending:
        operation, function = pending.pop()
        if operation in wanted and function is not None:
            found[operation] = function
        inner = operation if symbols.is_function(operation.name) is True else function
        pending += ((o, inner) for region in operation.regions for block in region.blocks for o in block.operations)
    return found


@dataclass(slots=True, eq=False)
class _Node:
    """A function that is differentiated with given activities, the obstacles in it and beyond, and what leads to it."""

    function: Function
    release: Spelling
    mode: Mode
    active: int
    needed: int
    callers: list[_Node] = field(default_factory=list["_Node"])
    found: list[Obstacle] = field(default_factory=list[Obstacle])


class _Search:
    """Looks at every function that derivative calls lead to, once for each way in which its values are active."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._nodes: dict[tuple[Operation, Spelling, Mode, int, int], _Node] = {}
        self._ways: dict[Operation, int] = {}
        self._waiting: list[_Node] = []
        self._own: list[tuple[_Node, Obstacle]] = []
        self._circles: _Circles | None = None

    def begin(self, piece: int, start: _Start) -> _Node:
        """The node of the callee of a derivative call."""
        call, mode = start.reading.call, start.reading.mode
        callee = self._snapshot.callee(piece, call)
        function = Function(callee.piece if callee is not None else piece, call.table, start.operation)
        if start.leads_on:
            return self._node(function, start.release, mode, start.active, start.needed)
        # Nothing leads on from here, so that it need not be looked at again.
        found = [Obstacle(What.NO_RULE, function, step) for step in start.without_rule[:_MOST]]
        return _Node(function, start.release, mode, start.active, start.needed, found=found)

    def run(self) -> None:
        """Looks at what is reached, and tells every caller of what is found."""
        while self._waiting:
            self._snapshot.check_current()
            self._look(self._waiting.pop())
        pending = deque(self._own)
        while pending:
            node, obstacle = pending.popleft()
            alike = sum(one.what is obstacle.what for one in node.found)
            if alike < _MOST and not any(one.step is obstacle.step and one.what is obstacle.what for one in node.found):
                node.found.append(obstacle)
                pending.extend((caller, obstacle) for caller in node.callers)

    def circle(self, function: Function, callee: Function) -> Circle:
        """Whether the derivative of `callee`, which is taken in `function`, leads back to that."""
        if self._circles is None:
            self._circles = _Circles(self._snapshot)
        return self._circles.through(function, callee)

    def _node(
        self,
        function: Function,
        release: Spelling,
        mode: Mode,
        active: int,
        needed: int,
        caller: _Node | None = None,
    ) -> _Node:
        key = (function.operation, release, mode, active, needed)
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = _Node(function, release, mode, active, needed)
            self._ways[function.operation] = self._ways.get(function.operation, 0) + 1
            self._waiting.append(node)
        if caller is not None:
            node.callers.append(caller)
        return node

    def _look(self, node: _Node) -> None:
        function = node.function
        body = self._snapshot.layout.pieces[function.piece].fact(bodies).of(function.operation)
        found = body.activity(node.release, node.active, node.needed)
        for step in _without_rule(found, node.release, node.mode):
            self._meet(What.NO_RULE, node, step)
        for call in found.calls:
            self._follow(node, call)
        for derivative in found.derivatives:
            self._meet(What.DERIVATIVE, node, derivative.step)

    def _follow(self, node: _Node, call: ActiveCall) -> None:
        """What comes of a call with active values."""
        function, step = node.function, call.step
        callee = self._snapshot.resolve(function.piece, function.table, step.callee)
        if callee is None or symbols.is_function(callee.definition.operation.name) is not True:
            return
        target = Function(callee.piece, function.table, callee.definition.operation)
        is_declared = not has_body(target.operation)
        if is_declared and step.callee in INACTIVE_FUNCTIONS:
            return
        if is_declared:
            self._meet(What.DECLARATION, node, step, target)
        elif step.rule is not None and step.rule.support(node.release, node.mode).is_lacking:
            self._meet(What.NO_RULE, node, step)
        elif node.mode is Mode.REVERSE and node.release == "strict" and effect(self._snapshot, target) is not None:
            self._meet(What.MEMORY, node, step, target)
        elif self._ways.get(target.operation, 0) < _WAYS:
            self._node(target, node.release, node.mode, call.operands, call.results, node)

    def _meet(self, what: What, node: _Node, step: Step, callee: Function | None = None) -> None:
        self._own.append((node, Obstacle(what, node.function, step, callee)))


class _Circles:
    """Functions that take derivatives, and which of them differentiate each other."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._component: dict[Operation, int] = {}
        """By function, a number that those share which lead to each other (Tarjan's components)."""
        self._count = 0

    def through(self, function: Function, callee: Function) -> Circle:
        """Whether the derivative of `callee`, which is taken in `function`, leads back to that."""
        if function.operation is callee.operation:
            return Circle.ITSELF
        self._find(function)
        if self._component[function.operation] != self._component.get(callee.operation):
            return Circle.NONE
        back = any(other.operation is function.operation for other in self._differentiated(callee))
        return Circle.EACH_OTHER if back else Circle.LONGER

    def _differentiated(self, function: Function) -> Iterator[Function]:
        """The functions whose derivatives a function takes."""
        piece = self._snapshot.layout.pieces[function.piece]
        for call in piece.fact(derivatives_by_function).get(function.operation, ()):
            callee = self._snapshot.callee(function.piece, call)
            if callee is None or call.op.name not in ("enzyme.autodiff", "enzyme.fwddiff"):
                continue
            yield Function(callee.piece, call.table, callee.definition.operation)

    def _find(self, start: Function) -> None:
        """Tarjan's algorithm from one function, without recursion."""
        if start.operation in self._component:
            return
        order: dict[Operation, int] = {start.operation: 0}
        low = {start.operation: 0}
        stack = [start.operation]
        on_stack = {start.operation}
        work = [(start, self._differentiated(start))]
        while work:
            function, others = work[-1]
            other = next(others, None)
            if other is None:
                work.pop()
                if work:
                    above = work[-1][0].operation
                    low[above] = min(low[above], low[function.operation])
                if low[function.operation] == order[function.operation]:
                    self._close(function.operation, stack, on_stack)
            elif other.operation in on_stack:
                low[function.operation] = min(low[function.operation], order[other.operation])
            elif other.operation not in order and other.operation not in self._component:
                order[other.operation] = low[other.operation] = len(order)
                stack.append(other.operation)
                on_stack.add(other.operation)
                work.append((other, self._differentiated(other)))

    def _close(self, root: Operation, stack: list[Operation], on_stack: set[Operation]) -> None:
        """Takes the functions down to `root` off the stack: they lead to each other."""
        member = None
        while member is not root:
            member = stack.pop()
            on_stack.discard(member)
            self._component[member] = self._count
        self._count += 1


class _Effects:
    """Which functions touch memory, themselves or in what they call. Each is looked at once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._seen: set[Operation] = set()
        self._callers: dict[Operation, list[Operation]] = {}
        self._effects: dict[Operation, tuple[Function, Operation]] = {}

    def of(self, function: Function) -> tuple[Function, Operation] | None:
        if function.operation not in self._seen:
            self._look(function)
        return self._effects.get(function.operation)

    def _look(self, start: Function) -> None:
        """Looks at all that a function calls, then tells the callers of what touches memory."""
        self._seen.add(start.operation)
        waiting = [start]
        touching: list[Operation] = []
        while waiting:
            function = waiting.pop()
            known = self._snapshot.layout.pieces[function.piece].fact(bodies)
            own = known.effect(function.operation)
            for step in known.of(function.operation).body.calls:
                callee = self._snapshot.resolve(function.piece, function.table, step.callee)
                if callee is None or not has_body(callee.definition.operation):
                    own = own or step.operation  # what it does nobody knows
                    continue
                called = callee.definition.operation
                self._callers.setdefault(called, []).append(function.operation)
                if called in self._effects:
                    touching.append(called)
                elif called not in self._seen:
                    self._seen.add(called)
                    waiting.append(Function(callee.piece, function.table, called))
            if own is not None:
                self._effects[function.operation] = (function, own)
                touching.append(function.operation)
        while touching:
            called = touching.pop()
            for caller in self._callers.get(called, ()):
                if caller not in self._effects:
                    self._effects[caller] = self._effects[called]
                    touching.append(caller)


def _effects(snapshot: Snapshot) -> _Effects:
    return _Effects(snapshot)
