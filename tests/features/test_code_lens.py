"""Code lenses: over which functions and ops there is one, and what it says."""

from __future__ import annotations

from enzyme_lsp.features import code_lens
from enzyme_lsp.features.code_lens import LensKind
from enzyme_lsp.settings import LensSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_lenses

TEXT = """
    func.func @f(%x: f64) -> f64 {
    //        ^^ lens: 2 derivatives, 1 batch
    //        ^^ lens: Differentiate
    //        ^^ lens: Check the gradients
      return %x : f64
    }
    func.func private @declared(f64) -> f64
    func.func @whole(%n: i32) -> i32 {
      return %n : i32
    }
    module @inner {
      llvm.func @"g h"(%m: !llvm.ptr) {
      //        ^^^^^^ lens: Differentiate
        llvm.return
      }
      func.func @unknown(%x: tensor<4xf64>) -> tensor<4xf64> {
      //        ^^^^^^^^ lens: Differentiate
        %0 = enzyme.batch @nobody(%x) {batch_shape = array<i64: 4>} : (tensor<4xf64>) -> tensor<4xf64>
        //   ^^^^^^^^^^^^ lens: Lower unknown
        return %0 : tensor<4xf64>
      }
    }
    func.func @d(%x: f64, %dx: f64, %y: tensor<3xf64>) -> f64 {
    //        ^^ lens: Differentiate
      %0 = enzyme.fwddiff @f(%x, %dx) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
      //   ^^^^^^^^^^^^^^ lens: Lower d
      //                  ^^ shown
      //   ^^^^^^^^^^^^^^ lens: Check the gradient
      %1 = enzyme.autodiff @f(%x, %dx) {} : (f64, f64) -> f64
      //   ^^^^^^^^^^^^^^^ lens: Lower d
      //                   ^^ shown
      //   ^^^^^^^^^^^^^^^ lens: Check the gradient
      %2 = enzyme.batch @f(%y) {batch_shape = array<i64: 3>} : (tensor<3xf64>) -> tensor<3xf64>
      //   ^^^^^^^^^^^^ lens: Lower d
      //                ^^ shown
      return %0 : f64
    }
"""


def test_functions_and_ops():
    check_lenses(TEXT)


PLAIN = """
    func.func @f(%x: f64) -> f64 {
      %0 = enzyme.fwddiff @f(%x, %x) {} : (f64, f64) -> f64
      return %0 : f64
    }
"""


def test_each_sort_can_be_switched_off():
    check_lenses(
        PLAIN, Settings(lens=LensSettings(derivatives=False, differentiate=False, lower=False, gradcheck=False))
    )


def test_what_nobody_can_show_is_not_looked_for():
    snapshot = Workspace(Settings()).open(Document.of("untitled:1", PLAIN))
    found = code_lens.code_lenses(snapshot, [LensKind.DERIVATIVES])
    assert [(one.kind, one.title) for one in found] == [(LensKind.DERIVATIVES, "1 derivative")]


def test_broken_text():
    check_lenses("""
        func.func @f(%x: f64 {
          %0 = enzyme.autodiff @
          //   ^^^^^^^^^^^^^^^ lens: Lower f
    """)
