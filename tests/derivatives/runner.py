"""Runs functions of modules in the LLVM dialect, in a process of its own; must not know what they compute.

    python runner.py < jobs.json > answers.json

A job is a module, a pipeline that makes it LLVM's, or nothing, and calls in it: a name, arguments with their types, and
types of results. Types are `f64`, `f32`, `i64`, `i32`, `i1`, `index`, `ptr`, and `memref 2x3` of f64, whose values are
lists. A call's answer has its results, and what its memory holds then. Native code may end this process, and no other.
"""

from __future__ import annotations

import ctypes
import json
import sys
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any

# This is the process that native code may end. The bindings have no types, so that none are asked for here.
from mlir.execution_engine import ExecutionEngine  # noqa: TID251 # pyright: ignore[reportMissingTypeStubs]
from mlir.ir import Context, Module  # noqa: TID251 # pyright: ignore[reportMissingTypeStubs]
from mlir.passmanager import PassManager  # noqa: TID251 # pyright: ignore[reportMissingTypeStubs]

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS = {
    "f64": ctypes.c_double,
    "f32": ctypes.c_float,
    "i64": ctypes.c_int64,
    "i32": ctypes.c_int32,
    "i1": ctypes.c_bool,
    "index": ctypes.c_int64,
}


@cache
def descriptor(rank: int) -> Any:
    """What MLIR passes for a memref."""
    fields = [("allocated", ctypes.c_void_p), ("aligned", ctypes.c_void_p), ("offset", ctypes.c_int64)]
    fields += [("sizes", ctypes.c_int64 * rank), ("strides", ctypes.c_int64 * rank)] if rank else []
    return type("Descriptor", (ctypes.Structure,), {"_fields_": fields})


def shape(type_: str) -> tuple[int, ...]:
    sizes = type_.partition(" ")[2]
    return tuple(int(size) for size in sizes.split("x")) if sizes else ()


def result_type(type_: str) -> Any:
    return descriptor(len(shape(type_))) if type_.startswith("memref") else NUMBERS[type_]


def expanded(type_: str, value: Any, buffers: list[Any]) -> Iterator[Any]:
    """The values that stand for one argument; those in memory are copied into `buffers`."""
    if type_ in NUMBERS:
        yield NUMBERS[type_](value)
        return
    buffer = (ctypes.c_double * len(value))(*value)
    buffers.append(buffer)
    address = ctypes.addressof(buffer)
    yield ctypes.c_void_p(address)
    if type_ == "ptr":
        return
    sizes = shape(type_)
    yield ctypes.c_void_p(address)
    yield ctypes.c_int64(0)
    yield from (ctypes.c_int64(size) for size in sizes)
    yield from (ctypes.c_int64(prod(sizes[axis + 1 :])) for axis in range(len(sizes)))


def read(type_: str, value: Any) -> Any:
    """A result as JSON has it."""
    if type_ in NUMBERS:
        return getattr(value, "value", value)
    sizes = shape(type_)
    found: list[float] = []
    for number in range(prod(sizes)):
        place, rest = value.offset, number
        for axis in reversed(range(len(sizes))):
            place += rest % sizes[axis] * value.strides[axis]
            rest //= sizes[axis]
        found.append(ctypes.cast(value.aligned, ctypes.POINTER(ctypes.c_double))[place])
    return found


def call(engine: ExecutionEngine, asked: Any) -> Any:
    buffers: list[Any] = []
    values = [one for type_, value in asked["arguments"] for one in expanded(type_, value, buffers)]
    types = asked["results"]
    fields = [(f"r{number}", result_type(type_)) for number, type_ in enumerate(types)]
    given = type("Results", (ctypes.Structure,), {"_fields_": fields})() if fields else None
    if given is not None:
        values.append(given)
    packed = (ctypes.c_void_p * len(values))(*(ctypes.addressof(value) for value in values))
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(engine.raw_lookup(asked["name"]))(ctypes.addressof(packed))
    results = [read(type_, getattr(given, f"r{number}")) for number, type_ in enumerate(types)]
    return {"results": results, "memory": [list(buffer) for buffer in buffers]}


def main() -> None:
    answers: list[Any] = []
    for job in json.load(sys.stdin):
        with Context():
            module = Module.parse(job["text"])
            if job["pipeline"]:
                passes: Any = PassManager.parse(job["pipeline"])
                passes.run(module.operation)
            engine = ExecutionEngine(module)
            answers.append([call(engine, asked) for asked in job["calls"]])
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
