"""`strong_zero` and `atomic_add` are `true` or `false`.

A number, a string or the name alone does not parse.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dr: f64) -> f64 {
      %0 = enzyme.autodiff @square(%x, %dr) {
        activity = [#enzyme<activity enzyme_active>],
        ret_activity = [#enzyme<activity enzyme_activenoneed>],
        strong_zero = 1
        //            ^ error[bad-flag]: strong_zero is true or false, not 1
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Fix, error, quoted
from enzyme_lsp.dialect.calls import Braces
from enzyme_lsp.text.edit import Edit, EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "bad-flag"


_FLAGS = ("strong_zero", "atomic_add")
_TRUTH = re.compile(rb"true|false|-?(?:1|0)\s*:\s*i1")
_NUMBERS = (b"1", b"0")
"""What the bare strict form reads as truths."""
_MEANT = {b"1": b"true", b"0": b"false", b'"true"': b"true", b'"false"': b"false"}


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    for entry in reading.call.entries:
        if entry.key not in _FLAGS or not reading.call.op.takes_activities:
            continue
        text = entry.value_span.of(reading.call.operation.tree.tokens.text)
        is_alone = entry.key_span == entry.value_span
        if not is_alone and (
            _TRUTH.fullmatch(text) or text[:1] == b"#" or (text in _NUMBERS and entry.braces is Braces.BARE)
        ):
            continue
        message = f"{entry.key} is true or false"
        message += ", and no value is written" if is_alone else f", not {quoted(text)}"
        meant = b"true" if is_alone else _MEANT.get(text)
        if meant is None:
            yield error(CODE, entry.value_span, message)
            continue
        new = b"%s = %s" % (entry.key.encode(), meant) if is_alone else meant
        fix = Fix(f"Write {entry.key} = {meant.decode()}", EditSet([Edit(entry.value_span, new)]))
        yield error(CODE, entry.value_span, message, fixes=(fix,))
