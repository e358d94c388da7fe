"""The calling convention, held against what was measured on the engines 0.0.15 and 0.0.16, and against the engines."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Fault, Function, Role, Side, Slot, WrapMode, Wrong
from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane
from enzyme_lsp.syntax import types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.dialect.convention import Convention
    from tests.judges import EngineThread

ACTIVE, DUP, CONST = Activity.ACTIVE, Activity.DUP, Activity.CONST
ACTIVE_NO_NEED, DUP_NO_NEED, CONST_NO_NEED = Activity.ACTIVE_NO_NEED, Activity.DUP_NO_NEED, Activity.CONST_NO_NEED

ARGUMENTS = (ACTIVE, DUP, CONST, DUP_NO_NEED, ACTIVE_NO_NEED, CONST_NO_NEED)
RETURNS = (ACTIVE, DUP, CONST, DUP_NO_NEED, ACTIVE_NO_NEED, CONST_NO_NEED)

# One row for each activity of the argument, one column for each of the result: operands > results for f64 -> f64.
REVERSE = """
    2>2 1>2 1>2 1>1 2>1 1>1
    3>1 2>1 2>1 2>0 3>0 2>0
    2>1 1>1 1>1 1>0 2>0 1>0
    3>1 2>1 2>1 2>0 3>0 2>0
    2>2 1>2 1>2 1>1 2>1 1>1
    2>1 1>1 1>1 1>0 2>0 1>0
"""
# Where active is, no call is right; that constant arguments with an active result pass by accident is no rule.
FORWARD = """
     -   -   -   -   -   -
     -  2>2 2>1 2>1  -  2>0
     -  1>2 1>1 1>1  -  1>0
     -  2>2 2>1 2>1  -  2>0
     -   -   -   -   -   -
     -  1>2 1>1 1>1  -  1>0
"""


def function(arguments: str, results: str, *, is_llvm: bool = False) -> Function:
    """`i32 f64` is a list of types; types with blanks in them are not needed here."""
    return Function(_types(arguments), _types(results), is_llvm)


def _types(text: str) -> tuple[types.Type, ...]:
    return tuple(types.read(one) for one in text.split())


def shown(slots: Sequence[Slot]) -> str:
    return " ".join("?" if slot.type is None else slot.type.text for slot in slots)


def roles(slots: Sequence[Slot]) -> str:
    return " ".join(f"{slot.role.value} {slot.side.value[0]}{slot.index}" for slot in slots)


def cells(table: str) -> list[tuple[Activity, Activity, str]]:
    words = [line.split() for line in table.strip().splitlines()]
    return [(ARGUMENTS[i], RETURNS[j], words[i][j]) for i, j in product(range(6), range(6))]


@pytest.mark.parametrize(("argument", "result", "counts"), cells(REVERSE))
def test_every_pair_in_reverse_mode(argument: Activity, result: Activity, counts: str):
    found = convention.reverse(function("f64", "f64"), [argument], [result], 1)
    assert not found.faults
    assert f"{len(found.operands)}>{len(found.results)}" == counts


@pytest.mark.parametrize(("argument", "result", "counts"), cells(FORWARD))
def test_every_pair_in_forward_mode(argument: Activity, result: Activity, counts: str):
    found = convention.forward(function("f64", "f64"), [argument], [result], 1)
    if counts == "-":
        assert {fault.wrong for fault in found.faults} == {Wrong.ACTIVE_IN_FORWARD}
        assert len(found.faults) == sum(one in (ACTIVE, ACTIVE_NO_NEED) for one in (argument, result))
    else:
        assert not found.faults
        assert f"{len(found.operands)}>{len(found.results)}" == counts


def test_the_order_in_reverse_mode():
    callee = function("f64 i32 tensor<3xf32> f16", "f64 tensor<3xf32> i32 f16")
    activities, returns = [ACTIVE, CONST, ACTIVE, ACTIVE], [ACTIVE, ACTIVE_NO_NEED, CONST, ACTIVE]
    found = convention.reverse(callee, activities, returns, 1)
    assert shown(found.operands) == "f64 i32 tensor<3xf32> f16 f64 tensor<3xf32> f16"
    assert roles(found.operands) == "primal a0 primal a1 primal a2 primal a3 seed r0 seed r1 seed r3"
    assert shown(found.results) == "f64 i32 f16 f64 tensor<3xf32> f16"
    assert roles(found.results) == "primal r0 primal r2 primal r3 gradient a0 gradient a2 gradient a3"
    wide = convention.reverse(callee, activities, returns, 2)
    assert shown(wide.operands) == "f64 i32 tensor<3xf32> f16 tensor<2xf64> tensor<2x3xf32> tensor<2xf16>"
    assert shown(wide.results) == "f64 i32 f16 tensor<2xf64> tensor<2x3xf32> tensor<2xf16>"
    assert roles(wide.operands) == roles(found.operands)


def test_the_order_in_forward_mode():
    callee = function("f64 i32 tensor<3xf32> f16", "f64 tensor<3xf32> i32 f16")
    activities, returns = [DUP, CONST, DUP_NO_NEED, DUP], [DUP, DUP_NO_NEED, CONST, DUP]
    found = convention.forward(callee, activities, returns, 1)
    assert shown(found.operands) == "f64 f64 i32 tensor<3xf32> tensor<3xf32> f16 f16"
    assert roles(found.operands) == "primal a0 shadow a0 primal a1 primal a2 shadow a2 primal a3 shadow a3"
    assert shown(found.results) == "f64 f64 tensor<3xf32> i32 f16 f16"
    assert roles(found.results) == "primal r0 shadow r0 shadow r1 primal r2 primal r3 shadow r3"


def test_memory_and_no_results():
    found = convention.reverse(function("memref<4xf64> f64", ""), [DUP, ACTIVE], [], 1)
    assert roles(found.operands) == "primal a0 shadow a0 primal a1"
    assert roles(found.results) == "gradient a1"
    assert convention.reverse(function("", "f64"), [], [ACTIVE_NO_NEED], 1).operands == (
        Slot(Role.SEED, Side.RESULT, 0, types.read("f64")),
    )


# The type, its shadow at width 2, and whether it may be active in reverse mode at width 1 and 2: yes or no.
SHADOWS = (
    ("f16", "tensor<2xf16>", "yy"),
    ("bf16", "tensor<2xbf16>", "yy"),
    ("f64", "tensor<2xf64>", "yy"),
    ("i1", "tensor<2xi1>", "yy"),
    ("i128", "tensor<2xi128>", "yy"),
    ("si32", "tensor<2xsi32>", "nn"),
    ("ui8", "tensor<2xui8>", "nn"),
    ("index", "tensor<2xindex>", "yn"),
    ("complex<f64>", "tensor<2xcomplex<f64>>", "yy"),
    ("complex<i32>", "tensor<2xcomplex<i32>>", "nn"),
    ("tensor<f64>", "tensor<2xf64>", "yy"),
    ("tensor<0x3xf32>", "tensor<2x0x3xf32>", "yy"),
    ('tensor<3xf32,"enc">', 'tensor<2x3xf32, "enc">', "yy"),
    ("tensor<4xi32>", "tensor<2x4xi32>", "yy"),
    ("tensor<?xf64>", "tensor<2x?xf64>", "yy"),
    ("tensor<2xcomplex<f64>>", "tensor<2x2xcomplex<f64>>", "yy"),
    ("tensor<*xf64>", None, "yn"),
    ("tensor<4xindex>", "tensor<2x4xindex>", "nn"),
    ("tensor<4xf8E5M2>", "tensor<2x4xf8E5M2>", "nn"),
    ("tensor<4xvector<2xf64>>", "tensor<2x4xvector<2xf64>>", "nn"),
    ("memref<4xf64>", "memref<4xf64>", "nn"),
    ("memref<4xi32,3>", "memref<4xi32, 3>", "nn"),
    ("!llvm.ptr", "!llvm.ptr", "nn"),
    ("!llvm.ptr<1>", "!llvm.ptr<1>", "nn"),
    ("!llvm.struct<(f64,i32)>", "!llvm.struct<(f64, i32)>", "yy"),
    ("!llvm.array<4xf64>", "!llvm.array<4 x f64>", "yy"),
)
NO_SHADOW = (
    "vector<4xf64> f80 f128 tf32 f8E5M2 memref<*xf64> tuple<f64,i32> none !enzyme.Gradient<f64> !enzyme.Cache<f64>"
    " !stablehlo.token !llvm.void"
)


@pytest.mark.parametrize(("text", "wide", "active"), SHADOWS, ids=[text for text, _, _ in SHADOWS])
def test_shadows_of_types(text: str, wide: str | None, active: str):
    type_ = types.read(text)
    assert convention.shadow(type_, 1) == type_
    assert convention.shadow(type_, 2) == (None if wide is None else types.read(wide))
    assert convention.has_derivative(type_) is True
    assert "".join("y" if convention.can_be_active(type_, width) else "n" for width in (1, 2)) == active


@pytest.mark.parametrize("text", NO_SHADOW.split())
def test_types_without_a_derivative_are_constant(text: str):
    type_, callee = types.read(text), function(text, text)
    assert convention.shadow(type_, 1) is None
    assert convention.has_derivative(type_) is False
    assert convention.can_be_active(type_, 1) is False
    assert not convention.reverse(callee, [CONST], [CONST], 1).faults
    assert not convention.forward(callee, [CONST_NO_NEED], [CONST_NO_NEED], 2).faults
    both = (Fault(Wrong.NO_SHADOW, Side.ARGUMENT, 0, type_), Fault(Wrong.NO_SHADOW, Side.RESULT, 0, type_))
    assert convention.reverse(callee, [ACTIVE], [ACTIVE], 1).faults == both
    assert convention.forward(callee, [DUP], [DUP], 1).faults == both


@pytest.mark.parametrize(
    ("text", "activity", "width", "wrong"),
    [
        ("memref<4xf64>", ACTIVE, 1, Wrong.ACTIVE_MEMORY),
        ("!llvm.ptr", ACTIVE_NO_NEED, 1, Wrong.ACTIVE_MEMORY),
        ("memref<4xf64>", DUP, 2, None),
        ("memref<*xf64>", ACTIVE, 1, Wrong.NO_SHADOW),
        ("memref<*xf64>", DUP, 1, Wrong.NO_SHADOW),
        ("si32", ACTIVE, 1, Wrong.NO_GRADIENT),
        ("si32", DUP, 1, None),
        ("index", ACTIVE, 1, None),
        ("index", ACTIVE, 2, Wrong.NO_GRADIENT),
        ("tensor<*xf64>", ACTIVE, 1, None),
        ("tensor<*xf64>", ACTIVE, 2, Wrong.NO_WIDE_SHADOW),
        ("tensor<*xf64>", DUP, 2, Wrong.NO_WIDE_SHADOW),
        ("tensor<4xindex>", ACTIVE, 1, Wrong.NO_GRADIENT),
        # What is not known is not judged.
        ("!nobody.knows", ACTIVE, 2, None),
        ("half<typed", ACTIVE, 1, None),
    ],
)
def test_faults_in_reverse_mode(text: str, activity: Activity, width: int, wrong: Wrong | None):
    found = convention.reverse(function(text, ""), [activity], [], width)
    assert [fault.wrong for fault in found.faults] == ([] if wrong is None else [wrong])


def test_a_type_that_is_not_known_has_slots_of_no_known_type():
    callee = function("!nobody.knows half<typed", "!nobody.knows")
    found = convention.forward(callee, [DUP, CONST], [DUP], 2)
    assert shown(found.operands) == "!nobody.knows ? half<typed"
    assert shown(found.results) == "!nobody.knows ?"


def test_two_results_of_a_function_of_llvm_are_one():
    callee = function("f64 !llvm.ptr", "f64", is_llvm=True)
    found = convention.reverse(callee, [ACTIVE, DUP], [ACTIVE], 1)
    (packed,) = found.results
    assert (packed.role, packed.type) == (Role.PACKED, types.read("!llvm.struct<(f64, f64)>"))
    assert roles(packed.parts) == "primal r0 gradient a0"
    # One is given as it is.
    assert roles(convention.reverse(callee, [ACTIVE, DUP], [ACTIVE_NO_NEED], 1).results) == "gradient a0"
    assert shown(convention.forward(callee, [DUP, CONST], [DUP], 1).results) == "!llvm.struct<(f64, f64)>"


@pytest.mark.parametrize(
    ("text", "sizes", "batched"),
    [
        ("f64", (2,), "tensor<2xf64>"),
        ("f64", (2, 3), "tensor<2x3xf64>"),
        ("f64", (), "tensor<f64>"),
        ("tensor<4xf64>", (2,), "tensor<2x4xf64>"),
        ("tensor<?xf64>", (2,), "tensor<2x?xf64>"),
        ('tensor<4xf64,"enc">', (2,), 'tensor<2x4xf64, "enc">'),
        ("index", (2,), "tensor<2xindex>"),
        ("i32", (2,), "tensor<2xi32>"),
        ("f80", (2,), "tensor<2xf80>"),
        ("vector<4xf64>", (2,), "tensor<2xvector<4xf64>>"),
        ("!llvm.ptr", (2,), "tensor<2x!llvm.ptr>"),
        ("memref<4xf64>", (2,), None),
        ("memref<*xf64>", (2,), None),
        ("tensor<*xf64>", (2,), None),
    ],
)
def test_batched_types(text: str, sizes: tuple[int, ...], batched: str | None):
    (operand,) = convention.batch(function(text, ""), sizes).operands
    assert operand.type == (None if batched is None else types.read(batched))


def test_a_batch_takes_all_and_gives_all():
    found = convention.batch(function("f64 tensor<4xi32>", "tensor<4xf64> f32"), (2, 3))
    assert shown(found.operands) == "tensor<2x3xf64> tensor<2x3x4xi32>"
    assert shown(found.results) == "tensor<2x3x4xf64> tensor<2x3xf32>"


def test_a_jacobian_is_numbered_by_results_and_then_by_all_arguments():
    found = convention.jacobian(function("tensor<2xf64> tensor<3x4xf32> i32", "tensor<5xf64> tensor<f32>"))
    assert shown(found.operands) == "tensor<2xf64> tensor<3x4xf32> i32"
    assert [(slot.index, slot.by) for slot in found.results] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert shown(found.results) == "tensor<5x2xf64> tensor<5x3x4xf64> ? tensor<2xf32> tensor<3x4xf32> ?"


@pytest.mark.parametrize(
    ("mode", "activity", "result", "signature"),
    [
        (WrapMode.REVERSE_COMBINED, ACTIVE, ACTIVE, "f64 f64 > f64"),
        (WrapMode.REVERSE_COMBINED, ACTIVE, DUP, "f64 > f64 f64"),
        (WrapMode.REVERSE_COMBINED, DUP, CONST, "f64 f64 >"),
        (WrapMode.FORWARD, DUP, DUP, "f64 f64 > f64 f64"),
        (WrapMode.FORWARD, DUP, DUP_NO_NEED, "f64 f64 > f64"),
        (WrapMode.FORWARD, DUP, CONST, "f64 f64 >"),
        (WrapMode.FORWARD, ACTIVE, DUP, None),
        (WrapMode.FORWARD, DUP, ACTIVE, None),
    ],
)
def test_the_pass_that_wraps_has_a_convention_of_its_own(
    mode: WrapMode, activity: Activity, result: Activity, signature: str | None
):
    found = convention.wrapped(function("f64", "f64"), mode, [activity], [result])
    assert (found and f"{shown(found.operands)} > {shown(found.results)}".strip()) == signature


BODY = """
func.func @f(%x: f64, %t: tensor<3xf32>, %m: memref<2xf64>) -> (f64, tensor<3xf32>) {
  %y = arith.mulf %x, %x : f64
  %u = arith.mulf %t, %t : tensor<3xf32>
  %c = arith.constant 0 : index
  memref.store %x, %m[%c] : memref<2xf64>
  return %y, %u : f64, tensor<3xf32>
}
"""
CALLEE = function("f64 tensor<3xf32> memref<2xf64>", "f64 tensor<3xf32>")


@pytest.mark.parametrize("width", [1, 3])
def test_engines_take_what_the_convention_asks_for(width: int, classic: EngineThread, strict: EngineThread):
    asked = 0
    # Some of many: each pair was measured, and here it is their order in a longer list that counts.
    for first, second, third, fourth in list(product(ARGUMENTS, ARGUMENTS, RETURNS, RETURNS))[::25]:
        for op in ("autodiff", "fwddiff"):
            # In reverse mode at another width the engines cannot add to memory.
            memory = DUP if width == 1 or op == "fwddiff" else CONST
            rule = convention.reverse if op == "autodiff" else convention.forward
            found = rule(CALLEE, [first, second, memory], [third, fourth], width)
            # Nor can they give a tangent that is constant.
            if found.faults or (op == "fwddiff" and width != 1 and {first, second} & {CONST, CONST_NO_NEED}):
                continue
            for engine, spelling in ((classic, "#enzyme<activity {}>"), (strict, "#enzyme.activity<{}>")):
                text = BODY + _call(op, found, [first, second, memory], [third, fourth], width, spelling)
                answer = engine.wait(engine.pool.run(Request(text.encode(), "enzyme"), lane=Lane.BACKGROUND))
                assert answer.outcome is Outcome.ACCEPTED, (text, answer)
                asked += 1
    assert asked > 100


def _call(
    op: str, slots: Convention, activities: list[Activity], returns: list[Activity], width: int, spelling: str
) -> str:
    taken = [str(slot.type) for slot in slots.operands]
    given = ", ".join(str(slot.type) for slot in slots.results)
    names = [f"%a{number}" for number in range(len(taken))]
    lists = [", ".join(spelling.format(one.value) for one in listed) for listed in (activities, returns)]
    bound = f"%r:{len(slots.results)} = " if slots.results else ""
    uses = ", ".join(f"%r#{number}" for number in range(len(slots.results)))
    return f"""
func.func @d({", ".join(f"{name}: {type_}" for name, type_ in zip(names, taken, strict=True))}) -> ({given}) {{
  {bound}"enzyme.{op}"({", ".join(names)}) <{{
    fn = @f, activity = [{lists[0]}], ret_activity = [{lists[1]}], width = {width} : i64
  }}> : ({", ".join(taken)}) -> ({given})
  return {f"{uses} : {given}" if uses else ""}
}}
"""
