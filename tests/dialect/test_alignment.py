"""Alignment: one mistake is found as one, and names settle what types leave open."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enzyme_lsp.dialect import alignment, convention
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.alignment import Written, align, permutation
from enzyme_lsp.dialect.convention import Function, Role, Side, Slot
from enzyme_lsp.syntax import types

ROLES = {"p": Role.PRIMAL, "s": Role.SHADOW, "e": Role.SEED, "g": Role.GRADIENT}


def slots(text: str) -> list[Slot]:
    """`p:f64 s:f64 e:?`: roles and types; a shadow is that of the primal before it."""
    found: list[Slot] = []
    index = -1
    for word in text.split():
        role, _, type_ = word.partition(":")
        index += ROLES[role] is not Role.SHADOW
        found.append(Slot(ROLES[role], Side.ARGUMENT, index, None if type_ == "?" else types.read(type_)))
    return found


def written(text: str) -> list[Written]:
    """`%x:f64 :f32`: names and types."""
    parts = [word.partition(":") for word in text.split()]
    return [Written(name, None if type_ == "?" else types.read(type_)) for name, _, type_ in parts]


@pytest.mark.parametrize(
    ("asked", "given_", "arguments", "expect"),
    [
        ("p:f64 s:f64 e:f64", "%x:f64 %dx:f64 %dr:f64", "", "0-0 1-1 2-2"),
        ("", "", "", ""),
        ("", "%x:f64", "", "_-0"),
        ("p:f64", "", "", "0-_"),
        # A gap where the types say.
        ("p:f64 p:i32 e:f64", "%x:f64 %dr:f64", "", "0-0 1-_ 2-1"),
        ("p:f64 p:i32 e:f64", "%n:i32 %dr:f64", "", "0-_ 1-0 2-1"),
        # One that is of the wrong type stays in its place.
        ("p:f64 p:i32 e:f64", "%x:f64 %n:i64 %dr:f64", "", "0-0 1!1 2-2"),
        ("p:f64", "%x:f32", "", "0!0"),
        # One too many, and one too many that fits nowhere.
        ("p:f64 e:f64", "%x:f64 %dr:f64 %z:f64", "", "0-0 1-1 _-2"),
        ("p:f64 e:f64", "%x:f64 %m:memref<2xf64> %dr:f64", "", "0-0 _-1 1-2"),
        # Types do not tell, and names do: a shadow stands behind its primal.
        ("p:f64 s:f64 p:f64 s:f64", "%x:f64 %y:f64 %dy:f64", "", "0-0 1-_ 2-1 3-2"),
        ("p:f64 s:f64 p:f64 s:f64", "%x:f64 %dx:f64 %y:f64", "", "0-0 1-1 2-2 3-_"),
        ("p:f64 s:f64 p:f64 s:f64", "%x:f64 %x_dot:f64 %y:f64", "", "0-0 1-1 2-2 3-_"),
        # An argument has the name of an operand, and what is left is a seed.
        ("p:f64 p:f64 e:f64", "%y:f64 %dr:f64", "%x %y", "0-_ 1-0 2-1"),
        ("p:f64 p:f64 e:f64", "%x:f64 %y:f64", "%x %y", "0-0 1-1 2-_"),
        ("p:f64 p:f64 e:f64", "%a:f64 %seed:f64", "", "0-0 1-_ 2-1"),
        # Neither do: what is there fills the first slots.
        ("p:f64 s:f64 e:f64", ":f64 :f64", "", "0-0 1-1 2-_"),
        ("g:f64 g:f64 g:f64", ":f64", "", "0-0 1-_ 2-_"),
        # A type that is not known fits anywhere, and better a known one.
        ("p:? p:i32", "%x:f64 %n:i32", "", "0-0 1-1"),
        ("p:f64 p:i32", "%x:? %n:i32", "", "0-0 1-1"),
        ("p:f64 p:i32 p:f32", "%x:f64 %n:?", "", "0-0 1-1 2-_"),
    ],
)
def test_what_belongs_together(asked: str, given_: str, arguments: str, expect: str):
    found = align(slots(asked), written(given_), arguments.split())
    pairs = [
        f"{'_' if pair.slot is None else pair.slot}"
        f"{'-' if pair.fits or None in (pair.slot, pair.written) else '!'}"
        f"{'_' if pair.written is None else pair.written}"
        for pair in found.pairs
    ]
    assert " ".join(pairs) == expect
    assert found.is_perfect is ("_" not in expect and "!" not in expect)
    for pair in found.pairs:
        if pair.written is not None:
            assert found.slot_of(pair.written) == pair.slot


@pytest.mark.parametrize(
    ("asked", "given_", "expect"),
    [
        ("p:f64 p:i32 e:f64", "%n:i32 %x:f64 %dr:f64", (1, 0, 2)),
        ("p:f64 p:i32 p:f32", "%n:i32 %y:f32 %x:f64", (2, 0, 1)),
        # In order, one missing, one of another type, and two that could change places.
        ("p:f64 p:i32", "%x:f64 %n:i32", None),
        ("p:f64 p:i32", "%n:i32", None),
        ("p:f64 p:i32", "%n:i32 %x:f32", None),
        ("p:f64 p:f64 p:i32 p:i32", "%n:i32 %m:i32 %x:f64 %y:f64", None),
        ("p:f64 p:i32", "%n:i32 %x:?", None),
        ("p:? p:i32", "%n:i32 %x:f64", None),
    ],
)
def test_another_order(asked: str, given_: str, expect: tuple[int, ...] | None):
    assert permutation(slots(asked), written(given_)) == expect


@pytest.mark.parametrize(
    ("name", "primal", "is_shadow"),
    [
        *((f"%{name}", "%x", True) for name in ("dx", "d_x", "dotx", "x_dot", "xbar", "x_shadow", "tangent_x", "DX")),
        *((f"%{name}", "%x", False) for name in ("x", "y", "dy", "ddx", "xx", "x1", "", "index")),
        ("%dx#1", "%x#1", True),
        ("%dx", "", False),
        ("", "%x", False),
    ],
)
def test_names_of_shadows(name: str, primal: str, is_shadow: bool):  # noqa: FBT001
    assert alignment.suggests_shadow(name, primal) is is_shadow


@pytest.mark.parametrize(
    "name", ["%seed", "%seed_1", "%dr", "%dres", "%dy", "%dout", "%one", "%cst", "%cst_1", "%rbar"]
)
def test_names_of_seeds(name: str):
    assert alignment.suggests_seed(name)


@pytest.mark.parametrize("name", ["%x", "%dx", "%cst_2", "%arg0", "%0", "%m", ""])
def test_names_that_are_none_of_a_seed(name: str):
    assert not alignment.suggests_seed(name)


# Property: each argument and result has a type that no other has, so that what is changed can be told from the types.
_TYPES = [types.read(f"tensor<{number}xf64>") for number in range(2, 12)]
_FOREIGN = types.read("memref<9xi8>")


@dataclass(frozen=True, slots=True)
class Change:
    kind: str
    at: float


_REVERSE = st.sampled_from([Activity.ACTIVE, Activity.DUP, Activity.CONST, Activity.DUP_NO_NEED])
_RETURNS = st.sampled_from(list(Activity))


@st.composite
def signatures(draw: st.DrawFn) -> tuple[Slot, ...]:
    count = draw(st.integers(1, 6))
    own = draw(st.permutations(_TYPES))
    activities = draw(st.lists(_REVERSE, min_size=count, max_size=count))
    returns = draw(st.lists(_RETURNS, max_size=4))
    callee = Function(tuple(own[:count]), tuple(own[count : count + len(returns)]))
    found = convention.reverse(callee, activities, returns, draw(st.sampled_from([1, 3])))
    return found.operands if draw(st.booleans()) or not found.results else found.results


def _with_one_change(asked: tuple[Slot, ...], kind: str, at: int) -> list[Written]:
    given_ = [Written(f"%v{number}", slot.type) for number, slot in enumerate(asked)]
    if kind == "removed":
        del given_[at]
    elif kind == "duplicated":
        given_.insert(at, given_[at])
    elif kind == "inserted":
        given_.insert(at, Written("%new", _FOREIGN))
    else:
        given_[at] = Written("%new", _FOREIGN)
    return given_


@given(signatures(), st.integers(0, 100), st.sampled_from(["removed", "duplicated", "inserted", "retyped"]))
def test_one_change_is_found_as_that_one(asked: tuple[Slot, ...], at: int, kind: str) -> None:
    at %= len(asked)
    found = align(asked, _with_one_change(asked, kind, at))
    wrong = [pair for pair in found.pairs if not pair.fits]
    assert len(wrong) == 1
    (pair,) = wrong
    # Among neighbours of one type, as a primal and its shadow are, any may be the one.
    alike = {number for number, slot in enumerate(asked) if slot.type == asked[at].type and abs(number - at) <= 1}
    if kind == "removed":
        assert (pair.slot in alike, pair.written) == (True, None)
    elif kind == "duplicated":
        assert pair.slot is None
        assert pair.written is not None
        assert {pair.written, pair.written - 1} & alike
    elif kind == "inserted":
        assert (pair.slot, pair.written) == (None, at)
    else:
        assert (pair.slot, pair.written) == (at, at)


_ANY_TYPES = st.sampled_from([None, *(types.read(text) for text in ("f64", "i32", "tensor<2xf64>", "tensor<"))])
_ANY_SLOTS = st.lists(st.builds(Slot, st.sampled_from(Role), st.sampled_from(Side), st.integers(0, 3), _ANY_TYPES))
_ANY_NAMES = st.sampled_from(["%x", "%dx", "%dr", "%y", ""])
_ANY_VALUES = st.lists(st.builds(Written, _ANY_NAMES, _ANY_TYPES))


@given(_ANY_SLOTS, _ANY_VALUES, st.lists(_ANY_NAMES, max_size=3))
def test_everything_is_in_one_pair(asked: list[Slot], given_: list[Written], arguments: list[str]) -> None:
    found = align(asked, given_, arguments)
    assert [pair.slot for pair in found.pairs if pair.slot is not None] == list(range(len(asked)))
    assert [pair.written for pair in found.pairs if pair.written is not None] == list(range(len(given_)))
    assert not any(pair.slot is None and pair.written is None for pair in found.pairs)
    order = permutation(asked, given_)
    assert order is None or sorted(order) == list(range(len(asked)))


def test_long_lists_cost_little_more_than_their_length():
    kinds = [types.read(text) for text in ("f64", "f32", "i32", "tensor<2xf64>")]
    for count in (300, 2_000):
        asked = [Slot(Role.PRIMAL, Side.ARGUMENT, number, kinds[number % 4]) for number in range(count)]
        given_ = [Written(f"%a{number}", slot.type) for number, slot in enumerate(asked)]
        started = time.process_time()
        all_but_one = align(asked, given_[: count // 2] + given_[count // 2 + 1 :])
        align(asked, [Written("%a", _FOREIGN)] * count)
        align(asked, given_[: count // 2])
        align(asked[: count // 2], given_)
        # The whole table of the longer one would take a quarter of a minute.
        assert time.process_time() - started < 6
        if count == 300:
            (missing,) = all_but_one.missing
            assert missing.slot == 150
            assert len(all_but_one.pairs) == 300
