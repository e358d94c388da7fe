"""Readings: what one says of a call, and that it is kept for as long as all that it leads to stays."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp import checks
from enzyme_lsp.dialect.activity import Activity
from enzyme_lsp.dialect.convention import Function, Mode
from enzyme_lsp.settings import Settings
from enzyme_lsp.syntax import types
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from enzyme_lsp.workspace.readings import Reading

TEXT = dedent("""
    #act = #enzyme<activity enzyme_dup>
    #other = #enzyme<activity enzyme_const>
    func.func @f(%x: f64) -> f64 {
      return %x : f64
    }
    func.func @g(%x: f64) -> f64 {
      return %x : f64
    }
    func.func @df(%x: f64) {
      %0:2 = enzyme.fwddiff @f(%x, %x) {activity = [#act], ret_activity = [#act]} : (f64, f64) -> (f64, f64)
      return
    }
    func.func @dg(%x: f64) {
      %0 = enzyme.fwddiff @g(%x) {activity = [#act], ret_activity = [#act]} : (f64) -> f64
      return
    }
    // -----
    #act = #enzyme<activity enzyme_const>
    func.func @f(%x: f64) -> f64 {
      return %x : f64
    }
    func.func @df(%x: f64) {
      %0 = enzyme.fwddiff @f(%x) {activity = [#act], ret_activity = [#act]} : (f64) -> f64
      return
    }
""").lstrip()


class Editor:
    """A document under edits."""

    def __init__(self, text: str) -> None:
        self.workspace = Workspace(Settings())
        self.document = Document.of("untitled:a", text)
        self.snapshot = self.workspace.open(self.document)

    def readings(self) -> list[tuple[Reading, ...]]:
        return [found for _, found in self.snapshot.readings()]

    def replace(self, old: str, new: str) -> None:
        """Puts `new` in the place of the first `old`."""
        start = self.document.data.index(old.encode())
        edit = Edit(Span(start, start + len(old.encode())), new.encode())
        self.document = self.document.edited(edit, version=self.document.version + 1)
        self.snapshot = self.workspace.change(self.document, [edit])


def kept(old: str, new: str) -> list[bool]:
    """For each of the three pieces of TEXT with a call, whether its readings stay through an edit."""
    editor = Editor(TEXT)
    before = editor.readings()
    editor.replace(old, new)
    after = editor.readings()
    assert len(before) == len(after) == 3
    return [one is other for one, other in zip(before, after, strict=True)]


@pytest.mark.parametrize(
    ("old", "new", "expect"),
    [
        # Elsewhere: at the front, in the text between, in a comment.
        ("#act", "\n\n#act", [True, True, True]),
        ("func.func @df", "// words\nfunc.func @df", [True, True, True]),
        ("}\n", "}\nfunc.func private @h(f64)\n", [True, True, True]),
        # Its own text.
        ("ret_activity = [#act]", "ret_activity = [#other]", [False, True, True]),
        # Its callee: the body counts too, since a check may look into it.
        ("@f(%x: f64) -> f64", "@f(%x: f64) -> f32", [False, True, True]),
        ("@g(%x: f64) -> f64 {", "@g(%x: f64) -> f64 {\n  // words", [True, False, True]),
        ("func.func @f(", "func.func @h(", [False, True, True]),
        # The aliases of its section, of which each may lead to another.
        ("#other = #enzyme<activity enzyme_const>", "#other = #enzyme<activity enzyme_dup>", [False, False, True]),
    ],
)
def test_kept_while_nothing_changes(old: str, new: str, expect: list[bool]):
    assert kept(old, new) == expect


def test_a_callee_that_comes_and_one_that_goes_renew_the_reading():
    editor = Editor(TEXT)
    first = editor.readings()
    editor.replace("func.func @f(", "func.func @gone(")
    (gone,) = editor.readings()[0]
    assert gone.function is None
    assert gone.convention is None
    editor.replace("func.func @gone(", "func.func @f(")
    (back,) = editor.readings()[0]
    assert back.function == first[0][0].function
    # Another definition of the same name in front takes its place.
    editor.replace("func.func @f(", "func.func @f(i32)\nfunc.func @f(")
    (shadowed,) = editor.readings()[0]
    assert shadowed.function == Function((types.read("i32"),), ())


def test_findings_are_kept_with_the_readings_and_move_with_the_text():
    editor = Editor(TEXT)
    (before,) = [one for one in checks.found(editor.snapshot) if one.code == "missing-shadow"]
    inserted = "// words\n" * 3
    editor.replace("#other", f"{inserted}#other")
    (after,) = [one for one in checks.found(editor.snapshot) if one.code == "missing-shadow"]
    moved = len(inserted)
    assert after.span == before.span.shifted(moved)
    assert [note.span for note in after.notes] == [note.span and note.span.shifted(moved) for note in before.notes]
    assert [edit.span for fix in after.fixes for edit in fix.edits.edits] == [
        edit.span.shifted(moved) for fix in before.fixes for edit in fix.edits.edits
    ]
    # The callee stays and moves on its own: the note about it does, and the finding does not.
    editor.replace("func.func @df", "// words\nfunc.func @df")
    (last,) = [one for one in checks.found(editor.snapshot) if one.code == "missing-shadow"]
    assert last.span == after.span.shifted(9)
    assert last.notes[0].span == after.notes[0].span


def test_a_call_in_a_nested_table_has_its_callee_there():
    editor = Editor("""
        gpu.module @m {
          func.func @f(%x: f32) -> f32 {
            return %x : f32
          }
          func.func @d(%x: f32) {
            %0 = enzyme.fwddiff @f(%x, %x) {activity = [], ret_activity = []} : (f32, f32) -> f32
            return
          }
        }
        func.func @f(%x: i32)
    """)
    ((reading,),) = editor.readings()
    assert reading.function == Function((types.read("f32"),), (types.read("f32"),))
    before = editor.readings()
    editor.replace("func.func @f(%x: i32)", "func.func @f(%x: i64)")
    assert editor.readings()[0] is before[0]


def of(call: str, callee: str = "func.func @f(%x: f64, %n: i32) -> f64") -> Reading:
    """The reading of the only call."""
    text = f"{callee}\nfunc.func @d() {{\n{call}\n}}\n!t = tuple<f64>\n"
    snapshot = Workspace(Settings()).open(Document.of("untitled:a", text))
    ((_, (found,)),) = snapshot.readings()
    return found


def test_all_that_a_call_says():
    found = of(
        "%r:2 = enzyme.autodiff @f(%a, %b, %c) {activity = [#enzyme<activity enzyme_active>, #enzyme<activity "
        "enzyme_const>], ret_activity = [#enzyme<activity enzyme_active>], width = 2 : i64} "
        ": (f64, i32, tensor<2xf64>) -> (f64, tensor<2xf64>)"
    )
    assert found.mode is Mode.REVERSE
    assert found.width == 2
    assert found.activities == (Activity.ACTIVE, Activity.CONST)
    assert found.return_activities == (Activity.ACTIVE,)
    assert found.operands is not None
    assert [one.name for one in found.operands] == ["%a", "%b", "%c"]
    assert found.operand_alignment is not None
    assert found.operand_alignment.is_perfect
    assert found.result_alignment is not None
    assert found.result_alignment.is_perfect


def test_a_region_is_the_function():
    found = of(
        "enzyme.fwddiff_region(%x, %x) {\n^bb0(%a: !t):\n  enzyme.yield %a, %a : !t, f32\n} attributes {activity = [], "
        "ret_activity = []} : (f64, f64) -> ()"
    )
    assert found.function == Function((types.read("tuple<f64>"),), (types.read("tuple<f64>"), types.read("f32")))
    assert found.signature is None


@pytest.mark.parametrize(
    ("width", "expect"),
    [
        ("1", 1),
        ("16 : i64", 16),
        ("0x10", 16),
        ("4294967295", 4294967295),
        ("0", None),
        ("-1", None),
        ("4294967296", None),
        ("2 : i32", None),
        ("2.0", None),
        ('"2"', None),
        ("9" * 400, None),
    ],
)
def test_widths(width: str, expect: int | None):
    assert of(f"%r = enzyme.autodiff @f() {{width = {width}, activity = []}} : () -> f64").width == expect


@pytest.mark.parametrize(
    ("sizes", "expect"),
    [
        ("{batch_shape = array<i64: 2, 3>}", (2, 3)),
        ("{batch_shape = array<i64>}", ()),
        ("<batch_shape = [2, 3]>", (2, 3)),
        ("<batch_shape = []>", ()),
        ("{batch_shape = array<i64: -2>}", (-2,)),
        ("{batch_shape = array<i32: 2>}", None),
        ("{batch_shape = 2 : i64}", None),
        ("{batch_shape = array<i64: 2,>}", None),
        ("{batch_shape = [2, ]}", None),
        ("{}", None),
    ],
)
def test_sizes_of_batches(sizes: str, expect: tuple[int, ...] | None):
    found = of(f"%r = enzyme.batch @f(%x, %n) {sizes} : (f64, i32) -> f64")
    assert found.sizes == expect
    assert (found.convention is None) is (expect is None or min(expect, default=1) < 1)


@pytest.mark.parametrize(
    "call",
    [
        "%r = enzyme.autodiff @f(%a, ",
        "%r = enzyme.autodiff @f(%a, %b)",
        "%r = enzyme.autodiff @f(%a, %b) {activity = [} : (f64",
        "%r = enzyme.autodiff @f(%a, %b) {activity = , ret_activity} : (f64, i32) ->",
        "enzyme.autodiff",
        "enzyme.autodiff @nobody() : () -> ()",
        '"enzyme.autodiff"()',
        '%r = "enzyme.autodiff"(%a) <{fn = }> : ',
        "enzyme.autodiff_region(%a) {",
        "enzyme.batch @f",
    ],
)
def test_what_is_half_typed_says_nothing(call: str):
    found = of(call)
    assert found.slots is None
    assert found.operand_alignment is None
    assert found.operand_order is None
    assert found.result_alignment is None
    assert found.result_order is None
    assert isinstance(found.visible(), list)


def test_a_function_that_returns_nothing_in_llvm():
    found = of(
        "enzyme.autodiff @f(%x) {activity = [], ret_activity = []} : (f64) -> ()", "llvm.func @f(f64) -> !llvm.void"
    )
    assert found.function == Function((types.read("f64"),), (), is_llvm=True)
