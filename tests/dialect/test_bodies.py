"""Bodies: what is active in them is active for the engines too."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.dialect.bodies import bodies, has_body
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane
from enzyme_lsp.syntax.piece import Piece, PieceKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.dialect.spelling import Spelling
    from tests.judges import EngineThread


def active(text: str, arguments: int = 1, results: int = 1, release: Spelling = "classic") -> list[str]:
    """The operations of a function that are active and have no rule, by the letters behind `math.`."""
    piece = Piece(PieceKind.ITEM, text.encode(), 0)
    found = piece.fact(bodies).of(piece.tree.operations[0]).activity(release, arguments, results)
    names = [step.name for step in found.steps if step.rule is not None and step.rule.is_lacking(release)]
    return [name.removeprefix("math.") for name in names]


def test_loops_and_branches_in_both_forms():
    custom = """
      func.func @f(%x: f64, %c: f64, %t: i1) -> (f64, f64) {
        %i = arith.constant 0 : index
        %0:2 = scf.for %k = %i to %i step %i iter_args(%a = %x, %b = %c) -> (f64, f64) {
          %1 = math.tan %a : f64
          %2 = math.erf %b : f64
          scf.yield %1, %2 : f64, f64
        }
        %3 = scf.while (%a = %0#0) : (f64) -> f64 {
          %4 = math.asin %a : f64
          scf.condition(%t) %4 : f64
        } do {
        ^bb0(%a: f64):
          %5 = math.acos %a : f64
          scf.yield %5 : f64
        }
        return %3, %0#1 : f64, f64
      }
    """
    generic = """
      "func.func"() <{function_type = (f64, f64, i1) -> (f64, f64), sym_name = "f"}> ({
      ^bb0(%x: f64, %c: f64, %t: i1):
        %i = "arith.constant"() <{value = 0 : index}> : () -> index
        %0:2 = "scf.for"(%i, %i, %i, %x, %c) ({
        ^bb0(%k: index, %a: f64, %b: f64):
          %1 = "math.tan"(%a) : (f64) -> f64
          %2 = "math.erf"(%b) : (f64) -> f64
          "scf.yield"(%1, %2) : (f64, f64) -> ()
        }) : (index, index, index, f64, f64) -> (f64, f64)
        %3 = "scf.while"(%0#0) ({
        ^bb0(%a: f64):
          %4 = "math.asin"(%a) : (f64) -> f64
          "scf.condition"(%t, %4) : (i1, f64) -> ()
        }, {
        ^bb0(%a: f64):
          %5 = "math.acos"(%a) : (f64) -> f64
          "scf.yield"(%5) : (f64) -> ()
        }) : (f64) -> f64
        "func.return"(%3, %0#1) : (f64, f64) -> ()
      }) : () -> ()
    """
    for text in (custom, generic):
        assert active(text, 0b001, 0b11) == ["tan", "scf.while", "asin", "acos"]
        assert active(text, 0b010, 0b11) == ["erf"]
        assert active(text, 0b001, 0b10) == []
        assert active(text, 0b011, 0b00) == []


def test_loops_of_stablehlo():
    text = """
      func.func @f(%x: tensor<f64>, %n: tensor<i64>) -> tensor<f64> {
        %0:2 = stablehlo.while(%k = %n, %a = %x) : tensor<i64>, tensor<f64> cond {
          %1 = stablehlo.compare LT, %k, %n : (tensor<i64>, tensor<i64>) -> tensor<i1>
          stablehlo.return %1 : tensor<i1>
        } do {
          %2 = math.tan %a : tensor<f64>
          stablehlo.return %k, %2 : tensor<i64>, tensor<f64>
        }
        return %0#1 : tensor<f64>
      }
    """
    assert active(text) == ["tan"]


def test_views_of_memory_are_the_memory():
    text = """
      func.func @f(%x: f64, %m: memref<4xf64>) -> f64 {
        %i = arith.constant 0 : index
        %v = memref.cast %m : memref<4xf64> to memref<?xf64>
        %0 = memref.load %v[%i] : memref<?xf64>
        %1 = math.tan %0 : f64
        %l = memref.alloca() : memref<4xf64>
        %w = memref.subview %l[0][2][1] : memref<4xf64> to memref<2xf64, strided<[1], offset: 0>>
        memref.store %1, %w[%i] : memref<2xf64, strided<[1], offset: 0>>
        %2 = memref.load %l[%i] : memref<4xf64>
        %3 = math.erf %2 : f64
        return %3 : f64
      }
    """
    assert active(text, 0b10) == ["memref.cast", "tan", "erf"]
    assert active(text, 0b01) == []


def test_a_view_is_as_active_as_what_is_done_through_it():
    text = """
      func.func @f(%m: memref<4xf64>) -> f64 {
        %i = arith.constant 0 : index
        %v = memref.cast %m : memref<4xf64> to memref<?xf64>
        %0 = memref.load %v[%i] : memref<?xf64>
        %1 = memref.load %m[%i] : memref<4xf64>
        return %1 : f64
      }
    """
    assert active(text) == []
    assert active(text.replace("return %1", "return %0")) == ["memref.cast"]


def test_a_value_that_a_branch_hands_over_twice_is_seen_once():
    """As the engines do; whether they should is another question."""
    text = """
      func.func @f(%x: f64) -> f64 {
        %0 = math.tan %x : f64
        cf.br ^bb1(%0, %0 : f64, f64)
      ^bb1(%a: f64, %b: f64):
        return %b : f64
      }
    """
    assert active(text) == []
    assert active(text.replace("return %b", "return %a")) == ["tan"]


def test_what_the_text_does_not_tell_is_not_active():
    assert active("func.func @f(%x: !t) -> !t {\n  %y = math.tan %x : !t\n  return %y : !t\n}") == []
    assert active("func.func @f(%x: f64) -> f64 {\n  %y = math.tan %z : f64\n  return %y : f64\n}") == []
    assert active("func.func @f(%x: f64) -> i64 {\n  %y = math.tan %x : i64\n  return %y : i64\n}") == []
    assert active("func.func @f(%x: f64) -> f64") == []
    # A name that nothing defines keeps its place.
    assert (
        active("func.func @f(%x: f64) -> (f64, f64) {\n  %y = math.tan %x : f64\n  return %z, %y : f64, f64\n}", 1, 1)
        == []
    )
    assert active(
        "func.func @f(%x: f64) -> (f64, f64) {\n  %y = math.tan %x : f64\n  return %z, %y : f64, f64\n}", 1, 2
    ) == ["tan"]


def test_names_end_with_their_region():
    text = """
      func.func @f(%x: f64, %c: f64, %t: i1) -> f64 {
        scf.if %t {
          %0 = arith.mulf %x, %x : f64
          scf.yield
        }
        %0 = arith.mulf %c, %c : f64
        %1 = math.tan %0 : f64
        return %1 : f64
      }
    """
    assert active(text, 0b01) == []
    assert active(text, 0b10) == ["tan"]


def test_releases_differ_in_what_activity_passes():
    text = "func.func @f(%x: f64) -> f64 {\n  %y = math.floor %x : f64\n  %z = math.tan %y : f64\n  return %z : f64\n}"
    assert active(text) == ["floor", "tan"]
    assert active(text, release="strict") == []


def test_a_body_is_something_in_a_region():
    def first(text: str) -> bool:
        return has_body(Piece(PieceKind.ITEM, text.encode(), 0).tree.operations[0])

    assert first("func.func @f() {\n  return\n}")
    assert first("func.func @f() {\n")
    assert not first("func.func private @f()")
    assert not first('"func.func"() <{function_type = () -> (), sym_name = "f"}> ({}) : () -> ()')


class Program:
    """A function at random: two values and a memref go in, two values come out."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.lines: list[str] = []
        self._count = 0

    def text(self) -> str:
        self._say("func.func @f(%x: f64, %z: f64, %m: memref<4xf64>) -> (f64, f64) {")
        self._say("%i = arith.constant 0 : index", "%j = arith.constant 1 : index", "%c = arith.constant 1.0 : f64")
        self._say("%t = arith.constant true", "%l = memref.alloca() : memref<4xf64>")
        values = self._block(["%x", "%z", "%c"], self.dice.randint(3, 9), depth=0)
        if self.dice.random() < 0.3:
            one, other, third, last, behind = (self._pick(values) for _ in range(5))
            self._say(f"cf.cond_br %t, ^bb1({one}, {other} : f64, f64), ^bb2({third} : f64)")
            self._say("^bb2(%q: f64):", f"cf.br ^bb1({last}, {behind} : f64, f64)", "^bb1(%p1: f64, %p2: f64):")
            values = self._block([*values, "%p1", "%p2"], 2, depth=1)
        self._say(f"return {self._pick(values)}, {self._pick(values)} : f64, f64", "}")
        return "\n".join(self.lines) + "\n"

    def _say(self, *lines: str) -> None:
        self.lines += lines

    def _new(self) -> str:
        self._count += 1
        return f"%v{self._count}"

    def _pick(self, values: Sequence[str]) -> str:
        return self.dice.choice(values)

    def _block(self, values: list[str], length: int, *, depth: int) -> list[str]:
        values = [*values]
        for _ in range(length):
            values += self._statement(values, depth)
        return values

    def _statement(self, values: list[str], depth: int) -> list[str]:
        kind, new = self.dice.random(), self._new()
        one, other, memory = self._pick(values), self._pick(values), self._pick(["%m", "%l"])
        if kind < 0.3:
            self._say(f"{new} = {self._pick(['arith.mulf', 'arith.addf', 'arith.divf'])} {one}, {other} : f64")
        elif kind < 0.55:
            self._say(f"{new} = math.{self._pick(['tan', 'erf', 'asin', 'floor', 'tanh', 'sin'])} {one} : f64")
        elif kind < 0.63:
            self._say(f"memref.store {one}, {memory}[%i] : memref<4xf64>")
            return []
        elif kind < 0.71:
            self._say(f"{new} = memref.load {memory}[%i] : memref<4xf64>")
        elif kind < 0.76:
            self._say(f"{new}i = arith.fptosi {one} : f64 to i64", f"{new} = arith.sitofp {new}i : i64 to f64")
        elif kind < 0.8:
            self._say(f"{new} = arith.select %t, {one}, {other} : f64")
        elif kind < 0.83:
            self._say(f"{new} = enzyme.ignore_derivatives {one} : f64 -> f64")
        elif depth == 2:
            return []
        elif kind < 0.92:
            self._say(f"{new}:2 = scf.if %t -> (f64, f64) {{")
            self._arm(values, depth)
            self._say("} else {")
            self._arm(values, depth)
            self._say("}")
            return [f"{new}#0", f"{new}#1"]
        else:
            self._say(
                f"{new}:2 = scf.for %k = %i to %j step %j iter_args({new}a = {one}, {new}b = {other}) -> (f64, f64) {{".replace(
                    "%k", f"{new}k"
                )
            )
            self._arm([*values, f"{new}a", f"{new}b"], depth)
            self._say("}")
            return [f"{new}#0", f"{new}#1"]
        return [new]

    def _arm(self, values: list[str], depth: int) -> None:
        inside = self._block(values, 3, depth=depth + 1)
        self._say(f"scf.yield {self._pick(inside)}, {self._pick(inside)} : f64, f64")


def differentiated(text: str, mode: Mode, arguments: int, results: int, *, strict: bool) -> str:
    """The program with a function that takes its derivative, in which the bits say what is active."""
    form = "#enzyme.activity<enzyme_{}>" if strict else "#enzyme<activity enzyme_{}>"
    of_argument = "active" if mode is Mode.REVERSE else "dup"
    of_result = "activenoneed" if mode is Mode.REVERSE else "dupnoneed"
    values, types, given = list[str](), list[str](), list[str]()
    for bit, (value, type_) in enumerate((("%x", "f64"), ("%z", "f64"), ("%m", "memref<4xf64>"))):
        is_active = bool(arguments >> bit & 1)
        copies = 2 if is_active and (type_ != "f64" or mode is Mode.FORWARD) else 1
        values += [value] * copies
        types += [type_] * copies
        if is_active and type_ == "f64" and mode is Mode.REVERSE:
            given.append("f64")
    active_results = [bool(results >> bit & 1) for bit in range(2)]
    if mode is Mode.REVERSE:
        values += ["%x"] * sum(active_results)
        types += ["f64"] * sum(active_results)
    else:
        given = ["f64"] * sum(active_results)
    words = [of_argument if arguments >> bit & 1 else "const" for bit in range(2)]
    words.append("dup" if arguments & 4 else "const")
    taken = ", ".join(form.format(word) for word in words)
    back = ", ".join(form.format(of_result if one else "constnoneed") for one in active_results)
    listed = f"activity = [{taken}], ret_activity = [{back}]"
    named = f"%r:{len(given)} = " if given else ""
    name = "enzyme.autodiff" if mode is Mode.REVERSE else "enzyme.fwddiff"
    return (
        f"{text}func.func @d(%x: f64, %z: f64, %m: memref<4xf64>) {{\n"
        f"{named}{name} @f({', '.join(values)}) {f'<{listed}>' if strict else f'{{{listed}}}'}"
        f" : ({', '.join(types)}) -> ({', '.join(given)})\nreturn\n}}\n"
    )


@pytest.mark.engine
@pytest.mark.parametrize("seed", range(0, 120, 40))
@pytest.mark.parametrize("release", ["classic", "strict"])
def test_where_a_rule_is_missed_an_engine_fails(release: Spelling, seed: int, request: pytest.FixtureRequest):
    """Forty programs at random for each seed. What is said of one must be true; that all is said is not asked for."""
    engine: EngineThread = request.getfixturevalue(release)
    lacking = failing = 0
    for number in range(seed, seed + 40):
        program = Program(number)
        text = program.text()
        arguments, results = program.dice.randrange(1, 8), program.dice.randrange(1, 4)
        mode = program.dice.choice([Mode.REVERSE, Mode.FORWARD])
        whole = differentiated(text, mode, arguments, results, strict=release == "strict")
        piece = Piece(PieceKind.ITEM, text.encode(), 0)
        found = piece.fact(bodies).of(piece.tree.operations[0]).activity(release, arguments, results)
        ours = [s for s in found.steps if s.rule is not None and s.rule.support(release, mode).is_lacking]
        answer = engine.wait(engine.pool.run(Request(whole.encode(), "enzyme"), lane=Lane.INTERACTIVE))
        said = " ".join(problem.message for problem in answer.problems)
        assert "expected" not in said.partition("could not compute")[0], whole
        assert not ours or answer.outcome is not Outcome.ACCEPTED, f"{ours[0].name}\n{whole}"
        lacking += bool(ours)
        failing += "could not compute the adjoint" in said
    assert lacking >= failing * 0.6, "most of what the engine complains about is found"
