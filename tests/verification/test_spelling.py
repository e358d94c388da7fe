"""Text in the spelling that the engine does not read: said once, as no error of the text, and checked by us all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fixture import check_diagnostics

if TYPE_CHECKING:
    from tests.judges import EngineThread


def test_strict_text_and_a_classic_engine(classic: EngineThread) -> None:
    check_diagnostics(
        """
        func.func private @f(f64) -> f64
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %x) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]> : (f64, f64) -> f64
          //   ^^^^^^^^^^^^^^ warning[other-spelling]: enzyme.fwddiff is written in the strict spelling, but enzyme-ad 0.0.15 reads the classic one, so it did not check this
          return %0 : f64
        }
        func.func @b(%x: tensor<2xf64>) -> tensor<2xf64> {
          %0 = enzyme.batch @f(%x) <batch_shape = [2]> : (tensor<2xf64>) -> tensor<2xf64>
          //   ^^^^^^^^^^^^ warning[other-spelling]: enzyme.batch is written in the strict spelling, but enzyme-ad 0.0.15 reads the classic one, so it did not check this
          return %0 : tensor<2xf64>
        }
        """,
        engine=classic,
    )


def test_classic_text_and_a_strict_engine(strict: EngineThread) -> None:
    check_diagnostics(
        """
        #act = #enzyme<activity enzyme_dup>
        //<^^^^ warning[other-spelling]: #act is written in the classic spelling, but enzyme-ad 0.0.16 reads the strict one, so it did not check this
        func.func private @f(f64) -> f64
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %x) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          //   ^^^^^^^^^^^^^^ warning[other-spelling]: enzyme.fwddiff is written in the classic spelling, but enzyme-ad 0.0.16 reads the strict one, so it did not check this
          return %0 : f64
        }
        func.func @b(%x: tensor<2xf64>) -> tensor<2xf64> {
          %0 = enzyme.batch @f(%x) {batch_shape = array<i64: 2>} : (tensor<2xf64>) -> tensor<2xf64>
          //   ^^^^^^^^^^^^ warning[other-spelling]: enzyme.batch is written in the classic spelling, but enzyme-ad 0.0.16 reads the strict one, so it did not check this
          return %0 : tensor<2xf64>
        }
        func.func @wrong(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @g(%x) {activity = [], ret_activity = []} : (f64) -> f64
          //   ^^^^^^^^^^^^^^ warning[other-spelling]: enzyme.fwddiff is written in the classic spelling, but enzyme-ad 0.0.16 reads the strict one, so it did not check this
          //                  ^^ error[unknown-callee]: @g is not defined in this module
          return %0 : f64
        }
        """,
        engine=strict,
    )


def test_strict_text_and_a_strict_engine(strict: EngineThread) -> None:
    check_diagnostics(
        """
        func.func private @f(f64) -> f64
        func.func @d(%x: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %x) <activity = [#enzyme.activity<enzyme_dup>], ret_activity = [#enzyme.activity<enzyme_dupnoneed>]> : (f64, f64) -> f64
          %1 = arith.mulf %0, %y : f64
          //                  ^^ error[undeclared-value]: %y is not defined before this use
          return %0 : f64
        }
        """,
        engine=strict,
    )
