"""Definition, declaration and type definition of every sort of name, in texts that are whole and in broken ones."""

from __future__ import annotations

import pytest

from enzyme_lsp.features import definition
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.library import Library
from enzyme_lsp.workspace.workspace import Workspace
from tests.fixture import check_declaration, check_definition, check_type_definition


def test_an_argument_of_a_function():
    check_definition("""
        func.func @f(%x: f64, %y: f64) -> f64 {
        //           ^^ definition
          %0 = arith.mulf %x<|>, %y : f64
          return %0 : f64
        }
        func.func @g(%x: f64) -> f64 {
          return %x : f64
        }
    """)


def test_a_result():
    check_definition("""
        func.func @f(%x: f64) -> f64 {
          %0 = arith.mulf %x, %x : f64
        //^^ definition
          return <|>%0 : f64
        }
    """)


@pytest.mark.parametrize("use", ["<|>%p#1", "%p<|>#1", "%p#1<|>", "%p#<|>1"])
def test_one_result_of_several(use: str):
    text = """
        func.func @f(%x: f64) -> f64 {
          %p:2 = "my.op"(%x) : (f64) -> (f64, f64)
        //^^ definition
          return USE : f64
        }
    """
    check_definition(text.replace("USE", use))


def test_a_name_for_several_results():
    check_definition("""
        func.func @f(%x: f64) {
          %a:2, %b = "my.op"(%x) : (f64) -> (f64, f64, f64)
          //    ^^ definition
          "my.use"(%a#0, %b<|>) : (f64, f64) -> ()
          return
        }
    """)


def test_a_definition_leads_to_itself():
    check_definition("""
        func.func @f(%x: f64) -> f64 {
          %0<|> = arith.mulf %x, %x : f64
        //^^ definition
          return %0 : f64
        }
    """)


def test_a_counter_and_what_a_loop_carries():
    check_definition("""
        func.func @f(%n: index, %x: f64) -> f64 {
          %r = scf.for %i = %n to %n step %n iter_args(%acc = %x) -> (f64) {
          //                                           ^^^^ definition
            %0 = arith.addf %ac<|>c, %x : f64
            scf.yield %0 : f64
          }
          return %r : f64
        }
    """)


def test_an_inner_name_hides_none_of_a_later_function():
    check_definition("""
        func.func @f(%x: f64) {
          scf.execute_region {
            %0 = arith.constant 1 : i32
            scf.yield
          }
          %0 = arith.constant 2 : i32
        //^^ definition
          "my.use"(%0<|>) : (i32) -> ()
          return
        }
    """)


def test_a_value_that_is_defined_in_a_later_block():
    check_definition("""
        func.func @f(%c: i1) {
          cf.br ^bb2
        ^bb1:
          "my.use"(%<|>0) : (i32) -> ()
          return
        ^bb2:
          %0 = arith.constant 1 : i32
        //^^ definition
          cf.br ^bb1
        }
    """)


def test_an_argument_of_a_block():
    check_definition("""
        func.func @f(%x: f64) -> f64 {
          cf.br ^bb1(%x : f64)
        ^bb1(%y: f64):
        //   ^^ definition
          return %y<|> : f64
        }
    """)


def test_a_block():
    check_definition("""
        func.func @f() {
          cf.br ^bb<|>1
        ^bb1:
        //<^^^^ definition
          scf.execute_region {
            cf.br ^bb1
          ^bb1:
            scf.yield
          }
          return
        }
    """)


def test_a_block_of_an_inner_region():
    check_definition("""
        func.func @f() {
          cf.br ^bb1
        ^bb1:
          scf.execute_region {
            cf.br ^b<|>b1
          ^bb1:
        //^^^^ definition
            scf.yield
          }
          return
        }
    """)


def test_regions_that_are_isolated_see_nothing_outside():
    check_definition("""
        func.func @f(%x: f64) {
          module @inner {
            "my.use"(%x<|>) : (f64) -> ()
          }
          return
        }
    """)


def test_a_value_at_the_top():
    check_definition("""
        %0 = "my.op"() : () -> f64
        //<^^ definition
        "my.use"(%<|>0) : (f64) -> ()
        // -----
        %0 = "my.op"() : () -> f64
    """)


def test_a_value_of_another_section():
    check_definition("""
        %0 = "my.op"() : () -> f64
        // -----
        "my.use"(%<|>0) : (f64) -> ()
    """)


def test_in_a_function_that_is_not_finished():
    check_definition("""
        func.func @f(%x: f64, %y: f64) -> f64 {
        //                    ^^ definition
          %0 = arith.mulf %x, %y<|>
          %1 = arith.addf (
        func.func @g(%y: f64) {
          return
        }
    """)


def test_beside_a_function_that_is_broken():
    check_definition("""
        func.func @f(%x: f64 -> f64 {
        //        ^^ definition
          %0 = arith.mulf %x, : f64
        }
        func.func @g(%y: f64) -> f64 {
          %0 = call @f<|>(%y) : (f64) -> f64
          return %0 : f64
        }
    """)


def test_a_symbol_before_and_behind():
    check_definition("""
        func.func @g() {
          call @f<|>() : () -> ()
          return
        }
        func.func @f() {
        //        ^^ definition
          return
        }
        // -----
        func.func @f() {
          return
        }
    """)


def test_a_symbol_of_a_module_is_not_that_of_the_module_around():
    check_definition("""
        func.func @f() {
          return
        }
        module {
          func.func @f() {
          //        ^^ definition
            return
          }
          func.func @g() {
            call @<|>f() : () -> ()
            return
          }
        }
    """)


def test_the_first_part_of_a_path():
    check_definition("""
        module @a {
        //     ^^ definition
          module @b {
            func.func @c() {
              return
            }
          }
        }
        "my.use"() {s = @<|>a::@b::@c} : () -> ()
    """)


def test_the_middle_of_a_path():
    check_definition("""
        module @a {
          module @b {
          //     ^^ definition
            func.func @c() {
              return
            }
          }
        }
        "my.use"() {s = @a::@<|>b::@c} : () -> ()
    """)


def test_the_last_part_of_a_path():
    check_definition("""
        module @a {
          module @b {
            func.func @c() {
            //        ^^ definition
              return
            }
          }
        }
        func.func @c() {
          return
        }
        "my.use"() {s = @a::@b::@c<|>} : () -> ()
    """)


def test_a_symbol_in_quotes():
    check_definition("""
        func.func @"a b"() {
        //        ^^^^^^ definition
          call @"a<|> b"() : () -> ()
          return
        }
    """)


def test_a_symbol_by_its_attribute():
    check_definition("""
        "func.func"() <{function_type = () -> (), sym_name = "f"}> ({
        //                                                   ^^^ definition
          "func.call"() <{callee = @f<|>}> : () -> ()
          "func.return"() : () -> ()
        }) : () -> ()
    """)


def test_a_global():
    check_definition("""
        memref.global "private" constant @weights : memref<2xf32> = dense<[1.0, 2.0]>
        //                               ^^^^^^^^ definition
        func.func @f() {
          %0 = memref.get_global @weight<|>s : memref<2xf32>
          return
        }
    """)


def test_the_callee_of_a_derivative():
    check_definition("""
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^ definition
          return %x : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.autodiff @squ<|>are(%x, %dr) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_from_a_derivative_to_the_primal():
    check_definition("""
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^ definition
          return %x : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = enzyme.fwd<|>diff @square(%x, %dr) {activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_from_a_derivative_in_generic_form_to_the_primal():
    check_definition("""
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^ definition
          return %x : f64
        }
        func.func @d(%x: f64, %dr: f64) -> f64 {
          %0 = "enzyme.auto<|>diff"(%x, %dr) <{fn = @square, activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]}> : (f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_an_alias_of_an_attribute():
    check_definition("""
        "my.use"() {m = #ma<|>p} : () -> ()
        #map = affine_map<(d0) -> (d0)>
        //<^^^^ definition
        // -----
        #map = affine_map<(d0) -> (d0 + 1)>
    """)


def test_an_alias_of_a_type():
    check_definition("""
        !pair = tuple<f64, f64>
        //<^^^^^ definition
        func.func @f(%x: tensor<2x!pai<|>r>) {
          return
        }
    """)


def test_what_looks_like_an_alias_and_is_none():
    check_definition("""
        #map = affine_map<(d0) -> (d0)>
        "my.use"() {m = #my.ma<|>p} : () -> ()
    """)


def test_a_blob():
    check_definition("""
        "my.use"() {value = dense_resource<blo<|>b> : tensor<1xf32>} : () -> ()
        {-#
          dialect_resources: {
            builtin: {
              blob: "0x0400000000000000"
            //^^^^ definition
            }
          }
        #-}
    """)


def test_nothing_stands_there():
    check_definition("""
        func.func @f() {
          "my.use"() : () -> <|> ()
          return
        }
    """)


@pytest.mark.parametrize(
    "text",
    [
        'loc("mo<|>del.py":3:5)',
        'loc("model.py":<|>3:5)',
        'loc("model.py" : 3 : 5<|>)',
        'loc("model.py":<|>3:5 to :6:7)',
        'loc(fused["a.py":1:1, "mo<|>del.py":3:5])',
        'loc("f"("mod<|>el.py":3:5))',
        'loc(callsite("g" at "model.py":3:5<|>))',
    ],
)
def test_a_location_leads_into_its_file(text: str):
    assert recorded(f'"my.op"() : () -> () {text}') == ["model.py:3:5"]


@pytest.mark.parametrize(
    "text", ['loc("mo<|>del.py")', 'loc("model.py":<|>3)', 'loc("model.py":3:<|>', '"model.py":<|>3:5']
)
def test_a_location_that_is_not_finished(text: str):
    assert recorded(f'"my.op"() : () -> () {text}') == (["model.py:3:5"] if text.endswith("5") else [])


def recorded(fixture: str) -> list[str]:
    """The places in other files to which the cursor leads."""
    before, _, behind = fixture.partition("<|>")
    workspace = Workspace(Settings())
    snapshot = workspace.open(Document.of("file:///a/test.mlir", before + behind))
    found = definition.definition(Library(workspace), snapshot, len(before))
    return [f"{one.file.path}:{one.file.line0 + 1}:{one.file.column + 1}" for one in found if one.file is not None]


def test_a_function_of_another_file():
    check_definition("""
        //- /lib/square.mlir
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^ definition
          return %x : f64
        }
        //- /main.mlir
        func.func @f(%x: f64) -> f64 {
          %0 = call @sq<|>uare(%x) : (f64) -> f64
          return %0 : f64
        }
    """)


def test_a_primal_of_another_file():
    check_definition("""
        //- /square.mlir
        module @lib {
          func.func @square(%x: f64) -> f64 {
          //        ^^^^^^^ definition
            return %x : f64
          }
        }
        //- /main.mlir
        func.func private @square(f64) -> f64
        func.func @f(%x: f64) -> f64 {
          %0 = enzyme.auto<|>diff @square(%x, %x) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
          return %0 : f64
        }
    """)


def test_several_candidates_come_behind_the_declaration():
    check_definition("""
        //- /a/one.mlir
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^ definition
          return %x : f64
        }
        //- /b/two.mlir
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^ definition
          return %x : f64
        }
        //- /b/other_type.mlir
        func.func @square(%x: f32) -> f32 {
          return %x : f32
        }
        //- /b/main.mlir
        func.func private @square(f64) -> f64
        //                ^^^^^^^ definition
        func.func @f(%x: f64) -> f64 {
          %0 = call @sq<|>uare(%x) : (f64) -> f64
          return %0 : f64
        }
    """)


def test_what_the_text_defines_is_looked_for_nowhere_else():
    check_definition("""
        //- /square.mlir
        func.func @square(%x: f64) -> f64 {
          return %x : f64
        }
        //- /main.mlir
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^ definition
          return %x : f64
        }
        func.func @f(%x: f64) -> f64 {
          %0 = call @sq<|>uare(%x) : (f64) -> f64
          return %0 : f64
        }
    """)


def test_a_declaration_elsewhere_is_better_than_nothing():
    check_definition("""
        //- /square.mlir
        func.func private @square(f64) -> f64
        //                ^^^^^^^ definition
        //- /main.mlir
        "my.use"() {f = @squ<|>are} : () -> ()
    """)


def test_another_section_is_no_other_file():
    check_definition("""
        func.func @square(%x: f64) -> f64 {
          return %x : f64
        }
        // -----
        "my.use"() {f = @squ<|>are} : () -> ()
    """)


def test_a_path_into_another_file():
    check_definition("""
        //- /kernels.mlir
        gpu.module @kernels {
          gpu.func @run() kernel {
          //       ^^^^ definition
            gpu.return
          }
        }
        gpu.module @others {
          gpu.func @run() kernel {
            gpu.return
          }
        }
        //- /main.mlir
        "my.launch"() {kernel = @kernels::@r<|>un} : () -> ()
    """)


def test_the_declaration_is_where_the_text_has_it():
    check_declaration("""
        //- /square.mlir
        func.func @square(%x: f64) -> f64 {
          return %x : f64
        }
        //- /main.mlir
        func.func private @square(f64) -> f64
        //                ^^^^^^^ declaration
        func.func @f(%x: f64) -> f64 {
          %0 = call @sq<|>uare(%x) : (f64) -> f64
          return %0 : f64
        }
    """)


def test_the_declaration_of_what_the_text_lacks():
    check_declaration("""
        //- /square.mlir
        func.func @square(%x: f64) -> f64 {
        //        ^^^^^^^ declaration
          return %x : f64
        }
        //- /main.mlir
        %0 = call @sq<|>uare(%x) : (f64) -> f64
    """)


def test_the_declaration_of_a_value():
    check_declaration("""
        func.func @f(%x: f64) -> f64 {
        //           ^^ declaration
          return %x<|> : f64
        }
    """)


def test_the_aliases_in_the_type_of_a_value():
    check_type_definition("""
        !pair = tuple<f64, f64>
        //<^^^^^ type
        !list = tensor<2x!pair>
        //<^^^^^ type
        func.func @f(%x: tuple<!list, !pair, !my.pair>) {
          "my.use"(%<|>x) : (tuple<!list, !pair, !my.pair>) -> ()
          return
        }
    """)


def test_the_type_of_one_result_of_several():
    check_type_definition("""
        !a = f32
        !b = f64
        //<^^ type
        func.func @f() {
          %p:2 = "my.op"() : () -> (!a, !b)
          "my.use"(%p#<|>1) : (!b) -> ()
          return
        }
    """)


def test_the_types_of_a_name_for_several_results():
    check_type_definition("""
        !a = f32
        //<^^ type
        !b = f64
        //<^^ type
        func.func @f() {
          %<|>p:2 = "my.op"() : () -> (!a, !b)
          return
        }
    """)


def test_on_an_alias_it_is_the_alias():
    check_type_definition("""
        !a = f32
        //<^^ type
        func.func @f(%x: !<|>a) {
          return
        }
    """)


def test_a_type_without_an_alias_and_what_has_no_type():
    check_type_definition("""
        func.func @f(%x: f64) {
          "my.use"(%<|>x) : (f64) -> ()
          return
        }
    """)
    check_type_definition("""
        func.func @<|>f() {
          return
        }
    """)
