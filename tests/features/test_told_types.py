"""Types that the engine tells, in hints and in hovers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.features.hover import hover
from enzyme_lsp.features.inlay_hints import inlay_hints
from enzyme_lsp.settings import HintSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.value_types import TypeFinder
from enzyme_lsp.verification.verdict import NOTHING_YET
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_hints

if TYPE_CHECKING:
    from tests.judges import EngineThread

DIM = """
    func.func @f(%m: memref<?xf64>, %x: f64) -> i1 {
      %c0 = arith.constant 0 : index
      %n = memref.dim %m, %c0 : memref<?xf64>
      //^ hint: : index
      %b = arith.cmpf olt, %x, %x : f64
      //^ hint: : i1
      scf.for %i = %c0 to %n step %n {
      //        ^ hint: : index
        %l = memref.load %m[%i] : memref<?xf64>
        //^ hint: : f64
      }
      return %b : i1
    }
"""


def test_a_hint_where_the_text_has_no_type(classic: EngineThread) -> None:
    check_hints(DIM, types=classic.types)


def test_hints_of_types_are_a_setting(classic: EngineThread) -> None:
    lines = [line for line in DIM.splitlines() if "hint:" not in line]
    check_hints("\n".join(lines), Settings(hints=HintSettings(types=False)), types=classic.types)


def test_one_name_for_several_values(classic: EngineThread) -> None:
    check_hints(
        """
        func.func @f(%n: i32) {
          %s:2 = arith.addui_extended %n, %n : i32, i1
          //  ^ hint: : i32, i1
          return
        }
        """,
        types=classic.types,
    )


def test_a_result_of_a_differentiation_op_has_its_role_alone(classic: EngineThread) -> None:
    check_hints(
        """
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) -> f64 {
          %r = "enzyme.fwddiff"(%x, %x) {activity = [#enzyme<activity enzyme_dup>], fn = @f, ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //^ hint: : tangent 0
          //                    ^ hint: primal x:
          //                        ^ hint: shadow x:
          return %r : f64
        }
        """,
        types=classic.types,
    )


def test_a_long_type_is_cut_and_whole_in_the_tooltip(classic: EngineThread) -> None:
    long, compared = f"tensor<{'1x' * 40}i1>", f"tensor<{'1x' * 40}f64>"
    text = f"func.func @f(%x: {compared}) {{\n  %c = arith.cmpf olt, %x, %x : {compared}\n  return\n}}\n"
    snapshot = Workspace(Settings()).open(Document.of("untitled:1", text))
    found = {hint.label: hint.tooltip for hint in inlay_hints(snapshot, Span(0, 999), classic.types(snapshot))}
    (label,) = (label for label in found if "tensor" in label)
    assert label == f": {long[:59]}…"
    assert found[label] == f"{long}, from enzyme-ad 0.0.15"


def test_a_hover_says_where_the_type_is_from(classic: EngineThread) -> None:
    workspace, finder = Workspace(Settings()), TypeFinder(classic.pool)
    text = (
        "func.func @f(%m: memref<?xf64>, %c: index) -> index {\n"
        "  %n = memref.dim %m, %c : memref<?xf64>\n  return %n : index\n}\n"
    )
    first = workspace.open(Document.of("untitled:1", text))

    async def find() -> None:
        async for _ in finder.find(first, NOTHING_YET):
            pass

    def shown(snapshot_text: bytes) -> str:
        snapshot = workspace.get("untitled:1")
        assert snapshot is not None
        found = hover(snapshot, snapshot_text.index(b"%n") + 1, finder.known(snapshot))
        assert found is not None
        return found.markdown

    assert "%n : ?" in shown(first.document.data)
    classic.wait(find())
    assert "%n : index" in shown(first.document.data)
    assert "type from enzyme-ad 0.0.15" in shown(first.document.data)
    end = text.index("  return")
    edit = Edit(Span(end, end), b"  arith.addf %\n")
    broken = workspace.change(first.document.edited(edit, version=2), [edit])
    assert "%n : index" in shown(broken.document.data)
    assert "type from enzyme-ad 0.0.15, from before the last edits" in shown(broken.document.data)
