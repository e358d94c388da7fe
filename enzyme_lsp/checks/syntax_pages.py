"""The manual pages of syntax problems, which `syntax.problems` finds."""

from __future__ import annotations

from textwrap import dedent
from typing import Final

from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.checks.page import Page


def _page(code: str, title: str, text: str) -> Page:
    return Page(code, title, Severity.ERROR, "syntax", dedent(text).strip("\n"))


PAGES: Final = (
    _page(
        "unterminated-string",
        "A string ends on the line on which it begins",
        r"""
        MLIR's strings hold no line break; write `\0A` for one.

            "func.return"() {name = "value} : () -> ()
            //                      ^^^^^^^^^^^^^^^^^^ error[unterminated-string]: this string has no closing quote on its line
        """,
    ),
    _page(
        "unexpected-character",
        "Every character belongs to a word of MLIR",
        """
        Outside strings and comments MLIR knows letters, digits and its own marks only.

            func.func private @f(f64) -> f64 ~
            //                               ^ error[unexpected-character]: `~` has no meaning here
        """,
    ),
    _page(
        "incomplete-name",
        "A mark is followed by a name",
        """
        `%` begins a value, `@` a symbol and `^` a block; each needs a name.

            func.func @f(%: f64) {
              //         ^ error[incomplete-name]: a value needs a name after `%`
              return
            }
        """,
    ),
    _page(
        "unclosed-bracket",
        "Every bracket is closed",
        """
        When brackets do not pair, indentation tells which one is at fault, so that one mistake stays in its function.

            func.func @f(%x: f64) -> f64 {
              %0 = "math.sin"(%x : (f64) -> f64
              //             ^ error[unclosed-bracket]: `(` is never closed by `)`
              return %0 : f64
            }
        """,
    ),
    _page(
        "unmatched-bracket",
        "Every closing bracket closes one",
        """
        One bracket too many is as wrong as one too few.

            func.func private @f(f64)) -> f64
            //                       ^ error[unmatched-bracket]: `)` closes nothing, there is no `(` for it
        """,
    ),
    _page(
        "missing-element",
        "A comma is followed by another element",
        """
        No list in MLIR may end in a comma.

            func.func @f(%x: f64) -> f64 {
              %0 = arith.mulf %x, : f64
              //                ^ error[missing-element]: something is missing between `,` and `:`
              return %0 : f64
            }
        """,
    ),
    _page(
        "missing-operation",
        "Results are followed by an operation",
        """
        What is on the next line is a statement of its own.

            func.func @f(%x: f64) -> f64 {
              %0 =
            //^^^^ error[missing-operation]: %0 needs an operation after `=`
              return %x : f64
            }
        """,
    ),
    _page(
        "expected-operation",
        "Statements are operations",
        """
        An operation begins with its results, with the name of its dialect, or with its name in quotes. Only a few names,
        such as `return`, may stand without their dialect.

            func.func @f(%x: f64) -> f64 {
              mulf %x, %x : f64
            //^^^^ error[expected-operation]: `mulf` is no operation: a dialect's name is missing before it
              return %x : f64
            }
        """,
    ),
    _page(
        "generic-operands",
        "The generic form lists its operands in parentheses",
        """
        Also when there are none: `"ub.poison"() : () -> f64`.

            %0 = "ub.poison" : () -> f64
            //   ^^^^^^^^^^^ error[generic-operands]: "ub.poison" needs its operands in parentheses after its name
        """,
    ),
    _page(
        "generic-type",
        "The generic form ends with its type",
        """
        The type lists those of the operands and those of the results.

            %0 = "ub.poison"()
            //   ^^^^^^^^^^^ error[generic-type]: "ub.poison" needs its type at the end, such as `: (f64) -> f64`
        """,
    ),
    _page(
        "incomplete-alias",
        "An alias stands for something",
        """
        Behind the `=` stands an attribute (`#name`) or a type (`!name`).

            #map =
            //<^^^^^^ error[incomplete-alias]: #map needs a value after `=`
        """,
    ),
    _page(
        "bytecode",
        "Bytecode is no text",
        """
        A file of MLIR bytecode (`.mlirbc`) begins with the bytes `ML\\xEFR`. An editor that opens it as text has lost
        what does not look like text, so nothing is looked for in it, and it must not be saved.
        The extension for VS Code and the plugin for Neovim open such files as text and save them as bytecode;
        `enzyme-lsp convert FILE` prints the text of one.

            ML�R
            //<^^^^ error[bytecode]: this is MLIR bytecode, which is no text...
        """,
    ),
)
