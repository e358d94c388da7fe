"""A derivative call lists the activities of its arguments and of its results.

`activity` and `ret_activity` are required, also when a function has no arguments or no results: then the list is empty.

    func.func private @square(f64) -> f64
    //                ^^^^^^^^^^^^^^^^^^^ note: the callee: @square : (f64) -> f64
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

from enzyme_lsp.checks.diagnostic import Diagnostic, Note, error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.syntax.symbols import Signature
    from enzyme_lsp.workspace.snapshot import Snapshot

CODE = "missing-activity"


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for piece, call in snapshot.derivative_calls():
        if not call.op.takes_activities:
            continue
        missing = [key for key in ("activity", "ret_activity") if call.entry(key) is None]
        if not missing:
            continue
        callee = snapshot.callee(piece, call)
        signature = callee.signature if callee else None
        notes: tuple[Note, ...] = ()
        if callee is not None and signature is not None:
            notes = (Note(f"the callee: {signature}", signature.span.shifted(callee.offset)),)
        message = f"{call.op.name} needs " + " and ".join(_wanted(key, call.callee, signature) for key in missing)
        yield error(CODE, snapshot.span_in(piece, call.name_span), message, *notes)


def _wanted(key: str, callee: str | None, signature: Signature | None) -> str:
    what = "argument" if key == "activity" else "result"
    of = f" of @{callee}" if callee else ""
    wanted = f"{key}, the activity of each {what}{of}"
    if signature is None:
        return wanted
    types = [typed.type for typed in (signature.arguments if key == "activity" else signature.results)]
    return wanted + (f" ({len(types)}: {', '.join(types)})" if types else " (none: `[]`)")
