"""The index: what a search finds and in which order, held against the plainest way to say it; and replacement."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from enzyme_lsp.workspace.file_symbols import file_symbols
from enzyme_lsp.workspace.index import SymbolIndex


def declared(*names: str) -> bytes:
    return "".join(f'func.func private @"{name}"()\n' for name in names).encode()


def index(*names: str) -> SymbolIndex:
    made = SymbolIndex()
    add(made, "a.mlir", declared(*names))
    return made


def add(to: SymbolIndex, file: str, text: bytes) -> None:
    to.replace(file, text, file_symbols(text))


def found(within: SymbolIndex, query: str, limit: int = 100) -> list[str]:
    return [one.name for one in within.search(query, limit)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sq", ["sq", "SQ", "sq_x", "square", "d_sq", "x.sq", "a_square", "mySquare", "scalar_query", "isqu", "sXq"]),
        ("a.b", ["a.b", "xa.b", "a+_.+b"]),
        ("ab", ["ab", "a-b", "a_b_c", "xab", "aXXb"]),
        ("[x]", ["[x]", "y[x]"]),
        ("é", ["é", "xé"]),
    ],
)
def test_the_order(query: str, names: list[str]):
    assert found(index(*reversed(names)), query) == names


def test_a_query_as_people_write_it():
    names = index("square_root", "unrelated")
    assert found(names, "@square") == found(names, " sq root") == found(names, "SQUARE") == ["square_root"]
    assert found(names, "rootsquare") == found(names, "a\nb") == found(names, "\x00") == []


def test_what_is_defined_comes_before_what_is_declared():
    both = index("f")
    add(both, "b.mlir", b"func.func @f() { return }")
    assert [(one.file, one.has_body) for one in both.search("f", 9)] == [("b.mlir", True), ("a.mlir", False)]
    assert [one.file for one in both.named("f")] == ["a.mlir", "b.mlir"]
    assert both.named("g") == both.named("") == both.named("f\n") == []


def test_no_more_than_wanted_and_the_best_of_them():
    names = [f"n{number:03}" for number in range(500)]
    many = index(*names, "n", "xn", "longer_than_all_n")
    assert found(many, "n", 3) == ["n", "n000", "n001"]
    assert found(many, "", 2) == ["n", "xn"]
    assert len(found(many, "n", 502)) == 502


def test_places():
    text = 'module @m {\r\n  func.func @f() { return } loc("é") func.func @"x ☃"() { return }\r\n}\r\n'.encode()
    made = SymbolIndex()
    add(made, "a.mlir", text)
    places = {one.name: one.place for one in made.search("", 9)}
    assert {name: (place.start, place.line0) for name, place in places.items()} == {
        "m": (7, 0),
        "f": (text.index(b"@f"), 1),
        "x ☃": (text.index(b'@"x'), 1),
    }
    assert places["f"].columns("utf-8") == (12, 14)
    line = text.splitlines()[1].decode()
    start, end = line.index('@"x'), line.index("() { return }", 30)
    assert places["x ☃"].columns("utf-32") == places["x ☃"].columns("utf-16") == (start, end)
    assert places["x ☃"].columns("utf-8") == (start + 1, end + 3)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_the_protocol_says(end: str):
    made = SymbolIndex()
    add(made, "a.mlir", f"// one{end}{end}func.func private @f(){end}func.func private @g(){end}".encode())
    assert [(one.name, one.place.line0, one.place.column) for one in made.search("", 9)] == [("f", 2, 18), ("g", 3, 18)]


def test_a_signature_of_pages_is_cut():
    made = SymbolIndex()
    add(made, "a.mlir", b"func.func private @f(" + b", ".join([b"f64"] * 1_000) + b")\n")
    (one,) = made.search("f", 9)
    assert one.signature.startswith("(f64, f64")
    assert " ... " in one.signature
    assert one.signature.endswith(", f64) -> ()")
    assert len(one.signature) == 256


def test_a_replaced_file_leaves_no_room_unused():
    made = SymbolIndex()
    add(made, "a.mlir", declared("ab", "cd", "efg"))
    used = {length: len(bucket.names) for length, bucket in made._buckets.items()}  # pyright: ignore[reportPrivateUsage]
    for round_ in range(5):
        add(made, "a.mlir", declared("ab", f"x{round_}", "efg"))
        made.remove("gone.mlir")
    assert {length: len(bucket.names) for length, bucket in made._buckets.items()} == used  # pyright: ignore[reportPrivateUsage]
    assert sorted(found(made, "")) == ["ab", "efg", "x4"]
    assert len(made) == 3


SEPARATORS = "_.$-:/"
names = st.text("abAB_.-", min_size=1, max_size=6)


def tier(name: str, query: str) -> int | None:
    """Said anew, name by name, and as slowly as it likes."""
    low, key = name.lower(), query.lower()
    if low.startswith(key):
        return 0
    for at in range(1, len(low)):
        is_hump = name[at].isupper() and name[at - 1].isalnum() and not name[at - 1].isupper()
        tail_is_low = name[at + 1 : at + len(key)] == key[1:]
        if low.startswith(key, at) and (low[at - 1] in SEPARATORS or (is_hump and tail_is_low)):
            return 1
    words = re.split(f"[{re.escape(SEPARATORS)}]", low)
    if len(key) > 1 and "".join(word[:1] or "\n" for word in words).startswith(key):
        return 2
    if key in low:
        return 3
    rest = iter(low)
    return 4 if all(letter in rest for letter in key) else None


@given(st.lists(names, unique=True, max_size=12), st.text("abAB_", min_size=1, max_size=3), st.integers(1, 12))
def test_a_search_finds_what_a_slow_one_finds(all_names: list[str], query: str, limit: int):
    ranked = sorted(
        (rank, len(name), query not in name, name) for name in all_names if (rank := tier(name, query)) is not None
    )
    assert found(index(*all_names), query, limit) == [name for *_, name in ranked][:limit]


class Files(RuleBasedStateMachine):
    """Any files, replaced and removed in any order, are what a dictionary of them is."""

    def __init__(self) -> None:
        super().__init__()
        self.index = SymbolIndex()
        self.model: dict[str, list[str]] = {}

    @rule(file=st.sampled_from("abc"), defined=st.lists(names, max_size=5))
    def replace(self, file: str, defined: list[str]) -> None:
        add(self.index, file, declared(*defined))
        self.model[file] = defined

    @rule(file=st.sampled_from("abc"))
    def remove(self, file: str) -> None:
        self.index.remove(file)
        self.model.pop(file, None)

    @invariant()
    def is_the_same(self) -> None:
        wanted = sorted((file, name) for file, defined in self.model.items() for name in defined)
        assert sorted((one.file, one.name) for one in self.index.search("", 100)) == wanted
        assert len(self.index) == len(wanted)
        assert self.index.files == set(self.model)
        for name in {name for _, name in wanted}:
            assert [(one.file, one.name) for one in self.index.named(name)] == [one for one in wanted if one[1] == name]


TestFiles = Files.TestCase
TestFiles.settings = settings(max_examples=30, stateful_step_count=20)
