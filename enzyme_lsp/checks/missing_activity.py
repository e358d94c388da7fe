"""A derivative call lists the activities of its arguments and of its results.

`activity` and `ret_activity` are required, also when a function has no arguments or no results: then the list is empty.

    func.func @square(%x: f64) -> f64 {
    //        ^^^^^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
      return %x : f64
    }
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x, %dr) {
        // ^^^^^^^^^^^^^^^ error[missing-activity]: enzyme.autodiff needs ret_activity, the activity of each result of @square (1: f64)
        activity = [#enzyme<activity enzyme_active>]
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import activities, rewriting, unknown_attribute
from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Fix, error
from enzyme_lsp.dialect import spelling
from enzyme_lsp.dialect.convention import Side
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.syntax.symbols import Signature
    from enzyme_lsp.workspace.readings import Reading

CODE = "missing-activity"

_KEYS = {"activity": Side.ARGUMENT, "ret_activity": Side.RESULT}


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    call = reading.call
    if not call.op.takes_activities:
        return
    if call.operands_inside is None:
        return  # malformed-operation or a bracket is the problem, and attributes may stand behind it.
    misspelt = {meant for _, meant in unknown_attribute.misspelt(reading)}
    missing = [key for key in _KEYS if call.entry(key) is None and key not in misspelt]
    if not missing:
        return  # or unknown-attribute speaks about it.
    wanted = " and ".join(_wanted(key, call.callee, reading.signature) for key in missing)
    message = f"{call.op.name} needs {wanted}"
    yield error(CODE, call.name_span, message, *callee_note(reading), fixes=_fixes(reading, missing))


def _fixes(reading: Reading, missing: list[str]) -> tuple[Fix, ...]:
    """The lists with which operands and results fit best; certain when there is one way alone that fits."""
    call = reading.call
    best = activities.best(reading, [_KEYS[key] for key in missing])
    if best is None:
        return ()
    texts = [f"{key} = {rewriting.listed(reading, best.lists[_KEYS[key]])}" for key in missing]
    if call.entries:
        at = call.entries[-1].value_span.end
        edit = Edit(Span(at, at), f", {', '.join(texts)}".encode())
    elif call.operands_inside is not None and not call.operation.is_generic and _is_bare(reading):
        at = call.operands_inside.end + 1
        edit = Edit(Span(at, at), f" {{{', '.join(texts)}}}".encode())
    else:
        return ()
    return (
        Fix(f"Insert {' and '.join(missing)}", EditSet([edit]), is_certain=best.is_alone and _shows_spelling(reading)),
    )


def _shows_spelling(reading: Reading) -> bool:
    """Whether the text tells in which spelling attributes are to be written."""
    return spelling.of_call(reading.call) is not None or not reading.call.operation.is_generic


def _is_bare(reading: Reading) -> bool:
    """Whether the type follows the operands at once, with no brackets for attributes between them."""
    call = reading.call
    tokens = call.operation.tree.tokens
    close = tokens.at(call.operands_inside.end) if call.operands_inside is not None else None
    return close is not None and b":" in (tokens.word(close), tokens.word(close + 1))


def _wanted(key: str, callee: str | None, signature: Signature | None) -> str:
    what = "argument" if key == "activity" else "result"
    of = f" of @{callee}" if callee else ""
    wanted = f"{key}, the activity of each {what}{of}"
    if signature is None:
        return wanted
    types = [typed.type for typed in (signature.arguments if key == "activity" else signature.results)]
    return wanted + (f" ({len(types)}: {', '.join(types)})" if types else " (none: `[]`)")
