"""A derivative call names a function that exists.

`enzyme.autodiff`, `enzyme.fwddiff`, `enzyme.jacobian` and `enzyme.batch` look their callee up in the nearest module
around them, as `func.call` does. Functions of an outer or of a nested module are not seen, and a nested reference
such as `@a::@f` is not read.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^ note: @square is defined here: @square : (f64) -> f64
      return %x : f64
    }
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @sqare(%x, %dr) {
        //                 ^^^^^^ error[unknown-callee]: @sqare is not defined in this module, did you mean @square?
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>]
      } : (f64, f64) -> f64
      return %0 : f64
    }

Write the name of a function of the same module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from enzyme_lsp.checks.closest import closest
from enzyme_lsp.checks.diagnostic import Diagnostic, Fix, Note, error
from enzyme_lsp.syntax import symbols
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.workspace.snapshot import Snapshot, top_definition

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from enzyme_lsp.checks.closest import Guess
    from enzyme_lsp.dialect.calls import DerivativeCall
    from enzyme_lsp.text.span import Span
    from enzyme_lsp.workspace.snapshot import Callee

CODE = "unknown-callee"

_BARE: Final = re.compile(r"[A-Za-z_][\w$.]*|[0-9]+", re.ASCII)
"""The names that need no quotes behind `@`."""


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for piece, call in snapshot.derivative_calls():
        if not call.op.names_callee or snapshot.callee(piece, call) is not None:
            continue
        if call.callee is None or call.callee_span is None:
            span = snapshot.span_in(piece, _place_of_missing(call))
            yield error(CODE, span, f"{call.op.name} names no function: {_how(call)}")
            continue
        span = snapshot.span_in(piece, call.callee_span)
        message = f"@{call.callee} is not defined in this module"
        notes: list[Note] = []
        fixes: tuple[Fix, ...] = ()
        if (elsewhere := _elsewhere(snapshot, call.callee)) is not None:
            notes.append(Note(f"a @{call.callee} is defined here, in another module, which is not seen", elsewhere))
        elif (guess := _meant(snapshot, piece, call)) is not None:
            message += f", did you mean @{guess.name}?"
            edit = Edit(span, reference(guess.name))
            fixes = (Fix(f"Write @{guess.name}", EditSet([edit]), is_certain=guess.is_certain),)
            found = snapshot.resolve(piece, call.table, guess.name)
            if found is not None:
                shown = f": {found.signature}" if found.signature else ""
                defined = found.definition.span.shifted(found.offset)
                notes.append(Note(f"@{guess.name} is defined here{shown}", defined))
        yield error(CODE, span, message, *notes, fixes=fixes)


def _meant(snapshot: Snapshot, piece: int, call: DerivativeCall) -> Guess | None:
    """The function with the closest name: one that the call's lists fit, or else any."""
    names = _visible(snapshot, piece, call)
    aliases = snapshot.alias_texts[snapshot.scope_of(piece).section]
    listed = [call.activities(key, aliases) for key in ("activity", "ret_activity")]
    counts = [len(one.elements) if one is not None and one.elements is not None else None for one in listed]

    def function(name: str) -> Callee | None:
        found = snapshot.resolve(piece, call.table, name)
        return found if found is not None and symbols.is_function(found.definition.operation.name) else None

    def fits(name: str) -> bool:
        found = function(name)
        if found is None or found.signature is None:
            return False
        has = (len(found.signature.arguments), len(found.signature.results))
        return all(count is None or count == size for count, size in zip(counts, has, strict=True))

    return closest(call.callee or "", names, fits) or closest(
        call.callee or "", names, lambda n: function(n) is not None
    )


def reference(name: str) -> bytes:
    """The name behind its `@`, in quotes where it needs them."""
    return f"@{name}".encode() if _BARE.fullmatch(name) else f'@"{name}"'.encode()


def _visible(snapshot: Snapshot, piece: int, call: DerivativeCall) -> Collection[str]:
    if call.table is None:
        return snapshot.scope_of(piece).symbols
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
