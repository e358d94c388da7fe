"""Upstream MLIR takes the dialect as IRDL, and then reads every operation of the table and refuses wrong ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from enzyme_lsp.dialect import irdl
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.ops import OPS
from enzyme_lsp.dialect.types_and_attributes import ATTRIBUTES
from enzyme_lsp.engines.upstream import client as upstream
from tests import update
from tests.dialect.upstream import NEEDS_UPSTREAM, said

pytestmark = NEEDS_UPSTREAM


def sizes(types: str) -> str:
    """The sizes of the groups that values of these types are in."""
    found = irdl.segments(types.split(", ") if types else [])
    assert found is not None
    return f"array<i32: {', '.join(map(str, found))}>"


def spread(name: str, attributes: str, operands: str, results: str = "") -> str:
    """Attributes of an operation with the sizes that IRDL wants of it."""
    has_operands, has_results = irdl.SPREAD[name]
    parts = [attributes] if attributes else []
    parts += [f"operandSegmentSizes = {sizes(operands)}"] * has_operands
    parts += [f"resultSegmentSizes = {sizes(results)}"] * has_results
    return f"{{{', '.join(parts)}}}"


def derivative(name: str, attributes: str, region: str = "") -> str:
    written = spread(name, attributes, "f64, memref<4xf64>, memref<4xf64>, f64", "f64, f32")
    return f'"{name}"(%x, %m, %m, %x) {region}{written} : (f64, memref<4xf64>, memref<4xf64>, f64) -> (f64, f32)'


ACTIVITIES = 'activity = [#enzyme.activity<"enzyme_active">, #enzyme.activity<"enzyme_dup">], ret_activity = []'
BODY = f"({{\n^bb0(%a: f64, %b: memref<4xf64>):\n{irdl.STAND_IN} %a, %b : f64, memref<4xf64>\n}}) "

GENERIC = {
    "enzyme.autodiff": derivative("enzyme.autodiff", f"fn = @f, {ACTIVITIES}, width = 1 : i64"),
    "enzyme.fwddiff": derivative("enzyme.fwddiff", f"fn = @f, {ACTIVITIES}, strong_zero = true"),
    "enzyme.jacobian": derivative("enzyme.jacobian", f"fn = @f, {ACTIVITIES}"),
    "enzyme.batch": derivative("enzyme.batch", "fn = @f, batch_shape = array<i64: 2>"),
    "enzyme.autodiff_region": derivative("enzyme.autodiff_region", ACTIVITIES, BODY),
    "enzyme.fwddiff_region": derivative("enzyme.fwddiff_region", ACTIVITIES, BODY),
    "enzyme.ignore_derivatives": '"enzyme.ignore_derivatives"(%x) : (f64) -> f64',
    "enzyme.broadcast": '"enzyme.broadcast"(%x) {shape = array<i64: 2>} : (f64) -> tensor<2xf64>',
    "enzyme.concat": f'"enzyme.concat"(%x, %x) {spread("enzyme.concat", "", "f64, f64")} : (f64, f64) -> tensor<2xf64>',
    "enzyme.extract": '"enzyme.extract"(%t) {index = 1 : i64} : (tensor<2xf64>) -> f64',
    "enzyme.dump": '"enzyme.dump"(%x) {label = "x"} : (f64) -> f64',
    "enzyme.placeholder": '"enzyme.placeholder"() : () -> f64',
    "enzyme.init": '"enzyme.init"() : () -> !enzyme.Cache<f64>',
    "enzyme.push": '"enzyme.push"(%c, %x) : (!enzyme.Cache<f64>, f64) -> ()',
    "enzyme.pop": '"enzyme.pop"(%c) : (!enzyme.Cache<f64>) -> f64',
    "enzyme.set": '"enzyme.set"(%g, %x) : (!enzyme.Gradient<f64>, f64) -> ()',
    "enzyme.get": '"enzyme.get"(%g) : (!enzyme<Gradient<f64>>) -> f64',
    "enzyme.fill_zero": '"enzyme.fill_zero"(%m) : (memref<4xf64>) -> ()',
    "enzyme.load": '"enzyme.load"(%m, %i, %i) {operandSegmentSizes = array<i32: 1, 1, 1>, static_sizes = array<i64>}'
    " : (memref<4xf64>, index, index) -> f64",
    "enzyme.store": '"enzyme.store"(%x, %m, %i) {operandSegmentSizes = array<i32: 1, 1, 1, 0>, static_sizes ='
    " array<i64: 2>} : (f64, memref<4xf64>, index) -> ()",
    "enzyme.atomic_rmw": '"enzyme.atomic_rmw"(%x, %m, %i) {kind = 0 : i64, ordering = 2 : i64}'
    " : (f64, memref<4xf64>, index) -> f64",
    "enzyme.affine_atomic_rmw": '"enzyme.affine_atomic_rmw"(%x, %m, %i) {kind = 0 : i64, map = affine_map<(d0) -> (d0)>}'
    " : (f64, memref<4xf64>, index) -> f64",
    "enzyme.binomial_progress": '"enzyme.binomial_progress"(%n, %n) : (i64, i64) -> i64',
    "enzyme.genericAdjoint": '"enzyme.genericAdjoint"(%x, %t) ({\n^bb0(%a: f64, %b: f64):\nvector.yield %a : f64\n}) '
    + spread("enzyme.genericAdjoint", "indexing_maps = [], iterator_types = []", "f64, tensor<2xf64>")
    + " : (f64, tensor<2xf64>) -> ()",
}
"""Each operation in the form that is read; of those that end a block only what stands for them."""


def module(operation: str) -> str:
    return (
        "func.func private @f(f64)\nfunc.func private @user(%x: f64, %m: memref<4xf64>, %t: tensor<2xf64>, %i: index,"
        " %n: i64, %c: !enzyme.Cache<f64>, %g: !enzyme.Gradient<f64>) {\n"
        f"{operation}\nreturn\n}}\n"
    )


@cache
def verdicts() -> dict[str, str]:
    return dict(zip(GENERIC, said(*map(module, GENERIC.values())), strict=True))


def test_every_operation_is_here():
    assert GENERIC.keys() | irdl.TERMINATORS == OPS.keys()
    assert {"enzyme.yield", "enzyme.addTo"} == irdl.TERMINATORS


@pytest.mark.parametrize("name", GENERIC)
def test_an_operation_is_accepted(name: str):
    assert verdicts()[name] == ""


WRONG = {
    '"enzyme.push"(%c) : (!enzyme.Cache<f64>) -> ()': "op expects exactly 2 operands, but got 1",
    '"enzyme.push"(%c, %n) : (!enzyme.Cache<f64>, i64) -> ()': "expected 'f64' but got 'i64'",
    '"enzyme.pop"(%g) : (!enzyme.Gradient<f64>) -> f64': "expected base type 'enzyme.Cache' but got",
    '"enzyme.pop"(%c) : (!enzyme.Cache<f64>) -> i64': "expected 'f64' but got 'i64'",
    '"enzyme.fill_zero"(%m, %m) : (memref<4xf64>, memref<4xf64>) -> ()': "op expects exactly 1 operands, but got 2",
    '"enzyme.fill_zero"(%t) : (tensor<2xf64>) -> ()': "expected base type 'builtin.memref' but got",
    '"enzyme.atomic_rmw"(%x) {kind = 0 : i64, ordering = 2 : i64} : (f64) -> f64': "op expects at least 2 operands",
    '"enzyme.atomic_rmw"(%x, %m) {kind = 0 : i64} : (f64, memref<4xf64>) -> f64': 'attribute "ordering" is expected',
    '"enzyme.dump"(%x) {label = 1 : i64} : (f64) -> f64': "expected base attribute 'builtin.string' but got",
    '"enzyme.init"() : () -> ()': "op expects exactly 1 results, but got 0",
    '"enzyme.binomial_progress"(%n, %i) : (i64, index) -> i64': "expected 'i64' but got 'index'",
    '"enzyme.sample"() : () -> ()': "unregistered operation 'enzyme.sample' found in dialect ('enzyme')",
    derivative("enzyme.autodiff_region", ACTIVITIES): "unexpected number of regions: expected 1 but got 0",
    derivative("enzyme.autodiff", ACTIVITIES): 'attribute "fn" is expected',
    '"enzyme.load"(%m, %i) {operandSegmentSizes = array<i32: 1, 2, 0>, static_sizes = array<i64>}'
    " : (memref<4xf64>, index) -> f64": "sum of elements in 'operandSegmentSizes' attribute must be equal to the number",
    'return {a = #enzyme.activity<"enzyme_dub">}': "'\"enzyme_dub\"' does not satisfy the constraint",
}


@pytest.mark.parametrize(("operation", "message"), list(WRONG.items()), ids=range(len(WRONG)))
def test_a_wrong_operation_is_refused(operation: str, message: str):
    assert message in _of_wrong()[operation]


@cache
def _of_wrong() -> dict[str, str]:
    return dict(zip(WRONG, said(*map(module, WRONG)), strict=True))


def test_the_engine_has_the_dialect():
    update.check_file(Path(upstream.__file__).parent / "enzyme.irdl", irdl.text())


def test_attributes_are_read():
    texts = [f'#enzyme.activity<"{activity.value}">' for activity in Activity]
    texts += ["#enzyme.argorigin<@f, 0>", "#enzyme.retorigin<@f, 0>", "#enzyme<pseudoclass<@f, 0, 0>>"]
    assert {name for name in ATTRIBUTES if any(name in text for text in texts)} == ATTRIBUTES.keys()
    assert said(*(f'"enzyme.init"() {{a = {text}}} : () -> f64' for text in texts)) == [""] * len(texts)


def test_more_runs_of_types_than_groups():
    assert irdl.segments(["f64", "f64", "f32"]) == (2, 1, *[0] * (irdl.GROUPS - 2))
    assert irdl.segments([]) == (0,) * irdl.GROUPS
    assert irdl.segments(["f64", "f32"] * 32) == (1,) * irdl.GROUPS
    assert irdl.segments(["f64", "f32"] * 33) is None
