"""Jacobian: all derivatives of all results by all arguments, of functions of numbers and of tensors of known size.

Either all directions are taken in forward mode or all seeds in reverse mode, whichever are fewer. Of tensors they are
taken at once, by one operation of their number's width. What a width other than 1 leaves of scalars is
`enzyme.broadcast`, which no pass of engines 0.0.15 and 0.0.16 lowers, so there each has an operation of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Final

from enzyme_lsp.derivatives import activities
from enzyme_lsp.derivatives.drafts import Asked, Computed, Constant, Draft, Value, call, of_asked, type_text, wrapper
from enzyme_lsp.derivatives.refusal import RefusedError
from enzyme_lsp.derivatives.subject import unused
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Role
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.derivatives.drafts import Call, Wish
    from enzyme_lsp.derivatives.subject import Callee, Parameter, Subject
    from enzyme_lsp.dialect.convention import Slot
    from enzyme_lsp.syntax.types import Type

_MOST_WRITTEN: Final = 1_024
"""Numbers of a seed that stands in the text."""
_FEW: Final = 64
"""Numbers of a seed that stands in the text of a function which uses StableHLO; a larger one is made by that."""
_MOST_MADE: Final = 1 << 24
_MOST_CALLS: Final = 32


def matrix(subject: Subject, wish: Wish) -> tuple[Draft, ...]:
    """`@jacobian_f`, one that runs."""
    callee, name = subject.callee, subject.new_name("jacobian")
    taken = activities.forward(callee, wish)
    inputs = [_Part.of(callee.arguments, number) for number, one in enumerate(taken) if one not in activities.CONSTANT]
    outputs = [
        _Part.of(callee.results, number) for number, one in enumerate(callee.results) if activities.is_number(one.type)
    ]
    if not outputs or not _count(inputs) or not _count(outputs):
        raise RefusedError(f"@{callee.name} takes or gives no floating point numbers to differentiate")
    for part, what in (*((part, "argument") for part in inputs), *((part, "result") for part in outputs)):
        if not part.is_countable:
            raise RefusedError(
                f"a Jacobian is of numbers and of tensors of known size, and {what} {part.number} of @{callee.name} is"
                f" {part.type.written}"
            )
    in_forward_mode = _count(inputs) <= _count(outputs) and not (callee.is_llvm and subject.spelling == "classic")
    asked = _asked("enzyme.fwddiff" if in_forward_mode else "enzyme.autodiff", callee, taken)
    parts = inputs if in_forward_mode else outputs
    if _count(parts) > 1 and all(part.type.type.kind is TypeKind.TENSOR for part in (*inputs, *outputs)):
        return (_at_once(subject, name, asked, parts),)
    return (_one_by_one(callee, name, asked, parts),)


def operation(subject: Subject, wish: Wish) -> tuple[Draft, ...]:
    """`@jacobian_f`, with `enzyme.jacobian`."""
    callee = subject.callee
    taken = activities.forward(callee, wish)
    asked = _asked("enzyme.jacobian", callee, taken)
    where = "only where stablehlo.dot_general multiplies it with a tangent"
    remarks = (f"Lowered by the pass lower-enzyme-jacobian-stablehlo alone, and {where}.",)
    return (wrapper(callee, subject.new_name("jacobian"), asked, remarks=remarks),)


@dataclass(frozen=True, slots=True)
class _Part:
    """An argument that is differentiated by, or a result that is differentiated, by its number."""

    number: int
    type: Parameter

    @staticmethod
    def of(among: Sequence[Parameter], number: int) -> _Part:
        return _Part(number, among[number])

    @property
    def is_countable(self) -> bool:
        type_ = self.type.type
        is_one = type_.kind is TypeKind.FLOAT or (type_.kind is TypeKind.TENSOR and type_.is_static)
        return is_one and type_.scalar.kind is TypeKind.FLOAT

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(size for size in self.type.type.shape if size is not None)


def _count(parts: Sequence[_Part]) -> int:
    """The numbers in all of them."""
    return sum(prod(part.shape) for part in parts)


def _asked(op: str, callee: Callee, taken: Sequence[Activity]) -> Asked:
    """An operation that differentiates by all arguments that are not constant."""
    is_reverse = op == "enzyme.autodiff"
    by = Activity.ACTIVE if is_reverse else Activity.DUP
    returns = activities.reverse_returns if is_reverse else activities.forward_returns
    return Asked(
        op,
        tuple(one if one in activities.CONSTANT else by for one in taken),
        returns(callee, with_primal=False),
    )


def _at_once(subject: Subject, name: str, asked: Asked, parts: Sequence[_Part]) -> Draft:
    """One operation with a row of its seeds for each number of the parts."""
    callee, width = subject.callee, _count(parts)
    wide = Asked(asked.op, asked.activities, asked.returns, width)
    seeds = _Seeds(callee, is_stablehlo=b"stablehlo." in subject.text)
    operands = tuple(seeds.rows(slot, parts, width) for slot in of_asked(callee, wide).operands)
    made = call(callee, wide, operands)
    is_forward = asked.op == "enzyme.fwddiff"
    what = f"derivative by element k of {_names(parts)}" if is_forward else f"gradient of element k of {_given(parts)}"
    return Draft(
        name,
        _primals(callee),
        (made,),
        tuple((0, number) for number in range(len(made.results))),
        tuple(seeds.constants),
        (f"Row k of each is the {what}.",),
    )


def _one_by_one(callee: Callee, name: str, asked: Asked, parts: Sequence[_Part]) -> Draft:
    """An operation for each number of the parts; what they give comes out by the results of the callee."""
    if _count(parts) > _MOST_CALLS:
        needed = f"a Jacobian of @{callee.name} takes {_count(parts)} operations"
        raise RefusedError(f"{needed}, and at most {_MOST_CALLS} are written")
    seeds = _Seeds(callee)
    calls: list[Call] = []
    for part in parts:
        for element in range(prod(part.shape)):
            operands = tuple(seeds.one(slot, part, element) for slot in of_asked(callee, asked).operands)
            calls.append(call(callee, asked, operands))
    each = range(len(calls[0].results)) if calls else range(0)
    by_call = [(index, number) for index in range(len(calls)) for number in each]
    given = by_call if asked.op == "enzyme.autodiff" else sorted(by_call, key=lambda one: (one[1], one[0]))
    remarks = ("For each result in turn its derivatives, argument by argument.",) if len(given) > 1 else ()
    return Draft(name, _primals(callee), tuple(calls), tuple(given), tuple(seeds.constants), remarks)


def _primals(callee: Callee) -> tuple[Value, ...]:
    return tuple(Value(one.name, one.written) for one in callee.arguments)


def _names(parts: Sequence[_Part]) -> str:
    return " then ".join(part.type.name for part in parts)


def _given(parts: Sequence[_Part]) -> str:
    return " then ".join(f"result {part.number}" for part in parts)


class _Seeds:
    """The constants of a new function, each made once."""

    def __init__(self, callee: Callee, *, is_stablehlo: bool = False) -> None:
        self.constants: list[Constant | Computed] = []
        self._is_stablehlo = is_stablehlo
        self._callee = callee
        self._taken = {one.name for one in callee.arguments}
        self._made: dict[tuple[str, str], Value] = {}

    def rows(self, slot: Slot, parts: Sequence[_Part], width: int) -> Value:
        """The operand of a slot: for each number of `parts` a row, which is 1 at that number and else 0."""
        if slot.role is Role.PRIMAL:
            return self._primal(slot)
        offset = 0
        for part in parts:
            size = prod(part.shape)
            if part.number == slot.index:
                if width * size > (_FEW if self._is_stablehlo else _MOST_WRITTEN):
                    return self._identity(type_text(self._callee, slot), width, size, offset, part.type.type.scalar)
                ones = {(row, row - offset) for row in range(offset, offset + size)}
                text = _nested(width, size, part.shape, ones)
                return self._constant("seed", type_text(self._callee, slot), text, is_tensor=True)
            offset += size
        raise AssertionError(f"no part has number {slot.index}")

    def _identity(self, type_: str, width: int, size: int, offset: int, element: Type) -> Value:
        """A seed that is made by comparing its rows with its columns."""
        most = _MOST_MADE if self._is_stablehlo else _MOST_WRITTEN
        if width * size > most:
            needed = f"a Jacobian of @{self._callee.name} takes seeds of {width * size} numbers"
            raise RefusedError(f"{needed}, and at most {most} are {'made' if self._is_stablehlo else 'written'}")
        seed, rows, columns, ones, numbers = map(self._name, ("seed", "rows", "columns", "ones", "numbers"))
        places, truths, flat = (f"tensor<{width}x{size}x{kind}>" for kind in ("i64", "i1", element.text))
        lines = [f"{rows} = stablehlo.iota dim = 0 : {places}", f"{columns} = stablehlo.iota dim = 1 : {places}"]
        if offset:
            first, before = self._name("first"), columns
            columns = self._name("places")
            lines.append(f"{first} = stablehlo.constant dense<{offset}> : {places}")
            lines.append(f"{columns} = stablehlo.add {before}, {first} : {places}")
        lines += [
            f"{ones} = stablehlo.compare EQ, {rows}, {columns} : ({places}, {places}) -> {truths}",
            f"{numbers} = stablehlo.convert {ones} : ({truths}) -> {flat}",
            f"{seed} = stablehlo.reshape {numbers} : ({flat}) -> {type_}",
        ]
        value = Value(seed, type_)
        self.constants.append(Computed(value, tuple(lines)))
        return value

    def one(self, slot: Slot, part: _Part, element: int) -> Value:
        """The operand of a slot: 1 at one number of one part, and else 0."""
        if slot.role is Role.PRIMAL:
            return self._primal(slot)
        is_here, type_ = part.number == slot.index, type_text(self._callee, slot)
        is_tensor = slot.type is not None and slot.type.kind is TypeKind.TENSOR
        if not is_here or not is_tensor:
            return self._constant("one" if is_here else "zero", type_, "1.0" if is_here else "0.0", is_tensor=is_tensor)
        (text,) = _rows(1, prod(part.shape), part.shape, {(0, element)})
        return self._constant("seed", type_, text, is_tensor=True)

    def _primal(self, slot: Slot) -> Value:
        one = self._callee.arguments[slot.index]
        return Value(one.name, one.written)

    def _constant(self, wanted: str, type_: str, text: str, *, is_tensor: bool) -> Value:
        if (type_, text) not in self._made:
            name = self._name(wanted)
            self._made[type_, text] = Value(name, type_)
            self.constants.append(Constant(Value(name, type_), text, is_tensor))
        return self._made[type_, text]

    def _name(self, wanted: str) -> str:
        name = unused(f"%{wanted}", self._taken)
        self._taken.add(name)
        return name


def _nested(width: int, size: int, shape: tuple[int, ...], ones: set[tuple[int, int]]) -> str:
    return f"[{', '.join(_rows(width, size, shape, ones))}]"


def _rows(width: int, size: int, shape: tuple[int, ...], ones: set[tuple[int, int]]) -> Iterator[str]:
    """Each row as an element list of its shape."""
    for row in range(width):
        numbers = ["1.0" if (row, column) in ones else "0.0" for column in range(size)]
        for extent in reversed(shape):
            numbers = [
                f"[{', '.join(numbers[start : start + extent])}]" for start in range(0, len(numbers), max(extent, 1))
            ]
        yield numbers[0] if numbers else "[]"
