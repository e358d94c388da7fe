"""Hover: what is said of each sort of thing under the cursor, whole or half typed."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.features.hover import hover
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_hover

if TYPE_CHECKING:
    from tests.judges import EngineThread

PROGRAM = """
        #on = #enzyme<activity enzyme_active>
        !matrix = tensor<2x3xf32>

        func.func private @helper(%a: f64, %b: f64) -> f64 {
          %0 = arith.mulf %a, %a : f64
          return %0 : f64
        }

        func.func @f(%x: f64, %n: i32, %m: !matrix) -> f64 attributes {test.note = "seen"} {
          %y = math.sin %x : f64
          %z = func.call @helper(%y, %y) : (f64, f64) -> f64
          %k = arith.constant 1.0 : f64
          %w = arith.addf %z, %k : f64
          return %w : f64
        }

        func.func @df(%x: f64, %n: i32, %m: !matrix, %dr: f64) -> f64 {
          %dx = enzyme.autodiff @f(%x, %n, %m, %dr) {
            activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>, #enzyme<activity enzyme_const>],
            ret_activity = [#enzyme<activity enzyme_activenoneed>]
          } : (f64, i32, !matrix, f64) -> f64
          return %dx : f64
        }
"""


def at(text: str, *, put: str = "") -> str:
    """The program with the cursor before the last letter of the first place where a text stands."""
    assert text in PROGRAM
    return PROGRAM.replace(text, put or f"{text[:-1]}<|>{text[-1]}", 1)


def test_a_differentiation_op_shows_its_slots():
    check_hover(
        at("enzyme.autodiff"),
        """
    [enzyme.autodiff]
    **enzyme.autodiff**

    | | | type | value |
    | --- | --- | --- | --- |
    | takes | argument 0 (%x) of @f | `f64` | `%x` |
    | takes | argument 1 (%n) of @f | `i32` | `%n` |
    | takes | argument 2 (%m) of @f | `tensor<2x3xf32>` | `%m` |
    | takes | the seed of result 0 | `f64` | `%dr` |
    | gives | the gradient of argument 0 (%x) | `f64` | `%dx` |

    Differentiates a function in reverse mode: seeds of its results go in, gradients of arguments come out.

    - `fn`: the function that is differentiated
    - `activity`: for each argument, how it takes part in differentiation
    - `ret_activity`: for each result, how it takes part in differentiation
    - `width`: how many derivatives are taken at once: each shadow holds so many
    - `strong_zero`: whether a derivative of zero stays zero when it is multiplied by infinity or NaN
    - `atomic_add`: whether gradients are added to memory with `enzyme.atomic_rmw`, for callees that run in parallel

    ```mlir
    %0 = enzyme.autodiff @square(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
    ```

    Lowered by `enzyme`.
    """,
    )


def test_slots_while_an_operand_is_missing():
    check_hover(
        at("enzyme.autodiff @f(%x, %n, %m, %dr)", put="enzyme.auto<|>diff @f(%x, %n, %m)").replace(
            "(f64, i32, !matrix, f64) -> f64", "(f64, i32, !matrix) -> f64"
        ),
        """
    [enzyme.autodiff]
    **enzyme.autodiff**

    | | | type | value |
    | --- | --- | --- | --- |
    | takes | argument 0 (%x) of @f | `f64` | `%x` |
    | takes | argument 1 (%n) of @f | `i32` | `%n` |
    | takes | argument 2 (%m) of @f | `tensor<2x3xf32>` | `%m` |
    | takes | the seed of result 0 | `f64` | missing |
    | gives | the gradient of argument 0 (%x) | `f64` | `%dx` |

    Differentiates a function in reverse mode: seeds of its results go in, gradients of arguments come out.

    - `fn`: the function that is differentiated
    - `activity`: for each argument, how it takes part in differentiation
    - `ret_activity`: for each result, how it takes part in differentiation
    - `width`: how many derivatives are taken at once: each shadow holds so many
    - `strong_zero`: whether a derivative of zero stays zero when it is multiplied by infinity or NaN
    - `atomic_add`: whether gradients are added to memory with `enzyme.atomic_rmw`, for callees that run in parallel

    ```mlir
    %0 = enzyme.autodiff @square(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
    ```

    Lowered by `enzyme`.
    """,
    )


def test_results_that_share_a_name():
    check_hover(
        """
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @df(%x: f64, %dr: f64) -> f64 {
          %r:2 = enzyme.<|>autodiff @f(%x, %dr) {
            activity = [#enzyme<activity enzyme_active>],
            ret_activity = [#enzyme<activity enzyme_active>]
          } : (f64, f64) -> (f64, f64)
          return %r#1 : f64
        }
    """,
        """
    [enzyme.autodiff]
    **enzyme.autodiff**

    | | | type | value |
    | --- | --- | --- | --- |
    | takes | argument 0 (%x) of @f | `f64` | `%x` |
    | takes | the seed of result 0 | `f64` | `%dr` |
    | gives | result 0 of @f | `f64` | `%r#0` |
    | gives | the gradient of argument 0 (%x) | `f64` | `%r#1` |

    Differentiates a function in reverse mode: seeds of its results go in, gradients of arguments come out.

    - `fn`: the function that is differentiated
    - `activity`: for each argument, how it takes part in differentiation
    - `ret_activity`: for each result, how it takes part in differentiation
    - `width`: how many derivatives are taken at once: each shadow holds so many
    - `strong_zero`: whether a derivative of zero stays zero when it is multiplied by infinity or NaN
    - `atomic_add`: whether gradients are added to memory with `enzyme.atomic_rmw`, for callees that run in parallel

    ```mlir
    %0 = enzyme.autodiff @square(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
    ```

    Lowered by `enzyme`.
    """,
    )


def test_an_activity_in_its_mode():
    check_hover(
        at("enzyme_activenoneed"),
        """
    [enzyme_activenoneed]
    **enzyme_activenoneed**

    of result 0 of @f

    *reverse mode, result*: takes the seed, gives nothing
    """,
    )
    check_hover(
        at("enzyme_const"),
        """
    [enzyme_const]
    **enzyme_const**

    of argument 1 (%n) of @f

    *reverse mode, argument*: takes the primal, gives nothing
    """,
    )


def test_an_activity_that_its_mode_has_not():
    check_hover(
        at("enzyme.autodiff", put="enzyme.fwddiff").replace("enzyme_activenoneed", "enzyme_active<|>noneed"),
        """
    [enzyme_activenoneed]
    **enzyme_activenoneed**

    of result 0 of @f

    *forward mode, result*: not possible
    """,
    )


def test_an_activity_outside_of_any_operation():
    check_hover(
        at("enzyme_active>", put="enzyme_act<|>ive>"),
        """
    [enzyme_active]
    **enzyme_active**

    *reverse mode, argument*: takes the primal, gives the gradient

    *reverse mode, result*: takes the seed, gives the primal

    *forward mode, argument*: not possible

    *forward mode, result*: not possible
    """,
    )


def test_an_operation_of_another_dialect():
    check_hover(
        """
        %0 = nosuch.thing<|> %x : f64
    """,
        """
    [nosuch.thing]
    **nosuch.thing**

    No documentation of `nosuch.thing` is installed.
    """,
    )


@pytest.mark.skipif(importlib.util.find_spec("jaxlib") is None, reason="jaxlib, which documents StableHLO, is not here")
def test_an_operation_of_another_dialect_that_is_documented():
    found = hover(Workspace(Settings()).open(Document.of("file:///a.mlir", "%0 = stablehlo.sine %x : tensor<f64>")), 8)
    assert found is not None
    assert "Performs element-wise sine" in found.markdown
    assert "- operands: `operand`" in found.markdown


def test_a_value_and_what_it_is_active_for():
    check_hover(
        at("%y = math", put="%<|>y = math"),
        """
    [%y]
    ```mlir
    %y : f64
    ```

    result of `math.sin`, 2 uses

    8 bytes

    - active under `enzyme.autodiff` of @f in line 18
    """,
    )
    check_hover(
        at("%k = arith", put="<|>%k = arith"),
        """
    [%k]
    ```mlir
    %k : f64
    ```

    result of `arith.constant`, 1 use

    8 bytes
    """,
    )


def test_an_argument_of_a_function_that_is_differentiated():
    check_hover(
        at("@f(%x", put="@f(<|>%x"),
        """
    [%x]
    ```mlir
    %x : f64
    ```

    argument of @f, 1 use

    8 bytes

    - enzyme_active under `enzyme.autodiff` of @f in line 18
    """,
    )
    check_hover(
        at("%n: i32", put="%<|>n: i32"),
        """
    [%n]
    ```mlir
    %n : i32
    ```

    argument of @f, no uses

    4 bytes

    - enzyme_const under `enzyme.autodiff` of @f in line 18
    """,
    )


def test_an_argument_of_a_function_that_is_reached_through_a_call():
    check_hover(
        at("%b: f64", put="<|>%b: f64"),
        """
    [%b]
    ```mlir
    %b : f64
    ```

    argument of @helper, no uses

    8 bytes

    - active under `enzyme.autodiff` of @f in line 18
    """,
    )


def test_a_value_that_a_differentiation_op_takes():
    check_hover(
        at("%dr: f64", put="%d<|>r: f64"),
        """
    [%dr]
    ```mlir
    %dr : f64
    ```

    argument of @df, 1 use

    8 bytes

    - the seed of result 0 under `enzyme.autodiff` in line 18
    """,
    )


def test_one_of_several_results():
    check_hover(
        """
        func.func @f(%m: memref<4xf64>) {
          %p:2 = "test.two"(%m) : (memref<4xf64>) -> (f64, memref<2xi8>)
          "test.use"(%p<|>#1) : (memref<2xi8>) -> ()
          return
        }
    """,
        """
    [%p]
    ```mlir
    %p#1 : memref<2xi8>
    ```

    result of `test.two` (2 results), 1 use

    2 elements of 8 bits, 2 bytes
    """,
    )


def test_a_type_that_the_engine_tells(classic: EngineThread):
    check_hover(
        """
        func.func @f(%m: memref<?xf64>, %i: index) -> index {
          %n<|> = memref.dim %m, %i : memref<?xf64>
          return %n : index
        }
    """,
        """
    [%n]
    ```mlir
    %n : index
    ```

    result of `memref.dim`, 1 use

    type from enzyme-ad 0.0.15
    """,
        classic.types,
    )


def test_blocks():
    check_hover(
        """
        func.func @f(%c: i1, %x: f64) -> f64 {
          cf.cond_br %c, ^bb<|>1(%x : f64), ^bb1(%x : f64)
        ^bb1(%y: f64):
          return %y : f64
        }
    """,
        """
    [^bb1]
    ```mlir
    ^bb1(%y: f64)
    ```

    block, 2 uses
    """,
    )
    check_hover(
        """
        func.func @f(%x: f64) -> f64 {
          cf.br ^bb1(%x : f64)
        ^bb1(%y<|>: f64):
          return %y : f64
        }
    """,
        """
    [%y]
    ```mlir
    %y : f64
    ```

    argument of ^bb1, 1 use

    8 bytes
    """,
    )


def test_a_symbol_with_its_attributes_and_derivatives():
    check_hover(
        at("autodiff @f(", put="autodiff <|>@f("),
        """
    [@f]
    ```mlir
    func.func @f(%x: f64, %n: i32, %m: !matrix) -> f64 attributes {test.note = "seen"}
    ```

    differentiated by

    - `enzyme.autodiff` in line 18
    """,
    )


def test_a_symbol_that_is_not_in_this_file():
    check_hover(
        """
        func.func @g() {
          call @els<|>ewhere() : () -> ()
          return
        }
    """,
        """
    [@elsewhere]
    ```mlir
    @elsewhere
    ```

    not defined in this file
    """,
    )


def test_two_functions_of_one_name_in_two_sections():
    """The derivative in the second section is not one of the function in the first."""
    check_hover(
        """
        func.func @<|>f(%x: f64) -> f64 {
          return %x : f64
        }
        // -----
        func.func @f(%x: f64) -> f64 {
          return %x : f64
        }
        func.func @df(%x: f64, %dx: f64) -> f64 {
          %0 = enzyme.fwddiff @f(%x, %dx) {
            activity = [#enzyme<activity enzyme_dup>],
            ret_activity = [#enzyme<activity enzyme_dupnoneed>]
          } : (f64, f64) -> f64
          return %0 : f64
        }
    """,
        """
    [@f]
    ```mlir
    func.func @f(%x: f64) -> f64
    ```
    """,
    )


def test_aliases():
    check_hover(
        at("%m: !matrix)", put="%m: !mat<|>rix)"),
        """
    [!matrix]
    ```mlir
    !matrix = tensor<2x3xf32>
    ```

    6 elements of 32 bits, 24 bytes
    """,
    )
    check_hover(
        at("#on"),
        """
    [#on]
    ```mlir
    #on = #enzyme<activity enzyme_active>
    ```
    """,
    )


def test_types():
    check_hover(
        "func.func private @f(ten<|>sor<2x3xcomplex<f32>>)",
        """
    [tensor<2x3xcomplex<f32>>]
    ```mlir
    tensor<2x3xcomplex<f32>>
    ```

    6 elements of 64 bits, 48 bytes
    """,
    )
    check_hover(
        "func.func private @f(memref<?x4xi1<|>>)",
        """
    [memref<?x4xi1>]
    ```mlir
    memref<?x4xi1>
    ```
    """,
    )
    check_hover(
        "func.func private @f(i<|>7)",
        """
    [i7]
    ```mlir
    i7
    ```

    1 byte
    """,
    )
    check_hover(
        "func.func private @f(!enzyme.Ca<|>che<f64>)",
        """
    [!enzyme.Cache]
    ```mlir
    !enzyme.Cache<f64>
    ```

    A stack of values that the forward pass keeps for the reverse pass

    - `type`: the type of its values (any type)
    """,
    )
    check_hover(
        "func.func private @f(!enzyme<Gra<|>dient<f64>>)",
        """
    [Gradient]
    ```mlir
    Gradient<f64>
    ```

    An accumulator in which the reverse pass adds up the gradient of a value

    - `basetype`: the type of the gradient (any type)
    """,
    )


def test_constants_are_folded():
    check_hover(
        "%0 = arith.constant dense<[1.0, -2.5<|>, 3.0]> : tensor<3xf64>",
        """
    [dense<[1.0, -2.5, 3.0]> : tensor<3xf64>]
    ```mlir
    dense<...> : tensor<3xf64>
    ```

    3 elements from -2.5 to 3
    """,
    )
    check_hover(
        "%0 = arith.constant den<|>se<7> : tensor<1024x1024xi8>",
        """
    [dense<7> : tensor<1024x1024xi8>]
    ```mlir
    dense<...> : tensor<1024x1024xi8>
    ```

    every element is `7`
    """,
    )
    check_hover(
        "%0 = arith.constant dense<[[true, false], [true, <|>true]]> : tensor<2x2xi1>",
        """
    [dense<[[true, false], [true, true]]> : tensor<2x2xi1>]
    ```mlir
    dense<...> : tensor<2x2xi1>
    ```

    3 true, 1 false
    """,
    )
    check_hover(
        '%0 = arith.constant dense<"0x0000803F000000<|>C0"> : tensor<2xf32>',
        """
    [dense<"0x0000803F000000C0"> : tensor<2xf32>]
    ```mlir
    dense<...> : tensor<2xf32>
    ```

    8 bytes, written as hexadecimal digits: 2 elements from -2 to 1
    """,
    )
    check_hover(
        '%0 = arith.constant dense<"0x0000803F0000<|>',
        """
    nothing
    """,
    )
    check_hover(
        "%0 = arith.constant dense_res<|>ource<blob> : tensor<2xf32>",
        """
    [dense_resource<blob> : tensor<2xf32>]
    ```mlir
    dense_resource<...> : tensor<2xf32>
    ```

    the blob `blob`
    """,
    )
    check_hover(
        "%0 = arith.constant dense<[(1.0, 2.0), (0.0<|>, 1.0)]> : tensor<2xcomplex<f32>>",
        """
    [dense<[(1.0, 2.0), (0.0, 1.0)]> : tensor<2xcomplex<f32>>]
    ```mlir
    dense<...> : tensor<2xcomplex<f32>>
    ```

    2 elements
    """,
    )


def test_a_handle_of_a_blob():
    check_hover(
        """
        func.func @f() -> tensor<2xf32> {
          %0 = arith.constant dense_resource<bl<|>ob> : tensor<2xf32>
          return %0 : tensor<2xf32>
        }
        {-# dialect_resources: { builtin: { blob: "0x04000000010000000000000002000000" } } #-}
    """,
        """
    [blob]
    ```mlir
    blob
    ```

    handle of a blob, 1 use
    """,
    )


def test_a_broken_function_beside():
    check_hover(
        """
        func.func @broken(%x: f64 {
          %0 = arith.mulf %x,
        func.func @f(%x: f64) -> f64 {
          %y = math.sin %x : f64
          return %y<|> : f64
        }
    """,
        """
    [%y]
    ```mlir
    %y : f64
    ```

    result of `math.sin`, 1 use

    8 bytes
    """,
    )


def test_nothing():
    check_hover(
        "func.func @f() {\n  <|>\n  return\n}",
        """
    nothing
    """,
    )
    check_hover(
        "// a com<|>ment",
        """
    nothing
    """,
    )
    check_hover(
        "<|>",
        """
    nothing
    """,
    )


def test_a_pass_in_a_run_line() -> None:
    check_hover(
        "// RUN: enzymexlamlir-opt %s --enzyme --can<|>onicalize | FileCheck %s\n",
        """
    [canonicalize]
    `canonicalize`

    Applies the simplifications that each operation brings along.

    - `disable-patterns`: rewrites that are left out, by name (text)
    - `enable-patterns`: the only rewrites that are made, by name (text)
    - `max-iterations`: how often all operations are visited at most (int, usually 10)
    - `max-num-rewrites`: how many rewrites are made at most (int, usually -1)
    - `region-simplify`: how much blocks are merged (disabled|normal|aggressive, usually normal)
    - `test-convergence`: bool, usually false
    - `top-down`: whether operations are visited from the top (bool, usually true)
""",
    )


def test_a_pass_in_a_pipeline_of_a_run_line() -> None:
    check_hover(
        '// RUN: enzymexlamlir-opt %s --pass-pipeline="builtin.module(enzyme-w<|>rap{infn=f})"\n',
        """
    [enzyme-wrap]
    `enzyme-wrap`

    Makes a derivative of one function, without an operation that asks for it.

    - `argTys`: an activity for each argument, with commas (text)
    - `dataflow`: whether activity is found by data flow (bool)
    - `infn`: the function that is differentiated (text)
    - `mode`: ForwardMode or ReverseModeCombined (text, usually ForwardMode)
    - `outfn`: the name of the derivative (text)
    - `retTys`: an activity for each result, with commas (text)
    - `strongZero`: whether zero times infinity is zero (bool)
""",
    )


def test_an_option_in_a_run_line() -> None:
    check_hover(
        '// RUN: enzymexlamlir-opt %s --enzyme-wrap="infn=f mo<|>de=ForwardMode"\n',
        """
    [mode]
    `mode` of `enzyme-wrap`

    ForwardMode or ReverseModeCombined.

    One of `ReverseModeCombined`, `ForwardMode`, `ReverseModeGradient`, `ReverseModePrimal`.

    Where none is given: `ForwardMode`.
""",
    )


def test_an_option_in_a_pipeline_of_a_run_line_that_goes_on() -> None:
    check_hover(
        '// RUN: enzymexlamlir-opt %s \\\\\n// RUN: --pass-pipeline="builtin.module(canonicalize{max-iter<|>ations=2})"\n',
        """
    [max-iterations]
    `max-iterations` of `canonicalize`

    How often all operations are visited at most.

    It takes: int.

    Where none is given: `10`.
""",
    )


def test_what_is_no_pass_in_a_run_line() -> None:
    for text in (
        "// RUN: enzymexlamlir-opt %<|>s --enzyme\n",
        "// RUN: enzymexlamlir-opt %s --no-such-<|>pass\n",
        "// some --enz<|>yme\n",
    ):
        check_hover(text, "nothing")
