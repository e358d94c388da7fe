"""Derivatives as numbers: each example and its derivatives lowered to machine code and called, all in one process.

What the calls must give follows from the calling convention and central differences of `@f` alone; nothing of that is
taken from the package, which wrote the functions that are called.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from enzyme_lsp.derivatives import BY_ID, derivative, subject
from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.settings import Settings
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.derivatives.examples import FUNCTION, Example

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from enzyme_lsp.derivatives.subject import Callee
    from enzyme_lsp.syntax.types import Type
    from tests.judges import EngineThread

_POSTPASSES: Final = 'enzyme{postpasses="canonicalize,remove-unnecessary-enzyme-ops,canonicalize"}'
_TO_LLVM: Final = (
    "convert-math-to-llvm,convert-math-to-libm,lower-affine,convert-scf-to-cf,expand-strided-metadata,lower-affine,"
    "finalize-memref-to-llvm,convert-arith-to-llvm,convert-index-to-llvm,convert-cf-to-llvm,convert-func-to-llvm,"
    "reconcile-unrealized-casts"
)
_TENSORS: Final = (
    "convert-elementwise-to-linalg,one-shot-bufferize{bufferize-function-boundaries=true"
    " function-boundary-type-conversion=identity-layout-map},canonicalize,convert-linalg-to-loops,"
    f"{_TO_LLVM}"
)
"""For the runner: the engine has not registered what the first two need."""
_BROADCAST: Final = re.compile(
    r"(?P<result>%\w+) = \"enzyme\.broadcast\"\((?P<value>%\w+)\) <\{shape = array<i64: \d+>\}> :"
    r" \((?P<from>[^)]*)\) -> (?P<to>\S+)"
)


needs_the_bindings = pytest.mark.skipif(
    importlib.util.find_spec("mlir") is None and not os.environ.get("ENZYME_LSP_REQUIRE_ENGINES"),
    reason="MLIR's Python bindings are not installed, which have no wheel for every platform",
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a derivative gave, and what it should give, number by number."""

    found: Sequence[float]
    wanted: Sequence[float]


@dataclass(frozen=True, slots=True)
class _Slot:
    """An argument or result of `@f`: its type for the runner, and how many numbers it holds."""

    type: str
    count: int
    is_float: bool
    is_memory: bool

    @staticmethod
    def of(type_: Type, value: Any = None) -> _Slot:
        if type_.kind is TypeKind.POINTER:
            return _Slot("ptr", len(value), is_float=True, is_memory=True)
        sizes = [size or 0 for size in type_.shape]
        shaped = type_.kind in (TypeKind.TENSOR, TypeKind.MEMREF)
        text = f"memref {'x'.join(map(str, sizes))}" if shaped else type_.text
        return _Slot(text, prod(sizes), type_.scalar.kind is TypeKind.FLOAT, is_memory=type_.kind is TypeKind.MEMREF)

    @property
    def is_shaped(self) -> bool:
        return self.type.startswith(("memref", "ptr"))

    def value(self, numbers: Sequence[float]) -> Any:
        return list(numbers) if self.is_shaped else numbers[0]


class Runs:
    """The calls that one example asks for, and what their answers say of its derivatives."""

    def __init__(self, example: Example) -> None:
        self.example = example
        callee = _callee(example)
        self._taken = [_Slot.of(one.type, at) for one, at in zip(callee.arguments, example.at, strict=True)]
        self._given = [_Slot.of(one.type) for one in callee.results]
        self._is_llvm = callee.is_llvm
        tensors = [
            one.type.kind is TypeKind.TENSOR for one in (*callee.arguments, *callee.results) if _is_float(one.type)
        ]
        self._at_once = all(tensors)
        self._point = [[*map(float, at)] if isinstance(at, tuple) else [at] for at in example.at]
        self._varied = [slot.is_float for slot in self._taken]
        self._memory = [slot.is_float and slot.is_memory for slot in self._taken]
        self._directions = [_weights(slot.count, 3 + number) for number, slot in enumerate(self._taken)]
        self._seeds = [_weights(slot.count, 11 + number) for number, slot in enumerate(self._given)]
        self._shadows = [_weights(slot.count, 17 + number) for number, slot in enumerate(self._taken)]

    def primals(self) -> list[Any]:
        """`@f` a step before and behind the point, for each number that it depends on."""
        return [self._primal(point) for point in self._steps()]

    def derivative(self, sort: str) -> Any:
        """The call of a derivative."""
        match sort:
            case "reverse" | "reverse.primal":
                return self._gradient(self._point, self._shadows, with_primal=sort == "reverse.primal")
            case "forward":
                arguments = [
                    each
                    for number, slot in enumerate(self._taken)
                    for each in (
                        (slot.type, slot.value(self._point[number])),
                        *(((slot.type, slot.value(self._directions[number])),) if self._varied[number] else ()),
                    )
                ]
                results = [slot.type for slot in self._given for _ in range(1 + slot.is_float)]
                return call("jvp_f", arguments, results)
            case "jacobian":
                arguments = [(slot.type, slot.value(at)) for slot, at in zip(self._taken, self._point, strict=True)]
                return call("jacobian_f", arguments, [type_ for type_, _ in self._jacobian()])
            case _:
                return self._hvp()

    def around(self) -> list[Any]:
        """`@grad_f` a step before and behind the point, in the direction of the Hessian-vector product."""
        return [
            self._gradient(
                [
                    _moved(at, by, step) if v else at
                    for at, by, v in zip(self._point, self._directions, self._varied, strict=True)
                ],
                [_moved(at, by, step) for at, by in zip(self._shadows, self._turns(), strict=True)],
            )
            for step in (self.example.step, -self.example.step)
        ]

    def numbers(self, sort: str, primals: Sequence[Any], answer: Any) -> Numbers:
        """What a derivative gave, and what the primals say."""
        columns = self._columns(primals)
        match sort:
            case "forward":
                rows = [
                    sum(c * v for c, v in zip(row, self._flat(self._directions, self._varied), strict=True))
                    for row in zip(*columns, strict=True)
                ]
                return Numbers(self._tangents(answer), rows)
            case "jacobian":
                return Numbers(
                    _flat(answer["results"]), [number for _, part in self._jacobian(columns) for number in part]
                )
            case _:
                with_primal = sort == "reverse.primal"
                weights = [
                    *self._flat(self._seeds, [slot.is_float for slot in self._given]),
                    *self._flat(self._shadows, self._memory),
                ]
                gradients = [sum(c * w for c, w in zip(column, weights, strict=True)) for column in columns]
                wanted = (self._values(primals) if with_primal else []) + gradients
                return Numbers(self._gradients(answer, with_primal=with_primal), wanted)

    def hvp_numbers(self, around: Sequence[Any], answer: Any) -> Numbers:
        """What the Hessian-vector product gave, and what the gradients around it say."""
        behind, before = (self._gradients(each) for each in around)
        wanted = [(b - a) / (2 * self.example.step) for a, b in zip(before, behind, strict=True)]
        results, memory = (
            iter(answer["results"]),
            self._buffers(answer, [4 if m else 2 if v else 1 for m, v in zip(self._memory, self._varied, strict=True)]),
        )
        found: list[float] = []
        for number in range(len(self._taken)):
            if self._memory[number]:
                found += memory[number][3]
            elif self._varied[number]:
                found += _flat([next(results)])
        return Numbers(found, wanted)

    def _steps(self) -> Iterator[Sequence[Sequence[float]]]:
        for number, slot in enumerate(self._taken):
            for element in range(slot.count if self._varied[number] else 0):
                for step in (self.example.step, -self.example.step):
                    moved = [list(each) for each in self._point]
                    moved[number][element] += step
                    yield moved

    def _primal(self, point: Sequence[Sequence[float]]) -> Any:
        arguments = [(slot.type, slot.value(at)) for slot, at in zip(self._taken, point, strict=True)]
        return call(FUNCTION, arguments, [slot.type for slot in self._given])

    def _gradient(
        self, point: Sequence[Sequence[float]], shadows: Sequence[Sequence[float]], *, with_primal: bool = False
    ) -> Any:
        arguments: list[tuple[str, Any]] = []
        for number, slot in enumerate(self._taken):
            arguments.append((slot.type, slot.value(point[number])))
            if self._memory[number]:
                arguments.append((slot.type, slot.value(shadows[number])))
        arguments += [
            (slot.type, slot.value(seed)) for slot, seed in zip(self._given, self._seeds, strict=True) if slot.is_float
        ]
        results = [slot.type for slot in self._given] if with_primal else []
        results += [
            slot.type for number, slot in enumerate(self._taken) if self._varied[number] and not self._memory[number]
        ]
        return call("value_and_grad_f" if with_primal else "grad_f", arguments, results)

    def _hvp(self) -> Any:
        arguments: list[tuple[str, Any]] = []
        turns = self._turns()
        for number, slot in enumerate(self._taken):
            arguments.append((slot.type, slot.value(self._point[number])))
            if self._varied[number]:
                arguments.append((slot.type, slot.value(self._directions[number])))
            if self._memory[number]:
                arguments += [(slot.type, slot.value(self._shadows[number])), (slot.type, slot.value(turns[number]))]
        arguments += [
            (slot.type, slot.value(seed)) for slot, seed in zip(self._given, self._seeds, strict=True) if slot.is_float
        ]
        results = [
            slot.type for number, slot in enumerate(self._taken) if self._varied[number] and not self._memory[number]
        ]
        return call("hvp_f", arguments, results)

    def _turns(self) -> list[list[float]]:
        """The direction in which the shadows of memory move."""
        return [_weights(slot.count, 23 + number) for number, slot in enumerate(self._taken)]

    def _columns(self, primals: Sequence[Any]) -> list[list[float]]:
        """For each number that goes in, the derivative by it of each that comes out."""
        outs = [self._outputs(each) for each in primals]
        return [
            [(b - a) / (2 * self.example.step) for a, b in zip(before, behind, strict=True)]
            for behind, before in zip(outs[::2], outs[1::2], strict=True)
        ]

    def _outputs(self, answer: Any) -> list[float]:
        results = [value for slot, value in zip(self._given, answer["results"], strict=True) if slot.is_float]
        memory = self._buffers(answer, [1] * len(self._taken))
        return _flat(results) + [
            number for index, each in enumerate(memory) if self._memory[index] for number in each[0]
        ]

    def _values(self, primals: Sequence[Any]) -> list[float]:
        """The results of `@f` at the point itself: the mean of those around it, which is as exact as the differences."""
        both = [_flat(each["results"]) for each in primals[:2]]
        return [(a + b) / 2 for a, b in zip(*both, strict=True)]

    def _gradients(self, answer: Any, *, with_primal: bool = False) -> list[float]:
        results = iter(answer["results"])
        found = _flat([next(results) for _ in self._given]) if with_primal else []
        memory = self._buffers(answer, [2 if m else 1 for m in self._memory])
        for number in range(len(self._taken)):
            if self._memory[number]:
                found += memory[number][1]
            elif self._varied[number]:
                found += _flat([next(results)])
        return found

    def _tangents(self, answer: Any) -> list[float]:
        results, found = iter(answer["results"]), list[float]()
        for slot in self._given:
            next(results)
            found += _flat([next(results)]) if slot.is_float else []
        memory = self._buffers(answer, [2 if v else 1 for v in self._varied])
        return found + [number for index, each in enumerate(memory) if self._memory[index] for number in each[1]]

    def _buffers(self, answer: Any, each: Sequence[int]) -> list[list[list[float]]]:
        """For each argument what is in the memory that was handed over for it: so many places of `each`."""
        buffers = iter(answer["memory"])
        return [
            [next(buffers) for _ in range(count)] if slot.is_shaped else []
            for slot, count in zip(self._taken, each, strict=True)
        ]

    def _jacobian(self, columns: Sequence[Sequence[float]] | None = None) -> list[tuple[str, list[float]]]:
        """The results of `@jacobian_f`: their types, and their numbers where the columns are known."""
        takes = [slot for slot in self._taken if slot.is_float]
        gives = [slot for slot in self._given if slot.is_float]
        ins, outs = sum(slot.count for slot in takes), sum(slot.count for slot in gives)
        in_forward_mode = ins <= outs and not self._is_llvm

        def entry(out: int, into: int) -> float:
            return columns[into][out] if columns is not None else 0.0

        rows, slots = (ins, gives) if in_forward_mode else (outs, takes)
        starts = [0, *accumulate(slot.count for slot in slots)]
        found: list[tuple[str, list[float]]] = []
        order = [(row, index) for row in range(rows) for index in range(len(slots))]
        if in_forward_mode:
            order.sort(key=lambda one: one[1])
        parts = {
            (row, index): [
                entry(at, row) if in_forward_mode else entry(row, at)
                for at in range(starts[index], starts[index] + slots[index].count)
            ]
            for row, index in order
        }
        if not self._at_once or rows == 1:
            return [(slots[index].type, parts[row, index]) for row, index in order]
        for index, slot in enumerate(slots):
            numbers = [number for row in range(rows) for number in parts[row, index]]
            found.append((f"memref {rows}x{slot.type.removeprefix('memref ')}", numbers))
        return found

    def _flat(self, values: Sequence[Sequence[float]], wanted: Sequence[bool]) -> list[float]:
        return [number for each, is_wanted in zip(values, wanted, strict=True) if is_wanted for number in each]


def run(examples: Sequence[Example], engine: EngineThread) -> dict[tuple[str, str], Numbers]:
    """The numbers of each example and sort."""
    jobs: list[Any] = []
    for example in examples:
        runs, first = Runs(example), [sort for sort in example.sorts if sort != "hvp"]
        calls = [*runs.primals(), *(runs.derivative(sort) for sort in first)]
        jobs.append(job(lowered(example, first, engine), calls))
        if "hvp" in example.sorts:
            jobs.append(job(lowered(example, ["hvp"], engine), [*runs.around(), runs.derivative("hvp")]))
    answers = iter(answered(jobs))
    found: dict[tuple[str, str], Numbers] = {}
    for example in examples:
        runs, first = Runs(example), [sort for sort in example.sorts if sort != "hvp"]
        answer = next(answers)
        primals, derivatives = answer[: -len(first)], answer[-len(first) :]
        for sort, each in zip(first, derivatives, strict=True):
            found[example.name, sort] = runs.numbers(sort, primals, each)
        if "hvp" in example.sorts:
            *around, product = next(answers)
            found[example.name, "hvp"] = runs.hvp_numbers(around, product)
    return found


def answered(jobs: Sequence[Any]) -> list[Any]:
    """What comes of each call of each job, in a process that does them all."""
    runner = Path(__file__).with_name("runner.py")
    done = subprocess.run(
        [sys.executable, str(runner)], input=json.dumps(jobs), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"the runner ended with {done.returncode}: {done.stderr[-2000:]}"
    return json.loads(done.stdout)


def lowered(example: Example, sorts: Iterable[str], engine: EngineThread) -> tuple[str, str]:
    """An example with some of its derivatives, and what passes the runner has to run over it."""
    document = Document.of(f"untitled:{example.name}", example.text)
    for sort in sorts:
        snapshot = Workspace(Settings()).open(document)
        (one,) = subject.every(snapshot, FUNCTION)
        document = document.edited(derivative(one, BY_ID[sort], BY_ID[sort].wish), version=0)
    # Caches that a loop fills are lowered by what comes then; all others are better cleaned away at once.
    first = "enzyme" if b".for " in document.data else _POSTPASSES
    if b"tensor<" in document.data:
        differentiated = _printed(document.data, f"{first},canonicalize", engine)
        return _BROADCAST.sub(_repeated, differentiated.decode()), f"builtin.module({_TENSORS})"
    pipeline = f"{first},canonicalize,convert-enzyme-to-memref,canonicalize,convert-linalg-to-loops,{_TO_LLVM}"
    return _printed(document.data, pipeline, engine).decode(), ""


def _repeated(found: re.Match[str]) -> str:
    """What `enzyme.broadcast` means, which no pass of the engine lowers without StableHLO: the value for each row."""
    result, value, from_, to = found["result"], found["value"], found["from"], found["to"]
    if not from_.startswith("tensor<"):
        return f'{result} = "tensor.splat"({value}) : ({from_}) -> {to}'
    element, empty = re.sub(r"tensor<(?:\d+x)*(\w+)>", r"\1", from_), f"%empty_{result[1:]}"
    return (
        f'{empty} = "tensor.empty"() : () -> {to}\n'
        f'{result} = "linalg.broadcast"({value}, {empty}) <{{dimensions = array<i64: 0>}}> ({{\n'
        f'^bb0(%in: {element}, %out: {element}):\n  "linalg.yield"(%in) : ({element}) -> ()\n'
        f"}}) : ({from_}, {to}) -> {to}"
    )


def _printed(text: bytes, pipeline: str, engine: EngineThread) -> bytes:
    answer = engine.wait(engine.pool.run(Request(text, pipeline, generic=True)))
    assert answer.outcome is Outcome.ACCEPTED, f"{answer.detail} {answer.problems}\n{text.decode()}"
    assert answer.output is not None
    return answer.output.encode()


def job(made: tuple[str, str], calls: Sequence[Any]) -> Any:
    """What is lowered, and what is to be called of it."""
    return {"text": made[0], "pipeline": made[1], "calls": calls}


def _callee(example: Example) -> Callee:
    snapshot = Workspace(Settings()).open(Document.of("untitled:f", example.text))
    (one,) = subject.every(snapshot, FUNCTION)
    return one.callee


def _is_float(type_: Type) -> bool:
    return type_.scalar.kind is TypeKind.FLOAT


def call(name: str, arguments: Sequence[tuple[str, Any]], results: Sequence[str]) -> Any:
    """A call, as the runner reads it."""
    return {"name": name, "arguments": [list(one) for one in arguments], "results": list(results)}


def _moved(at: Sequence[float], by: Sequence[float], step: float) -> list[float]:
    return [a + step * b for a, b in zip(at, by, strict=True)]


def _weights(count: int, start: int) -> list[float]:
    """Numbers of no particular pattern."""
    return [((start + number) * 37 % 17 - 7.5) / 10 for number in range(count)]


def _flat(values: Iterable[Any]) -> list[float]:
    """All numbers of some results, which are numbers or lists of them."""
    found: list[float] = []
    for value in values:
        found += value if isinstance(value, list) else [value]
    return found
