"""Bindings: what they build and how it is printed, what they refuse, and that the engines take what they build."""

from __future__ import annotations

import importlib.util
import random
import re
from typing import TYPE_CHECKING, Any

import pytest

if importlib.util.find_spec("mlir") is None:
    pytest.skip("upstream's bindings are not here", allow_module_level=True)

from mlir import ir  # pyright: ignore[reportMissingTypeStubs]
from mlir.dialects import func  # pyright: ignore[reportMissingTypeStubs]

from enzyme_lsp.bindings import enzyme
from enzyme_lsp.bindings.enzyme import Activity, WrongCallError
from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.features import diagnostics
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.differential import activities, functions
from tests.differential.generate import known, texts
from tests.differential.operations import Style
from tests.fixture import check_expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from enzyme_lsp.bindings.printing import Form
    from tests.judges import EngineThread

SOURCE = """
func.func @square(%x: f64) -> f64 {
  %y = arith.mulf %x, %x : f64
  return %y : f64
}
func.func @sum(%x: tensor<3xf64>) -> tensor<3xf64> {
  %y = arith.addf %x, %x : tensor<3xf64>
  return %y : tensor<3xf64>
}
func.func @fill(%x: f64, %m: memref<4xf64>, %n: i32) {
  %i = arith.constant 0 : index
  memref.store %x, %m[%i] : memref<4xf64>
  return
}
func.func @whole(%n: i32) -> i32 {
  return %n : i32
}
llvm.func @native(%x: f64, %p: !llvm.ptr) -> f64 {
  llvm.return %x : f64
}
llvm.func @many(f64, ...) -> f64
memref.global @place : memref<4xf64>
func.func @user(%x: f64, %y: f64, %t: tensor<3xf64>, %w: tensor<2xf64>, %m: memref<4xf64>, %n: i32, %p: !llvm.ptr) {
  return
}
"""

F64 = "f64"


class Built:
    """A module with `@user`, in which something is built."""

    def __init__(self, *, is_registered: bool) -> None:
        self.context = ir.Context()
        if is_registered:
            enzyme.register(self.context)
        else:
            self.context.allow_unregistered_dialects = True
        self.module = ir.Module.parse(SOURCE, self.context)
        (self.user,) = (one for one in self.module.body if str(one.attributes.get("sym_name")) == '"user"')
        self.values = dict(zip("xytwmnp", self.user.regions[0].blocks[0].arguments, strict=True))

    def run(self, make: Callable[[dict[str, Any]], object]) -> None:
        block = self.user.regions[0].blocks[0]
        with self.context, ir.Location.unknown(), ir.InsertionPoint.at_block_terminator(block):
            make(self.values)

    def lines(self, spelling: Form) -> str:
        text = enzyme.text(self.user.operation, spelling=spelling)
        text = re.sub(r"(?:, 0){60,}", ", ...", text)
        return "".join(f"{line.strip()}\n" for line in text.splitlines()[1:-2])


def printed(make: Callable[[dict[str, Any]], object]) -> str:
    """What is built, in each spelling; the same with the dialect registered and without."""
    found: list[str] = []
    for is_registered in (False, True):
        built = Built(is_registered=is_registered)
        built.run(make)
        assert built.module.operation.verify()
        found.append("\n".join(built.lines(spelling) for spelling in ("classic", "strict", "irdl")))
    assert found[0] == found[1]
    return found[0]


def types(*some: str) -> list[ir.Type]:
    return [ir.Type.parse(one) for one in some]


def test_autodiff():
    check_expect(
        printed(
            lambda v: enzyme.autodiff(
                "square", [v["x"], v["y"]], types(F64, F64), [Activity.ACTIVE], [Activity.ACTIVE], strong_zero=True
            )
        ),
        """
    %0:2 = enzyme.autodiff @square(%arg0, %arg1) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_active>], strong_zero = true} : (f64, f64) -> (f64, f64)

    %0:2 = enzyme.autodiff @square(%arg0, %arg1) <activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_active>], strong_zero = true> : (f64, f64) -> (f64, f64)

    %0:2 = "enzyme.autodiff"(%arg0, %arg1) {activity = [#enzyme.activity<"enzyme_active">], fn = @square, operandSegmentSizes = array<i32: 2, ...>, resultSegmentSizes = array<i32: 2, ...>, ret_activity = [#enzyme.activity<"enzyme_active">], strong_zero = true} : (f64, f64) -> (f64, f64)
        """,
    )


def test_fwddiff():
    check_expect(
        printed(
            lambda v: enzyme.fwddiff(
                "square",
                [v["x"], v["w"]],
                types("tensor<2xf64>"),
                enzyme.activity_array_attribute([Activity.DUP]),
                [Activity.DUP_NO_NEED],
                width=2,
            )
        ),
        """
    %0 = enzyme.fwddiff @square(%arg0, %arg3) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>], width = 2 : i64} : (f64, tensor<2xf64>) -> tensor<2xf64>

    %0 = enzyme.fwddiff @square(%arg0, %arg3) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>], width = 2> : (f64, tensor<2xf64>) -> tensor<2xf64>

    %0 = "enzyme.fwddiff"(%arg0, %arg3) {activity = [#enzyme.activity<"enzyme_dup">], fn = @square, operandSegmentSizes = array<i32: 1, 1, ...>, resultSegmentSizes = array<i32: 1, ...>, ret_activity = [#enzyme.activity<"enzyme_dupnoneed">], width = 2 : i64} : (f64, tensor<2xf64>) -> tensor<2xf64>
        """,
    )


def test_jacobian():
    check_expect(
        printed(
            lambda v: enzyme.jacobian("sum", [v["t"]], types("tensor<3x3xf64>"), [Activity.DUP], [Activity.DUP_NO_NEED])
        ),
        """
    %0 = enzyme.jacobian @sum(%arg2) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (tensor<3xf64>) -> tensor<3x3xf64>

    %0 = enzyme.jacobian @sum(%arg2) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]> : (tensor<3xf64>) -> tensor<3x3xf64>

    %0 = "enzyme.jacobian"(%arg2) {activity = [#enzyme.activity<"enzyme_dup">], fn = @sum, operandSegmentSizes = array<i32: 1, ...>, resultSegmentSizes = array<i32: 1, ...>, ret_activity = [#enzyme.activity<"enzyme_dupnoneed">]} : (tensor<3xf64>) -> tensor<3x3xf64>
        """,
    )


def test_batch():
    check_expect(
        printed(lambda v: enzyme.batch("square", [v["w"]], types("tensor<2xf64>"), [2])),
        """
    %0 = enzyme.batch @square(%arg3) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64>

    %0 = enzyme.batch @square(%arg3) <batch_shape = [2]> : (tensor<2xf64>) -> tensor<2xf64>

    %0 = "enzyme.batch"(%arg3) {batch_shape = array<i64: 2>, fn = @square, operandSegmentSizes = array<i32: 1, ...>, resultSegmentSizes = array<i32: 1, ...>} : (tensor<2xf64>) -> tensor<2xf64>
        """,
    )


def test_what_finds_out_by_itself():
    def make(v: dict[str, Any]) -> None:
        enzyme.gradient_of("square", [v["x"]])
        enzyme.gradient_of("fill", [v["x"], v["m"], v["n"]], shadows=[v["m"]])
        enzyme.jvp_of("fill", [v["x"], v["m"], v["n"]], [v["y"], v["m"]], strong_zero=True)
        enzyme.jacobian_of("sum", [v["t"]])
        enzyme.batched("square", [v["w"]], [2])
        enzyme.gradient_of("native", [v["x"], v["p"]], [v["y"]], shadows=[v["p"]])

    check_expect(
        printed(make).partition("\n\n")[0] + "\n",
        """
    %cst = arith.constant 1.000000e+00 : f64
    %0 = enzyme.autodiff @square(%arg0, %cst) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
    %1 = enzyme.autodiff @fill(%arg0, %arg4, %arg4, %arg5) {activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>], ret_activity = []} : (f64, memref<4xf64>, memref<4xf64>, i32) -> f64
    enzyme.fwddiff @fill(%arg0, %arg1, %arg4, %arg4, %arg5) {activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>], ret_activity = [], strong_zero = true} : (f64, f64, memref<4xf64>, memref<4xf64>, i32) -> ()
    %2 = enzyme.jacobian @sum(%arg2) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (tensor<3xf64>) -> tensor<3x3xf64>
    %3 = enzyme.batch @square(%arg3) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64>
    %4 = enzyme.autodiff @native(%arg0, %arg6, %arg6, %arg1) {activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, !llvm.ptr, !llvm.ptr, f64) -> f64
        """,
    )


A, D, C = Activity.ACTIVE, Activity.DUP, Activity.CONST

WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "enzyme.autodiff @square has 2 operands with these activities, not 1: the seed of result 0 is missing": lambda v: (
        enzyme.autodiff("square", [v["x"]], types(F64, F64), [A], [A])
    ),
    "enzyme.autodiff @square has 2 operands with these activities, not 3": lambda v: enzyme.autodiff(
        "square", [v["x"], v["x"], v["x"]], types(F64, F64), [A], [A]
    ),
    "operand 1 of enzyme.autodiff @square is the seed of result 0 and of type f64, not i32": lambda v: enzyme.autodiff(
        "square", [v["x"], v["n"]], types(F64, F64), [A], [A]
    ),
    "result 0 of enzyme.autodiff @square is the gradient of argument 0 and of type f64, not f32": lambda v: (
        enzyme.autodiff("square", [v["x"], v["y"]], types("f32"), [A], [Activity.ACTIVE_NO_NEED])
    ),
    "@square has 1 argument, but 2 activities are listed for it": lambda v: enzyme.autodiff(
        "square", [v["x"], v["y"]], types(F64), [A, A], [A]
    ),
    "argument 0 of @square is active, which nothing can be in forward mode: a tangent comes in with DUP": lambda v: (
        enzyme.fwddiff("square", [v["x"]], [], [A], [D])
    ),
    "argument 1 of @fill is memory, whose gradient is added to its shadow: it can be DUP and not active": lambda v: (
        enzyme.gradient_of("fill", [v["x"], v["m"], v["n"]], activity=[A, A, C])
    ),
    "width is a number of at least 1 and below 2 ** 32, not 0": lambda v: enzyme.jvp_of(
        "square", [v["x"]], [], width=0
    ),
    "a size of a batch is a number of at least 1, not 0": lambda v: enzyme.batched("square", [v["x"]], [0]),
    "a batch has one size or more": lambda v: enzyme.batch("square", [v["x"]], [], []),
    "argument 0 in enzyme.batch @square is of type tensor<3xf64>, not tensor<2xf64>": lambda v: enzyme.batched(
        "square", [v["w"]], [3]
    ),
    "no tensor can hold argument 1 of @fill, so there is no batch": lambda v: enzyme.batched("fill", [v["x"]], [2]),
    "@place is memref.global, which is no function": lambda v: enzyme.gradient_of("place", [v["x"]]),
    "@none is not defined around the place, or takes any number of arguments, so that its types are not known": lambda v: (
        enzyme.gradient_of("none", [v["x"]])
    ),
    "@many is not defined around the place, or takes any number of arguments, so that its types are not known": lambda v: (
        enzyme.gradient_of("many", [v["x"]])
    ),
    "enzyme.jacobian takes a func.func, but @native is an llvm.func": lambda v: enzyme.jacobian_of("native", [v["x"]]),
    "enzyme.batch takes a func.func, but @native is an llvm.func": lambda v: enzyme.batched("native", [v["x"]], [2]),
    "the derivative of result 0 by argument 0 has no type in enzyme.jacobian @square: it must be of tensors": lambda v: (
        enzyme.jacobian_of("square", [v["x"]])
    ),
    "no argument of @whole is differentiated by: all are constant": lambda v: enzyme.gradient_of("whole", [v["n"]]),
    "the seed of result 0 of @sum is tensor<3xf64>: hand over the seeds": lambda v: enzyme.gradient_of("sum", [v["t"]]),
    "enzyme.autodiff @fill takes 1 values as shadow (the shadow of argument 1), not 0": lambda v: enzyme.gradient_of(
        "fill", [v["x"], v["m"], v["n"]]
    ),
    "activity 0 is no activity but 'enzyme_dup'": lambda v: enzyme.fwddiff("square", [v["x"]], [], ["enzyme_dup"], [D]),  # pyright: ignore[reportArgumentType]
    "operand 0 is no value but str": lambda _: enzyme.batch("square", ["x"], [], [2]),  # pyright: ignore[reportArgumentType]
    "a function is given by its name or itself, and not as int": lambda v: enzyme.batch(1, [v["w"]], [], [2]),  # pyright: ignore[reportArgumentType]
}


@pytest.mark.parametrize("message", WRONG, ids=range(len(WRONG)))
def test_a_wrong_call_builds_nothing(message: str):
    built = Built(is_registered=False)
    before = str(built.module)
    with pytest.raises(WrongCallError) as error:
        built.run(WRONG[message])
    assert str(error.value) == message
    assert str(built.module) == before


def test_without_the_dialect_nothing_is_built():
    built = Built(is_registered=False)
    built.context.allow_unregistered_dialects = False
    before = str(built.module)
    with pytest.raises(WrongCallError, match="register"):
        built.run(lambda v: enzyme.gradient_of("square", [v["x"]]))
    assert str(built.module) == before


def test_without_a_place():
    context = ir.Context()
    enzyme.register(context)
    with context, ir.Location.unknown():
        module = ir.Module.parse(SOURCE)
        square, value = module.body.operations[0], module.body.operations[0].regions[0].blocks[0].arguments[0]
        made = enzyme.jvp_of(square, [value], [value])
        assert [str(one.type) for one in made.results] == ["f64"]
        # It must not outlive what it uses.
        ir.InsertionPoint(square.regions[0].blocks[0].operations[1]).insert(made)
    with pytest.raises(WrongCallError, match="no location"):
        enzyme.jvp_of(square, [value], [value])


COUNT = 40


def cases(mode: Mode) -> Iterator[tuple[int, bytes, bytes]]:
    """Modules in which a derivative of a random function was built, in both spellings."""
    for number in range(COUNT):
        chance = random.Random(f"bindings/{mode.value}/{number}")
        function, flows = functions.function(chance, functions.ALL, is_llvm=False, captured=())
        width = 1 if any("complex" in one for one in function.arguments) else chance.choice((1, 1, 2, 3))
        arguments, returns = (
            [Activity(word) for word in words] for words in activities.chosen(chance, mode, function, flows, width)
        )
        text = function.text(Style())
        # Upstream MLIR has no stablehlo, and to add complex numbers the engine needs a pass of that.
        if "stablehlo." in text or "complex" in text or all(one in (C, Activity.CONST_NO_NEED) for one in arguments):
            continue
        yield number, *_built(mode, text, known(function), arguments, returns, width)


def _built(
    mode: Mode, text: str, function: Any, arguments: list[Activity], returns: list[Activity], width: int
) -> tuple[bytes, bytes]:
    slots = (convention.reverse if mode is Mode.REVERSE else convention.forward)(function, arguments, returns, width)
    taken = ", ".join(f"%a{index}: {one}" for index, one in enumerate(texts(slots.operands)))
    context = ir.Context()
    context.allow_unregistered_dialects = True
    with context, ir.Location.unknown():
        module = ir.Module.parse(f"{text}func.func @d({taken}) {{\n  return\n}}\n")
        block = module.body.operations[1].regions[0].blocks[0]
        values = {
            role: [v for v, s in zip(block.arguments, slots.operands, strict=True) if s.role is role]
            for role in convention.Role
        }
        with ir.InsertionPoint.at_block_terminator(block):
            primals, shadows = values[convention.Role.PRIMAL], values[convention.Role.SHADOW]
            if mode is Mode.REVERSE:
                seeds = values[convention.Role.SEED]
                made = enzyme.gradient_of(
                    "f", primals, seeds, shadows=shadows, activity=arguments, ret_activity=returns, width=width
                )
            else:
                made = enzyme.jvp_of("f", primals, shadows, activity=arguments, ret_activity=returns, width=width)
        assert tuple(str(one.type) for one in made.results) == texts(slots.results)
        # All results are given back, so that the engine looks at their types.
        given = [str(one.type) for one in made.results]
        user = module.body.operations[1]
        block.operations[1].operation.erase()
        with ir.InsertionPoint(block):
            func.ReturnOp(list(made.results))
        user.attributes["function_type"] = ir.TypeAttr.get(
            ir.Type.parse(f"({', '.join(texts(slots.operands))}) -> ({', '.join(given)})")
        )
        assert module.operation.verify()
        return enzyme.text(module).encode(), enzyme.text(module, spelling="strict").encode()


@pytest.mark.engine
@pytest.mark.parametrize("mode", [Mode.REVERSE, Mode.FORWARD], ids=["gradient_of", "jvp_of"])
def test_what_is_built_has_no_finding_and_is_accepted(mode: Mode, classic: EngineThread, strict: EngineThread):
    count = 0
    for number, *both in cases(mode):
        for text, engine in zip(both, (classic, strict), strict=True):
            snapshot = Workspace(Settings()).open(Document.of("untitled:built", text.decode()))
            # What is less than an error speaks of the activities, which were not chosen with care.
            every = diagnostics.diagnostics(snapshot, None)
            found = [(one.code, one.message) for one in every if one.severity is Severity.ERROR]
            assert not found, f"{number}: {found}\n{text.decode()}"
            answer = engine.wait(engine.pool.run(Request(text, "enzyme")))
            assert answer.outcome is Outcome.ACCEPTED, f"{number}: {answer.problems} {answer.detail}\n{text.decode()}"
            count += 1
    assert count > COUNT // 2


@pytest.mark.engine
def test_each_operation_is_accepted_and_lowered(classic: EngineThread, strict: EngineThread):
    built = Built(is_registered=True)

    def make(v: dict[str, Any]) -> None:
        enzyme.gradient_of("square", [v["x"]], strong_zero=True)
        enzyme.jvp_of("square", [v["x"]], [v["w"]], width=2)
        enzyme.batched("square", [v["w"]], [2])
        enzyme.jacobian_of("sum", [v["t"]])

    built.run(make)
    spellings: tuple[tuple[Form, EngineThread], ...] = (("classic", classic), ("strict", strict))
    for spelling, engine in spellings:
        text = enzyme.text(built.module, spelling=spelling).encode()
        answer = engine.wait(engine.pool.run(Request(text, "enzyme-batch,enzyme", generic=True)))
        assert answer.outcome is Outcome.ACCEPTED, f"{answer.problems} {answer.detail}"
        assert answer.output is not None
        # What lowers a Jacobian needs stablehlo around it, so it stays.
        assert [one for one in ("autodiff", "fwddiff", "batch", "jacobian") if f"enzyme.{one}" in answer.output] == [
            "jacobian"
        ]
