"""The edits of fixes: each changes the least, and what stands between stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp import checks
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_fix, check_no_fix

if TYPE_CHECKING:
    from tests.checks.conftest import CheckMended


def test_comments_between_operands_stay(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %t: tensor<2xf64>, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @square(
                %x, // what it is differentiated by
                // nothing at all:
                <|>%t,
                %dr // the seed
              ) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, /// %x
                   tensor<2xf64>, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64, %t: tensor<2xf64>, %dr: f64) -> f64 {
              %0 = enzyme.autodiff @square(
                %x, // what it is differentiated by
                // nothing at all:
                %dr // the seed
              ) {
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              } : (f64, /// %x
                   f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_a_new_value_stands_in_front_and_is_indented_like_the_call(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%c: i1, %x: f64) -> f64 {
              %r = scf.if %c -> (f64) {
                %seed = arith.constant 2.0 : f64
                %y = arith.mulf %seed, %x : f64
                scf.yield %y : f64
              } else {
                  // of %x
                  %0 = enzyme.autodiff @square(%x<|>) {
                    activity = [#enzyme<activity enzyme_active>],
                    ret_activity = [#enzyme<activity enzyme_activenoneed>]
                  } : (f64) -> f64
                scf.yield %0 : f64
              }
              return %r : f64
            }
        """,
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%c: i1, %x: f64) -> f64 {
              %r = scf.if %c -> (f64) {
                %seed = arith.constant 2.0 : f64
                %y = arith.mulf %seed, %x : f64
                scf.yield %y : f64
              } else {
                  // of %x
                  %seed_1 = arith.constant 1.0 : f64
                  %0 = enzyme.autodiff @square(%x, %seed_1) {
                    activity = [#enzyme<activity enzyme_active>],
                    ret_activity = [#enzyme<activity enzyme_activenoneed>]
                  } : (f64, f64) -> f64
                scf.yield %0 : f64
              }
              return %r : f64
            }
        """,
        title="Insert a new value %seed_1 as the seed of result 0",
    )


def test_in_the_middle_of_a_line(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f32) -> f32 { return %x : f32 }
            func.func @d(%x: f32) -> f32 { %0 = enzyme.autodiff @square(%x<|>) <activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>]> : (f32) -> f32
              return %0 : f32
            }
        """,
        after="""
            func.func @square(%x: f32) -> f32 { return %x : f32 }
            func.func @d(%x: f32) -> f32 { %seed = arith.constant 1.0 : f32
            %0 = enzyme.autodiff @square(%x, %seed) <activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>]> : (f32, f32) -> f32
              return %0 : f32
            }
        """,
    )


def test_a_seed_has_the_form_of_its_type(check_mended: CheckMended):
    for type_, one in (
        ("bf16", "1.0 : bf16"),
        ("tensor<f64>", "dense<1.0> : tensor<f64>"),
        ("tensor<2x0xf32>", "dense<1.0> : tensor<2x0xf32>"),
    ):
        call = (
            f"enzyme.autodiff @f(%x{{}}) {{{{activity = [#enzyme<activity enzyme_active>], "
            f"ret_activity = [#enzyme<activity enzyme_activenoneed>]}}}} : ({type_}{{}}) -> {type_}"
        )
        text = (
            f"func.func @f(%x: {type_}) -> {type_} {{\n  return %x : {type_}\n}}\n"
            f"func.func @d(%x: {type_}) -> {type_} {{\n  {{}}%0 = {{}}\n  return %0 : {type_}\n}}\n"
        )
        check_mended(
            text.replace("{}", "").replace("%0 = ", "%0 = " + call.format("<|>", "")),
            text.replace("{}", "")
            .replace("  %0 = ", f"  %seed = arith.constant {one}\n  %0 = ")
            .replace("%0 = ", "%0 = " + call.format(", %seed", f", {type_}")),
        )


def test_lines_end_as_they_do_in_the_text():
    text = (
        "func.func @square(%x: f64) -> f64 {\r\n  return %x : f64\r\n}\r\nfunc.func @d(%x: f64) -> f64 {\r\n"
        "  %0 = enzyme.autodiff @square(%x) {activity = [#enzyme<activity enzyme_active>], "
        "ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64) -> f64\r\n  return %0 : f64\r\n}\r\n"
    )
    snapshot = Workspace(Settings()).open(Document.of("untitled:1", text))
    (seed,) = checks.found(snapshot)
    found = seed.fixes[0].edits.apply(text.encode())
    assert b"  %seed = arith.constant 1.0 : f64\r\n  %0 = enzyme.autodiff @square(%x, %seed)" in found
    assert b"\n" not in found.replace(b"\r\n", b"")


def test_the_first_operand_of_none(check_mended: CheckMended):
    check_mended(
        before="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64) -> f64 {
              %0 = "enzyme.fwddiff"<|>() <{
                fn = @square,
                activity = [#enzyme.activity<enzyme_const>],
                ret_activity = [#enzyme.activity<enzyme_const>]
              }> : () -> f64
              return %0 : f64
            }
        """.replace(
            '"enzyme.fwddiff"<|>() <{\n                fn = @square',
            '"enzyme.fwddiff"() <{\n                fn = <|>@square',
        ),
        after="""
            func.func @square(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              return %y : f64
            }
            func.func @d(%x: f64) -> f64 {
              %0 = "enzyme.fwddiff"(%x) <{
                fn = @square,
                activity = [#enzyme.activity<enzyme_const>],
                ret_activity = [#enzyme.activity<enzyme_const>]
              }> : (f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_a_type_that_is_half_typed_is_written_nowhere():
    check_no_fix("""
        func.func @f(%x: f64, %t: tensor<4x) -> f64 {
          return %x : f64
        }
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @f(<|>%x) {
            activity = [#enzyme<activity enzyme_const>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_const>]
          } : (f64) -> f64
          return %0 : f64
        }
    """)


def test_results_of_two_groups_are_left_alone():
    check_no_fix("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64, %dx: f64) {
          %a:2, %b = enzyme.fwddiff @square(%x, %dx) {
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> <|>(f64, f64, i32)
          return
        }
    """)


def test_an_attribute_between_comments_is_taken_out_alone():
    check_fix(
        before="""
            func.func @d(%x: f64) {
              enzyme.fwddiff @nobody(%x) {
                // in front
                <|>foo = 1, // behind
                activity = [], ret_activity = []
              } : (f64) -> ()
              return
            }
        """,
        after="""
            func.func @d(%x: f64) {
              enzyme.fwddiff @nobody(%x) {
                // in front
                 // behind
                activity = [], ret_activity = []
              } : (f64) -> ()
              return
            }
        """,
        title="Remove foo",
    )
