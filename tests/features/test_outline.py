"""Outline: what has a name, nested as its symbol tables are, whatever else is broken."""

from __future__ import annotations

from tests.fixture import check_symbols


def test_modules_functions_and_globals():
    check_symbols(
        """
        module @outer attributes {a = 1 : i32} {
          memref.global "private" constant @weights : memref<2xf32> = dense<[1.0, 2.0]>
          func.func @f(%x: f64, %y: f64) -> (f64, f64) {
            return %x, %y : f64, f64
          }
          module {
            func.func private @g()
          }
          llvm.func @printf(!llvm.ptr, ...) -> i32
        }
        """,
        """
        outer  module  lines 1 to 10
          weights  global  memref.global  line 2
          f  function  (f64, f64) -> (f64, f64)  lines 3 to 5
          module  module  lines 6 to 8
            g  function  () -> ()  line 7
          printf  function  (!llvm.ptr, ...) -> i32  line 9
        """,
    )


def test_sections():
    check_symbols(
        """
        func.func private @f()
        // -----
        module @m {
          func.func private @f()
        // -----
        func.func private @f()
        """,
        """
        f  function  () -> ()  line 1
        m  module  lines 3 to 4
          f  function  () -> ()  line 4
        f  function  () -> ()  line 6
        """,
    )


def test_regions_with_a_name_are_in_what_holds_them():
    check_symbols(
        """
        gpu.module @kernels {
          gpu.func @run(%x: f32) kernel {
            gpu.return
          }
        }
        irdl.dialect @mine {
          irdl.operation @op {
          }
        }
        """,
        """
        kernels  module  lines 1 to 5
          run  function  (f32) -> ()  lines 2 to 4
        mine  other  irdl.dialect  lines 6 to 9
          op  other  irdl.operation  lines 7 to 8
        """,
    )


def test_operations_that_nobody_knows():
    check_symbols(
        """
        my.circuit @top {
        }
        my.thing private @quoted_and_not : i32
        "my.table"() <{sym_name = "table"}> ({
          "my.entry"() {sym_name = "entry"} : () -> ()
        }) : () -> ()
        "my.use"() {callee = @table} : () -> ()
        """,
        """
        top  other  my.circuit  lines 1 to 2
        quoted_and_not  other  my.thing  line 3
        table  other  my.table  lines 4 to 6
          entry  other  my.entry  line 5
        """,
    )


def test_the_generic_form():
    check_symbols(
        """
        "builtin.module"() <{sym_name = "m"}> ({
          "func.func"() <{function_type = (f64) -> f64, sym_name = "f"}> ({
          ^bb0(%x: f64):
            "func.return"(%x) : (f64) -> ()
          }) : () -> ()
        }) : () -> ()
        """,
        """
        m  module  lines 1 to 6
          f  function  (f64) -> f64  lines 2 to 5
        """,
    )


def test_uses_are_not_shown():
    check_symbols(
        """
        func.func @f(%x: f64) -> f64 {
          %0 = call @f(%x) : (f64) -> f64
          func.call @f(%x) : (f64) -> f64
          return %0 : f64
        }
        """,
        """
        f  function  (f64) -> f64  lines 1 to 5
        """,
    )


def test_functions_beside_broken_ones():
    check_symbols(
        """
        func.func @before() {
          return
        }
        func.func @broken(%x: f64 {
          %0 = arith.mulf %x, (
          return
        }
        func.func @between() {
          return
        }
        func.func @not_closed() {
          scf.if %c {
        func.func @behind() {
          return
        }
        """,
        """
        before  function  () -> ()  lines 1 to 3
        broken  function  func.func  lines 4 to 7
        between  function  () -> ()  lines 8 to 10
        not_closed  function  () -> ()  lines 11 to 12
        behind  function  () -> ()  lines 13 to 15
        """,
    )


def test_a_brace_too_many():
    check_symbols(
        """
        module @m {
          func.func @f() {
            return
          }
          }
          func.func @g() {
            return
          }
        }
        """,
        """
        m  module  lines 1 to 5
          f  function  () -> ()  lines 2 to 4
        g  function  () -> ()  lines 6 to 8
        """,
    )


def test_what_has_no_name_yet():
    check_symbols(
        """
        func.func @
        func.func @"" () {
        }
        """,
        """
        func.func  function  () -> ()  lines 2 to 3
        """,
    )


def test_nothing():
    check_symbols("", "nothing")
