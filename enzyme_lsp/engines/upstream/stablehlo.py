"""StableHLO as upstream MLIR's dialects, as far as machine code is made of it; must import the standard library only.

No pass of either engine does this. Operations that are not in the tables stay as they are, and are then named as what
is left over. Each conversion is what StableHLO's specification says of tensors whose shapes are known.
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FLOATS: Final = {
    "stablehlo.add": "arith.addf",
    "stablehlo.subtract": "arith.subf",
    "stablehlo.multiply": "arith.mulf",
    "stablehlo.divide": "arith.divf",
    "stablehlo.maximum": "arith.maximumf",
    "stablehlo.minimum": "arith.minimumf",
    "stablehlo.remainder": "arith.remf",
    "stablehlo.power": "math.powf",
    "stablehlo.atan2": "math.atan2",
    "stablehlo.negate": "arith.negf",
    "stablehlo.sine": "math.sin",
    "stablehlo.cosine": "math.cos",
    "stablehlo.tan": "math.tan",
    "stablehlo.tanh": "math.tanh",
    "stablehlo.exponential": "math.exp",
    "stablehlo.exponential_minus_one": "math.expm1",
    "stablehlo.log": "math.log",
    "stablehlo.log_plus_one": "math.log1p",
    "stablehlo.sqrt": "math.sqrt",
    "stablehlo.rsqrt": "math.rsqrt",
    "stablehlo.cbrt": "math.cbrt",
    "stablehlo.abs": "math.absf",
    "stablehlo.floor": "math.floor",
    "stablehlo.ceil": "math.ceil",
    "stablehlo.round_nearest_even": "math.roundeven",
}
_INTEGERS: Final = {
    "stablehlo.add": "arith.addi",
    "stablehlo.subtract": "arith.subi",
    "stablehlo.multiply": "arith.muli",
    "stablehlo.maximum": "arith.maxsi",
    "stablehlo.minimum": "arith.minsi",
    "stablehlo.and": "arith.andi",
    "stablehlo.or": "arith.ori",
    "stablehlo.xor": "arith.xori",
}
_OF_TRUTH: Final = ("stablehlo.and", "stablehlo.or", "stablehlo.xor")
_DIRECTIONS: Final = {
    "EQ": ("oeq", "eq"),
    "NE": ("une", "ne"),
    "LT": ("olt", "slt"),
    "LE": ("ole", "sle"),
    "GT": ("ogt", "sgt"),
    "GE": ("oge", "sge"),
}
"""Of a comparison: as arith compares floats, and integers."""
_FLOAT_PREDICATES: Final = (
    "false",
    "oeq",
    "ogt",
    "oge",
    "olt",
    "ole",
    "one",
    "ord",
    "ueq",
    "ugt",
    "uge",
    "ult",
    "ule",
    "une",
)
_INTEGER_PREDICATES: Final = ("eq", "ne", "slt", "sle", "sgt", "sge")
_DIRECTION: Final = re.compile(r"\b(EQ|NE|LT|LE|GT|GE)\b")
_NUMBERS: Final = r"{} = \[([\d, ]*)\]"


def convert(module: Any, ir: Any) -> None:
    """Put upstream's operations in the place of StableHLO's, where there are such."""
    found: list[Any] = []

    def look(operation: Any) -> Any:
        if operation.name.startswith("stablehlo."):
            found.append(operation)
            return ir.WalkResult.SKIP
        return ir.WalkResult.ADVANCE

    module.walk(look, ir.WalkOrder.PRE_ORDER)
    for operation in found:
        with ir.InsertionPoint(operation), ir.Location.unknown():
            value = _Writer(ir).converted(operation)
        if value is not None:
            operation.results[0].replace_all_uses_with(value)
            operation.erase()


class _Writer:
    """Writes operations in front of one."""

    def __init__(self, ir: Any) -> None:
        self._ir = ir

    def converted(self, operation: Any) -> Any:
        """The value that stands for the result of an operation; None where there is no such."""
        if len(operation.results) != 1 or not all(_is_static(self._ir, one) for one in _types(operation)):
            return None
        name: str = operation.name
        write: Callable[[Any], Any] | None = getattr(self, f"_{name.removeprefix('stablehlo.')}", None)
        if write is not None:
            return write(operation)
        type_ = self._ir.RankedTensorType(operation.results[0].type)
        other = self._named(name, type_.element_type)
        return None if other is None else self._op(other, type_, operation.operands)

    def _named(self, name: str, element: Any) -> str | None:
        """The operation on elements that is like one of StableHLO's."""
        if isinstance(element, self._ir.FloatType):
            return _FLOATS.get(name)
        # Truth values have rules of their own.
        is_number = isinstance(element, self._ir.IntegerType) and (element.width > 1 or name in _OF_TRUTH)
        return _INTEGERS.get(name) if is_number else None

    def _op(self, name: str, type_: Any, operands: Sequence[Any], **attributes: Any) -> Any:
        made = self._ir.Operation.create(name, results=[type_], operands=list(operands), attributes=attributes)
        return made.results[0]

    # One method for each operation that is no other operation on elements.

    def _constant(self, operation: Any) -> Any:
        type_ = self._ir.RankedTensorType(operation.results[0].type)
        if isinstance(type_.element_type, self._ir.ComplexType):
            return None  # the bindings cannot read its value
        return self._op("arith.constant", type_, (), value=operation.attributes["value"])

    def _logistic(self, operation: Any) -> Any:
        type_ = operation.results[0].type
        one = self._splat(type_, 1.0)
        negated = self._op("arith.negf", type_, operation.operands)
        below = self._op("arith.addf", type_, (one, self._op("math.exp", type_, (negated,))))
        return self._op("arith.divf", type_, (one, below))

    def _sign(self, operation: Any) -> Any:
        type_ = self._ir.RankedTensorType(operation.results[0].type)
        if not isinstance(type_.element_type, self._ir.FloatType):
            return None
        return self._op("math.copysign", type_, (self._splat(type_, 1.0), operation.operands[0]))

    def _clamp(self, operation: Any) -> Any:
        low, value, high = operation.operands
        type_ = self._ir.RankedTensorType(value.type)
        if low.type != type_ or high.type != type_ or not isinstance(type_.element_type, self._ir.FloatType):
            return None
        return self._op("arith.minimumf", type_, (self._op("arith.maximumf", type_, (low, value)), high))

    def _compare(self, operation: Any) -> Any:
        element = self._ir.RankedTensorType(operation.operands[0].type).element_type
        direction = _DIRECTION.search(str(operation.attributes["comparison_direction"]))
        if direction is None:
            return None
        is_float = isinstance(element, self._ir.FloatType)
        name = _DIRECTIONS[direction[1]][0 if is_float else 1]
        number = (_FLOAT_PREDICATES if is_float else _INTEGER_PREDICATES).index(name)
        predicate = self._ir.IntegerAttr.get(self._ir.IntegerType.get_signless(64), number)
        compared = "arith.cmpf" if is_float else "arith.cmpi"
        return self._op(compared, operation.results[0].type, operation.operands, predicate=predicate)

    def _select(self, operation: Any) -> Any:
        chosen = self._ir.RankedTensorType(operation.operands[0].type)
        if list(chosen.shape) != list(self._ir.RankedTensorType(operation.results[0].type).shape):
            return None
        condition, one, other = operation.operands
        made = condition.owner
        type_ = self._ir.RankedTensorType(operation.results[0].type)
        if getattr(made, "name", "") not in ("arith.cmpf", "arith.cmpi"):
            return self._op("arith.select", type_, operation.operands)
        # Compared again in place: the pass that lowers memory does not survive memory of single bits.
        bit, predicate = self._ir.IntegerType.get_signless(1), made.attributes["predicate"]

        def chosen_of(taken: Sequence[Any]) -> Any:
            compared = self._op(made.name, bit, taken[:2], predicate=predicate)
            return self._op("arith.select", taken[2].type, (compared, *taken[2:4]))

        inputs = [(value, _all(type_.rank)) for value in (*made.operands, one, other)]
        return self._generic(type_, inputs, type_.rank, body=chosen_of)

    def _broadcast_in_dim(self, operation: Any) -> Any:
        given = self._ir.RankedTensorType(operation.operands[0].type)
        type_ = self._ir.RankedTensorType(operation.results[0].type)
        to = list(operation.attributes["broadcast_dimensions"])
        from_ = [f"d{dim}" if size != 1 else "0" for dim, size in zip(to, given.shape, strict=True)]
        return self._generic(type_, [(operation.operands[0], from_)], type_.rank)

    def _transpose(self, operation: Any) -> Any:
        type_ = self._ir.RankedTensorType(operation.results[0].type)
        order = list(operation.attributes["permutation"])
        return self._generic(
            type_, [(operation.operands[0], [f"d{order.index(dim)}" for dim in range(type_.rank)])], type_.rank
        )

    def _reshape(self, operation: Any) -> Any:
        type_ = self._ir.RankedTensorType(operation.results[0].type)
        given = self._ir.RankedTensorType(operation.operands[0].type)
        if all(size == 1 for size in given.shape):
            return self._generic(type_, [(operation.operands[0], ["0"] * given.rank)], type_.rank)
        index = self._ir.IntegerType.get_signless(64)
        sizes = self._ir.RankedTensorType.get([type_.rank], index)
        numbers = [self._ir.IntegerAttr.get(index, size) for size in type_.shape]
        shape = self._op("arith.constant", sizes, (), value=self._ir.DenseElementsAttr.get(numbers, sizes))
        return self._op("tensor.reshape", type_, (operation.operands[0], shape))

    def _reduce(self, operation: Any) -> Any:
        if len(operation.operands) != 2:
            return None
        inner = [one.operation for one in operation.regions[0].blocks[0].operations]
        type_ = self._ir.RankedTensorType(operation.results[0].type)
        combined = self._named(inner[0].name, type_.element_type) if len(inner) == 2 else None
        if combined is None:
            return None
        value, start = operation.operands
        gone = set(operation.attributes["dimensions"])
        rank = self._ir.RankedTensorType(value.type).rank
        kept = [f"d{dim}" for dim in range(rank) if dim not in gone]
        begun = self._generic(type_, [(start, [])], type_.rank)

        def more(taken: Sequence[Any]) -> Any:
            return self._op(combined, taken[0].type, taken)

        return self._generic(type_, [(value, _all(rank))], rank, (begun, kept), more)

    def _dot_general(self, operation: Any) -> Any:
        written = str(operation.attributes["dot_dimension_numbers"])
        names = [f"{side}_{what}_dimensions" for what in ("batching", "contracting") for side in ("lhs", "rhs")]
        batch_a, batch_b, sum_a, sum_b = ([*map(int, _listed(name, written))] for name in names)
        a, b = operation.operands
        type_ = self._ir.RankedTensorType(operation.results[0].type)
        rank = type_.rank
        rank_a, rank_b = (self._ir.RankedTensorType(one.type).rank for one in (a, b))
        if not isinstance(type_.element_type, self._ir.FloatType):
            return None
        # The result has the batch, then what is free of each side; what is summed over comes behind these.
        names_a, names_b = [""] * rank_a, [""] * rank_b
        for number, (dim_a, dim_b) in enumerate(zip(batch_a, batch_b, strict=True)):
            names_a[dim_a] = names_b[dim_b] = f"d{number}"
        for number, (dim_a, dim_b) in enumerate(zip(sum_a, sum_b, strict=True)):
            names_a[dim_a] = names_b[dim_b] = f"d{rank + number}"
        free = len(batch_a)
        for side in (names_a, names_b):
            for dim, name in enumerate(side):
                if not name:
                    side[dim] = f"d{free}"
                    free += 1
        zero = self._splat(type_, 0.0)
        element = type_.element_type

        def more(taken: Sequence[Any]) -> Any:
            product = self._op("arith.mulf", element, taken[:2])
            return self._op("arith.addf", element, (product, taken[2]))

        return self._generic(type_, [(a, names_a), (b, names_b)], rank + len(sum_a), (zero, _all(rank)), more)

    # What these are made of.

    def _splat(self, type_: Any, number: float) -> Any:
        element = self._ir.FloatAttr.get(self._ir.RankedTensorType(type_).element_type, number)
        return self._op("arith.constant", type_, (), value=self._ir.DenseElementsAttr.get_splat(type_, element))

    def _generic(
        self,
        type_: Any,
        inputs: Sequence[tuple[Any, Sequence[str]]],
        rank: int,
        begun: tuple[Any, Sequence[str]] | None = None,
        body: Callable[[Sequence[Any]], Any] = operator.itemgetter(0),
    ) -> Any:
        """A `linalg.generic` over `rank` dimensions; inputs and output are read at places of names `d0`, `d1`.

        `body` makes the value of an element of those of the inputs and of what is there; it is that of the first.
        """
        ir = self._ir
        output, places = begun or (self._op("tensor.empty", type_, ()), _all(rank))
        every = ", ".join(_all(rank))
        maps = [f"affine_map<({every}) -> ({', '.join(names)})>" for names in (*(one for _, one in inputs), places)]
        words = ["parallel" if name in places else "reduction" for name in _all(rank)]
        kinds = [f"#linalg.iterator_type<{word}>" for word in words]
        operation = ir.Operation.create(
            "linalg.generic",
            results=[type_],
            operands=[*(value for value, _ in inputs), output],
            attributes={
                "indexing_maps": ir.ArrayAttr.get([ir.Attribute.parse(one) for one in maps]),
                "iterator_types": ir.ArrayAttr.get([ir.Attribute.parse(one) for one in kinds]),
                "operandSegmentSizes": ir.DenseI32ArrayAttr.get([len(inputs), 1]),
            },
            regions=1,
        )
        elements = [ir.RankedTensorType(value.type).element_type for value in (*(one for one, _ in inputs), output)]
        block = operation.regions[0].blocks.append(*elements, arg_locs=[ir.Location.unknown()] * len(elements))
        with ir.InsertionPoint(block):
            ir.Operation.create("linalg.yield", operands=[body(list(block.arguments))])
        return operation.results[0]


def _all(rank: int) -> list[str]:
    return [f"d{dim}" for dim in range(rank)]


def _listed(name: str, written: str) -> list[str]:
    found = re.search(_NUMBERS.format(name), written)
    return [one for one in found[1].replace(" ", "").split(",") if one] if found else []


def _types(operation: Any) -> list[Any]:
    return [one.type for one in (*operation.operands, *operation.results)]


def _is_static(ir: Any, type_: Any) -> bool:
    return isinstance(type_, ir.RankedTensorType) and type_.has_static_shape
