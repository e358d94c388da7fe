"""Code that builds a differentiation op: in both languages, and the reasons why there is none."""

from __future__ import annotations

import ast

import pytest

from enzyme_lsp.features import builder_code, code_actions
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.features.builder_code import LANGUAGES, Language
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import Fixture, check_expect

REVERSE = """
    func.func @f(%x: f64) -> f64 { return %x : f64 }
    func.func @d(%0: f64, %in: f64) -> f64 {
      %r:2 = enzyme.autodiff @f(%0, %in<|>) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_active>],
        strong_zero = true
      } : (f64, f64) -> (f64, f64)
      return %r#1 : f64
    }
"""


def code(fixture: str, language: Language) -> str:
    file = Fixture.parse(fixture).file
    snapshot = Workspace(Settings()).open(file.document())
    return builder_code.builder_code(snapshot, file.cursors[0], language)


def test_python():
    check_expect(
        code(REVERSE, "python"),
        """
            r = enzyme.autodiff(
                "f",
                [v0, in_],
                [ir.Type.parse("f64"), ir.Type.parse("f64")],
                [Activity.ACTIVE],
                [Activity.ACTIVE],
                strong_zero=True,
            ).results
        """,
    )


def test_rust():
    check_expect(
        code(REVERSE, "rust"),
        """
            let operation = block.append_operation(enzyme::autodiff(
                &context,
                "f",
                &[v0, in_],
                &[Type::parse(&context, "f64").unwrap(), Type::parse(&context, "f64").unwrap()],
                &[Activity::Active],
                &[Activity::Active],
                1,
                true,
                location,
            ));
            let r_0: Value = operation.result(0).unwrap().into();
            let r_1: Value = operation.result(1).unwrap().into();
        """,
    )


FORWARD = """
    !t = tensor<4xf64>
    func.func private @"a \\"b\\""(!t)
    func.func @d(%x: !t, %p:2) {
      %a, %b = enzyme.fwddiff @"f"(%x, %p#1) <
        activity = [#enzyme.activity<enzyme_dup>],
        ret_activity = [#enzyme.activity<enzyme_dupnoneed>, #enzyme.activity<enzyme_const>], width = 2
      > : (!t, tensor<2x4xf64>) -> (tensor<2xf64>, !t)<|>
    }
"""


def test_several_names_a_width_and_aliases():
    check_expect(
        code(FORWARD, "python"),
        """
            a, b = enzyme.fwddiff(
                "f",
                [x, p[1]],
                [ir.Type.parse("tensor<2xf64>"), ir.Type.parse("tensor<4xf64>")],
                [Activity.DUP],
                [Activity.DUP_NO_NEED, Activity.CONST],
                width=2,
            ).results
        """,
    )
    check_expect(
        code(FORWARD, "rust"),
        """
            let operation = block.append_operation(enzyme::fwddiff(
                &context,
                "f",
                &[x, p_1],
                &[Type::parse(&context, "tensor<2xf64>").unwrap(), Type::parse(&context, "tensor<4xf64>").unwrap()],
                &[Activity::Dup],
                &[Activity::DupNoNeed, Activity::Const],
                2,
                false,
                location,
            ));
            let a: Value = operation.result(0).unwrap().into();
            let b: Value = operation.result(1).unwrap().into();
        """,
    )


def test_a_batch():
    fixture = """
        func.func private @f(f64)
        func.func @d(%x: tensor<2x3xf64>) {
          enzyme.batch @f(%x) {batch_shape<|> = array<i64: 2, 3>} : (tensor<2x3xf64>) -> ()
        }
    """
    check_expect(
        code(fixture, "python") + code(fixture, "rust"),
        """
            enzyme.batch(
                "f",
                [x],
                [],
                [2, 3],
            )
            block.append_operation(enzyme::batch(
                &context,
                "f",
                &[x],
                &[],
                &[2, 3],
                location,
            ));
        """,
    )


@pytest.mark.parametrize("fixture", [REVERSE, FORWARD], ids=["reverse", "forward"])
def test_the_python_is_python(fixture: str):
    ast.parse(code(fixture, "python"))


@pytest.mark.parametrize(
    ("fixture", "reason"),
    [
        ("func.func private @f()<|>", "no differentiation op stands here"),
        ("%0 = enzyme.autodiff<|> @f(%x) {ret_activity = []} : (f64) -> f64", "`activity` is not complete"),
        ("%0 = enzyme.autodiff<|> @f(%x)", "the op is not complete"),
        ("%0 = enzyme.batch<|> @f(%x) : (f64) -> f64", "the batch has no shape"),
        (
            "%0 = enzyme.autodiff<|> @f(%x) {activity = [], ret_activity = []} : (f64) -> !t",
            "the type of a result is not known",
        ),
        (
            "%0 = enzyme.autodiff_region<|>(%x) {\n^bb0(%a: f64):\n  enzyme.yield %a : f64\n} attributes {} : (f64) -> f64",
            "enzyme.autodiff_region has a region, and the builders take a function by its name",
        ),
    ],
)
def test_reasons_why_not(fixture: str, reason: str):
    for language in LANGUAGES:
        with pytest.raises(RefusedError) as refusal:
            code(fixture, language)
        assert str(refusal.value) == reason


def test_it_is_an_action_without_edits():
    file = Fixture.parse(REVERSE).file
    snapshot = Workspace(Settings()).open(file.document())
    found = code_actions.code_actions(snapshot, Span(file.cursors[0], file.cursors[0]), ("refactor.rewrite.enzyme",))
    copies = [(one.kind, one.title, one.copies) for one in found if one.copies is not None]
    assert copies == [
        ("refactor.rewrite.enzyme.copyPython", "Copy enzyme.autodiff as Python builder code", "python"),
        ("refactor.rewrite.enzyme.copyRust", "Copy enzyme.autodiff as Rust builder code", "rust"),
    ]
