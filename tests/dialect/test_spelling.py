"""Each spelling written as the other: what changes, byte by byte, and what stays with a reason."""

from __future__ import annotations

import pytest

from enzyme_lsp.dialect import spelling
from enzyme_lsp.dialect.calls import derivative_calls
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.piece import Piece, PieceKind
from tests.spellings import as_sent, converted

DUP, STRICT_DUP = "#enzyme<activity enzyme_dup>", "#enzyme.activity<enzyme_dup>"

PRINTED = {
    "fwddiff": (
        f"enzyme.fwddiff @f(%x, %x) {{activity = [{DUP}], ret_activity = [{DUP}], width = 2 : i64}} : (f64, f64) -> f64",
        f"enzyme.fwddiff @f(%x, %x) <activity = [{STRICT_DUP}], ret_activity = [{STRICT_DUP}], width = 2> : (f64, f64) -> f64",
    ),
    "autodiff with flags": (
        "enzyme.autodiff @f(%x) {activity = #a, atomic_add = true, ret_activity = #b, strong_zero = true} : (f64) -> f64",
        "enzyme.autodiff @f(%x) <activity = #a, atomic_add = true, ret_activity = #b, strong_zero = true> : (f64) -> f64",
    ),
    "batch": (
        "enzyme.batch @f(%x) {batch_shape = array<i64: 2, 3>} : (f64) -> f64",
        "enzyme.batch @f(%x) <batch_shape = [2, 3]> : (f64) -> f64",
    ),
    "batch of no dimensions": (
        "enzyme.batch @f(%x) {batch_shape = array<i64>} : (f64) -> f64",
        "enzyme.batch @f(%x) <batch_shape = []> : (f64) -> f64",
    ),
    "dump": ('enzyme.dump %x {label = "a > b"} : (f64) -> f64', 'enzyme.dump %x <label = "a > b"> : (f64) -> f64'),
    "atomic_rmw": (
        "enzyme.atomic_rmw addf %x, %m[%i] monotonic {alignment = 8 : i64} : (f64, memref<4xf64>) -> f64",
        "enzyme.atomic_rmw addf %x, %m[%i] monotonic <alignment = 8> : (f64, memref<4xf64>) -> f64",
    ),
    "atomic_rmw without attributes of its own": (
        "enzyme.atomic_rmw addf %x, %m[%i] monotonic {my.tag = 1} : (f64, memref<4xf64>) -> f64",
        "enzyme.atomic_rmw addf %x, %m[%i] monotonic {my.tag = 1} : (f64, memref<4xf64>) -> f64",
    ),
    "a region": (
        f"enzyme.autodiff_region(%x) {{\n}} attributes {{activity = [{DUP}], fn = \"g\", ret_activity = []}} : (f64) -> f64",
        f'enzyme.autodiff_region(%x) {{\n}} <activity = [{STRICT_DUP}], fn = "g", ret_activity = []> : (f64) -> f64',
    ),
    "a region in a region": (
        (f"enzyme.fwddiff_region(%x) {{\n  %1 = enzyme.jacobian @f(%x) {{activity = [{DUP}], ret_activity = []}} : (f64) -> f64\n"
        f"}} attributes {{activity = [{DUP}], ret_activity = []}} : (f64) -> f64"),
        (f"enzyme.fwddiff_region(%x) {{\n  %1 = enzyme.jacobian @f(%x) <activity = [{STRICT_DUP}], ret_activity = []> : (f64) -> f64\n"
        f"}} <activity = [{STRICT_DUP}], ret_activity = []> : (f64) -> f64"),
    ),
    "discardable attributes": (
        "enzyme.fwddiff @f(%x) {activity = [], ret_activity = [], my.tag = 1, zz} : (f64) -> f64",
        "enzyme.fwddiff @f(%x) <activity = [], ret_activity = []> {my.tag = 1, zz} : (f64) -> f64",
    ),
    "discardable attributes of a region": (
        "enzyme.fwddiff_region(%x) {\n} attributes {activity = [], ret_activity = [], fn_attrs = {}} : (f64) -> f64",
        "enzyme.fwddiff_region(%x) {\n} <activity = [], ret_activity = []> attributes {fn_attrs = {}} : (f64) -> f64",
    ),
    "the generic form": (
        f'"enzyme.fwddiff"(%x) <{{activity = [{DUP}], fn = @f, ret_activity = []}}> {{a.b = {DUP}}} : (f64) -> f64',
        f'"enzyme.fwddiff"(%x) <{{activity = [{STRICT_DUP}], fn = @f, ret_activity = []}}> {{a.b = {STRICT_DUP}}} : (f64) -> f64',
    ),
    "attributes elsewhere": (
        f"func.func private @f(f64 {{a.b = {{c = [{DUP}]}}}}) attributes {{d = {DUP}}}",
        f"func.func private @f(f64 {{a.b = {{c = [{STRICT_DUP}]}}}}) attributes {{d = {STRICT_DUP}}}",
    ),
    "aliases": (f"#a = {DUP}\n#b = [{DUP}, #a]", f"#a = {STRICT_DUP}\n#b = [{STRICT_DUP}, #a]"),
    "a module's attributes": (f"module attributes {{a.b = {DUP}}} {{\n}}", f"module attributes {{a.b = {STRICT_DUP}}} {{\n}}"),
}  # fmt: skip
"""As the engines print them, in both spellings: both ways there and back."""


@pytest.mark.parametrize("name", PRINTED)
def test_what_engines_print_goes_both_ways(name: str) -> None:
    classic, strict = (text.encode() for text in PRINTED[name])
    assert converted(classic, "strict")[:2] == (strict, ())
    assert converted(strict, "classic")[:2] == (classic, ())
    assert converted(classic, "classic")[0] == classic
    assert converted(strict, "strict")[0] == strict


HAND_WRITTEN = {
    "a number without a type": (
        "enzyme.fwddiff @f(%x) {activity = [], ret_activity = [], width = 2} : (f64) -> f64",
        "enzyme.fwddiff @f(%x) <{activity = [], ret_activity = [], width = 2}> : (f64) -> f64",
    ),
    "a boolean as a number": (
        "enzyme.fwddiff @f(%x) {activity = [], ret_activity = [], strong_zero = 1 : i1} : (f64) -> f64",
        "enzyme.fwddiff @f(%x) <{activity = [], ret_activity = [], strong_zero = 1 : i1}> : (f64) -> f64",
    ),
    "an alias for what is no list": (
        "enzyme.batch @f(%x) {batch_shape = #shape} : (f64) -> f64",
        "enzyme.batch @f(%x) <{batch_shape = #shape}> : (f64) -> f64",
    ),
    "a quoted key": (
        'enzyme.dump %x {"label" = "l"} : (f64) -> f64',
        'enzyme.dump %x <{"label" = "l"}> : (f64) -> f64',
    ),
    "lines and comments": (
        "enzyme.fwddiff @f(%x){ // first {\n  activity = [], // <then>\n  ret_activity = []\n} : (f64) -> f64",
        "enzyme.fwddiff @f(%x)< // first {\n  activity = [], // <then>\n  ret_activity = []\n> : (f64) -> f64",
    ),
    "discardable ones between the others": (
        f"enzyme.fwddiff @f(%x) {{activity = [], b.c = {DUP}, d.e, ret_activity = [], z.z = 1}} : (f64) -> f64",
        f"enzyme.fwddiff @f(%x) <activity = [],   ret_activity = []> {{b.c = {STRICT_DUP}, d.e, z.z = 1}} : (f64) -> f64",
    ),
    "discardable ones before the others": (
        "enzyme.fwddiff_region(%x) {\n} attributes {a.b = 1, activity = [], ret_activity = []} : (f64) -> f64",
        "enzyme.fwddiff_region(%x) {\n} < activity = [], ret_activity = []> attributes {a.b = 1} : (f64) -> f64",
    ),
    "discardable ones on their own lines": (
        "enzyme.fwddiff @f(%x) {\n  activity = [],\n  b.c = 1,\n  ret_activity = []\n} : (f64) -> f64",
        "enzyme.fwddiff @f(%x) <\n  activity = [],\n  \n  ret_activity = []\n> {b.c = 1} : (f64) -> f64",
    ),
    "blanks that could be taken for a gap": (
        "enzyme.fwddiff @f(%x) {activity = [],  ret_activity = [], b.c = 1} : (f64) -> f64",
        "enzyme.fwddiff @f(%x) <{activity = [],  ret_activity = []}> {b.c = 1} : (f64) -> f64",
    ),
    "no blank before the brace of a region": (
        "enzyme.fwddiff_region(%x) {\n} attributes{activity = [], ret_activity = []} : (f64) -> f64",
        "enzyme.fwddiff_region(%x) {\n} <{activity = [], ret_activity = []} > : (f64) -> f64",
    ),
    "more than a blank before the brace of a region": (
        "enzyme.fwddiff_region(%x) {\n} attributes // why\n {activity = [], ret_activity = []} : (f64) -> f64",
        "enzyme.fwddiff_region(%x) {\n} < // why\n {activity = [], ret_activity = []}> : (f64) -> f64",
    ),
    "activities with blanks in them": (
        ('#a = #enzyme<activity  enzyme_dup>\n#b = #enzyme< activity "enzyme_dup" >\n#c = #enzyme<activity"enzyme_dup">\n'
        '#d = #enzyme<activity "enzyme_dup">'),
        ('#a = #enzyme<activity<  enzyme_dup>>\n#b = #enzyme< activity< "enzyme_dup" >>\n#c = #enzyme<activity<"enzyme_dup">>\n'
        '#d = #enzyme.activity<"enzyme_dup">'),
    ),
    "no activity that is known": ("#a = #enzyme<activity enzyme_nosuch>", "#a = #enzyme.activity<enzyme_nosuch>"),
}  # fmt: skip
"""Classic as only people write it: to strict and back."""


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_what_people_write_in_classic_comes_back_as_it_was(name: str) -> None:
    classic, strict = (text.encode() for text in HAND_WRITTEN[name])
    assert converted(classic, "strict")[:2] == (strict, ())
    assert converted(strict, "classic")[:2] == (classic, ())


STRICT_BY_HAND = {
    "both forms of an activity": ("#a = #enzyme<activity<enzyme_dup>>", f"#a = {DUP}"),
    "a boolean as a number": ("enzyme.fwddiff @f(%x) <strong_zero = 1> : t", "enzyme.fwddiff @f(%x) {strong_zero = true} : t"),
    "empty brackets": ("enzyme.atomic_rmw addf %x, %m[%i] monotonic <> : t", "enzyme.atomic_rmw addf %x, %m[%i] monotonic {} : t"),
    "empty brackets before others": (
        "enzyme.atomic_rmw addf %x, %m[%i] monotonic <{}> {a.b = 1} : t",
        "enzyme.atomic_rmw addf %x, %m[%i] monotonic  {a.b = 1} : t",
    ),
    "empty brackets behind others": (
        "enzyme.fwddiff_region(%x) {\n} <{activity = #a}>\n attributes {} : t",
        "enzyme.fwddiff_region(%x) {\n} attributes {activity = #a}\n   : t",
    ),
    "a list with comments": (
        "enzyme.batch @f(%x) <batch_shape = [ 2, // two\n 3 ]> : t",
        "enzyme.batch @f(%x) {batch_shape = array<i64:  2, // two\n 3 >} : t",
    ),
    "an empty list with a comment": (
        "enzyme.batch @f(%x) <batch_shape = [ // none\n ]> : t",
        "enzyme.batch @f(%x) {batch_shape = array<i64 // none\n >} : t",
    ),
    "a gap that is too wide": (
        "enzyme.fwddiff @f(%x) <activity = #a,    ret_activity = #a> {b.c = 1} : t",
        "enzyme.fwddiff @f(%x) {activity = #a,    ret_activity = #a, b.c = 1} : t",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STRICT_BY_HAND)
def test_what_people_write_in_strict(name: str) -> None:
    strict, classic = (text.encode() for text in STRICT_BY_HAND[name])
    assert converted(strict, "classic")[:2] == (classic, ())


LEFT = {
    "affine_atomic_rmw has no ordering in classic": (
        "strict",
        "enzyme.affine_atomic_rmw addf %x, %m, (#map) [%i] : (f64, memref<4xf64>) -> f64",
        "strict spelling needs its ordering, which classic does not have",
        False,
    ),
    "affine_atomic_rmw with an ordering": (
        "classic",
        "enzyme.affine_atomic_rmw addf %x, %m, (#map) [%i] acquire <alignment = 8> : (f64, memref<4xf64>) -> f64",
        "classic spelling has no place for `acquire`",
        False,
    ),
    "flags of fast arithmetic": (
        "classic",
        "enzyme.atomic_rmw addf %x, %m[%i] monotonic fastmath<fast> : (f64, memref<4xf64>) -> f64",
        "classic spelling has no place for `fastmath<fast>`",
        False,
    ),
    "a second callee": (
        "strict",
        "enzyme.fwddiff @f(%x) {activity = [], fn = @g, ret_activity = []} : t",
        "fn has a place of its own in strict spelling",
        False,
    ),
    "an attribute in an order that cannot be kept": (
        "strict",
        "enzyme.fwddiff @f(%x) {activity = [], b.c = 1 , ret_activity = []} : t",
        "b.c stands before ret_activity, and strict spelling has it behind",
        False,
    ),
    "two activities in one attribute": (
        "strict",
        "#a = #enzyme<activity enzyme_dup, enzyme_const>",
        "an activity in it is not one word alone",
        False,
    ),
    "an activity that is not there yet": (
        "strict",
        "#a = #enzyme<activity >",
        "an activity in it is not one word alone",
        True,
    ),
    "a bracket in a comment, which the parser takes for one": (
        "strict",
        "#a = #enzyme<activity // a > b\n enzyme_dup>",
        "an activity in it is not one word alone",
        True,
    ),
    "a value that is not there yet": (
        "strict",
        "enzyme.fwddiff @f(%x) {activity = [], ret_activity = } : t",
        "its attributes are not complete",
        True,
    ),
    "an attribute that is given twice": (
        "strict",
        "enzyme.fwddiff @f(%x) {activity = [], width = 1, width = 2} : t",
        "width is given twice",
        True,
    ),
    "two dictionaries": (
        "strict",
        "enzyme.fwddiff @f(%x) {activity = []} {ret_activity = []} : t",
        "it has more brackets with attributes than either spelling",
        True,
    ),
    "a region without its word": (
        "strict",
        "enzyme.fwddiff_region(%x) {\n} {activity = [], ret_activity = []} : t",
        "`attributes` is missing before `{`",
        True,
    ),
    "a type in strict brackets": (
        "classic",
        "enzyme.fwddiff @f(%x) <width = 2 : i64> : t",
        "width is not written as in `<...>`",
        True,
    ),
    "words for numbers": (
        "classic",
        "enzyme.batch @f(%x) <batch_shape = [true]> : t",
        "batch_shape is no list of integers",
        True,
    ),
    "an attribute that is not the operation's own": (
        "classic",
        "enzyme.fwddiff @f(%x) <activity = #a, mine = 1> : t",
        "mine is no attribute that has its place in `<...>`",
        True,
    ),
    "an attribute of the operation in the wrong brackets": (
        "classic",
        "enzyme.fwddiff @f(%x) <activity = #a> {width = 2 : i64} : t",
        "width stands in `{...}`, where strict spelling does not have it",
        True,
    ),
    "brackets that are never closed": (
        "classic",
        "enzyme.fwddiff @f(%x) <activity = #a, ret_activity = [",
        "its attributes are not complete",
        True,
    ),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_cannot_be_converted_stays_and_says_why(name: str) -> None:
    target, text, reason, is_wrong = LEFT[name]
    assert target in ("classic", "strict")
    made, left, edits = converted(text.encode(), "classic" if target == "classic" else "strict")
    assert (made, edits) == (text.encode(), ())
    assert [(one.reason, one.is_wrong) for one in left] == [(reason, is_wrong)]


@pytest.mark.parametrize(
    ("target", "text", "sent"),
    [
        (
            "strict",
            "enzyme.affine_atomic_rmw addf %x, %m, (#map) [%i] {alignment = 8 : i64} : t",
            "enzyme.affine_atomic_rmw addf %x, %m, (#map) [%i] not_atomic <alignment = 8> : t",
        ),
        (
            "classic",
            "enzyme.atomic_rmw addf %x, %m[%i] monotonic fastmath<fast> <alignment = 8> : t",
            "enzyme.atomic_rmw addf %x, %m[%i] monotonic  {alignment = 8 : i64} : t",
        ),
        (
            "strict",
            "enzyme.fwddiff @f(%x) {b.c = 1 , activity = [], ret_activity = []} : t",
            "enzyme.fwddiff @f(%x) <{  activity = [], ret_activity = []}> {b.c = 1} : t",
        ),
    ],
)
def test_a_stand_in_lets_an_engine_read_on(target: spelling.Spelling, text: str, sent: str) -> None:
    assert as_sent(text.encode(), target).decode() == sent


def test_one_wrong_operation_does_not_keep_the_others_from_being_converted() -> None:
    text = (
        "func.func @d(%x: f64) {\n"
        "  %0 = enzyme.batch @f(%x) {batch_shape = array<i64: 2>} : (f64) -> f64\n"
        "  %1 = enzyme.batch @f(%x) {batch_shape = array<i64: 2>, } : (f64) -> f64\n"
        "  %2 = enzyme.batch @f(%x) {batch_shape = array<i64: 3>} : (f64) -> f64\n"
        "}\n"
    )
    made, left, _ = converted(text.encode(), "strict")
    assert made.count(b"<batch_shape = ") == 2
    assert [one.reason for one in left] == ["its attributes are not complete"]


def test_strings_and_comments_are_no_text_of_ours() -> None:
    text = (
        b'func.func @f() attributes {a = "#enzyme<activity enzyme_dup>"} { // #enzyme<activity enzyme_dup>\n  return\n}'
    )
    assert converted(text, "strict") == (text, (), ())


def test_the_spelling_of_operations_and_aliases() -> None:
    def of(text: str) -> spelling.Spelling | None:
        (call,) = derivative_calls(Piece(PieceKind.ITEM, text.encode(), 0))
        return spelling.of_call(call)

    assert of(f"enzyme.fwddiff @f(%x) {{activity = [{DUP}]}} : t") == "classic"
    assert of(f"enzyme.fwddiff @f(%x) <activity = [{STRICT_DUP}]> : t") == "strict"
    assert of("enzyme.fwddiff @f(%x) <{activity = #a}> : t") == "strict"
    assert of(f"enzyme.fwddiff @f(%x) {{activity = [{STRICT_DUP}]}} : t") is None
    assert of("enzyme.fwddiff @f(%x) : t") is None
    assert of('"enzyme.batch"(%x) <{batch_shape = array<i64: 2>, fn = @f}> : t') is None
    assert spelling.of_alias(Piece(PieceKind.ALIAS, f"#a = [{DUP}]".encode(), 0)) == "classic"
    assert spelling.of_alias(Piece(PieceKind.ALIAS, b"#a = affine_map<(d0) -> (d0)>", 0)) is None


def test_activities_belong_to_the_operation_that_they_stand_in() -> None:
    text = (
        f"func.func @d(%x: f64 {{a.b = {DUP}}}) {{\n"
        f"  %0 = enzyme.fwddiff_region(%x) {{\n"
        f'    "my.op"() {{c = {DUP}}} : () -> ()\n'
        f"  }} attributes {{activity = [{DUP}, {DUP}], ret_activity = []}} : (f64) -> f64\n"
        f"}}\n"
    )
    (piece,) = Layout.of(text.encode()).pieces
    found = [(unit.name, len(unit.activities)) for unit in spelling.units(piece)]
    assert found == [("func.func", 1), ("enzyme.fwddiff_region", 2), ("my.op", 1)]
