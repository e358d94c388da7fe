"""Random functions to differentiate: any types, and a body that needs every argument and mixes values of one type.

The operations in a body have derivatives in both engines, and a body says which arguments flow into what, so that
activities can be chosen which ask for no more than the engines can. What is wrong with an operation that names such a
function is then wrong with its signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.differential.operations import Function

if TYPE_CHECKING:
    import random

FLOATS: Final = ("f16", "bf16", "f32", "f64")
INTEGERS: Final = ("i1", "i8", "i32", "i64")
FLOAT_TENSORS: Final = (
    "tensor<4xf64>",
    "tensor<2x3xf32>",
    "tensor<f64>",
    "tensor<3xbf16>",
    "tensor<?xf64>",
    "tensor<2x?xf32>",
)
OTHER_TENSORS: Final = ("tensor<3xi32>", "tensor<2xcomplex<f64>>", "tensor<2xindex>", "tensor<i64>")
COMPLEX: Final = ("complex<f32>", "complex<f64>")
MEMREFS: Final = ("memref<4xf64>", "memref<?xf32>", "memref<2x3xf64>", "memref<f32>", "memref<4xi32>")
POINTER: Final = "!llvm.ptr"
FOREIGN: Final = ("vector<4xf64>", "f80")
"""Types without derivatives: legal as long as they are constant."""

RARE: Final = (
    "i128",
    "ui8",
    "complex<i32>",
    "tensor<0xf64>",
    "tensor<*xf64>",
    'tensor<4xf64, "enc">',
    "tensor<4xvector<2xf64>>",
    "tensor<2xf8E4M3FN>",
    "memref<4xf64, 1>",
    "memref<4xf64, strided<[1], offset: ?>>",
    "memref<2x3xf32, affine_map<(d0, d1) -> (d1, d0)>>",
    "memref<*xf32>",
    "!llvm.ptr<1>",
    "!llvm.struct<(f64, i32)>",
    "!llvm.array<4 x f64>",
    "vector<[4]xf32>",
    "tf32",
    "f8E5M2",
    "tuple<f64, i32>",
    "none",
    "!enzyme.Gradient<f64>",
    "!stablehlo.token",
)
"""Types that are handed on and not computed with."""

ALL: Final = (
    *(FLOATS * 3),
    *(INTEGERS * 2),
    "si32",
    "index",
    *COMPLEX,
    *(FLOAT_TENSORS * 2),
    *OTHER_TENSORS,
    *MEMREFS,
    POINTER,
    *FOREIGN,
)
"""The types of arguments; how often a type stands here is how often it is drawn."""
BATCHED: Final = tuple(type_ for type_ in ALL if type_ not in MEMREFS)
OF_LLVM: Final = (*FLOATS, "f64", "f32", "i32", "i64", POINTER)
OF_JACOBIANS: Final = ("tensor<2xf64>", "tensor<3xf64>", "tensor<2x3xf64>", "tensor<4xf32>", "tensor<3x2xf32>")


@dataclass(frozen=True, slots=True)
class Flows:
    """Which arguments, by number, each result and each place in memory depends on, and which results are an argument
    as it came in."""

    results: tuple[frozenset[int], ...]
    stored: dict[int, frozenset[int]]
    passed: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Value:
    name: str
    of: frozenset[int]
    is_argument: bool = False


class _Body:
    """A body under construction."""

    def __init__(
        self, chance: random.Random, arguments: tuple[str, ...], captured: tuple[str, ...], *, computes: bool
    ) -> None:
        self.lines: list[str] = []
        self.stored: dict[int, frozenset[int]] = {}
        self._chance = chance
        self._computes = computes
        self._count = 0
        self._pools: dict[str, list[_Value]] = {}
        self._zero = ""
        for index, type_ in enumerate(arguments):
            self._pools.setdefault(type_, []).append(_Value(f"%x{index}", frozenset({index}), is_argument=True))
        for index, type_ in enumerate(captured):
            self._pools.setdefault(type_, []).append(self._mixed(type_, *[_Value(f"%k{index}", frozenset())] * 2))
        if computes:
            self._use_memory(arguments)

    def result(self, type_: str) -> _Value | None:
        """A value of a type, made of everything of that type; None when there is nothing of it."""
        pool = self._pools.get(type_)
        if not pool:
            return self._constant(type_)
        if not self._computes or _operation(type_, self._chance) is None or type_ in MEMREFS:
            return self._chance.choice(pool)
        value = pool[0]
        for other in pool[1:] or pool:
            value = self._mixed(type_, value, other)
        # The next result of this type is another value.
        pool.append(value)
        return value

    def _mixed(self, type_: str, one: _Value, other: _Value) -> _Value:
        return self._line(f"{_operation(type_, self._chance)} {one.name}, {other.name} : {type_}", one.of | other.of)

    def _use_memory(self, arguments: tuple[str, ...]) -> None:
        """Read every place in memory, so that its values mix with others, and write to some."""
        places = [(index, type_) for index, type_ in enumerate(arguments) if type_ in MEMREFS or type_ == POINTER]
        for index, type_ in places:
            element, loading, _ = self._access(index, type_)
            self._pools.setdefault(element, []).append(self._line(loading, frozenset({index})))
        for index, type_ in places:
            element, _, storing = self._access(index, type_)
            if self._chance.random() < 0.6 and (value := self.result(element)) is not None:
                self.lines.append(storing.format(value.name))
                self.stored[index] = value.of

    def _access(self, index: int, type_: str) -> tuple[str, str, str]:
        """The element of a memory type, the operation that loads it, and the one that stores `{}` in it."""
        if type_ == POINTER:
            return "f64", f"llvm.load %x{index} : !llvm.ptr -> f64", f"llvm.store {{}}, %x{index} : f64, !llvm.ptr"
        *sizes, element = type_.removeprefix("memref<").removesuffix(">").split("x")
        if sizes and not self._zero:
            self._zero = self._line("arith.constant 0 : index", frozenset()).name
        place = f"%x{index}[{', '.join([self._zero] * len(sizes))}] : {type_}"
        return element, f"memref.load {place}", f"memref.store {{}}, {place}"

    def _constant(self, type_: str) -> _Value | None:
        if not self._computes or not (literal := _literal(type_)):
            return None
        return self._line(f"arith.constant {literal} : {type_}", frozenset())

    def _line(self, text: str, of: frozenset[int]) -> _Value:
        name = f"%v{self._count}"
        self._count += 1
        self.lines.append(f"{name} = {text}")
        return _Value(name, of)


def function(
    chance: random.Random,
    types: tuple[str, ...] = ALL,
    *,
    computes: bool = True,
    is_llvm: bool = False,
    captured: tuple[str, ...] = (),
) -> tuple[Function, Flows]:
    """A function of some of `types`. One that does not compute hands its arguments on, as batching anything can.

    `captured` are the types of values `%k0`, `%k1` and so on that a region finds around it.
    """
    arguments = tuple(chance.choice(types) for _ in range(chance.choice((0, 1, 1, 2, 2, 2, 3, 3, 4))))
    if arguments and types is ALL and chance.random() < 0.1:
        arguments = (*arguments[:-1], chance.choice(RARE))
    if any("complex" in type_ for type_ in arguments):
        # The pass that adds complex tensors takes no tensors of unknown size, nor of `index`.
        types = tuple(type_ for type_ in types if "?" not in type_ and "xindex" not in type_)
        arguments = tuple(type_ for type_ in arguments if type_ in types)
    if arguments and chance.random() < 0.3:
        arguments = (*arguments[:-1], arguments[0])
    count = min(chance.choice((0, 1, 1, 1, 2, 2, 3)), 1 if is_llvm else 3)
    body = _Body(chance, arguments, captured, computes=computes)
    results, values = list[str](), list[_Value]()
    for _ in range(count):
        type_ = chance.choice(arguments) if arguments and chance.random() < 0.8 else chance.choice(types)
        if (value := body.result(type_)) is not None:
            results.append(type_)
            values.append(value)
    made = Function(
        arguments, tuple(results), tuple(body.lines), tuple(value.name for value in values), is_llvm=is_llvm
    )
    passed = frozenset(number for number, value in enumerate(values) if value.is_argument)
    return made, Flows(tuple(value.of for value in values), body.stored, passed)


def _operation(type_: str, chance: random.Random) -> str | None:
    """An operation that makes one value of two; None for types that can only be handed on."""
    if type_ in FLOATS or type_ in FLOAT_TENSORS or type_ in OF_JACOBIANS:
        return chance.choice(("arith.mulf", "arith.addf", "arith.subf"))
    if type_ in INTEGERS or type_ == "index":
        return chance.choice(("arith.addi", "arith.muli"))
    if type_ in COMPLEX:
        return chance.choice(("complex.add", "complex.mul"))
    if type_ in FOREIGN:
        return "arith.mulf"
    return "stablehlo.add" if type_ in ("tensor<3xi32>", "tensor<i64>") else None


def _literal(type_: str) -> str:
    """A constant of a type; empty for types that have none."""
    if type_ in FLOATS:
        return "1.5"
    if type_ in INTEGERS or type_ == "index":
        return "1"
    if type_.startswith("tensor<") and "?" not in type_ and "complex" not in type_:
        return "dense<1.5>" if type_ in FLOAT_TENSORS or type_ in OF_JACOBIANS else "dense<1>"
    return ""
