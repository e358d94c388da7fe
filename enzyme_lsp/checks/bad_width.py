"""The width is a number of directions or seeds: a 64 bit integer attribute of at least 1.

The engine reads its lowest 32 bits without a sign: 0 makes tensors without elements, -1 four billion directions, and
4294967297 is taken for 1. An integer of another type, a float or a string does not parse. `enzyme.jacobian` drops it.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwddiff @square(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>],
        width = 0
        //      ^ error[bad-width]: width is at least 1, not 0: it counts the directions or seeds that are taken at once
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from enzyme_lsp.checks import rewriting
from enzyme_lsp.checks.diagnostic import Fix, error, quoted
from enzyme_lsp.dialect.calls import Braces
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.text.edit import Edit, EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.workspace.readings import Reading

CODE = "bad-width"

_NUMBER = re.compile(r'"?([1-9]\d{0,8})(?:\.0*)?"?\s*(?::|$)')


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    entry = reading.call.entry("width")
    if entry is None or reading.mode is Mode.BATCH:
        return
    if reading.mode is Mode.JACOBIAN and reading.width not in (None, 1):
        message = "enzyme.jacobian drops its width: it stands for all directions at once"
        fixes = rewriting.entry_removed(reading, entry, "Remove the width", certain=True)
        yield error(CODE, entry.value_span, message, fixes=fixes)
        return
    text = entry.value_span.of(reading.call.operation.tree.tokens.text).decode("utf-8", "replace")
    value = reading.integer(entry)
    if entry.braces is Braces.BARE and ":" in text and value is not None and value > 0:
        message = f"between bare `<` and `>` a number has no type, write width = {value}"
        fix = Fix(f"Write width = {value}", EditSet([Edit(entry.value_span, str(value).encode())]))
        yield error(CODE, entry.value_span, message, fixes=(fix,))
        return
    if reading.width is not None:
        return
    if entry.value_span == entry.key_span:
        message = "width is a 64 bit integer such as 2, and no value is written"
    elif value is None:
        message = f"width is a 64 bit integer such as 2, not {quoted(text)}"
    elif value < 1:
        message = f"width is at least 1, not {value}: it counts the directions or seeds that are taken at once"
    else:
        message = f"width is read as 32 bits, so that {value} becomes {value % (1 << 32)}"
    fixes = rewriting.entry_removed(reading, entry, "Remove the width, which is 1 then", certain=False)
    if value is None and (number := _NUMBER.match(text)):
        # `2 : i32`, `"2"` and `2.0` say which number is meant.
        fixes = (Fix(f"Write width = {number[1]}", EditSet([Edit(entry.value_span, number[1].encode())])), *fixes)
    yield error(CODE, entry.value_span, message, fixes=fixes)
