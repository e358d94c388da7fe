"""Derivatives are run, and what comes of each op or function is told in a line."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.engines.engines import Engines
from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.engines.upstream import client
from enzyme_lsp.gradient import report
from enzyme_lsp.gradient.asked import asked, at
from enzyme_lsp.gradient.carry_out import carried_out
from enzyme_lsp.gradient.check import Wish, check
from enzyme_lsp.gradient.refusal import RefusedError
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.derivatives.machine import needs_the_bindings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.engines.api import Answer, Request
    from enzyme_lsp.gradient.report import Entry
    from tests.judges import EngineThread

pytestmark = [pytest.mark.engine, needs_the_bindings]


class Bench:
    """An engine, and the worker that runs what it lowers."""

    def __init__(self, engine: EngineThread, machine: Pool) -> None:
        self.engine = engine
        self._machine = machine

    def gradients(self, text: str, *functions: str, wish: Wish | None = None, pool: Any = None) -> list[Entry]:
        """What comes of the checks of a text; `pool` lowers in place of the engine."""

        async def run() -> list[Entry]:
            snapshot = Workspace(Settings()).open(Document.of("untitled:text", text))
            wanted = asked(snapshot, (await self.engine.pool.ready()).spelling, functions)
            lowers = pool or self.engine.pool
            found = await asyncio.gather(*(check(lowers, self._machine, one, wish or Wish()) for one in wanted))
            return [report.entry(snapshot, one) for one in found]

        return self.engine.wait(run())


def lines(entries: Sequence[Entry]) -> str:
    return "\n".join(f"{one.title}: {one.verdict}" + (f": {one.reason}" if one.reason else "") for one in entries)


def _bench(engine: EngineThread) -> Iterator[Bench]:
    async def made() -> Pool:
        settings = EngineSettings(workers=1, deadline_s=20.0)
        return Pool(settings, find=lambda: client.find_machine(settings))

    machine = engine.wait(made())
    yield Bench(engine, machine)
    engine.wait(machine.close())


@pytest.fixture(scope="module")
def bench(classic: EngineThread) -> Iterator[Bench]:
    yield from _bench(classic)


FUNCTIONS = """
func.func @blocks(%x: f64, %b: i1) -> f64 {
  cf.cond_br %b, ^end(%x : f64), ^other
^other:
  %r = math.cos %x : f64
  cf.br ^end(%r : f64)
^end(%y: f64):
  return %y : f64
}
func.func @matrices(%a: memref<2x2xf64>, %b: memref<2x2xf64>, %c: memref<2x2xf64>) {
  linalg.matmul ins(%a, %b : memref<2x2xf64>, memref<2x2xf64>) outs(%c : memref<2x2xf64>)
  return
}
func.func @root(%x: f32) -> f32 {
  %y = math.sqrt %x : f32
  return %y : f32
}
func.func @loop(%x: f64, %n: index) -> f64 {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %y = scf.for %i = %0 to %n step %1 iter_args(%p = %x) -> (f64) {
    %q = math.sin %p : f64
    scf.yield %q : f64
  }
  return %y : f64
}
func.func @memory(%m: memref<?xf64>, %x: f64) {
  %0 = arith.constant 0 : index
  %a = memref.load %m[%0] : memref<?xf64>
  %p = arith.mulf %a, %x : f64
  memref.store %p, %m[%0] : memref<?xf64>
  return
}
func.func @tensors(%x: tensor<2xf64>, %y: tensor<2xf64>) -> tensor<2xf64> {
  %p = arith.mulf %x, %y : tensor<2xf64>
  return %p : tensor<2xf64>
}
func.func @sin(%x: f64) -> f64 {
  %y = math.sin %x : f64
  return %y : f64
}
func.func private @system(i64)
func.func @shell(%x: f64, %n: i64) -> f64 {
  func.call @system(%n) : (i64) -> ()
  %z = arith.mulf %x, %x : f64
  return %z : f64
}
func.func @pointer(%p: !llvm.ptr) -> f64 {
  %x = llvm.load %p : !llvm.ptr -> f64
  return %x : f64
}
func.func @half(%x: f16) -> f16 {
  return %x : f16
}
func.func @count(%n: i64) -> i64 {
  return %n : i64
}
"""


def test_each_function_has_its_verdict(bench: Bench):
    """Two of them the engine itself gets wrong: 0.0.15 adds the gradient of a block's argument for one of the block's
    predecessors only, and takes the matrices in memory that `linalg.matmul` multiplies for constant.
    """
    names = re.findall(r"func\.func @(\w+)", FUNCTIONS)
    assert lines(bench.gradients(FUNCTIONS, *names)) == dedent("""\
        enzyme.autodiff @blocks (reverse): disagree
        enzyme.fwddiff @blocks (forward): agree
        enzyme.autodiff @matrices (reverse): disagree
        enzyme.fwddiff @matrices (forward): disagree
        enzyme.autodiff @root (reverse): agree
        enzyme.fwddiff @root (forward): agree
        enzyme.autodiff @loop (reverse): agree
        enzyme.fwddiff @loop (forward): agree
        enzyme.autodiff @memory (reverse): agree
        enzyme.fwddiff @memory (forward): agree
        enzyme.autodiff @tensors (reverse): agree
        enzyme.fwddiff @tensors (forward): agree
        enzyme.autodiff @sin (reverse): agree
        enzyme.fwddiff @sin (forward): agree
        enzyme.autodiff @shell (reverse): not checked: its machine code does not run: it calls @system, which it only \
declares, and which is no known function of mathematics
        enzyme.fwddiff @shell (forward): not checked: its machine code does not run: it calls @system, which it only \
declares, and which is no known function of mathematics
        enzyme.autodiff @pointer (reverse): not checked: !llvm.ptr does not say how many numbers it points to
        enzyme.fwddiff @pointer (forward): not checked: !llvm.ptr does not say how many numbers it points to
        enzyme.autodiff @half (reverse): not checked: numbers of f16 cannot be handed to machine code here, only those \
of f64 and f32
        enzyme.fwddiff @half (forward): not checked: numbers of f16 cannot be handed to machine code here, only those \
of f64 and f32
        enzyme.autodiff @count (reverse): not checked: @count takes no floating point numbers to differentiate by
        enzyme.fwddiff @count (forward): not checked: @count takes no floating point numbers to differentiate by""")


TWO = """
func.func @product(%x: f64, %y: f64) -> f64 {
  %z = arith.mulf %x, %y : f64
  return %z : f64
}
func.func @gradient(%x: f64, %y: f64, %dr: f64) -> (f64, f64) {
  %0:3 = enzyme.autodiff @product(%x, %y, %dr) {
    activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_active>]
  } : (f64, f64, f64) -> (f64, f64, f64)
  return %0#1, %0#2 : f64, f64
}
"""


class Wrong:
    """An engine that makes another operation of the first one of a kind in what it lowers."""

    def __init__(self, engine: EngineThread, function: str, operation: str, other: str) -> None:
        self._pool, self._function, self._operation, self._other = engine.pool, function, operation, other

    async def run(self, request: Request) -> Answer:
        answer = await self._pool.run(request)
        assert answer.output is not None
        before, name, after = answer.output.partition(f'sym_name = "{self._function}"')
        return replace(answer, output=before + name + after.replace(self._operation, self._other, 1))


def test_a_derivative_that_was_made_wrong_is_found(bench: Bench):
    (right,) = bench.gradients(TWO)
    assert (right.verdict, right.line) == ("agree", 7)
    wrong = Wrong(bench.engine, "diffeproduct", '"llvm.fmul"', '"llvm.fadd"')
    (one,) = bench.gradients(TWO, pool=wrong)
    # The first product is that of the function itself, which the derivative gives too.
    assert (one.verdict, one.reason) == ("disagree", "it gives another result 0 than @product itself")
    wrong = Wrong(bench.engine, "diffeproduct", '"llvm.fadd"', '"llvm.fsub"')
    (one,) = bench.gradients(TWO, pool=wrong)
    assert (one.verdict, one.reason) == ("disagree", "")


def test_where_it_is_looked_is_by_seed_or_as_the_user_says(bench: Bench):
    (one,) = bench.gradients(TWO, wish=Wish(seed=1))
    assert one.at == bench.gradients(TWO, wish=Wish(seed=1))[0].at
    assert one.at != bench.gradients(TWO, wish=Wish(seed=2))[0].at
    (one,) = bench.gradients(TWO, wish=Wish(at={"x": (3.0,)}))
    assert one.at[0] == "%x = 3"
    (one,) = bench.gradients(TWO, wish=Wish(full=True))
    assert [each.argument for each in sorted(one.comparisons, key=lambda each: each.argument)] == ["%x", "%y"]


KINK = """
func.func @size(%x: f64) -> f64 {
  %y = math.absf %x : f64
  return %y : f64
}
func.func @root(%x: f64) -> f64 {
  %y = math.sqrt %x : f64
  return %y : f64
}
"""


def test_where_there_is_no_derivative_one_cannot_tell(bench: Bench):
    shown = lines(bench.gradients(KINK, "size", wish=Wish(at={"x": (0.0,)})))
    assert shown.count("cannot tell: the function has a kink there, so that it has no derivative") == 2
    shown = lines(bench.gradients(KINK, "root", wish=Wish(at={"x": (-1.0,)})))
    assert shown.count("cannot tell: the function is not finite around the point") == 2
    # Where numbers are drawn, such places are left.
    assert lines(bench.gradients(KINK)) == ""
    assert {one.verdict for one in bench.gradients(KINK, "root", "size")} == {"agree"}


def test_the_other_engine_is_asked_in_its_spelling(strict: EngineThread):
    for bench in _bench(strict):
        assert lines(bench.gradients(TWO)) == "enzyme.autodiff @product (reverse): agree"


def test_at_a_place_it_is_the_op_there_or_the_function(bench: Bench):
    snapshot = Workspace(Settings()).open(Document.of("untitled:text", TWO))

    def found(place: str) -> list[str]:
        return [one.op for one in at(snapshot, "classic", TWO.index(place))]

    assert found("autodiff") == found("ret_activity") == ["enzyme.autodiff"]
    assert found("@product(%x: f64") == ["enzyme.autodiff"]
    assert found("@gradient(%x: f64") == ["enzyme.autodiff"]
    with pytest.raises(RefusedError, match="there is no differentiation op here, and no header of a function"):
        found("arith.mulf")

    async def run() -> tuple[Entry, ...]:
        return await carried_out(engines, snapshot, Wish(), (), TWO.index("autodiff"))

    engines = Engines(lambda _: bench.engine.pool)
    assert lines(bench.engine.wait(run())) == "enzyme.autodiff @product (reverse): agree"
