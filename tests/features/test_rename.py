"""Rename: everything that means the name, nothing else, and no name that would change what another one means."""

from __future__ import annotations

import pytest

from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.features.rename import prepare, rename
from enzyme_lsp.settings import RenameSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace.snapshot import Snapshot
from tests.fixture import check_no_rename, check_rename

WITH_CHECKS = Settings(rename=RenameSettings(check_lines=True))


# Values


def test_a_value_from_a_use() -> None:
    check_rename(
        "%product",
        before="""
            func.func @f(%x: f64) -> f64 { // %y is the product
              %y = arith.mulf %x, %x : f64
              %z = arith.addf %<|>y, %x : f64 // %y and %x
              return %z : f64
            }
            func.func @g(%y: f64) -> f64 {
              return %y : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> f64 { // %y is the product
              %product = arith.mulf %x, %x : f64
              %z = arith.addf %product, %x : f64 // %y and %x
              return %z : f64
            }
            func.func @g(%y: f64) -> f64 {
              return %y : f64
            }
        """,
    )


def test_an_argument_from_its_definition_without_the_mark() -> None:
    check_rename(
        "input",
        before="""
            func.func @f(<|>%x: f64, %dx: f64) -> f64 {
              %0 = enzyme.fwddiff @g(%x, %dx) {
                activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
            func.func private @g(f64) -> f64
        """,
        after="""
            func.func @f(%input: f64, %dx: f64) -> f64 {
              %0 = enzyme.fwddiff @g(%input, %dx) {
                activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
            func.func private @g(f64) -> f64
        """,
    )


def test_several_results_of_one_name() -> None:
    check_rename(
        "pair",
        before="""
            func.func @f(%x: f64) -> f64 {
              %p:2 = "test.pair"(%x) : (f64) -> (f64, f64)
              %s = arith.addf %p#0, %<|>p#1 : f64
              return %s : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> f64 {
              %pair:2 = "test.pair"(%x) : (f64) -> (f64, f64)
              %s = arith.addf %pair#0, %pair#1 : f64
              return %s : f64
            }
        """,
    )


def test_a_number() -> None:
    check_rename(
        "%0",
        before="""
            func.func @f(%x: f64) -> f64 {
              %<|>y = arith.mulf %x, %x : f64
              return %y : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> f64 {
              %0 = arith.mulf %x, %x : f64
              return %0 : f64
            }
        """,
    )


def test_what_a_header_defines() -> None:
    check_rename(
        "%row",
        before="""
            func.func @f(%a: memref<?xf64>, %n: index, %z: f64) -> f64 {
              %c = arith.constant 1 : index
              %r = scf.for %<|>i = %c to %n step %c iter_args(%s = %z) -> (f64) {
                %v = memref.load %a[%i] : memref<?xf64>
                %t = arith.addf %s, %v : f64
                scf.yield %t : f64
              }
              return %r : f64
            }
        """,
        after="""
            func.func @f(%a: memref<?xf64>, %n: index, %z: f64) -> f64 {
              %c = arith.constant 1 : index
              %r = scf.for %row = %c to %n step %c iter_args(%s = %z) -> (f64) {
                %v = memref.load %a[%row] : memref<?xf64>
                %t = arith.addf %s, %v : f64
                scf.yield %t : f64
              }
              return %r : f64
            }
        """,
    )


def test_the_name_of_a_value_in_another_region_is_free() -> None:
    check_rename(
        "%b",
        before="""
            func.func @f(%c: i1) -> f64 {
              %r = scf.if %c -> f64 {
                %<|>a = "test.a"() : () -> f64
                scf.yield %a : f64
              } else {
                %b = "test.b"() : () -> f64
                scf.yield %b : f64
              }
              return %r : f64
            }
        """,
        after="""
            func.func @f(%c: i1) -> f64 {
              %r = scf.if %c -> f64 {
                %b = "test.a"() : () -> f64
                scf.yield %b : f64
              } else {
                %b = "test.b"() : () -> f64
                scf.yield %b : f64
              }
              return %r : f64
            }
        """,
    )


def test_the_name_of_a_value_in_a_region_before_is_free() -> None:
    check_rename(
        "%b",
        before="""
            func.func @f(%c: i1) -> f64 {
              scf.if %c {
                %b = "test.b"() : () -> f64
              }
              %<|>a = "test.a"() : () -> f64
              return %a : f64
            }
        """,
        after="""
            func.func @f(%c: i1) -> f64 {
              scf.if %c {
                %b = "test.b"() : () -> f64
              }
              %b = "test.a"() : () -> f64
              return %b : f64
            }
        """,
    )


def test_the_name_of_a_value_around_an_isolated_region_is_free() -> None:
    check_rename(
        "%a",
        before="""
            %a = "test.a"() : () -> f64
            func.func @f(%<|>x: f64) -> f64 {
              return %x : f64
            }
            "test.use"(%a) : (f64) -> ()
        """,
        after="""
            %a = "test.a"() : () -> f64
            func.func @f(%a: f64) -> f64 {
              return %a : f64
            }
            "test.use"(%a) : (f64) -> ()
        """,
    )


def test_the_name_of_a_value_in_an_isolated_region_is_free() -> None:
    check_rename(
        "%x",
        before="""
            %a = "test.a"() : () -> f64
            func.func @f(%x: f64) -> f64 {
              return %x : f64
            }
            "test.use"(%<|>a) : (f64) -> ()
        """,
        after="""
            %x = "test.a"() : () -> f64
            func.func @f(%x: f64) -> f64 {
              return %x : f64
            }
            "test.use"(%x) : (f64) -> ()
        """,
    )


def test_values_of_sections() -> None:
    check_rename(
        "%b",
        before="""
            %<|>a = "test.a"() : () -> f64
            "test.use"(%a) : (f64) -> ()
            // -----
            %a = "test.a"() : () -> f64
            %b = "test.use"(%a) : (f64) -> f64
        """,
        after="""
            %b = "test.a"() : () -> f64
            "test.use"(%b) : (f64) -> ()
            // -----
            %a = "test.a"() : () -> f64
            %b = "test.use"(%a) : (f64) -> f64
        """,
    )


def test_a_value_of_a_broken_function() -> None:
    check_rename(
        "%sum",
        before="""
            func.func @f(%x: f64) -> f64 {
              %y = arith.mulf %x<|>, : f64
              %z = arith.addf %y, %x
              return %z : f64
            }
        """,
        after="""
            func.func @f(%sum: f64) -> f64 {
              %y = arith.mulf %sum, : f64
              %z = arith.addf %y, %sum
              return %z : f64
            }
        """,
    )


def test_a_name_that_is_given_twice_can_be_told_apart() -> None:
    check_rename(
        "%z",
        before="""
            func.func @f(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              %<|>y = arith.addf %y, %x : f64
              return %y : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> f64 {
              %y = arith.mulf %x, %x : f64
              %z = arith.addf %y, %x : f64
              return %z : f64
            }
        """,
        and_back=False,
    )


def test_a_name_in_the_same_region_is_taken() -> None:
    check_no_rename(
        "%z",
        """
        func.func @f(%x: f64) -> f64 {
          %<|>y = arith.mulf %x, %x : f64
          %z = arith.addf %y, %x : f64
          return %z : f64
        }
        """,
        "%z is defined already in line 3, where %y can be seen too",
    )


def test_the_name_of_another_result_is_taken() -> None:
    check_no_rename(
        "%b",
        """
        func.func @f() {
          %a, %b = "test.pair"() : () -> (f64, f64)
          "test.use"(%<|>a) : (f64) -> ()
          return
        }
        """,
        "%b is defined already in line 2, where %a can be seen too",
    )


def test_a_name_of_the_region_around_is_taken() -> None:
    check_no_rename(
        "%x",
        """
        func.func @f(%x: f64, %c: i1) -> f64 {
          scf.if %c {
            %<|>y = "test.a"() : () -> f64
          }
          return %x : f64
        }
        """,
        "%x is defined already in line 1, where %y can be seen too",
    )


def test_a_use_in_an_inner_region_would_be_captured() -> None:
    check_no_rename(
        "%y",
        """
        func.func @f(%<|>x: f64, %c: i1) -> f64 {
          scf.if %c {
            %y = "test.a"() : () -> f64
            "test.use"(%x, %y) : (f64, f64) -> ()
          }
          return %x : f64
        }
        """,
        "%y is defined already in line 3, where %x can be seen too",
    )


def test_an_inner_definition_would_stand_under_the_new_name() -> None:
    check_no_rename(
        "%y",
        """
        func.func @f(%<|>x: f64, %c: i1) -> f64 {
          scf.if %c {
            %y = "test.a"() : () -> f64
          }
          return %x : f64
        }
        """,
        "%y is defined already in line 3, where %x can be seen too",
    )


def test_a_name_that_is_used_and_not_defined_would_be_captured() -> None:
    check_no_rename(
        "%y",
        """
        func.func @f(%<|>x: f64) -> f64 {
          %0 = arith.addf %x, %y : f64
          return %0 : f64
        }
        """,
        "%y is used already in line 2, where %x can be seen, and is not defined",
    )


def test_a_value_of_the_outermost_region_is_taken() -> None:
    check_no_rename(
        "%b",
        """
        %<|>a = "test.a"() : () -> f64
        %b = "test.a"() : () -> f64
        """,
        "%b is defined already in line 2, where %a can be seen too",
    )


def test_a_value_in_a_region_of_a_later_operation_is_taken() -> None:
    check_no_rename(
        "%b",
        """
        %<|>a = "test.a"() : () -> f64
        "test.region"() ({
          %b = "test.a"() : () -> f64
        }) : () -> ()
        """,
        "%b is defined already in line 3, where %a can be seen too",
    )


def test_a_value_of_a_region_before_the_outermost_is_free() -> None:
    check_rename(
        "%b",
        before="""
            "test.region"() ({
              %b = "test.a"() : () -> f64
            }) : () -> ()
            %<|>a = "test.a"() : () -> f64
        """,
        after="""
            "test.region"() ({
              %b = "test.a"() : () -> f64
            }) : () -> ()
            %b = "test.a"() : () -> f64
        """,
    )


def test_an_undefined_name_of_the_outermost_region_would_be_captured() -> None:
    check_no_rename(
        "%b",
        """
        %<|>a = "test.a"() : () -> f64
        "test.use"(%b) : (f64) -> ()
        """,
        "%b is used already in line 2, where %a can be seen, and is not defined",
    )


def test_a_name_of_letters_before_what_would_become_part_of_it() -> None:
    check_no_rename(
        "%i",
        """
        func.func @f(%m: memref<?xf64>, %<|>0: index) -> f64 {
          %1 = affine.load %m[%0-1] : memref<?xf64>
          return %1 : f64
        }
        """,
        "In line 2 what follows %0 would become part of the new name; put a blank between them first",
    )


@pytest.mark.parametrize("name", ["", "%", "%%x", "x#1", "p:2", "0x", "a b", "größe", "^x", '"x"', "x//"])
def test_names_that_are_none(name: str) -> None:
    check_no_rename(
        name,
        "func.func @f(%<|>x: f64)",
        f"{name!r} is no name in MLIR: write letters, digits and _ $ . -, and only digits when one comes first",
    )


# Blocks


def test_a_block() -> None:
    check_rename(
        "^exit",
        before="""
            func.func @f(%c: i1) {
              cf.cond_br %c, ^<|>bb1, ^bb2
            ^bb1: // ^bb1
              cf.br ^bb2
            ^bb2:
              return
            }
            func.func @g() {
              cf.br ^bb1
            ^bb1:
              return
            }
        """,
        after="""
            func.func @f(%c: i1) {
              cf.cond_br %c, ^exit, ^bb2
            ^exit: // ^bb1
              cf.br ^bb2
            ^bb2:
              return
            }
            func.func @g() {
              cf.br ^bb1
            ^bb1:
              return
            }
        """,
    )


def test_a_block_of_the_region_is_taken() -> None:
    check_no_rename(
        "bb2",
        """
        func.func @f(%c: i1) {
          cf.cond_br %c, ^bb1, ^bb2
        ^<|>bb1:
          cf.br ^bb2
        ^bb2:
          return
        }
        """,
        "^bb2 is defined already in line 5, where ^bb1 can be seen too",
    )


# Symbols


def test_a_function() -> None:
    check_rename(
        "@cube",
        before="""
            // RUN: opt %s --enzyme-wrap="infn=square outfn=d argTys=enzyme_dup retTys=enzyme_dup mode=ForwardMode" | FileCheck %s
            func.func private @squ<|>are(%x: f64) -> f64 {
              %0 = func.call @square(%x) : (f64) -> f64
              return %0 : f64
            }
            // CHECK: @square
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = enzyme.fwddiff @square(%x, %dx) {
                activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            // RUN: opt %s --enzyme-wrap="infn=cube outfn=d argTys=enzyme_dup retTys=enzyme_dup mode=ForwardMode" | FileCheck %s
            func.func private @cube(%x: f64) -> f64 {
              %0 = func.call @cube(%x) : (f64) -> f64
              return %0 : f64
            }
            // CHECK: @square
            func.func @d(%x: f64, %dx: f64) -> f64 {
              %0 = enzyme.fwddiff @cube(%x, %dx) {
                activity = [#enzyme<activity enzyme_dup>], ret_activity = [#enzyme<activity enzyme_dupnoneed>]
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_a_name_that_a_command_line_would_not_read() -> None:
    check_no_rename(
        "a b",
        """
        // RUN: opt %s --enzyme-wrap="infn=f outfn= argTys=enzyme_dup retTys=enzyme_dup mode=ForwardMode"
        func.func @<|>f(%x: f64) -> f64 {
          return %x : f64
        }
        """,
        "@f is named in line 1, where only letters, digits and _ . - can stand",
    )


def test_a_name_in_quotes() -> None:
    check_rename(
        "f",
        before="""
            func.func @"a-b"(%x: f64) -> f64 {
              %0 = func.call @"a-<|>b"(%x) : (f64) -> f64
              return %0 : f64
            }
        """,
        after="""
            func.func @f(%x: f64) -> f64 {
              %0 = func.call @f(%x) : (f64) -> f64
              return %0 : f64
            }
        """,
    )


def test_a_name_that_needs_quotes() -> None:
    check_rename(
        '@"a b"',
        before="""
            "func.func"() <{sym_name = "f", function_type = () -> ()}> ({
              "func.call"() <{callee = @<|>f}> : () -> ()
              "func.return"() : () -> ()
            }) : () -> ()
            func.func @g() {
              call @f() : () -> ()
              return
            }
        """,
        after="""
            "func.func"() <{sym_name = "a b", function_type = () -> ()}> ({
              "func.call"() <{callee = @"a b"}> : () -> ()
              "func.return"() : () -> ()
            }) : () -> ()
            func.func @g() {
              call @"a b"() : () -> ()
              return
            }
        """,
    )


def test_a_nested_symbol() -> None:
    check_rename(
        "inner",
        before="""
            module @a {
              func.func @f() {
                return
              }
              func.func @g() {
                call @f() : () -> ()
                return
              }
            }
            func.func @f() {
              "test.use"() {callee = @a::@<|>f, other = @f} : () -> ()
              return
            }
        """,
        after="""
            module @a {
              func.func @inner() {
                return
              }
              func.func @g() {
                call @inner() : () -> ()
                return
              }
            }
            func.func @f() {
              "test.use"() {callee = @a::@inner, other = @f} : () -> ()
              return
            }
        """,
    )


def test_a_module_that_symbols_are_in() -> None:
    check_rename(
        "b",
        before="""
            module @<|>a {
              func.func @f() {
                return
              }
            }
            func.func @g() {
              "test.use"() {callee = @a::@f} : () -> ()
              return
            }
        """,
        after="""
            module @b {
              func.func @f() {
                return
              }
            }
            func.func @g() {
              "test.use"() {callee = @b::@f} : () -> ()
              return
            }
        """,
    )


def test_a_nested_symbol_inside_one_operation() -> None:
    check_rename(
        "@body",
        before="""
            gpu.module @kernels {
              gpu.func @<|>k() kernel {
                gpu.return
              }
            }
            func.func @k(%c: index) {
              gpu.launch_func @kernels::@k blocks in (%c, %c, %c) threads in (%c, %c, %c)
              return
            }
        """,
        after="""
            gpu.module @kernels {
              gpu.func @body() kernel {
                gpu.return
              }
            }
            func.func @k(%c: index) {
              gpu.launch_func @kernels::@body blocks in (%c, %c, %c) threads in (%c, %c, %c)
              return
            }
        """,
    )


def test_symbols_of_sections() -> None:
    check_rename(
        "@g",
        before="""
            func.func private @<|>f()
            // -----
            func.func private @f()
            func.func private @g()
        """,
        after="""
            func.func private @g()
            // -----
            func.func private @f()
            func.func private @g()
        """,
    )


def test_a_symbol_is_taken() -> None:
    check_no_rename(
        "@g",
        """
        func.func private @<|>f()
        func.func private @g()
        """,
        "@g is defined already in line 2, where @f can be named too",
    )


def test_a_symbol_of_an_inner_table_is_not_taken() -> None:
    check_rename(
        "@g",
        before="""
            func.func private @<|>f()
            module {
              func.func private @g()
            }
        """,
        after="""
            func.func private @g()
            module {
              func.func private @g()
            }
        """,
    )


def test_a_symbol_that_is_named_and_not_defined_would_get_a_meaning() -> None:
    check_no_rename(
        "@g",
        """
        func.func @<|>f() {
          call @g() : () -> ()
          return
        }
        """,
        "@g is named in line 2, and would mean what is renamed",
    )


def test_a_symbol_of_another_file() -> None:
    check_no_rename(
        "@g",
        """
        func.func @f() {
          call @<|>h() : () -> ()
          return
        }
        """,
        "@h is not defined in this file, so not all that means it can be found",
    )


@pytest.mark.parametrize("name", ["", "@", '@"', 'a"b', "a\\b", "a\x00b", "a\tb"])
def test_symbols_that_are_none(name: str) -> None:
    check_no_rename(name, "func.func private @<|>f()", f"{name!r} cannot be the name of a symbol")


# Aliases and resources


def test_an_attribute_alias() -> None:
    check_rename(
        "#identity",
        before="""
            #map = affine_map<(d0) -> (d0)> // #map
            #other = {a = #map, b = "#map"}
            "test.use"() {m = #m<|>ap, o = #test.map<#map>} : () -> ()
            // -----
            #map = affine_map<(d0) -> (d0)>
        """,
        after="""
            #identity = affine_map<(d0) -> (d0)> // #map
            #other = {a = #identity, b = "#map"}
            "test.use"() {m = #identity, o = #test.map<#identity>} : () -> ()
            // -----
            #map = affine_map<(d0) -> (d0)>
        """,
    )


def test_a_type_alias() -> None:
    check_rename(
        "!vec",
        before="""
            !<|>v = vector<4xf64>
            func.func private @f(!v, tuple<!v, f64>) -> !v
            #v = 1 : i32
        """,
        after="""
            !vec = vector<4xf64>
            func.func private @f(!vec, tuple<!vec, f64>) -> !vec
            #v = 1 : i32
        """,
    )


def test_an_alias_is_taken() -> None:
    check_no_rename(
        "b",
        """
        #<|>a = 1 : i32
        "test.use"() {a = #a} : () -> ()
        #b = 2 : i32
        """,
        "#b is defined already in line 3",
    )


def test_the_name_of_an_alias_has_no_dot() -> None:
    check_no_rename(
        "#a.b", "#<|>a = 1 : i32", "'#a.b' is no name in MLIR: write letters, digits and _ $ -, and no digit first"
    )


def test_a_resource() -> None:
    check_rename(
        "weights",
        before="""
            %0 = arith.constant dense_resource<<|>blob> : tensor<2xf64>
            {-#
              dialect_resources: {
                builtin: {
                  blob: "0x08000000000000000000F03F"
                }
              }
            #-}
        """,
        after="""
            %0 = arith.constant dense_resource<weights> : tensor<2xf64>
            {-#
              dialect_resources: {
                builtin: {
                  weights: "0x08000000000000000000F03F"
                }
              }
            #-}
        """,
    )


def test_a_key_of_other_resources_is_no_name() -> None:
    check_no_rename(
        "x",
        """
        {-#
          external_resources: {
            mlir_reproducer: {
              pipe<|>line: "builtin.module()"
            }
          }
        #-}
        """,
        "There is no name here that can be changed",
    )


# FileCheck


def test_directives_change_when_asked() -> None:
    check_rename(
        "@cube",
        before="""
            // RUN: opt %s --enzyme | FileCheck %s --check-prefixes=CHECK,FWD
            func.func private @<|>square(%x: f64) -> f64 {
              return %x : f64
            }
            // @square
            // CHECK-LABEL: func.func private @square(
            // FWD: call @square(%{{.*}}), @square_of, @fwddiffe2square
            // OTHER: @square
            // -----
            // CHECK: @square
        """,
        after="""
            // RUN: opt %s --enzyme | FileCheck %s --check-prefixes=CHECK,FWD
            func.func private @cube(%x: f64) -> f64 {
              return %x : f64
            }
            // @square
            // CHECK-LABEL: func.func private @cube(
            // FWD: call @cube(%{{.*}}), @square_of, @fwddiffe2cube
            // OTHER: @square
            // -----
            // CHECK: @square
        """,
        settings=WITH_CHECKS,
    )


def test_a_derivative_of_its_own_stays_when_directives_change() -> None:
    check_rename(
        "@g",
        before="""
            func.func private @<|>f()
            func.func private @diffef()
            // CHECK: @f
            // CHECK: @diffef
        """,
        after="""
            func.func private @g()
            func.func private @diffef()
            // CHECK: @g
            // CHECK: @diffef
        """,
        settings=WITH_CHECKS,
    )


def test_a_directive_that_may_mean_two_symbols_stays() -> None:
    check_rename(
        "@g",
        before="""
            func.func private @<|>f()
            module {
              func.func private @f()
            }
            // CHECK: @f
        """,
        after="""
            func.func private @g()
            module {
              func.func private @f()
            }
            // CHECK: @f
        """,
        settings=WITH_CHECKS,
    )


def test_a_variable_of_filecheck() -> None:
    check_rename(
        "ARG",
        before="""
            // RUN: opt %s | FileCheck %s -DX=1
            // CHECK: func.func @f(%[[X:.+]]: f64)
            func.func @f(%X: f64) -> f64 { // [[X]]
              // CHECK-NEXT: return %[[<|>X]], %[[XY:.*]]
              return %X : f64
            }
        """,
        after="""
            // RUN: opt %s | FileCheck %s -DARG=1
            // CHECK: func.func @f(%[[ARG:.+]]: f64)
            func.func @f(%X: f64) -> f64 { // [[X]]
              // CHECK-NEXT: return %[[ARG]], %[[XY:.*]]
              return %X : f64
            }
        """,
    )


def test_a_variable_of_filecheck_is_taken() -> None:
    check_no_rename(
        "Y",
        """
        // CHECK: %[[X:.+]] = %[[Y:.+]]
        // CHECK: %[[<|>X]]
        """,
        "FileCheck has a variable Y already in line 1",
    )


@pytest.mark.parametrize("name", ["", "1", "[[X", "a-b"])
def test_variables_that_are_none(name: str) -> None:
    check_no_rename(
        name,
        "// CHECK: [[<|>X:.*]]",
        f"{name!r} is no name in FileCheck: write letters, digits, and the character _",
    )


def test_a_line_as_long_as_a_text_is_read_once() -> None:
    text = "// [[X]] enzyme-wrap " + "/" * 500_000
    snapshot = Snapshot(Document.of("untitled:1", f"func.func private @f()\n{text}\n"), WITH_CHECKS)
    assert len(rename(snapshot, 20, "g").edits) == 1
    with pytest.raises(RefusedError):
        prepare(snapshot, 30)


# What is asked first


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("func.func @f(%<|>x: f64)", "x"),
        ("func.func @<|>f(%x: f64)", "f"),
        ('func.func @"a b<|>"(%x: f64)', "a b"),
        ("#<|>map = affine_map<() -> ()>", "map"),
        ("%p<|>:2 = test.op", "p"),
        ("// CHECK: %[[X<|>:.*]]", "X"),
    ],
)
def test_the_name_is_without_its_mark(text: str, name: str) -> None:
    before, _, after = text.partition("<|>")
    text = before + after
    found = prepare(Snapshot(Document.of("untitled:1", text), Settings()), len(before.encode()))
    assert (found.name, found.span.of(text.encode()).decode()) == (name, name)


@pytest.mark.parametrize(
    "text", ["", "<|>func.func @f()", "// %<|>x", '"test.use"() {a = "@<|>f"} : () -> ()', "@", "<|>^", "^<|>"]
)
def test_where_there_is_nothing_to_rename(text: str) -> None:
    before, _, after = text.partition("<|>")
    with pytest.raises(RefusedError, match="There is no name here that can be changed"):
        prepare(Snapshot(Document.of("untitled:1", before + after), Settings()), len(before.encode()))
