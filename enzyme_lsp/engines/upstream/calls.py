"""Calls of machine code: what is asked as JSON, what MLIR passes for it, and what is answered; must import the standard
library only.

    {"values": [[1.5], [0.5, 2.0]], "calls": [
      {"name": "f", "arguments": [["f64", null, [[1.0, 0]]], ["f64", [2], [[1.0, 1], [0.125, 1]]]],
       "results": [["f64", null]]}]}

An argument is an element type, the sizes of memory or null for a number, and a sum of `values` by their numbers, each
with a factor. Memory is fresh for each call. The answer to a call has the numbers of each `result`, those that each
argument's `memory` holds then, and which arguments' memory was left: written `outside` of its bounds. A complex number
is two numbers.
"""

from __future__ import annotations

import ctypes
from functools import cache
from math import prod
from typing import Any, Final

NUMBERS: Final[dict[str, Any]] = {
    "f64": ctypes.c_double,
    "f32": ctypes.c_float,
    "i64": ctypes.c_int64,
    "i32": ctypes.c_int32,
    "i16": ctypes.c_int16,
    "i8": ctypes.c_int8,
    "i1": ctypes.c_bool,
    "index": ctypes.c_int64,
    "complex<f64>": ctypes.c_double * 2,
    "complex<f32>": ctypes.c_float * 2,
}
"""How an element is passed."""
_FLOATS: Final = ("f64", "f32", "complex<f64>", "complex<f32>")
_GUARD: Final = bytes(range(1, 65))
"""What stands before and behind each memory, and is to be there after a call."""


def answer(address: int, asked: Any, values: Any) -> Any:
    """What a call gives."""
    memory: list[_Memory | None] = []
    passed: list[Any] = []
    for element, sizes, parts in asked["arguments"]:
        numbers = _sum(parts, values)
        if not element.startswith(_FLOATS):
            numbers = [int(number) for number in numbers]
        if sizes is None:
            passed.append(_one(element, numbers))
            memory.append(None)
        else:
            buffer = _Memory(element, numbers)
            memory.append(buffer)
            passed += _descriptor_of(buffer.address, sizes)
    fields: list[tuple[str, Any]] = [
        (f"r{number}", _result(element, sizes)) for number, (element, sizes) in enumerate(asked["results"])
    ]
    given: Any = type("Results", (ctypes.Structure,), {"_fields_": fields})() if fields else None
    if given is not None:
        passed.append(given)
    packed = (ctypes.c_void_p * len(passed))(*(ctypes.addressof(one) for one in passed))
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)(ctypes.addressof(packed))
    return {
        "results": [
            _read(element, sizes, getattr(given, f"r{number}"))
            for number, (element, sizes) in enumerate(asked["results"])
        ],
        "memory": [None if one is None else one.numbers() for one in memory],
        "outside": [number for number, one in enumerate(memory) if one is not None and not one.is_whole()],
    }


class _Memory:
    """Numbers in memory of our own."""

    def __init__(self, element: str, numbers: list[Any]) -> None:
        self._element = element
        self._count = len(numbers)
        scalar = _scalar(element)
        self._size = ctypes.sizeof(scalar) * self._count
        self._bytes = ctypes.create_string_buffer(_GUARD + bytes(self._size) + _GUARD, self._size + 2 * len(_GUARD))
        self.address = ctypes.addressof(self._bytes) + len(_GUARD)
        self._array = (scalar * self._count).from_buffer(self._bytes, len(_GUARD))
        self._array[:] = numbers

    def numbers(self) -> list[Any]:
        return list(self._array)

    def is_whole(self) -> bool:
        """Whether nothing around it was written."""
        raw = self._bytes.raw
        return raw.startswith(_GUARD) and raw.endswith(_GUARD)


def _sum(parts: Any, values: Any) -> list[float]:
    if len(parts) == 1 and parts[0][0] == 1.0:
        return list(values[parts[0][1]])
    found = [0.0] * len(values[parts[0][1]])
    for factor, number in parts:
        found = [before + factor * value for before, value in zip(found, values[number], strict=True)]
    return found


def _scalar(element: str) -> Any:
    """What memory of elements is made of: a complex number is two."""
    return NUMBERS[element.removeprefix("complex<").removesuffix(">")]


def _one(element: str, numbers: list[Any]) -> Any:
    return NUMBERS[element](*numbers)


def _descriptor_of(address: int, sizes: list[int]) -> list[Any]:
    """What MLIR passes for memory whose rows follow each other."""
    strides = [prod(sizes[axis + 1 :]) for axis in range(len(sizes))]
    numbers = [ctypes.c_int64(number) for number in (0, *sizes, *strides)]
    return [ctypes.c_void_p(address), ctypes.c_void_p(address), *numbers]


@cache
def _descriptor(rank: int) -> Any:
    """What MLIR gives for memory."""
    fields: list[tuple[str, Any]] = [("allocated", ctypes.c_void_p), ("aligned", ctypes.c_void_p)]
    fields.append(("offset", ctypes.c_int64))
    fields += [("sizes", ctypes.c_int64 * rank), ("strides", ctypes.c_int64 * rank)] if rank else []
    return type("Descriptor", (ctypes.Structure,), {"_fields_": fields})


def _result(element: str, sizes: list[int] | None) -> Any:
    return NUMBERS[element] if sizes is None else _descriptor(len(sizes))


def _read(element: str, sizes: list[int] | None, value: Any) -> list[Any]:
    """The numbers of a result."""
    if sizes is None:
        return list(value) if element.startswith("complex") else [value]
    each = 2 if element.startswith("complex") else 1
    scalar = _scalar(element)
    found: list[Any] = []
    for number in range(prod(sizes)):
        place, rest = value.offset, number
        for axis in reversed(range(len(sizes))):
            place += rest % sizes[axis] * value.strides[axis]
            rest //= sizes[axis]
        found += [
            scalar.from_address(value.aligned + (place * each + part) * ctypes.sizeof(scalar)).value
            for part in range(each)
        ]
    return found
