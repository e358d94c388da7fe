"""References: every place that means the same, of every sort of name."""

from __future__ import annotations

import pytest

from enzyme_lsp.features.references import references
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.snapshot import Outdated
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_references


def test_a_value():
    check_references("""
        func.func @f(%<|>x: f64, %y: f64) -> f64 {
        //           ^^ definition
          %0 = arith.mulf %x, %y : f64
          //              ^^ use
          %1 = arith.addf %0, %x : f64
          //                  ^^ use
          scf.if %c {
            "my.use"(%x) : (f64) -> ()
            //       ^^ use
          }
          // CHECK: %x
          return %1 : f64
        }
        func.func @g(%x: f64) -> f64 {
          return %x : f64
        }
    """)


def test_the_results_under_one_name():
    check_references("""
        func.func @f() {
          %<|>p:2 = "my.op"() : () -> (f64, f32)
        //^^ definition
          "my.use"(%p#0, %p#1) : (f64, f32) -> ()
          //       ^^ use
          //             ^^ use
          "my.use"(%p#1) : (f32) -> ()
          //       ^^ use
          return
        }
    """)


def test_one_of_them():
    check_references("""
        func.func @f() {
          %p:2 = "my.op"() : () -> (f64, f32)
        //^^ definition
          "my.use"(%p#0, %p#<|>1) : (f64, f32) -> ()
          //             ^^ use
          "my.use"(%p#1) : (f32) -> ()
          //       ^^ use
          return
        }
    """)


def test_an_inner_value_of_the_same_name():
    check_references("""
        func.func @f(%c: i1) {
          scf.if %c {
            %<|>0 = arith.constant 1 : i32
          //^^ definition
            "my.use"(%0) : (i32) -> ()
            //       ^^ use
          } else {
            %0 = arith.constant 2 : i32
            "my.use"(%0) : (i32) -> ()
          }
          %0 = arith.constant 3 : i32
          "my.use"(%0) : (i32) -> ()
          return
        }
    """)


def test_a_value_at_the_top_of_a_section():
    check_references("""
        %0 = "my.op"() : () -> f64
        //<^^ definition
        "my.use"(%0, %0) : (f64, f64) -> ()
        //       ^^ use
        //           ^^ use
        module {
          "my.use"(%0) : (f64) -> ()
        }
        "my.region"() ({
          "my.use"(%<|>0) : (f64) -> ()
          //       ^^ use
        }) : () -> ()
        func.func @f(%0: f64) {
          "my.use"(%0) : (f64) -> ()
        }
        // -----
        "my.use"(%0) : (f64) -> ()
    """)


def test_a_block():
    check_references("""
        func.func @f(%c: i1) {
          cf.cond_br %c, ^bb1, ^bb2
          //                   ^^^^ use
        ^bb1:
          cf.br ^bb2
          //    ^^^^ use
        ^bb<|>2:
        //<^^^^ definition
          return
        }
        func.func @g() {
          cf.br ^bb2
        ^bb2:
          return
        }
    """)


def test_a_symbol():
    check_references("""
        func.func private @square(f64) -> f64
        //                ^^^^^^^ definition
        func.func @f(%x: f64) -> f64 {
          %0 = call @<|>square(%x) : (f64) -> f64
          //        ^^^^^^^ use
          %1 = enzyme.autodiff @square(%x, %0) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          //                   ^^^^^^^ use
          return %1 : f64
        }
        module @square {
          func.func private @square(f64) -> f64
          "my.use"() {f = @square} : () -> ()
        }
        // -----
        "my.use"() {f = @square} : () -> ()
    """)


def test_a_symbol_by_its_path():
    check_references("""
        module @a {
          func.func private @<|>f()
          //                ^^ definition
          "my.use"() {f = @f} : () -> ()
          //              ^^ use
          module @inner {
            "my.use"() {f = @f} : () -> ()
          }
        }
        func.func private @f()
        "my.use"() {f = @a::@f, g = @f, h = @b::@f} : () -> ()
        //                  ^^ use
    """)


def test_a_module_by_the_paths_through_it():
    check_references("""
        module @<|>a {
        //     ^^ definition
          func.func private @f()
        }
        "my.use"() {f = @a::@f, g = @a, h = @b::@a} : () -> ()
        //              ^^ use
        //                          ^^ use
    """)


def test_a_symbol_in_generic_form():
    check_references("""
        "func.func"() <{function_type = () -> (), sym_name = "f<|>"}> ({
        //                                                   ^^^ definition
          "func.call"() <{callee = @f}> : () -> ()
          //                       ^^ use
          "func.call"() <{callee = @"f"}> : () -> ()
          //                       ^^^^ use
          "func.return"() : () -> ()
        }) : () -> ()
    """)


def test_a_symbol_that_nothing_defines():
    check_references("""
        func.func @f() {
          call @miss<|>ing() : () -> ()
          //   ^^^^^^^^ use
          return
        }
        func.func @g() {
          call @missing() : () -> ()
          //   ^^^^^^^^ use
          return
        }
        module {
          "my.use"() {f = @missing} : () -> ()
        }
    """)


def test_an_alias():
    check_references("""
        #map = affine_map<(d0) -> (d0)>
        //<^^^^ definition
        #other = affine_map<(d0) -> (d0 + 1)>
        "my.use"() {m = [#map, #other, #my.map, #<|>map]} : () -> ()
        //               ^^^^ use
        //                                      ^^^^ use
        "my.use"() {m = #map1} : () -> () // #map
        // -----
        #map = affine_map<(d0) -> (d0)>
        "my.use"() {m = #map} : () -> ()
    """)


def test_a_type_alias_in_shapes_and_other_aliases():
    check_references("""
        !<|>t = f64
        //<^^ definition
        !list = tuple<!t, tensor<2x!t>>
        //            ^^ use
        //                         ^^ use
        func.func @f(%x: tensor<?x4x!t>) -> !list
        //                          ^^ use
    """)


def test_a_blob():
    check_references("""
        "my.use"() {a = dense_resource<blob> : tensor<1xf32>, b = dense_resource<<|>blob> : tensor<1xf32>} : () -> ()
        //                             ^^^^ use
        //                                                                       ^^^^ use
        "my.use"() {a = dense_resource<other> : tensor<1xf32>, blob} : () -> ()
        {-#
          dialect_resources: {
            builtin: {
              blob: "0x0400000000000000",
            //^^^^ definition
              other: "0x0400000000000000"
            }
          }
        #-}
    """)


def test_in_a_broken_function():
    check_references("""
        func.func @f(%x: f64, %y: f64) -> f64 {
        //           ^^ definition
          %0 = arith.mulf %<|>x, : f64
          //              ^^ use
          %1 = arith.addf %x, (
          //              ^^ use
          return %0
        func.func @g(%x: f64) {
          return %x
        }
    """)


def test_an_edit_ends_the_search():
    text = '%0 = "my.op"() : () -> f64\n' + '"my.use"(%0) : (f64) -> ()\n' * 9
    workspace = Workspace(Settings())
    snapshot = workspace.open(Document.of("file:///test.mlir", text))
    workspace.open(Document.of("file:///test.mlir", ""))
    with pytest.raises(Outdated):
        references(snapshot, 0, include_definitions=True)
