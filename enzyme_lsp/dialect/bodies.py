"""Bodies: how the values of a function depend on each other, as far as differentiation is concerned.

A body is read from the text alone, without the syntax of single operations: an operation makes its results of all
values that it names. Only what carries values elsewhere is known by name: loops, branches, calls, loads and stores.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.body import Body, Role, Step
from enzyme_lsp.dialect.dependence import Dependence
from enzyme_lsp.dialect.derivative_rules import RULES, touches_memory
from enzyme_lsp.dialect.ops import DERIVATIVE_OPS
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.parse import arguments
from enzyme_lsp.syntax.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from enzyme_lsp.syntax.nodes import Argument, Block, Operation, Region
    from enzyme_lsp.syntax.piece import Piece


def has_body(operation: Operation) -> bool:
    """Whether a function has one: a region with something in it, also one that is still being typed."""
    return any(region.close < 0 or block.operations for region in operation.regions for block in region.blocks)


class Bodies:
    """The bodies of the functions in a piece, each read when somebody asks."""

    def __init__(self) -> None:
        self._bodies: dict[Operation, Dependence] = {}
        self._effects: dict[Operation, Operation | None] = {}

    def of(self, operation: Operation) -> Dependence:
        """That of the body of a function, or of an operation whose region takes the place of one."""
        found = self._bodies.get(operation)
        if found is None:
            found = self._bodies[operation] = Dependence(_Reader(operation).body)
        return found

    def effect(self, operation: Operation) -> Operation | None:
        """The first operation in a function that surely touches memory; calls are not followed."""
        if operation not in self._effects:
            inside = (inner for inner in _inside(operation) if touches_memory(inner.name))
            self._effects[operation] = next(inside, None)
        return self._effects[operation]


def bodies(piece: Piece) -> Bodies:
    """The bodies in a piece. Use through `piece.fact`."""
    del piece  # they are found by their operations, which belong to it
    return Bodies()


def _inside(operation: Operation) -> Iterable[Operation]:
    pending = [o for region in operation.regions for block in region.blocks for o in block.operations][::-1]
    while pending:
        inner = pending.pop()
        yield inner
        pending.extend([o for region in inner.regions for block in region.blocks for o in block.operations][::-1])


_FULL_NAMES: Final = {"call": "func.call", "return": "func.return"}
"""Names of the dialect func may be written without it."""
_CALLS: Final = frozenset({"func.call", "llvm.call"})
_RETURNS: Final = frozenset({"func.return", "llvm.return", "enzyme.yield"})
_LOADS: Final = frozenset(
    {"memref.load", "affine.load", "llvm.load", "enzyme.load", "vector.load", "vector.transfer_read"}
)
_STORES: Final = {
    "memref.store": 0,
    "affine.store": 0,
    "llvm.store": 0,
    "enzyme.store": 0,
    "memref.atomic_rmw": 0,
    "enzyme.atomic_rmw": 0,
    "enzyme.affine_atomic_rmw": 0,
    "llvm.atomicrmw": 1,
}
"""By name, the operand that is written."""
_ALLOCATIONS: Final = frozenset({"memref.alloca", "memref.alloc", "llvm.alloca"})
_BRANCHES: Final = frozenset({"cf.br", "cf.cond_br", "cf.switch", "llvm.br", "llvm.cond_br", "llvm.switch"})


class _Holds(Enum):
    """How the regions of an operation give it its results."""

    LOOP = "the yield of its region goes round, and out at last"
    WHILE = "the condition of its first region goes to the second and out, the yield of the second to the first"
    STABLE_WHILE = "what its second region returns goes round, and out at last"
    CHOICE = "the yield of one of its regions goes out"
    SUM = "what its region reduces goes out"


_HOLDERS: Final = {
    "scf.for": _Holds.LOOP,
    "affine.for": _Holds.LOOP,
    "scf.while": _Holds.WHILE,
    "stablehlo.while": _Holds.STABLE_WHILE,
    "scf.if": _Holds.CHOICE,
    "affine.if": _Holds.CHOICE,
    "scf.execute_region": _Holds.CHOICE,
    "scf.index_switch": _Holds.CHOICE,
    "stablehlo.if": _Holds.CHOICE,
    "stablehlo.case": _Holds.CHOICE,
    "memref.alloca_scope": _Holds.CHOICE,
    "scf.parallel": _Holds.SUM,
    "affine.parallel": _Holds.SUM,
}
_ENDS: Final = frozenset(
    {"scf.yield", "affine.yield", "stablehlo.return", "scf.condition", "scf.reduce", "memref.alloca_scope.return"}
)
_BOUNDS: Final = {"scf.for": 3}
"""Operands of the generic form before those that go round."""

_FLOAT: Final = re.compile(rb"(?<![\w.$!#@%-])(?:[\d?\]]+x)*(?:bf16|f16|f32|f64)\b")
_MEMORY: Final = (b"memref<", b"!llvm.ptr")
_COMMA, _GREATER = b",>"
_MOST: Final = 4_096
"""Results that an operation can have here; `%x:999999999 =` is easily typed."""


@dataclass(slots=True, eq=False)
class _Holder:
    """An operation whose regions are being read: its results, and what its ends go to besides."""

    holds: _Holds
    results: tuple[int, ...]
    around: list[list[int]]
    """For each value that goes round, the values that it becomes."""
    through: tuple[int, ...] = ()
    """Of a WHILE, the arguments of the second region."""


@dataclass(slots=True, eq=False)
class _Frame:
    """A region that is being read: the operations left, last first, and the names to put back at its end."""

    pending: list[Operation]
    labels: dict[bytes, Block]
    hidden: list[tuple[bytes, tuple[int, int] | None]]
    holder: _Holder | None
    number: int
    """Which region of its operation it is."""


class _Reader:
    """Reads one body. Regions wait in a list, so that nesting costs no stack."""

    def __init__(self, operation: Operation) -> None:
        self.body = Body(operation)
        self._tokens = operation.tree.tokens
        self._tree = operation.tree
        self._names: dict[bytes, tuple[int, int]] = {}
        """The values that can be seen, by name: the number of the first result of that name, and how many there are."""
        self._block_values: dict[int, tuple[int, ...]] = {}
        """The arguments of blocks whose region has not been entered yet, by the token of their label or brace."""
        self._frames: list[_Frame] = []
        self._types: dict[bytes, tuple[bool, bool]] = {}
        """Of each type met, whether it is one of memory and whether it holds floating point numbers."""
        self._unknown = self._value(b"")
        """What a name stands for that nothing defines, so that those behind it keep their number."""
        self._read(operation)

    def _read(self, operation: Operation) -> None:
        region = next((region for region in operation.regions if region.blocks), None)
        if region is None:
            return
        entry = region.blocks[0]
        signature = self._signature(operation)
        given = self._declared(signature) if entry.label < 0 else self._of_block(entry)
        self.body.arguments = given
        self._enter(region, None, 0, [*zip(self._named(signature), given, strict=False)] if entry.label < 0 else [])
        while self._frames:
            frame = self._frames[-1]
            if frame.pending:
                self._step(frame.pending.pop(), frame)
            else:
                self._leave(self._frames.pop())

    def _signature(self, operation: Operation) -> list[Argument]:
        """The arguments in the custom form of a function."""
        defined = symbols.definition(operation)
        opened = self._tokens.at(defined.span.start) if defined is not None else None
        if opened is None or self._tokens.word(opened + 1) != b"(" or self._tree.partners[opened + 1] < 0:
            return []
        return arguments(self._tree, opened + 2, self._tree.partners[opened + 1])

    def _named(self, given: Iterable[Argument]) -> list[bytes]:
        return [self._tokens.word(argument.token) if argument.token >= 0 else b"" for argument in given]

    def _declared(self, given: Iterable[Argument]) -> tuple[int, ...]:
        """A value for each argument, with what its type says."""
        return tuple(
            self._value(self._tree.span(argument.type_first, argument.type_last).of(self._tokens.text))
            for argument in given
        )

    def _of_block(self, block: Block) -> tuple[int, ...]:
        """The values of a block's arguments, made once."""
        found = self._block_values.get(block.label)
        if found is None:
            found = self._block_values[block.label] = self._declared(block.arguments)
        return found

    def _value(self, type_: bytes, place: int = -1) -> int:
        """A new value. `place` is the memory that it is a view of; without one it is a place of its own, if any."""
        body, number = self.body, len(self.body.floats)
        known = self._types.get(type_)
        if known is None:
            is_memory = type_.startswith(_MEMORY)
            known = self._types[type_] = (is_memory, not is_memory and _FLOAT.search(type_) is not None)
        is_memory, is_float = known
        body.floats.append(is_float)
        body.places.append((number if place < 0 else place) if is_memory else -1)
        return number

    def _enter(
        self, region: Region, holder: _Holder | None, number: int, named: Sequence[tuple[bytes, int]] = ()
    ) -> None:
        """Begins a region. The arguments of its blocks can be seen in all of it."""
        frame = _Frame([], {}, [], holder, number)
        for name, value in named:
            self._define(frame, name, value, 1)
        for block in reversed(region.blocks):
            frame.pending += reversed(block.operations)
        for block in region.blocks:
            if block.label >= 0:
                frame.labels[self._tokens.word(block.label)] = block
                for name, value in zip(self._named(block.arguments), self._of_block(block), strict=True):
                    self._define(frame, name, value, 1)
        self._frames.append(frame)

    def _leave(self, frame: _Frame) -> None:
        for name, before in reversed(frame.hidden):
            if before is None:
                self._names.pop(name, None)
            else:
                self._names[name] = before

    def _define(self, frame: _Frame, name: bytes, value: int, count: int) -> None:
        frame.hidden.append((name, self._names.get(name)))
        self._names[name] = (value, count)

    def _used(self, first: int, last: int) -> list[int]:
        """The values that the tokens name, in order."""
        tokens, names, value_kind = self._tokens, self._names, int(Kind.VALUE)
        text, starts, ends, kinds = tokens.text, tokens.starts, tokens.ends, tokens.kinds
        found: list[int] = []
        for index in range(first, last):
            if kinds[index] != value_kind:
                continue
            value, count = names.get(text[starts[index] : ends[index]], (self._unknown, 1))
            if count > 1 and index + 1 < last and kinds[index + 1] == Kind.HASH:
                number = tokens.word(index + 1)[1:10]
                value += min(int(number), count - 1) if number.isdigit() else 0
            found.append(value)
        return found

    def _operands(self, operation: Operation) -> list[int]:
        """The values that an operation names outside its regions."""
        first, last = operation.name_token + 1, operation.last
        if not operation.regions:
            return self._used(first, last)
        found: list[int] = []
        for region in operation.regions:
            found += self._used(first, region.open)
            if region.close < 0:
                return found
            first = region.close
        return found + self._used(first, last)

    def _step(self, operation: Operation, frame: _Frame) -> None:
        """Reads an operation and, when it holds regions that are known, puts these in line."""
        name = operation.name
        name = _FULL_NAMES.get(name, name)
        if name in _HOLDERS and operation.regions:
            self._hold(operation, name, frame)
            return
        operands = self._operands(operation)
        if name in _RETURNS:
            if frame.holder is None:
                self.body.returns.append(tuple(operands))
            return
        if name in _ENDS:
            if frame.holder is not None:
                self._end(name, operands, frame.holder, frame.number)
            return
        if name in _BRANCHES:
            self._branch(operation, name, operands, frame)
            return
        memory = tuple(value for value in operands if self.body.places[value] >= 0)
        results = self._results(operation, frame, name, memory)
        if not operands and name not in _CALLS:
            if not operation.regions:
                self.body.sources.update(value for value in results if self.body.places[value] < 0)
            return
        role, callee = self._role(operation, name)
        rule = RULES.get(f"{name} memory" if memory and not results and role is Role.PLAIN else name)
        at = _STORES[name] if role is Role.STORE else len(operands)
        written = operands[at] if at < len(operands) else -1
        self.body.steps.append(Step(operation, name, role, rule, tuple(operands), results, memory, callee, written))

    def _role(self, operation: Operation, name: str) -> tuple[Role, str]:
        if name in _CALLS:
            callee = next(
                (t for t in operation.own_tokens(operation.name_token + 1) if self._tokens.kinds[t] == Kind.SYMBOL), -1
            )
            if callee >= 0:
                return Role.CALL, symbols.symbol_name(self._tokens.word(callee))
        elif name in _LOADS:
            return Role.LOAD, ""
        elif name in _STORES:
            return Role.STORE, ""
        elif name in DERIVATIVE_OPS:
            return Role.DERIVATIVE, ""
        return Role.PLAIN, ""

    def _results(self, operation: Operation, frame: _Frame, name: str, memory: tuple[int, ...]) -> tuple[int, ...]:
        """New values for the results of an operation, with what the text says of their types."""
        results = operation.results
        if not results:
            return ()
        count = results[0].count if len(results) == 1 else sum(result.count for result in results)
        if count > _MOST:
            return ()
        text = self._type_text(operation)
        if name in _LOADS:
            # What stands behind the colon is often the type of the memory, and what is read from it an element.
            text = text.removeprefix(b"memref<")
        texts = [text] if count == 1 else self._split(text, count)
        place = self.body.places[memory[0]] if memory and name not in _LOADS else -1
        found = [self._value(text, place) for text in (texts if len(texts) == count else [b""] * count)]
        if name in _ALLOCATIONS:
            self.body.allocations.update(found)
        self._name_results(operation, frame, found)
        return tuple(found)

    def _name_results(self, operation: Operation, frame: _Frame, values: Sequence[int]) -> None:
        at = 0
        for result in operation.results:
            if result.count and at < len(values):
                self._define(frame, self._tokens.word(result.token), values[at], result.count)
            at += result.count

    def _type_text(self, operation: Operation) -> bytes:
        """What an operation says of the types of its results: behind `->`, `to` or `into`, or else behind its colon."""
        tokens, partners = self._tokens, self._tree.partners
        last = operation.location[0] if operation.location is not None else operation.last
        if tokens.word(last - 2) == b":":
            return tokens.word(last - 1)
        index, depth, begin = last - 1, 0, -1
        while index > operation.name_token:
            word = tokens.word(index)
            if word == b">":
                depth += 1
            elif word == b"<":
                depth -= 1
            elif depth <= 0 and word == b":":
                return self._tree.span(begin if begin >= 0 else index + 1, last).of(tokens.text)
            elif depth <= 0 and begin < 0 and word in (b"->", b"to", b"into"):
                begin = index + 1
            elif tokens.kinds[index] == Kind.CLOSE and 0 <= partners[index] < index:
                index = partners[index]
            index -= 1
        return self._tree.span(begin, last).of(tokens.text) if begin >= 0 else b""

    def _split(self, text: bytes, count: int) -> list[bytes]:
        """The types of `count` results: those of a list, with or without parentheses, or one that all have."""
        inside = text[1:].rpartition(b")")[0] if text.startswith(b"(") else text
        parts, depth, start = list[bytes](), 0, 0
        for index, byte in enumerate(inside):
            if byte in b"(<[{":
                depth += 1
            elif byte in b")]}" or (byte == _GREATER and inside[index - 1 : index] != b"-"):
                depth -= 1
            elif byte == _COMMA and depth == 0:
                parts.append(inside[start:index].strip())
                start = index + 1
        parts.append(inside[start:].strip())
        return parts * count if len(parts) == 1 else parts

    def _hold(self, operation: Operation, name: str, frame: _Frame) -> None:
        """Reads the head of an operation that holds regions, and enters them."""
        holds = _HOLDERS[name]
        count = sum(result.count for result in operation.results)
        # What comes out is what went in, so that only floating point numbers can become active there.
        results = tuple(self._copy() for _ in range(count if count <= _MOST else 0))
        first = operation.regions[0]
        heads = self._heads(operation, first)
        inits = [self._used(at, at + 2) for _, at in heads]
        around = [[self._copy()] for _ in heads]
        named = [(word, targets[0]) for (word, _), targets in zip(heads, around, strict=True)]
        starts = [init[0] if init else self._unknown for init in inits]
        if operation.is_generic:
            starts = self._operands(operation)[_BOUNDS.get(name, 0) :]
            around = [list[int]() for _ in starts]
        holder = _Holder(holds, results, around)
        self._round(operation, holder)
        self._name_results(operation, frame, results)
        for start, targets in zip(starts, holder.around, strict=False):
            self.body.copies += [(start, target) for target in targets]
        if holds in (_Holds.LOOP, _Holds.STABLE_WHILE):
            self.body.copies += zip(starts, results, strict=False)
        self.body.steps.append(Step(operation, name, Role.HOLDER, RULES.get(name), (), results))
        # A region that is entered later is read first, so the last one goes in first.
        for number in range(len(operation.regions) - 1, -1, -1):
            self._enter(operation.regions[number], holder, number, named)

    def _copy(self) -> int:
        """A value that is a copy of others: as far as its own type goes it can be active."""
        body = self.body
        body.floats.append(1)
        body.places.append(-1)
        return len(body.floats) - 1

    def _heads(self, operation: Operation, first: Region) -> list[tuple[bytes, int]]:
        """The names in `iter_args(%a = %x)` and `while (%a = %x)`, each with the token of what it begins with."""
        tokens = self._tokens
        if operation.is_generic:
            return []
        opened = next(
            (
                index
                for index in range(operation.name_token + 1, first.open)
                if tokens.word(index) == b"(" and tokens.word(index + 2) == b"="
                if tokens.word(index - 1) == b"iter_args" or index == operation.name_token + 1
            ),
            -1,
        )
        close = self._tree.partners[opened] if opened >= 0 else -1
        return [
            (tokens.word(index), index + 2)
            for index in range(opened + 1, close)
            if tokens.kinds[index] == Kind.VALUE and tokens.word(index + 1) == b"="
        ]

    def _round(self, operation: Operation, holder: _Holder) -> None:
        """Adds the arguments of the regions' own blocks to what goes round."""
        if holder.holds in (_Holds.CHOICE, _Holds.SUM):
            return
        for number, region in enumerate(operation.regions):
            if not region.blocks or region.blocks[0].label < 0:
                continue
            values = self._of_block(region.blocks[0])
            if holder.holds is _Holds.WHILE and number == 1:
                holder.through = values
                continue
            if holder.holds is _Holds.LOOP:
                values = values[1:]  # the first counts
            for targets, value in zip(holder.around, values, strict=False):
                targets.append(value)

    def _end(self, name: str, operands: list[int], holder: _Holder, number: int) -> None:
        """Wires what a region ends with."""
        copies = self.body.copies
        if name == "scf.condition":
            copies += zip(operands[1:], holder.results, strict=False)
            copies += zip(operands[1:], holder.through, strict=False)
            return
        if holder.holds is _Holds.STABLE_WHILE and number == 0:
            return  # whether it goes on
        if holder.holds is not _Holds.WHILE:
            copies += zip(operands, holder.results, strict=False)
        for value, targets in zip(operands, holder.around, strict=False):
            copies += [(value, target) for target in targets]

    def _branch(self, operation: Operation, name: str, operands: list[int], frame: _Frame) -> None:
        """Wires what a branch hands to the arguments of blocks."""
        tokens, moves = self._tokens, list[tuple[int, int]]()
        successors = [t for t in range(operation.name_token + 1, operation.last) if tokens.kinds[t] == Kind.CARET]
        for index in successors:
            block = frame.labels.get(tokens.word(index))
            if block is None:
                continue
            values = self._of_block(block)
            if operation.is_generic:
                handed = operands if len(successors) == 1 else []
            elif tokens.word(index + 1) == b"(" and self._tree.partners[index + 1] > index:
                handed = self._used(index + 2, self._tree.partners[index + 1])
            else:
                handed = []
            moves += zip(handed, values, strict=False)
        # The engines see a value that a branch hands over more than once in its first place only.
        firsts = tuple(dict(reversed(moves)).items())
        self.body.copies += firsts
        rule = RULES.get(name)
        self.body.steps.append(Step(operation, name, Role.BRANCH, rule, tuple(operands), (), moves=firsts))
