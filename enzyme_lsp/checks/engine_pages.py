"""The manual pages of what an engine says, by the codes that `engine_words` and `engine_verdict` give it."""

from __future__ import annotations

from textwrap import dedent
from typing import Final

from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.checks.page import Page


def _page(code: str, title: str, text: str, severity: Severity = Severity.ERROR) -> Page:
    return Page(code, title, severity, "engine", dedent(text).strip("\n"))


PAGES: Final = (
    _page(
        "invalid-syntax",
        "The engine cannot parse this",
        """
        The words are the engine's. A parser stops at its first error, so each top-level symbol is also parsed alone, and
        the errors of the other symbols are shown as well. What is underlined stands where the engine
        expects something else.

            func.func @f(%x: f64) -> f64 {
              %0 = arith.addf %x %x : f64
              //                 ^^ error[invalid-syntax]: expected ','
              return %0 : f64
            }
        """,
    ),
    _page(
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
    _page(
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
    _page(
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
    _page(
        "undefined-alias",
        "An alias is defined before it is used",
        """
        Aliases of attributes (`#name`) and of types (`!name`) are defined at the top of their section, each in a line above
        its first use; only those of locations may follow.

            func.func private @f(!vector)
            //                   ^^^^^^^ error[undefined-alias]: no alias !vector is defined before this
        """,
    ),
    _page(
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
    _page(
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
    _page(
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
    _page(
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
    _page(
        "invalid-activity",
        "The engine knows the activity",
        """
        Where an activity attribute stands outside a derivative call, the engine says so; in a call, see unknown-activity.

            #act = #enzyme<activity enzyme_nosuch>
            //                      ^^^^^^^^^^^^^ error[invalid-activity]: this is no activity, write one of...
        """,
    ),
    _page(
        "missing-attribute",
        "An operation has the attributes that it requires",
        """
        Which ones those are, the operation's dialect says.

            func.func @f(%x: f64) -> i1 {
              %0 = "arith.cmpf"(%x, %x) : (f64, f64) -> i1
              //   ^^^^^^^^^^^^ error[missing-attribute]: arith.cmpf needs the attribute predicate
              return %0 : i1
            }
        """,
    ),
    _page(
        "invalid-attribute",
        "An attribute has the kind that its operation asks for",
        """
        Numbers have a type too: `2` alone is an `i64`.

            func.func @f() {
              %0 = memref.alloc() {alignment = "eight"} : memref<4xf64>
              //                   ^^^^^^^^^^^^^^^^^^^ error[invalid-attribute]: alignment of memref.alloc must be a 64-bit signless integer attribute...
              return
            }
        """,
    ),
    _page(
        "invalid-type",
        "The type exists",
        """
        Types, like operations, belong to a dialect.

            func.func private @f(!async.nope)
            //                   ^^^^^^^^^^^ error[invalid-type]: `nope` is no type of the dialect async
        """,
    ),
    _page(
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
    _page(
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
    _page(
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
    _page(
        "result-count",
        "As many results are named as there are",
        """
        `%a:2` names two results, `%a, %b` too.

            func.func @f(%x: f64) -> f64 {
              %0:2 = arith.mulf %x, %x : f64
            //^^^^ error[result-count]: 2 results are named, but this operation defines 1
              return %x : f64
            }
        """,
    ),
    _page(
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
    _page(
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
    _page(
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
    _page(
        "other-spelling",
        "Only an engine of another release reads this",
        """
        Enzyme's text form changed between releases: engines up to 0.0.15 read the classic spelling, `{activity =
        [#enzyme<activity ...>], ...}`, later ones the strict one, `<activity = [#enzyme.activity<...>], ...>`. What is in
        the other spelling is converted on its way to the engine, and its errors are reported where they are. A few things
        cannot be converted, and other dialects have changed in the same release. So this is no mistake of yours; it is said
        once for each `// -----` section, and the rest is checked. To have it checked too, set `engine.path` to a folder
        that holds the release named here, as `pip install --target` makes it.

            func.func @f(%x: f64, %m: memref<4xf64>, %i: index) {
              %0 = enzyme.atomic_rmw addf %x, %m[%i] monotonic fastmath<fast> : (f64, memref<4xf64>) -> f64
              //   ^^^^^^^^^^^^^^^^^ info[other-spelling]: enzyme-ad 0.0.15 cannot read enzyme.atomic_rmw here, since classic spelling has no place for `fastmath<fast>`; enzyme-ad 0.0.16 reads the strict spelling: set `engine.path` to a folder that holds it
              return
            }
        """,
        Severity.INFORMATION,
    ),
    _page(
        "engine-crash",
        "The engine crashes on this symbol",
        """
        The engine's process died while it parsed or verified this symbol. It was started again, and everything else is
        checked as usual. Compilers should not crash on any text; the message has the engine's last words for a report.
        """,
        Severity.WARNING,
    ),
    _page(
        "engine-timeout",
        "The engine gives no verdict in time",
        """
        The engine worked on this symbol for longer than the setting `engine.deadlineS` allows, and was stopped.
        """,
        Severity.WARNING,
    ),
)
