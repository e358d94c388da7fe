"""A derivative call gives no more results than its activities ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.features.diagnostics import diagnostics
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_diagnostics, check_fix

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_where_there_are_none_at_all():
    check_diagnostics("""
        func.func @f(%m: memref<2xf64>) {
        //        ^^^^^^^^^^^^^^^^^^^^^ note: the callee: @f : (memref<2xf64>) -> ()
          return
        }
        func.func @d(%m: memref<2xf64>) {
          %0:2 = "enzyme.autodiff"(%m, %m) <{
          //     ^^^^^^^^^^^^^^^^^ note: enzyme.autodiff takes (%m: memref<2xf64>, shadow of %m: memref<2xf64>) and gives ()
            fn = @f, activity = [#enzyme.activity<enzyme_dup>], ret_activity = []
          }> : (memref<2xf64>, memref<2xf64>) -> (memref<2xf64>, f64)
          //                                     ^^^^^^^^^^^^^^^^^^^^ error[surplus-result]: 2 results too many (memref<2xf64>, f64): enzyme.autodiff of @f with these activities gives no results
          return
        }
    """)


def test_a_shadow_of_memory_is_no_result_in_reverse_mode(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%m: memref<2xf64>, %x: f64) {
              return
            }
            func.func @d(%m: memref<2xf64>, %dm: memref<2xf64>, %x: f64) -> f64 {
              %0:2 = enzyme.autodiff @f(%m, %dm, %x) {
                activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_active>],
                ret_activity = []
              } : (memref<2xf64>, memref<2xf64>, f64) -> (<|>memref<2xf64>, f64)
              return %0#1 : f64
            }
        """,
        after="""
            func.func @f(%m: memref<2xf64>, %x: f64) {
              return
            }
            func.func @d(%m: memref<2xf64>, %dm: memref<2xf64>, %x: f64) -> f64 {
              %0 = enzyme.autodiff @f(%m, %dm, %x) {
                activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_active>],
                ret_activity = []
              } : (memref<2xf64>, memref<2xf64>, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_all_names_go_with_the_last_result(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @f(%m: memref<2xf64>) {
              return
            }
            func.func @d(%m: memref<2xf64>, %dm: memref<2xf64>) {
              %0 = enzyme.autodiff @f(%m, %dm) <
                activity = [#enzyme.activity<enzyme_dup>], ret_activity = []
              > : (memref<2xf64>, memref<2xf64>) -> <|>memref<2xf64>
              return
            }
        """,
        after="""
            func.func @f(%m: memref<2xf64>) {
              return
            }
            func.func @d(%m: memref<2xf64>, %dm: memref<2xf64>) {
              enzyme.autodiff @f(%m, %dm) <
                activity = [#enzyme.activity<enzyme_dup>], ret_activity = []
              > : (memref<2xf64>, memref<2xf64>) -> ()
              return
            }
        """,
    )


def test_a_use_that_would_be_lost_is_for_the_user_to_change():
    check_fix(
        before="""
            func.func @f(%x: f64, %n: i32) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %n: i32, %dr: f64) -> (f64, i32) {
              %a, %b = enzyme.autodiff @f(%x, %n, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, i32, f64) -> (<|>f64, i32)
              return %a, %b : f64, i32
            }
        """,
        after="""
            func.func @f(%x: f64, %n: i32) -> f64 {
              return %x : f64
            }
            func.func @d(%x: f64, %n: i32, %dr: f64) -> (f64) {
              %a = enzyme.autodiff @f(%x, %n, %dr) {
                activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, i32, f64) -> f64
              return %a : f64
            }
        """,
        title="Set the results to (f64), and return them so",
    )


@pytest.mark.parametrize(
    ("names", "types"), [("%0:2", "tensor<2xf64>, f64"), ("%0", "f64, tensor<2xf64>"), ("%0:2", "f32, f64")]
)
def test_types_that_run_over_what_follows_get_no_fix(names: str, types: str):
    text = f"""
func.func @f(%x: f64) -> f64 {{
  return %x : f64
}}
{names} = enzyme.fwddiff @f(%x, %x) {{
  activity = [#enzyme<activity enzyme_dup>],
  ret_activity = [#enzyme<activity enzyme_dupnoneed>]
}} : (f64, f64) -> ({types}
  func.func @d(%x: f64) -> (f64, f32) {{
  return %0#0, %0#1 : f64, f32
}})
"""
    found = diagnostics(Workspace(Settings()).open(Document.of("untitled:1", text)), None)
    assert "surplus-result" in {one.code for one in found}
    for fix in (fix for one in found for fix in one.fixes):
        assert b"func.func @d(%x: f64) -> (f64, f32)" in fix.edits.apply(text.encode())
