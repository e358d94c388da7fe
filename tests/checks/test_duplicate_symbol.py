"""A module defines each symbol once."""

from __future__ import annotations

from tests.fixture import check_diagnostics


def test_every_later_definition_is_reported():
    check_diagnostics("""
        func.func private @f(f64)
        //                ^^ note: the first @f is defined here
        //                ^^ note: the first @f is defined here
        memref.global @f : memref<4xf64>
        //            ^^ error[duplicate-symbol]: @f is defined 3 times in this module
        "func.func"() <{function_type = () -> (), sym_name = "f"}> ({}) : () -> ()
        //                                                   ^^^ error[duplicate-symbol]: @f is defined 3 times in this module
    """)


def test_modules_and_sections_have_names_of_their_own():
    check_diagnostics("""
        func.func private @f(f64)
        module {
          func.func private @f(f64)
        }
        // -----
        func.func private @f(f64)
    """)
