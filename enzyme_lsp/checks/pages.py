"""Pages: the manual page of each code, for `check --explain`, for docs/checks.md and for the link in the editor.

The page of a check of ours is the docstring of its file. Syntax problems and an engine's words have theirs here. The
indented examples are run as tests: the labels in them are what is found.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Final

from enzyme_lsp.checks import (
    activity_count,
    callee_not_a_function,
    duplicate_symbol,
    missing_activity,
    return_activity_count,
    unknown_activity,
    unknown_callee,
)
from enzyme_lsp.checks.diagnostic import Severity


@dataclass(frozen=True, slots=True)
class Page:
    """What a code means: a title, the severity that it usually has, and text in Markdown with its examples."""

    code: str
    title: str
    severity: Severity
    found_by: str
    """`check`, `syntax` or `engine`: whose finding it is."""
    text: str

    @property
    def markdown(self) -> str:
        """The page as a section of docs/checks.md."""
        severity = self.severity.name.lower()
        whose = {"check": "Enzyme check", "syntax": "syntax", "engine": "engine's verdict"}[self.found_by]
        return f"## {self.code}\n\n*{severity}, {whose}*\n\n**{self.title}**\n\n{_fenced(self.text)}\n"

    @property
    def examples(self) -> tuple[str, ...]:
        """The indented examples, dedented."""
        return tuple(dedent(match[0]).strip("\n") for match in _EXAMPLE.finditer(self.text + "\n"))


_EXAMPLE: Final = re.compile(r"(?:^(?: {4}.*)?\n)*^ {4}.*\n(?:^(?: {4}.*)?\n)*", re.MULTILINE)


def _fenced(text: str) -> str:
    """The text with its indented examples in fences."""
    return _EXAMPLE.sub(lambda m: "\n```mlir\n" + dedent(m[0]).strip("\n") + "\n```\n\n", text + "\n").strip("\n")


def _of_check(code: str, doc: str | None) -> Page:
    title, _, text = (doc or "").partition("\n\n")
    return Page(code, title.strip().rstrip("."), Severity.ERROR, "check", text.strip("\n"))


def _syntax(code: str, title: str, text: str) -> Page:
    return Page(code, title, Severity.ERROR, "syntax", dedent(text).strip("\n"))


def _engine(code: str, title: str, text: str, severity: Severity = Severity.ERROR) -> Page:
    return Page(code, title, severity, "engine", dedent(text).strip("\n"))


PAGES: Final = (
    _of_check(unknown_callee.CODE, unknown_callee.__doc__),
    _of_check(callee_not_a_function.CODE, callee_not_a_function.__doc__),
    _of_check(missing_activity.CODE, missing_activity.__doc__),
    _of_check(unknown_activity.CODE, unknown_activity.__doc__),
    _of_check(activity_count.CODE, activity_count.__doc__),
    _of_check(return_activity_count.CODE, return_activity_count.__doc__),
    _of_check(duplicate_symbol.CODE, duplicate_symbol.__doc__),
    _syntax(
        "unterminated-string",
        "A string ends on the line on which it begins",
        r"""
        MLIR's strings hold no line break; write `\0A` for one.

            "func.return"() {name = "value} : () -> ()
            //                      ^^^^^^^^^^^^^^^^^^ error[unterminated-string]: this string has no closing quote on its line
        """,
    ),
    _syntax(
        "unexpected-character",
        "Every character belongs to a word of MLIR",
        """
        Outside strings and comments MLIR knows letters, digits and its own marks only.

            func.func private @f(f64) -> f64 ~
            //                               ^ error[unexpected-character]: `~` has no meaning here
        """,
    ),
    _syntax(
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
    _syntax(
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
    _syntax(
        "unmatched-bracket",
        "Every closing bracket closes one",
        """
        One bracket too many is as wrong as one too few.

            func.func private @f(f64)) -> f64
            //                       ^ error[unmatched-bracket]: `)` closes nothing, there is no `(` for it
        """,
    ),
    _syntax(
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
    _syntax(
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
    _syntax(
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
    _syntax(
        "generic-operands",
        "The generic form lists its operands in parentheses",
        """
        Also when there are none: `"ub.poison"() : () -> f64`.

            %0 = "ub.poison" : () -> f64
            //   ^^^^^^^^^^^ error[generic-operands]: "ub.poison" needs its operands in parentheses after its name
        """,
    ),
    _syntax(
        "generic-type",
        "The generic form ends with its type",
        """
        The type lists those of the operands and those of the results.

            %0 = "ub.poison"()
            //   ^^^^^^^^^^^ error[generic-type]: "ub.poison" needs its type at the end, such as `: (f64) -> f64`
        """,
    ),
    _syntax(
        "incomplete-alias",
        "An alias stands for something",
        """
        Behind the `=` stands an attribute (`#name`) or a type (`!name`).

            #map =
            //<^^^^^^ error[incomplete-alias]: #map needs a value after `=`
        """,
    ),
    _engine(
        "invalid-syntax",
        "The engine cannot parse this",
        """
        The words are the engine's. A parser stops at its first error, so each top-level symbol is also parsed alone, and
        the errors of the other symbols are shown as well. What it expected belongs behind what is underlined.

            func.func @f(%x: f64) -> f64 {
              %0 = arith.addf %x %x : f64
              //              ^^ error[invalid-syntax]: expected ','
              return %0 : f64
            }
        """,
    ),
    _engine(
        "invalid-operation",
        "An operation breaks a rule of its own",
        """
        The operation's verifier refused it. The place is the attribute that the message mentions, when there is one,
        and else the name of the operation.

            func.func @f(%x: tensor<2x3xf64>) -> tensor<6xf64> {
              %0 = tensor.expand_shape %x [[0], [1]] output_shape [2, 3] : tensor<2x3xf64> into tensor<2x3xf64>
              %1 = "tensor.cast"(%0) : (tensor<2x3xf64>) -> tensor<6xf64>
              //   ^^^^^^^^^^^^^ error[invalid-operation]: tensor.cast operand type...
              return %1 : tensor<6xf64>
            }
        """,
    ),
    _engine(
        "engine-error",
        "The engine refuses this",
        """
        The words are the engine's, and it does not say what kind of rule is broken.

            func.func @f() -> tensor<2xf64> {
              %0 = stablehlo.constant dense<[1.0, 2.0, 3.0]> : tensor<2xf64>
              //                      ^^^^^ error[engine-error]: inferred shape of elements literal ([3]) does not match type ([2])
              return %0 : tensor<2xf64>
            }
        """,
    ),
    _engine(
        "undeclared-value",
        "A value is defined before it is used",
        """
        In MLIR a use may stand before its definition only in another block.

            func.func @f(%x: f64) -> f64 {
              %0 = arith.mulf %x, %y : f64
              //                  ^^ error[undeclared-value]: %y is not defined before this use
              return %0 : f64
            }
        """,
    ),
    _engine(
        "value-type-mismatch",
        "A value has one type",
        """
        Each use of a value says its type, and all of them must agree with its definition.

            func.func @f(%x: f64) -> f32 {
            //           ^^ note: %x is defined here
              %0 = arith.mulf %x, %x : f32
              //              ^^ error[value-type-mismatch]: %x has type f64, but is used here as f32
              return %0 : f32
            }
        """,
    ),
    _engine(
        "redefinition",
        "A name is defined once",
        """
        Values and blocks are named once in a function, symbols once in a module.

            func.func @f(%x: f64) -> f64 {
              %0 = arith.mulf %x, %x : f64
            //^^ note: %0 is defined here
              %0 = arith.addf %x, %x : f64
            //^^ error[redefinition]: %0 is defined a second time
              return %0 : f64
            }
        """,
    ),
    _engine(
        "unknown-operation",
        "The operation exists",
        """
        The dialect is known to the engine, but it has no operation of this name.

            func.func @f(%x: f64) -> f64 {
              %0 = arith.mulff %x, %x : f64
              //   ^^^^^^^^^^^ error[unknown-operation]: arith.mulff is no operation that the engine knows
              return %0 : f64
            }
        """,
    ),
    _engine(
        "unknown-symbol",
        "A reference names a symbol of the module",
        """
        Symbols are looked up in the nearest module.

            func.func @f(%x: f64) -> f64 {
              %0 = func.call @g(%x) : (f64) -> f64
              //             ^^ error[unknown-symbol]: @g does not name a function of this module
              return %0 : f64
            }
        """,
    ),
    _engine(
        "invalid-activity",
        "The engine knows the activity",
        """
        Where an activity attribute stands outside a derivative call, the engine says so; in a call, see unknown-activity.

            #act = #enzyme<activity enzyme_nosuch>
            //                      ^^^^^^^^^^^^^ error[invalid-activity]: this is no activity, write one of...
        """,
    ),
    _engine(
        "missing-attribute",
        "An operation has the attributes that it requires",
        """
        Which ones those are, the operation's dialect says.

            func.func private @square(f64) -> f64
            func.func @f(%x: tensor<2xf64>) -> tensor<2xf64> {
              %0 = enzyme.batch @square(%x) : (tensor<2xf64>) -> tensor<2xf64>
              //   ^^^^^^^^^^^^ error[missing-attribute]: enzyme.batch needs the attribute batch_shape
              return %0 : tensor<2xf64>
            }
        """,
    ),
    _engine(
        "invalid-attribute",
        "An attribute has the kind that its operation asks for",
        """
        Numbers have a type too: `2` alone is an `i64`.

            func.func private @square(f64) -> f64
            func.func @f(%x: f64) -> f64 {
              %0 = enzyme.fwddiff @square(%x, %x) {
                activity = [#enzyme<activity enzyme_dup>],
                ret_activity = [#enzyme<activity enzyme_dupnoneed>],
                width = 2 : i32
              //^^^^^^^^^^^^^^^ error[invalid-attribute]: width of enzyme.fwddiff must be a 64-bit signless integer attribute
              } : (f64, f64) -> f64
              return %0 : f64
            }
        """,
    ),
    _engine(
        "invalid-type",
        "The type exists",
        """
        Types, like operations, belong to a dialect.

            func.func private @f(!enzyme.Nope<f64>)
            //                   ^^^^^^^^^^^^ error[invalid-type]: `Nope` is no type of the dialect enzyme
        """,
    ),
    _engine(
        "operand-type",
        "Operands have the types that the operation asks for",
        """
        The operand that is meant is underlined.

            func.func private @g(f64) -> f64
            //                ^^^^^^^^^^^^^^ note: the callee: @g : (f64) -> f64
            func.func @f(%x: f32) -> f64 {
              %0 = func.call @g(%x) : (f32) -> f64
              //                ^^ error[operand-type]: operand 0 (%x) of func.call has type f32, but its callee takes f64
              return %0 : f64
            }
        """,
    ),
    _engine(
        "operand-count",
        "An operation has as many operands as it asks for",
        """
        A call takes what its callee takes.

            func.func private @g(f64) -> f64
            //                ^^^^^^^^^^^^^^ note: the callee: @g : (f64) -> f64
            func.func @f(%x: f64) -> f64 {
              %0 = func.call @g(%x, %x) : (f64, f64) -> f64
              //   ^^^^^^^^^ error[operand-count]: func.call has an incorrect number of operands...
              return %0 : f64
            }
        """,
    ),
    _engine(
        "result-type",
        "Results have the types that the operation gives",
        """
        The name of the result that is meant is underlined.

            func.func @f(%x: f64) -> f64 {
              %0 = "arith.cmpf"(%x, %x) <{predicate = 1 : i64}> : (f64, f64) -> i8
            //^^ error[result-type]: result 0 (%0) of arith.cmpf must be bool-like, but got 'i8'
              return %x : f64
            }
        """,
    ),
    _engine(
        "result-count",
        "As many results are named as there are",
        """
        `%a:2` names two results, `%a, %b` too.

            func.func @f(%x: f64) -> f64 {
              %0:2 = arith.mulf %x, %x : f64
            //^^^^ error[result-count]: this operation has 1 results, but 2 are named
              return %x : f64
            }
        """,
    ),
    _engine(
        "missing-terminator",
        "A block ends with a terminator",
        """
        `return` ends a function, `scf.yield` a loop.

            func.func @f(%x: f64) {
              %0 = arith.mulf %x, %x : f64
              //   ^^^^^^^^^^ error[missing-terminator]: this block has no terminator, such as `return`, at its end
            }
        """,
    ),
    _engine(
        "misplaced-terminator",
        "A terminator is the last of its block",
        """
        What stands behind it would never run.

            func.func @f(%x: f64) {
              return
            //^^^^^^ error[misplaced-terminator]: func.return must be the last operation of its block
              return
            }
        """,
    ),
    _engine(
        "unregistered-dialect",
        "The engine does not know this dialect",
        """
        That is no mistake of yours, so it is an information; the setting `diagnostics.unregisteredDialects` makes it an
        error or silences it. The rest of the file is still checked: operations of the dialect are passed over, and their
        results are taken to have the types that the text gives them.

            func.func @f(%x: f64) {
              "mine.op"(%x) : (f64) -> ()
            //^^^^^^^^^ info[unregistered-dialect]: the dialect mine is not registered in...
              return
            }
        """,
        Severity.INFORMATION,
    ),
    _engine(
        "other-spelling",
        "The operation is in the other generation's spelling",
        """
        Enzyme's text form changed between releases: engines up to 0.0.15 read `{activity = [#enzyme<activity ...>]}`, later
        ones `<activity = [#enzyme.activity<...>]>`. The engine that is installed cannot read this operation, so it did not
        judge the function that holds it. Our own checks read both.
        """,
        Severity.WARNING,
    ),
    _engine(
        "engine-crash",
        "The engine crashes on this symbol",
        """
        The engine's process died while it parsed or verified this symbol. It was started again, and everything else is
        checked as usual. Compilers should not crash on any text; the message has the engine's last words for a report.
        """,
        Severity.WARNING,
    ),
    _engine(
        "engine-timeout",
        "The engine gives no verdict in time",
        """
        The engine worked on this symbol for longer than the setting `engine.deadlineS` allows, and was stopped.
        """,
        Severity.WARNING,
    ),
)
"""In the order of docs/checks.md: our checks, syntax, the engine."""

BY_CODE: Final = {page.code: page for page in PAGES}


def markdown() -> str:
    """docs/checks.md."""
    head = dedent(
        """\
        # Checks

        <!-- Generated from enzyme_lsp/checks; UPDATE_EXPECT=1 pytest tests/checks writes it anew. -->

        Every diagnostic has a code, and every code has a section here.
        In the examples, carets mark what is underlined; the examples are run as tests.

        """
    )
    rows = [f"| [{page.code}](#{page.code}) | {page.severity.name.lower()} | {page.title} |" for page in PAGES]
    table = "| code | severity | what it says |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n\n"
    return head + table + "\n".join(page.markdown for page in PAGES)


@functools.cache
def href(code: str) -> str | None:
    """A link to the page of `code` in the documentation that is installed with the package; None when there is none."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "docs", package.parent / "docs"):
        if (found := folder / "checks.md").is_file():
            return f"{found.as_uri()}#{code}"
    return None
