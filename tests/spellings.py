"""Texts in both spellings, drawn at random, with blanks, comments and line breaks wherever they may stand.

What is drawn is right: an engine that reads its spelling accepts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from enzyme_lsp.dialect import spelling
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.verification.origins import Origins

if TYPE_CHECKING:
    from collections.abc import Callable

    from enzyme_lsp.dialect.spelling import Spelling

ACTIVITIES = ("active", "dup", "const", "dupnoneed", "activenoneed", "constnoneed")

_gaps = st.sampled_from(["", "", "", " ", " ", "  ", "\n    ", "\t", " // a comment: {x = 1}, <y>\n  ", "\r\n"])
_blank = _gaps.map(lambda gap: gap or " ")
_inner = st.sampled_from(["", "", "", " ", "  ", "\n   ", " // plain\n "])


@dataclass(frozen=True, slots=True)
class Entry:
    """An attribute as it is drawn: its key, its value in both spellings, and whether it is the operation's own."""

    key: str
    classic: str
    strict: str
    own: bool

    def written(self, spelling: Spelling, gap: Callable[[], str]) -> str:
        value = self.classic if spelling == "classic" else self.strict
        if value.startswith('"'):
            return f"{self.key} = {value}"  # A string alone on its line is taken for the name of an operation.
        return f"{self.key}{gap()}={gap()}{value}" if value else self.key


@st.composite
def attributes(draw: st.DrawFn, *, printed: bool = False) -> tuple[str, str]:
    """An activity attribute in classic and in strict."""
    word = "enzyme_" + draw(st.sampled_from(ACTIVITIES))
    if printed:
        return f"#enzyme<activity {word}>", f"#enzyme.activity<{word}>"
    quoted = draw(st.sampled_from([word, word, f'"{word}"']))
    one, two, three = draw(_inner), draw(_inner) or ("" if quoted.startswith('"') else " "), draw(_inner)
    classic = f"#enzyme<{one}activity{two}{quoted}{three}>"
    strict = draw(
        st.sampled_from([f"#enzyme.activity<{one}{quoted}{three}>", f"#enzyme<{one}activity<{two}{quoted}{three}>>"])
    )
    return classic, strict


@st.composite
def entries(draw: st.DrawFn, op: str, *, printed: bool = False) -> list[Entry]:
    """The attributes of an operation, in some order; as engines print them, that of their names."""
    gap = (lambda: "") if printed else (lambda: draw(_inner))
    found: list[Entry] = []
    if op == "enzyme.batch":
        sizes = draw(st.lists(st.sampled_from(["2", "3", "0x4", "-1"]), max_size=3))
        listed = f"{'' if printed else draw(_inner)}, ".join(sizes)
        head = "array<i64: " if printed else draw(st.sampled_from(["array<i64: ", "array<i64:", "array <i64 : "]))
        empty = f"array<i64{gap()}>"
        found.append(Entry("batch_shape", f"{head}{listed}{gap()}>" if sizes else empty, f"[{listed}]", own=True))
    elif op == "enzyme.dump":
        found.append(Entry("label", '"a, } > b"', '"a, } > b"', own=True))
    elif op == "enzyme.atomic_rmw":
        if draw(st.booleans()):
            found.append(_integer(draw, "alignment", ["8", "16"], printed=printed))
    else:
        found += [_activities(draw, key, printed=printed) for key in ("activity", "ret_activity")]
        if draw(st.booleans()):
            found.append(_integer(draw, "width", ["2", "3", "0x2"], printed=printed))
        flags = ["strong_zero", *(["atomic_add"] if "autodiff" in op else [])]
        for flag in draw(st.lists(st.sampled_from(flags), unique=True)):
            classic = "true" if printed else draw(st.sampled_from(["true", "false", "1 : i1"]))
            found.append(Entry(flag, classic, draw(st.sampled_from(["true", "false"])), own=True))
        if op.endswith("_region") and draw(st.booleans()):
            found.append(Entry("fn", '"square"', '"square"', own=True))
    one, two = draw(attributes(printed=printed))
    more = [
        Entry("my.tag", "1 : i64", "1 : i64", own=False),
        Entry("b.c", '"s, }"', '"s, }"', own=False),
        Entry('"a b"', f"{{x = [{one}]}}", f"{{x = [{two}]}}", own=False),
        Entry("zz", "", "", own=False),
    ]
    found += draw(st.lists(st.sampled_from(more), unique=True, max_size=2)) if draw(st.booleans()) else []
    if printed or draw(st.booleans()):
        return sorted(found, key=lambda entry: entry.key.strip('"'))
    return list(draw(st.permutations(found)))


def _integer(draw: st.DrawFn, key: str, values: list[str], *, printed: bool) -> Entry:
    value = draw(st.sampled_from(values))
    typed = " : i64" if printed else draw(st.sampled_from([" : i64", " : i64", "", ":i64"]))
    return Entry(key, value + typed, value, own=True)


def _activities(draw: st.DrawFn, key: str, *, printed: bool) -> Entry:
    if not printed and draw(st.integers(0, 3)) == 0:
        return Entry(key, "#both", "#both", own=True)
    listed = draw(st.lists(st.one_of(attributes(printed=printed), st.just(("#one", "#one"))), max_size=2))
    comma = ", " if printed else draw(st.sampled_from([", ", ",", " ,\n  "]))
    return Entry(key, f"[{comma.join(c for c, _ in listed)}]", f"[{comma.join(s for _, s in listed)}]", own=True)


_HEADS = {
    "enzyme.autodiff": ("enzyme.autodiff @f(%x)", "(f64) -> f64"),
    "enzyme.fwddiff": ("enzyme.fwddiff @f(%x, %x)", "(f64, f64) -> f64"),
    "enzyme.jacobian": ("enzyme.jacobian @f(%x)", "(f64) -> f64"),
    "enzyme.batch": ("enzyme.batch @f(%x)", "(f64) -> f64"),
    "enzyme.dump": ("enzyme.dump %x", "(f64) -> f64"),
    "enzyme.atomic_rmw": ("enzyme.atomic_rmw addf %x, %m[%i] monotonic", "(f64, memref<4xf64>) -> f64"),
    "enzyme.autodiff_region": (
        "enzyme.autodiff_region(%x) {{\n  ^bb0(%y{0}: f64):\n{1}    enzyme.yield %y{0} : f64\n  }}",
        "(f64) -> f64",
    ),
    "enzyme.fwddiff_region": (
        "enzyme.fwddiff_region(%x) {{\n  ^bb0(%y{0}: f64):\n{1}    enzyme.yield %y{0} : f64\n  }}",
        "(f64) -> f64",
    ),
}


@st.composite
def operations(draw: st.DrawFn, spelling: Spelling, number: int = 0, *, printed: bool = False) -> str:
    """One operation; region operations may hold another one."""
    op = draw(st.sampled_from(sorted(_HEADS)))
    head, type_ = _HEADS[op]
    is_region = op.endswith("_region")
    if is_region:
        inside = number < 100 and draw(st.booleans())
        inner = draw(operations(spelling, number + 100, printed=printed)) if inside else ""
        head = head.format(number, inner)
    drawn = draw(entries(op, printed=printed))
    gap = (lambda: "") if printed else (lambda: draw(_gaps))
    space = (lambda: " ") if printed else (lambda: draw(_blank))
    keyword = f"attributes{' ' if printed else draw(_gaps)}" if is_region else ""
    equals = (lambda: " ") if printed else (lambda: draw(_gaps))

    def listed(chosen: list[Entry], brackets: tuple[str, str], spelled: Spelling = spelling) -> str:
        comma = ", " if printed else draw(st.sampled_from([", ", ", ", ",", ",\n      ", " , "]))
        return brackets[0] + gap() + comma.join(one.written(spelled, equals) for one in chosen) + gap() + brackets[1]

    own, rest = [one for one in drawn if one.own], [one for one in drawn if not one.own]
    if spelling == "classic":
        text = space() + keyword + listed(drawn, ("{", "}")) if drawn else ""
    else:
        text = space() + listed(own, ("<", ">")) if own else ""
        text += space() + keyword + listed(rest, ("{", "}")) if rest else ""
    return f"  %r{number} = {head}{text}{space()}: {type_}\n"


@st.composite
def modules(draw: st.DrawFn, spelling: Spelling, *, printed: bool = False) -> bytes:
    """A module with a few operations and the aliases that they use."""
    one, list_, argument = (draw(attributes(printed=printed)) for _ in range(3))
    which = 0 if spelling == "classic" else 1
    gap = draw(_blank) if not printed else " "
    ops = [draw(operations(spelling, number, printed=printed)) for number in range(draw(st.integers(1, 3)))]
    text = (
        f"#one{gap}= {one[which]}\n#both = [{list_[which]}, #one]\n"
        f"func.func private @f(f64) -> f64\n"
        f"func.func @d(%x: f64 {{my.act = {argument[which]}}}, %m: memref<4xf64>, %i: index) {{\n"
        f"{''.join(ops)}  return\n}}\n"
    )
    return text.encode()


def converted(text: bytes, target: Spelling) -> tuple[bytes, tuple[spelling.Left, ...], tuple[Edit, ...]]:
    """A whole text in another spelling, what of it stays, and the edits."""
    layout, edits, left = Layout.of(text), list[Edit](), list[spelling.Left]()
    for start, piece in zip(layout.starts, layout.pieces, strict=True):
        made = spelling.converted(piece, target)
        edits += [spelling.shifted(edit, start) for edit in made.edits]
        left += made.left
    return EditSet(edits).apply(text), tuple(left), tuple(edits)


def origins(edits: tuple[Edit, ...]) -> Origins:
    """The way back from a text that was converted."""
    return Origins.of(EditSet(edits).edits)


def as_sent(text: bytes, target: Spelling) -> bytes:
    """A whole text as an engine gets it: converted, and with stand-ins for what cannot be."""
    layout, edits = Layout.of(text), list[Edit]()
    for start, piece in zip(layout.starts, layout.pieces, strict=True):
        made = spelling.converted(piece, target)
        every = [*made.edits, *(edit for one in made.left for edit in one.stand_in)]
        edits += [spelling.shifted(edit, start) for edit in every]
    return EditSet(edits).apply(text)
