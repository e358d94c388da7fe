"""A derivative call names a function that exists.

`enzyme.autodiff`, `enzyme.fwddiff`, `enzyme.jacobian` and `enzyme.batch` look their callee up in the nearest module
around them, as `func.call` does. Functions of an outer or of a nested module are not seen, and a nested reference
such as `@a::@f` is not read.

    func.func private @square(f64) -> f64
    //                ^^^^^^^ note: @square is defined here: @square : (f64) -> f64
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @sqare(%x, %dr) {
        //                 ^^^^^^ error[unknown-callee]: @sqare is not defined in this module, did you mean @square?
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }

Write the name of a function of the same module, or declare it: `func.func private @name(f64) -> f64`.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Diagnostic, Note, error
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.workspace.snapshot import Snapshot, top_definition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.dialect.calls import DerivativeCall
    from enzyme_lsp.text.span import Span

CODE = "unknown-callee"


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for piece, call in snapshot.derivative_calls():
        if not call.op.names_callee or snapshot.callee(piece, call) is not None:
            continue
        if call.callee is None or call.callee_span is None:
            span = snapshot.span_in(piece, _place_of_missing(call))
            yield error(CODE, span, f"{call.op.name} names no function: {_how(call)}")
            continue
        names = _visible(snapshot, piece, call)
        message = f"@{call.callee} is not defined in this module"
        notes: list[Note] = []
        if (elsewhere := _elsewhere(snapshot, call.callee)) is not None:
            notes.append(Note(f"a @{call.callee} is defined here, in another module, which is not seen", elsewhere))
        elif close := get_close_matches(call.callee, names, n=1):
            message += f", did you mean @{close[0]}?"
            found = snapshot.resolve(piece, call.table, close[0])
            if found is not None:
                shown = f": {found.signature}" if found.signature else ""
                span = found.definition.span.shifted(found.offset)
                notes.append(Note(f"@{close[0]} is defined here{shown}", span))
        yield error(CODE, snapshot.span_in(piece, call.callee_span), message, *notes)


def _visible(snapshot: Snapshot, piece: int, call: DerivativeCall) -> list[str]:
    if call.table is None:
        return list(snapshot.scope_of(piece).symbols)
    return [found.name for found in symbols.definitions(call.table)]


def _elsewhere(snapshot: Snapshot, name: str) -> Span | None:
    """Where another module of the document defines the name at the top."""
    for scope in snapshot.scopes.scopes:
        for index in scope.symbols.get(name, ()):
            if (found := snapshot.layout.pieces[index].fact(top_definition)) is not None:
                return found[0].span.shifted(snapshot.offset(index))
    return None


def _place_of_missing(call: DerivativeCall) -> Span:
    """What stands where the callee should, when it is a reference that is not read; else the operation's name."""
    if (fn := call.entry("fn")) is not None and call.operation.is_generic:
        return fn.value_span
    tree, index = call.operation.tree, call.operation.name_token + 1
    tokens = tree.tokens
    last = index
    while last < call.operation.last and (tokens.kinds[last] == Kind.SYMBOL or tokens.word(last) == b"::"):
        last += 1
    return tree.span(index, last) if last > index else call.name_span


def _how(call: DerivativeCall) -> str:
    return "write `fn = @name` in its attributes" if call.operation.is_generic else "write `@name` after it"
