"""The body of the callee in the operation itself."""

from __future__ import annotations

import pytest

from tests.fixture import check_action, check_no_action


def test_names_and_comments_stay():
    check_action(
        "inline region",
        before="""
            module {
              func.func private @f(%x: f64, %m: memref<4xf64>) -> f64 attributes {a.b = 1} {
                // The body.
                %0 = arith.mulf %x, %x : f64

                %q:2 = scf.if %c -> (f64, f64) {
                  scf.yield %0, %x : f64, f64  // as it is
                } else {
                  scf.yield %x, %x : f64, f64
                }
                return %q#1 : f64
              }
              func.func @d(%x: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %dr: f64) -> f64 {
                %0 = enzyme.auto<|>diff @f(%x, %m, %dm, %dr) {
                  activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>],
                  ret_activity = [#enzyme<activity enzyme_activenoneed>]
                } : (f64, memref<4xf64>, memref<4xf64>, f64) -> f64
                return %0 : f64
              }
            }
        """,
        after="""
            module {
              func.func private @f(%x: f64, %m: memref<4xf64>) -> f64 attributes {a.b = 1} {
                // The body.
                %0 = arith.mulf %x, %x : f64

                %q:2 = scf.if %c -> (f64, f64) {
                  scf.yield %0, %x : f64, f64  // as it is
                } else {
                  scf.yield %x, %x : f64, f64
                }
                return %q#1 : f64
              }
              func.func @d(%x: f64, %m: memref<4xf64>, %dm: memref<4xf64>, %dr: f64) -> f64 {
                %0 = enzyme.autodiff_region(%x, %m, %dm, %dr) {
                ^bb0(%x_1: f64, %m_1: memref<4xf64>):
                  // The body.
                  %v0 = arith.mulf %x_1, %x_1 : f64

                  %q:2 = scf.if %c -> (f64, f64) {
                    scf.yield %v0, %x_1 : f64, f64  // as it is
                  } else {
                    scf.yield %x_1, %x_1 : f64, f64
                  }
                  enzyme.yield %q#1 : f64
                } attributes {
                  activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_dup>],
                  ret_activity = [#enzyme<activity enzyme_activenoneed>],
                  fn = "f"
                } : (f64, memref<4xf64>, memref<4xf64>, f64) -> f64
                return %0 : f64
              }
            }
        """,
    )


def test_strict_spelling_and_what_is_not_the_operations_own():
    check_action(
        "inline region",
        before="""
            func.func @f() -> f64 { %y = arith.constant 1.0 : f64 return %y : f64 }
            func.func @d() {
              %0:2 = enzyme.fwd<|>diff @f() <activity = [], ret_activity = [#enzyme.activity<enzyme_dup>]> {mine = 1}
                : () -> (f64, f64)
              return
            }
        """,
        after="""
            func.func @f() -> f64 { %y = arith.constant 1.0 : f64 return %y : f64 }
            func.func @d() {
              %0:2 = enzyme.fwddiff_region() {
                %y = arith.constant 1.0 : f64 enzyme.yield %y : f64
              } <activity = [], ret_activity = [#enzyme.activity<enzyme_dup>], fn = "f"> attributes {mine = 1}
                : () -> (f64, f64)
              return
            }
        """,
    )


@pytest.mark.parametrize(("opened", "closed"), [("<{", "}>"), ("{", "}")])
def test_generic_form(opened: str, closed: str):
    before = f"""
        "func.func"() <{{function_type = (f64) -> f64, sym_name = "f"}}> ({{
        ^bb0(%x: f64):
          %y = "arith.negf"(%x) : (f64) -> f64
          "func.return"(%y) : (f64) -> ()
        }}) : () -> ()
        func.func @d(%x: f64, %dx: f64) -> f64 {{
          %0 = "enzyme.fwd<|>diff"(%x, %dx) {opened}activity = [#enzyme.activity<enzyme_dup>], fn = @f,
            ret_activity = [#enzyme.activity<enzyme_dupnoneed>]{closed} : (f64, f64) -> f64
          return %0 : f64
        }}
    """
    region = """({
          ^bb0(%x_1: f64):
            %y = "arith.negf"(%x_1) : (f64) -> f64
            "enzyme.yield"(%y) : (f64) -> ()
          })"""
    after = before.replace("<|>", "").replace("fwddiff", "fwddiff_region").replace("fn = @f", 'fn = "f"')
    behind = "enzyme_dupnoneed>]}>" if opened == "<{" else "(%x, %dx)"
    check_action("inline region", before, after.replace(behind, f"{behind} {region}"))


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("func.func private @f(f64) -> f64", "@f has no body here"),
        (
            "llvm.func @f(%x: f64) -> f64 { llvm.return %x : f64 }",
            "@f is an llvm.func, and a region becomes a func.func again",
        ),
        (
            "func.func @f(%x: f64) -> f64 { cf.br ^bb1 ^bb1: return %x : f64 }",
            "@f has 2 blocks, and the passes take one",
        ),
        ("func.func @f(%x: f64) -> f64 { my.end %x : f64 }", "@f does not end with a return"),
        (
            "func.func @f(%x: f64) -> f64 { %y = %x : f64 return %x : f64 }",
            "@f has a syntax error, which would be there twice",
        ),
    ],
)
def test_what_cannot_be_a_region(function: str, reason: str):
    check_no_action(
        "inline region",
        f"""
            {function}
            func.func @d(%x: f64, %dr: f64) -> f64 {{
              %0 = enzyme.auto<|>diff @f(%x, %dr) {{
                activity = [#enzyme<activity enzyme_active>],
                ret_activity = [#enzyme<activity enzyme_activenoneed>]
              }} : (f64, f64) -> f64
              return %0 : f64
            }}
        """,
        reason=reason,
    )
