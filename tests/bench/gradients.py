"""Measures gradcheck: how often it says what is true of generated smooth functions, and of derivatives that are made wrong.

    python -m tests.bench.gradients [FUNCTIONS [FIRST_SEED]]

Each function has a gradient and a derivative in a direction, which Enzyme gets right, so that both must agree. Then an
operation of the derivative's own code is exchanged for another; where that changes its numbers, it must disagree.
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.engines.upstream import client
from enzyme_lsp.gradient.asked import asked
from enzyme_lsp.gradient.check import Checked, Wish, check
from enzyme_lsp.gradient.judge import Verdict
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Answer, Request
    from enzyme_lsp.gradient.plan import Unchecked

FUNCTIONS: Final = 300
UNARY: Final = ("math.sin", "math.cos", "math.atan", "arith.negf")
BINARY: Final = ("arith.addf", "arith.subf", "arith.mulf")
EXCHANGED: Final = {
    "llvm.fmul": "llvm.fadd",
    "llvm.fadd": "llvm.fmul",
    "llvm.fsub": "llvm.fadd",
    "llvm.fdiv": "llvm.fmul",
}


class Body:
    """A body that is being written."""

    def __init__(self, source: random.Random, type_: str, values: list[str], indent: str, start: int) -> None:
        self.source, self.type, self.values, self.indent, self.next = source, type_, values, indent, start
        self.lines: list[str] = []

    def add(self, text: str) -> str:
        name = f"%v{self.next}"
        self.next += 1
        self.lines.append(f"{self.indent}{name} = {text}")
        self.values.append(name)
        return name

    def pick(self) -> str:
        # What came last is used more often, so that little is computed for nothing.
        return self.values[-1] if self.source.random() < 0.4 else self.source.choice(self.values)

    def step(self) -> str:
        kind = self.source.random()
        if kind < 0.45:
            return self.add(f"{self.source.choice(BINARY)} {self.pick()}, {self.pick()} : {self.type}")
        if kind < 0.75:
            return self.add(f"{self.source.choice(UNARY)} {self.pick()} : {self.type}")
        # Bounded, so that nothing leaves the range of the type.
        bounded = self.add(f"math.sin {self.pick()} : {self.type}")
        if kind < 0.85:
            return self.add(f"math.exp {bounded} : {self.type}")
        square = self.add(f"arith.mulf {bounded}, {bounded} : {self.type}")
        more = self.add(f"arith.addf {square}, %one : {self.type}")
        if kind < 0.93:
            return self.add(f"math.sqrt {more} : {self.type}")
        return self.add(f"arith.divf {self.pick()}, {more} : {self.type}")


def function(source: random.Random) -> str:
    """A smooth function of numbers and memory."""
    type_ = source.choice(("f64", "f64", "f64", "f32"))
    count, has_memory = source.randint(1, 4), source.random() < 0.3
    arguments = [f"%x{number}: {type_}" for number in range(count)] + ([f"%m: memref<3x{type_}>"] if has_memory else [])
    body = Body(source, type_, [f"%x{number}" for number in range(count)], "  ", 0)
    body.lines.append(f"  %one = arith.constant 1.0 : {type_}")
    body.lines += [f"  %c{number} = arith.constant {number} : index" for number in range(4)]
    if has_memory:
        for number in range(3):
            body.add(f"memref.load %m[%c{number}] : memref<3x{type_}>")
    for _ in range(source.randint(1, 5)):
        body.step()
    structure = source.random()
    if structure < 0.25:
        _loop(body)
    elif structure < 0.45:
        _branch(body)
    for _ in range(source.randint(1, 3)):
        body.step()
    if has_memory and source.random() < 0.5:
        body.lines.append(f"  memref.store {body.pick()}, %m[%c{source.randrange(3)}] : memref<3x{type_}>")
    last = body.values[-1]
    header = f"func.func @f({', '.join(arguments)}) -> {type_} {{"
    return "\n".join([header, *body.lines, f"  return {last} : {type_}", "}", ""])


def _inner(body: Body, extra: list[str]) -> Body:
    return Body(body.source, body.type, [*body.values, *extra], body.indent + "  ", body.next)


def _loop(body: Body) -> None:
    inner = _inner(body, ["%p"])
    for _ in range(body.source.randint(1, 3)):
        inner.step()
    bounded = inner.add(f"math.sin {inner.values[-1]} : {body.type}")
    body.next = inner.next
    first = body.pick()
    body.add(f"scf.for %i = %c0 to %c3 step %c1 iter_args(%p = {first}) -> ({body.type}) {{")
    body.lines += [*inner.lines, f"    scf.yield {bounded} : {body.type}", "  }"]


def _branch(body: Body) -> None:
    condition = f"%b{body.next}"
    body.lines.append(f"  {condition} = arith.cmpf olt, {body.pick()}, {body.pick()} : {body.type}")
    sides: list[list[str]] = []
    for _ in range(2):
        inner = _inner(body, [])
        for _ in range(body.source.randint(1, 2)):
            inner.step()
        body.next = inner.next
        sides.append([*inner.lines, f"    scf.yield {inner.values[-1]} : {body.type}"])
    body.add(f"scf.if {condition} -> ({body.type}) {{")
    body.lines += [*sides[0], "  } else {", *sides[1], "  }"]


class Wrong(Pool):
    """An engine that gets an operation of a derivative wrong."""

    def __init__(self, pool: Pool, source: random.Random) -> None:
        self._right, self._source = pool, source

    async def run(self, request: Request, **_: object) -> Answer:
        answer = await self._right.run(request)
        if answer.output is None:
            return answer
        start = re.search(r'sym_name = "(?:fwd)?diffe\w*"', answer.output)
        if start is None:
            return answer
        end = answer.output.find('"llvm.func"', start.end())
        end = len(answer.output) if end < 0 else end
        found = [
            one
            for one in re.finditer(r'"(llvm\.f(?:mul|add|sub|div))"', answer.output)
            if start.end() < one.start() < end
        ]
        if not found:
            return answer
        one = self._source.choice(found)
        return replace(
            answer, output=f'{answer.output[: one.start()]}"{EXCHANGED[one[1]]}"{answer.output[one.end() :]}'
        )


async def main() -> None:
    functions = int(sys.argv[1]) if len(sys.argv) > 1 else FUNCTIONS
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    settings = EngineSettings(workers=2)
    pool, machine = Pool.create(settings), Pool(settings, find=lambda: client.find_machine(settings))
    spelling = (await pool.ready()).spelling
    right, wrong = Counter[str](), Counter[str]()
    began = time.monotonic()
    for seed in range(first, first + functions):
        source = random.Random(seed)
        text = function(source)
        snapshot = Workspace(Settings()).open(Document.of("untitled:generated", text))
        wanted = asked(snapshot, spelling, ["f"])
        found = await asyncio.gather(*(check(pool, machine, one, Wish(seed)) for one in wanted))
        for case, one in zip(wanted, found, strict=True):
            verdict = _verdict(one)
            right[f"{case.mode.value}: {verdict}"] += 1
            if verdict != Verdict.AGREE.value:
                print(f"seed {seed}, {case.mode.value}: {verdict} {_reason(one)}\n{text}")
        wrongs = [await check(Wrong(pool, source), machine, one, Wish(seed)) for one in wanted]
        for case, good, bad in zip(wanted, found, wrongs, strict=True):
            kind = _of_wrong(good, bad)
            wrong[kind] += 1
            if kind.startswith("MISSED"):
                print(f"seed {seed}, {case.mode.value}: {kind}\n{text}")
    print(f"{functions} functions in {time.monotonic() - began:.0f} s")
    print("right:", dict(right))
    print("wrong:", dict(wrong))
    await asyncio.gather(pool.close(), machine.close())


def _verdict(one: Checked | Unchecked) -> str:
    return one.judged.verdict.value if isinstance(one, Checked) else "not checked"


def _reason(one: Checked | Unchecked) -> str:
    return f"{one.judged.reason} {one.judged.worst}" if isinstance(one, Checked) else one.reason


def _of_wrong(good: Checked | Unchecked, bad: Checked | Unchecked) -> str:
    """What came of a derivative that was made wrong."""
    if not isinstance(good, Checked) or not isinstance(bad, Checked) or not good.judged.rows or not bad.judged.rows:
        return "not comparable"
    if good.judged.verdict is not Verdict.AGREE:
        return "not comparable"
    pairs = zip(good.judged.rows, bad.judged.rows, strict=True)
    off = max(abs(a.derivative - b.derivative) / max(abs(a.derivative), abs(b.derivative), 1e-9) for a, b in pairs)
    if bad.judged.verdict is Verdict.DISAGREE:
        return "found"
    if off < 1e-2:
        return "the numbers are as before"
    return f"MISSED: {bad.judged.verdict.value}"


if __name__ == "__main__":
    asyncio.run(main())
