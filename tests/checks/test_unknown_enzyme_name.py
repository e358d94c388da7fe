"""A name of the Enzyme dialect is one that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.checks import unknown_enzyme_name
from enzyme_lsp.dialect.ops import OPS
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_diagnostics, check_fix, check_no_fix

if TYPE_CHECKING:
    from tests.fixture import Judge


def test_operations_in_every_form():
    check_diagnostics("""
        func.func @f(%x: f64, %m: memref<4xf64>) {
          %0 = enzyme.ignore_derivative %x : f64 -> f64
          //   ^^^^^^^^^^^^^^^^^^^^^^^^ error[unknown-enzyme-name]: enzyme.ignore_derivative is no operation of the dialect enzyme, did you mean enzyme.ignore_derivatives?
          %1 = "enzyme.placholder"() : () -> f64
          //   ^^^^^^^^^^^^^^^^^^^ error[unknown-enzyme-name]: enzyme.placholder is no operation of the dialect enzyme, did you mean enzyme.placeholder?
          enzyme.fillzero %m : memref<4xf64>
        //^^^^^^^^^^^^^^^ error[unknown-enzyme-name]: enzyme.fillzero is no operation of the dialect enzyme, did you mean enzyme.fill_zero?
          %2 = enzyme.frobnicate %x : f64
          //   ^^^^^^^^^^^^^^^^^ error[unknown-enzyme-name]: enzyme.frobnicate is no operation of the dialect enzyme
          %3 = enzyme. %x : f64
          //   ^^^^^^^ error[unknown-enzyme-name]: the name of an operation of the dialect enzyme is missing here
          %4 = "impulse.sample"() : () -> f64
          %5 = "enzyme.sample"() : () -> f64
          //   ^^^^^^^^^^^^^^^ error[unknown-enzyme-name]: enzyme.sample is no operation of the dialect enzyme, the dialect impulse has it
          return
        }
    """)


def test_the_operations_of_the_dialect_are_known():
    lines = "\n".join(f'  "{name}"() : () -> ()' for name in OPS)
    snapshot = Workspace(Settings()).open(Document.of("untitled:a", f'"test.holder"() ({{\n{lines}\n}}) : () -> ()\n'))
    assert not [*unknown_enzyme_name.check(snapshot)]


def test_types_and_attributes_in_every_spelling():
    check_diagnostics("""
        !c = !enzyme.cache<f64>
        //   ^^^^^^^^^^^^^ error[unknown-enzyme-name]: !enzyme.cache is no type of the dialect enzyme, did you mean !enzyme.Cache?
        #a = #enzyme<activty enzyme_dup>
        //           ^^^^^^^ error[unknown-enzyme-name]: #enzyme.activty is no attribute of the dialect enzyme, did you mean #enzyme.activity?
        module attributes {test.a = #enzyme.transpose<ADJOINT>} {
        //                          ^^^^^^^^^^^^^^^^^ error[unknown-enzyme-name]: #enzyme.transpose is no attribute of the dialect enzyme, which has activity, argorigin, retorigin and pseudoclass
          func.func private @f(!enzyme<Gradient<f64>>, !enzyme.Cache<!enzyme<Grad<f64>>>, !enzyme<>)
          //                                                                 ^^^^ error[unknown-enzyme-name]: !enzyme.Grad is no type of the dialect enzyme, did you mean !enzyme.Gradient?
          //                                                                              ^^^^^^^^ error[unknown-enzyme-name]: the name of a type of the dialect enzyme is missing here
        }
    """)


def test_what_only_looks_like_a_name():
    check_diagnostics("""
        #enzyme = 3 : i32
        // #enzyme.nope<1>, !enzyme.nope and enzyme.nope()
        func.func @f(%x: f64) -> f64 attributes {enzyme.note, test.a = #enzyme, test.b = "!enzyme.nope<1>"} {
          %0 = scf.if %x -> (f64) {
            scf.yield %x : f64
          } else {
            scf.yield %x : f64
          } {
            enzyme.disable_mincut
          }
          return %0 : f64
        }
    """)


def test_a_wrong_attribute_in_a_list_is_said_once():
    check_diagnostics("""
        func.func @square(%x: f64) -> f64 {
          %y = arith.mulf %x, %x : f64
          return %y : f64
        }
        func.func @d(%x: f64) {
          %0 = enzyme.autodiff @square(%x, %x) {
            activity = [#enzyme<activiti enzyme_active>],
            //                  ^^^^^^^^ error[unknown-enzyme-name]: #enzyme.activiti is no attribute of the dialect enzyme, did you mean #enzyme.activity?
            ret_activity = [#enzyme.actvity<enzyme_activenoneed>]
            //              ^^^^^^^^^^^^^^^ error[unknown-enzyme-name]: #enzyme.actvity is no attribute of the dialect enzyme, did you mean #enzyme.activity?
          } : (f64, f64) -> f64
          return
        }
    """)


def test_fixes_write_the_name():
    check_fix("%0 = enzyme.fwd<|>dif @f()", "%0 = enzyme.fwddiff @f()")
    check_fix('"enzyme.plac<|>holder"() : () -> f64', '"enzyme.placeholder"() : () -> f64')
    check_fix("!c = !enz<|>yme.cache<f64>", "!c = !enzyme.Cache<f64>")
    check_fix("#a = #enzyme<act<|>ivty enzyme_dup>", "#a = #enzyme<activity enzyme_dup>")
    check_fix("#a = #enzyme.act<|>ivty<enzyme_dup>", "#a = #enzyme.activity<enzyme_dup>")
    check_fix('"enzyme.sam<|>ple"() : () -> f64', '"impulse.sample"() : () -> f64', title="Write impulse.sample")
    check_no_fix("%0 = enzyme.frobnicate %x : f64")


@pytest.mark.engine
def test_an_engine_does_not_say_it_again(classic: Judge):
    check_diagnostics(
        """
        #a = #enzyme.activty<enzyme_dup>
        //   ^^^^^^^^^^^^^^^ error[unknown-enzyme-name]: #enzyme.activty is no attribute of the dialect enzyme, did you mean #enzyme.activity?
        func.func private @g(!enzyme.cache<f64>)
        //                   ^^^^^^^^^^^^^ error[unknown-enzyme-name]: !enzyme.cache is no type of the dialect enzyme, did you mean !enzyme.Cache?
        func.func @f(%x: f64) -> f64 {
          %0 = enzyme.ignore %x : f64 -> f64
          //   ^^^^^^^^^^^^^ error[unknown-enzyme-name]: enzyme.ignore is no operation of the dialect enzyme, did you mean enzyme.ignore_derivatives?
          return %0 : f64
        }
        func.func @h(%x: f64) -> f64 {
          %0 = "enzyme.nope"(%x) : (f64) -> f64
          //   ^^^^^^^^^^^^^ error[unknown-enzyme-name]: enzyme.nope is no operation of the dialect enzyme
          return %0 : f64
        }
        """,
        engine=classic,
    )
