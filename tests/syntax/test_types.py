"""Types: two ways to write one type are equal, two types are not, and any text gives something."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane
from enzyme_lsp.syntax import types
from enzyme_lsp.syntax.parse import parse
from enzyme_lsp.syntax.symbols import signature
from enzyme_lsp.syntax.types import TypeKind

if TYPE_CHECKING:
    from tests.judges import EngineThread

# As written, as MLIR prints it, and its kind.
WAYS = (
    ("f64", "f64", TypeKind.FLOAT),
    ("bf16", "bf16", TypeKind.FLOAT),
    ("tf32", "tf32", TypeKind.FLOAT),
    ("f8E4M3B11FNUZ", "f8E4M3B11FNUZ", TypeKind.FLOAT),
    ("i1", "i1", TypeKind.INTEGER),
    ("si8", "si8", TypeKind.INTEGER),
    ("ui16", "ui16", TypeKind.INTEGER),
    ("index", "index", TypeKind.INDEX),
    ("complex< f32 >", "complex<f32>", TypeKind.COMPLEX),
    ("tensor<f64>", "tensor<f64>", TypeKind.TENSOR),
    ("tensor< 2 x 3 x f64 >", "tensor<2x3xf64>", TypeKind.TENSOR),
    ("tensor<0x4xindex>", "tensor<0x4xindex>", TypeKind.TENSOR),
    ("tensor<?x4x complex<f64> >", "tensor<?x4xcomplex<f64>>", TypeKind.TENSOR),
    ('tensor<2xf64 , "enc">', 'tensor<2xf64, "enc">', TypeKind.TENSOR),
    ("tensor<2x!llvm.ptr>", "tensor<2x!llvm.ptr>", TypeKind.TENSOR),
    ("tensor<* x f64>", "tensor<*xf64>", TypeKind.UNRANKED_TENSOR),
    ("memref<f64>", "memref<f64>", TypeKind.MEMREF),
    ("memref<4xf64,1>", "memref<4xf64, 1>", TypeKind.MEMREF),
    ("memref<4xf64, 0>", "memref<4xf64>", TypeKind.MEMREF),
    ("memref<4xf64, 0 : i32>", "memref<4xf64>", TypeKind.MEMREF),
    ("memref<4xf64, 1 : i64>", "memref<4xf64, 1>", TypeKind.MEMREF),
    ("memref<4xf64, 1:i32>", "memref<4xf64, 1 : i32>", TypeKind.MEMREF),
    ("memref<4xf64, affine_map<(i)->(i)>>", "memref<4xf64>", TypeKind.MEMREF),
    ("memref<2x4xf64, affine_map<(d0, d1) -> (d0, d1)>, 3>", "memref<2x4xf64, 3>", TypeKind.MEMREF),
    ("memref<4xf64, strided<[1],offset:0>>", "memref<4xf64, strided<[1]>>", TypeKind.MEMREF),
    ("memref<4xf64, strided< [-2], offset :3>, 1>", "memref<4xf64, strided<[-2], offset: 3>, 1>", TypeKind.MEMREF),
    ("memref<?xf64, strided<[?], offset: ?>>", "memref<?xf64, strided<[?], offset: ?>>", TypeKind.MEMREF),
    ("memref<*xf64, 1>", "memref<*xf64, 1>", TypeKind.UNRANKED_MEMREF),
    ("vector<2x[4]xf64>", "vector<2x[4]xf64>", TypeKind.VECTOR),
    ("!llvm.ptr", "!llvm.ptr", TypeKind.POINTER),
    ("!llvm.ptr<0>", "!llvm.ptr", TypeKind.POINTER),
    ("!llvm.ptr<1>", "!llvm.ptr<1>", TypeKind.POINTER),
    ("!llvm.struct<(f64,!llvm.ptr)>", "!llvm.struct<(f64, ptr)>", TypeKind.AGGREGATE),
    ('!llvm.struct<"a", (ptr<0>, struct<()>)>', '!llvm.struct<"a", (ptr, struct<()>)>', TypeKind.AGGREGATE),
    ("!llvm.array<2 x !llvm.array<3 x f64>>", "!llvm.array<2 x array<3 x f64>>", TypeKind.AGGREGATE),
    ("!enzyme<Gradient<f64>>", "!enzyme.Gradient<f64>", TypeKind.OTHER),
    ("!enzyme.Cache<tensor<2 x f64>>", "!enzyme.Cache<tensor<2xf64>>", TypeKind.OTHER),
    ("tuple<f64,i32>", "tuple<f64, i32>", TypeKind.OTHER),
    ("none", "none", TypeKind.OTHER),
    ("(f64,i32)->f64", "(f64, i32) -> f64", TypeKind.OTHER),
)


@pytest.mark.parametrize(("written", "printed", "kind"), WAYS, ids=[written for written, _, _ in WAYS])
def test_a_type_has_one_text(written: str, printed: str, kind: TypeKind) -> None:
    found = types.read(written)
    assert (found.text, found.kind, found.is_certain) == (printed, kind, True)
    assert types.read(printed) == found
    assert not found.differs(types.read(printed))


def test_types_that_are_written_differently_here_are_different() -> None:
    texts = dict.fromkeys(printed for _, printed, _ in WAYS)
    for one in texts:
        for other in texts:
            assert types.read(one).differs(types.read(other)) is (one != other)


def test_the_one_text_is_that_of_the_engine(classic: EngineThread) -> None:
    functions = [f"func.func private @f{number}({way[0]}, {way[1]})\n" for number, way in enumerate(WAYS)]
    # mem2reg finds nothing to do; without a pipeline nothing is printed.
    request = Request("".join(functions).encode(), "mem2reg")
    answer = classic.wait(classic.pool.run(request, lane=Lane.BACKGROUND))
    assert answer.outcome is Outcome.ACCEPTED, answer
    assert answer.output is not None
    (module,) = (one for one in parse(answer.output.encode()).operations if one.name == "module")
    signatures = [signature(one) for one in module.regions[0].blocks[0].operations]
    printed = [tuple(one.type for one in found.arguments) for found in signatures if found is not None]
    assert printed == [(way[1], way[1]) for way in WAYS]


def test_shapes_and_elements() -> None:
    matrix = types.read("tensor<?x3xbf16, #enc>")
    assert (matrix.shape, matrix.element, matrix.tail) == ((None, 3), types.read("bf16"), ", #enc")
    assert not matrix.is_static
    assert not matrix.is_certain  # nobody knows what #enc is
    assert types.read("memref<4xcomplex<f64>>").scalar.text == "complex<f64>"
    assert types.read("complex<f64>").scalar.text == "complex<f64>"
    assert types.read("i32").scalar.text == "i32"
    assert types.read("tensor<2xi8>").scalar.is_signless
    assert not types.read("si8").is_signless
    assert not types.read("index").is_signless
    assert [types.read(text).is_memory for text in ("memref<f64>", "memref<*xi8>", "!llvm.ptr<3>", "tensor<f64>")] == [
        True,
        True,
        True,
        False,
    ]


def test_made_types() -> None:
    f64 = types.read("f64")
    assert types.tensor((2, None), f64, ', "enc"') == types.read('tensor<2x?xf64, "enc">')
    assert types.tensor((), f64) == types.read("tensor<f64>")
    assert types.struct((f64, types.read("!llvm.ptr"))) == types.read("!llvm.struct<(f64, ptr)>")


def test_aliases_are_what_they_stand_for() -> None:
    aliases = {"!v": b"tensor<2x!e, #enc>", "!e": b"complex< f64 >", "#enc": b'"enc"', "!loop": b"tuple<!loop>"}
    assert types.read("!v", aliases) == types.read('tensor<2xcomplex<f64>, "enc">')
    assert types.read("memref<4x!e>", aliases) == types.read("memref<4xcomplex<f64>>")
    # Not the beginning of a longer name.
    assert types.read("!v.other", aliases).text == "!v.other"
    for unknown in ("!nobody", "!loop", "tensor<2x!nobody>"):
        assert not types.read(unknown, aliases).is_certain


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        # What an unknown alias stands for may be anything of that kind.
        ("tensor<4xf64, #a>", "tensor<4xf64, #b>", False),
        ("tensor<4xf64, #a>", "memref<4xf64>", True),
        ("!a", "f64", False),
        # Two maps may be one map.
        ("memref<2x2xf64, affine_map<(i, j) -> (j, i)>>", "memref<2x2xf64, affine_map<(a, b) -> (b, a)>>", False),
        ("memref<2x2xf64, affine_map<(i, j) -> (j, i)>>", "tensor<2x2xf64>", True),
        # Half typed text is no type yet.
        ("tensor<4x", "f64", False),
        ("", "f64", False),
        ("flaot", "f64", False),
    ],
)
def test_only_what_is_sure_differs(one: str, other: str, differs: bool) -> None:  # noqa: FBT001
    assert types.read(one).differs(types.read(other)) is differs
    assert types.read(other).differs(types.read(one)) is differs


# fmt: off
PARTS = (
    "tensor<", "memref<", "complex<", "!llvm.struct<(", "!a", "#b", "4x", "?x", "*x", "f64", "i", "index", ">", ")", "(",
    ",", " ", ":", "->", '"', "affine_map<", "strided<[1]", "0x", "!", "\0", "é", "//",
)
# fmt: on


@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join), st.booleans())
def test_any_text_can_be_read_and_read_again(text: str, aliased: bool) -> None:  # noqa: FBT001
    found = types.read(text, {"!a": b"tensor<!a>", "#b": b"!a>"} if aliased else None)
    again = types.read(found.text)
    assert again.kind is found.kind or not found.is_certain
    if found.kind is not TypeKind.BROKEN:
        assert not found.differs(again)


def test_long_and_deep_types_cost_no_more_than_their_length() -> None:
    aliases = {f"!a{number}": b"tuple<!a%d, !a%d>" % (number + 1, number + 1) for number in range(60)}
    started = time.perf_counter()
    for text in (
        "tensor<" * 20_000,
        "tensor<" * 500 + "f64" + ">" * 500,
        "!a0",
        "4x" * 50_000,
        "(" * 20_000 + ")" * 20_000,
        "tuple<" + "f64, " * 50_000,
    ):
        assert types.read(text, aliases).kind in (TypeKind.OTHER, TypeKind.BROKEN)
        assert types.read(text).text
    assert time.perf_counter() - started < 5
