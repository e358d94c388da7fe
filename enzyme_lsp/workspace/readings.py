"""Readings: a derivative call with all that it leads to: its callee, its activities, and the slots that follow.

A reading depends on the piece of the call, on the piece of its callee and on the aliases of the section, and on nothing
else of the document, so it is kept as long as these stay. Spans are bytes from the start of the piece of the call.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect import alignment, convention
from enzyme_lsp.dialect.alignment import Alignment, Written
from enzyme_lsp.dialect.convention import MODE_OF, Convention, Function, Mode, Role
from enzyme_lsp.syntax import types, values
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from enzyme_lsp.dialect.activity import Activity
    from enzyme_lsp.dialect.calls import Activities, DerivativeCall, Entry
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.syntax.piece import Piece
    from enzyme_lsp.syntax.symbols import Signature
    from enzyme_lsp.syntax.types import Type
    from enzyme_lsp.syntax.values import Value

_NO_NAME: Final = ""
_SEVERAL: Final = 2
"""Operands and results that are wrong for one reason."""
_MOST_MEANT: Final = 16
"""Other widths that are tried, and operands for which they are."""
_MOST_SIZES: Final = 3
"""Sizes of a batch."""


class Reading:
    """One call in its context. Whatever the text lacks is None; nothing raises.

    `piece` is the one that the call is in. `definition` is the operation that defines the callee, which stands in the
    piece `home`; both are None when nothing does and for operations with a region.
    """

    def __init__(
        self,
        piece: Piece,
        call: DerivativeCall,
        home: Piece | None,
        definition: Operation | None,
        signature: Signature | None,
        aliases: Mapping[str, bytes],
    ) -> None:
        self.piece = piece
        self.call = call
        self.mode = MODE_OF[call.op.name]
        self.home = home
        self.definition = definition
        self.signature = signature
        self.aliases = aliases

    @cached_property
    def function(self) -> Function | None:
        """The types of the callee, or of the region that takes its place."""
        if not self.call.op.names_callee:
            region = self.call.region
            if region is None or region.results is None:
                return None
            taken = tuple(self.type_of(one.text) for one in region.arguments)
            return Function(taken, tuple(self.type_of(one.text) for one in region.results))
        if self.signature is None:
            return None
        return Function(
            tuple(self.type_of(one.type) for one in self.signature.arguments),
            tuple(self.type_of(one.type) for one in self.signature.results),
            is_llvm=self.definition is not None and self.definition.name == "llvm.func",
        )

    def type_of(self, text: str) -> Type:
        """A type as the section of the call reads it."""
        return types.read(text, self.aliases)

    @cached_property
    def listed(self) -> Activities | None:
        """The value of `activity`."""
        return self.call.activities("activity", self.aliases)

    @cached_property
    def listed_returns(self) -> Activities | None:
        """The value of `ret_activity`."""
        return self.call.activities("ret_activity", self.aliases)

    @cached_property
    def activities(self) -> tuple[Activity, ...] | None:
        """One for each argument of the callee; None when there are more or fewer, or one is none."""
        return None if self.function is None else _one_each(self.listed, len(self.function.arguments))

    @cached_property
    def return_activities(self) -> tuple[Activity, ...] | None:
        """One for each result of the callee; None when there are more or fewer, or one is none."""
        return None if self.function is None else _one_each(self.listed_returns, len(self.function.results))

    @cached_property
    def width(self) -> int | None:
        """The width; 1 where none is written; None when what is written is no number from 1 to 2^32 - 1."""
        entry = self.call.entry("width")
        if entry is None:
            return 1
        value = self.integer(entry)
        return value if value is not None and 1 <= value < 1 << 32 else None

    def integer(self, entry: Entry) -> int | None:
        """The value of an attribute that is a signless 64 bit integer; None when it is something else."""
        return _integer(entry.value_span.of(self.call.operation.tree.tokens.text))

    @cached_property
    def sizes(self) -> tuple[int, ...] | None:
        """The sizes of a batch; None when they are missing or not readable."""
        entry = self.call.entry("batch_shape")
        return None if entry is None else _sizes(entry.value_span.of(self.call.operation.tree.tokens.text))

    @cached_property
    def convention(self) -> Convention | None:
        """What the calling convention asks for; None when the text does not say enough of the call."""
        function = self.function
        if function is None:
            return None
        if self.mode is Mode.BATCH:
            return (
                None if self.sizes is None or min(self.sizes, default=1) < 1 else convention.batch(function, self.sizes)
            )
        if self.activities is None or self.return_activities is None or self.width is None:
            return None
        if self.mode is Mode.JACOBIAN:
            return convention.jacobian(function)
        slots = convention.reverse if self.mode is Mode.REVERSE else convention.forward
        return slots(function, self.activities, self.return_activities, self.width)

    @cached_property
    def slots(self) -> Convention | None:
        """The convention, when the activities are possible: otherwise they are what must be changed first."""
        return None if self.convention is None or self.convention.faults else self.convention

    @cached_property
    def operands(self) -> tuple[Written, ...] | None:
        """The operands as written; None when names and types are not one for one, or are not to be read."""
        written = self.call.type
        if self.call.operands_inside is None or written is None or written.operands is None:
            return None
        if len(written.operands) != len(self.call.operands):
            return None
        return tuple(
            Written(operand.text, self.type_of(type_.text))
            for operand, type_ in zip(self.call.operands, written.operands, strict=True)
        )

    @cached_property
    def results(self) -> tuple[Written, ...] | None:
        """The results as written; None when their types are not to be read."""
        written = self.call.type
        if written is None or written.results is None:
            return None
        return tuple(Written(_NO_NAME, self.type_of(one.text)) for one in written.results)

    @cached_property
    def operand_order(self) -> tuple[int, ...] | None:
        """For each slot the operand that is meant for it, when all are there in another order; else None."""
        if self.slots is None or self.operands is None:
            return None
        return alignment.permutation(self.slots.operands, self.operands)

    @cached_property
    def operand_alignment(self) -> Alignment | None:
        """The operands held against their slots; None when either is not known, and when they are only reordered or
        something else is `meant`.
        """
        if self.slots is None or self.operands is None or self.operand_order is not None or self.meant is not None:
            return None
        names = [one.name for one in self.signature.arguments] if self.signature is not None else []
        return alignment.align(self.slots.operands, self.operands, names)

    @cached_property
    def result_order(self) -> tuple[int, ...] | None:
        """For each slot the result that is written for it, when all are there in another order; else None."""
        if self.slots is None or self.results is None:
            return None
        return alignment.permutation(self.slots.results, self.results)

    @cached_property
    def result_alignment(self) -> Alignment | None:
        """The results held against their slots; None when either is not known, and when they are only reordered or
        something else is `meant`.
        """
        if self.slots is None or self.results is None or self.result_order is not None or self.meant is not None:
            return None
        return alignment.align(self.slots.results, self.results)

    @cached_property
    def mismatches(self) -> int:
        """How many operands and results are missing, too many or of the wrong type; 0 too where that is not known."""
        if self.slots is None or self.operands is None or self.results is None:
            return 0
        return alignment.mismatches(self.slots.operands, self.operands) + alignment.mismatches(
            self.slots.results, self.results
        )

    @cached_property
    def meant(self) -> tuple[int, ...] | None:
        """The width, or the sizes of the batch, for which all operands and results are right, when several of them are
        wrong for the one that is written: then that is what is wrong.
        """
        function, operands, results = self.function, self.operands, self.results
        if function is None or operands is None or results is None or self.mismatches < _SEVERAL:
            return None
        if len(operands) > _MOST_MEANT:
            return None
        for sizes in self._sizes_written():
            made = self._convention_for(function, sizes)
            if made is None or made.faults:
                continue
            wrong = alignment.mismatches(made.operands, operands) + alignment.mismatches(made.results, results)
            if not wrong:
                return sizes
        return None

    def _sizes_written(self) -> list[tuple[int, ...]]:
        """The widths, or sizes of a batch, that the types of operands and results speak of."""
        types_ = [one.type for one in (*(self.operands or ()), *(self.results or ())) if one.type is not None]
        shapes = [type_.shape for type_ in types_ if type_.kind is TypeKind.TENSOR]
        known = [tuple(size for size in shape if size is not None and size > 0) for shape in shapes]
        if self.mode is Mode.BATCH:
            found = [shape[:count] for shape in known for count in range(min(len(shape), _MOST_SIZES) + 1)]
            written = self.sizes
        else:
            found = [(1,), *(shape[:1] for shape in known if shape)]
            written = None if self.width is None else (self.width,)
        return [sizes for sizes in dict.fromkeys(found) if sizes != written][:_MOST_MEANT]

    def _convention_for(self, function: Function, sizes: tuple[int, ...]) -> Convention | None:
        """What another width, or other sizes of a batch, would ask for."""
        if self.mode is Mode.BATCH:
            return convention.batch(function, sizes)
        if self.activities is None or self.return_activities is None or self.mode is Mode.JACOBIAN:
            return None
        slots = convention.reverse if self.mode is Mode.REVERSE else convention.forward
        return slots(function, self.activities, self.return_activities, sizes[0])

    @cached_property
    def primals(self) -> Mapping[int, str]:
        """The operand that is written for each argument of the callee, by the argument's number."""
        found, slots, written = self.operand_alignment, self.slots, self.operands
        if slots is None or written is None:
            return {}
        if self.meant is not None:
            both = [(index, index) for index in range(len(written))]
        else:
            both = [(pair.slot, pair.written) for pair in found.pairs] if found is not None else []
        held = (
            (slots.operands[slot], written[value]) for slot, value in both if slot is not None and value is not None
        )
        return {slot.index: value.name for slot, value in held if slot.role is Role.PRIMAL}

    def visible(self) -> list[Value]:
        """The values that the call can use. Takes time in proportion to their number, and is asked for fixes alone."""
        operation = self.call.operation
        return values.visible(operation.tree, operation, self.piece.fact(values.results))


_INTEGER: Final = re.compile(rb"\s*(-?)\s*(\d+|0x[0-9a-fA-F]+)\s*(?::\s*i64\s*)?")
_DENSE: Final = re.compile(rb"\s*(?:array\s*<\s*i64\s*(?::([\s\d,-]*))?>|\[([\s\d,-]*)\])\s*")


def _integer(text: bytes) -> int | None:
    match = _INTEGER.fullmatch(text)
    if match is None or len(match[2]) > 20:
        return None
    value = int(match[2], 0) if match[2].startswith(b"0x") else int(match[2])
    return -value if match[1] else value


def _sizes(text: bytes) -> tuple[int, ...] | None:
    """The numbers of `array<i64: 2, 3>` or of `[2, 3]`, which strict spelling writes."""
    match = _DENSE.fullmatch(text)
    if match is None:
        return None
    inside = (match[1] if match[1] is not None else match[2]) or b""
    parts = inside.split(b",") if inside.strip() else []
    numbers = [_integer(part) for part in parts]
    known = tuple(number for number in numbers if number is not None)
    return known if len(known) == len(numbers) else None


def _one_each(listed: Activities | None, count: int) -> tuple[Activity, ...] | None:
    if listed is None or listed.elements is None or len(listed.elements) != count:
        return None
    found = [one.written.activity if one.written is not None else None for one in listed.elements]
    known = tuple(activity for activity in found if activity is not None)
    return known if len(known) == count else None
