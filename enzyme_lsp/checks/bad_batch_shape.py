"""`batch_shape` lists the sizes of the batch, each at least 1.

It is a dense array of 64 bit integers: `array<i64: 2, 3>`, and `[2, 3]` in the bare form of strict spelling, `<...>`. The
engine accepts 0, which makes tensors without elements, and reads the smallest number as a size that is not known.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: tensor<2xf64>) -> tensor<2xf64> {
      %0 = enzyme.batch @square(%x) {
        batch_shape = array<i64: 0>
        //            ^^^^^^^^^^^^^ error[bad-batch-shape]: a size of a batch is at least 1, not 0
      } : (tensor<2xf64>) -> tensor<2xf64>
      return %0 : tensor<2xf64>
    }
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from enzyme_lsp.checks.calls import callee_note
from enzyme_lsp.checks.diagnostic import Fix, error
from enzyme_lsp.dialect.calls import Braces
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.text.edit import Edit, EditSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.calls import Entry
    from enzyme_lsp.workspace.readings import Reading

CODE = "bad-batch-shape"


_NUMBERS = re.compile(r"\s*(?:array\s*<\s*i\d+\s*:|\[)?\s*(\d{1,9}(?:\s*,\s*\d{1,9})*)\s*(?::\s*\w+|\]|>)?\s*")
"""`array<i32: 2, 3>`, `[2, 3]` or `2 : i32`, of which the numbers are meant."""


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    if reading.mode is not Mode.BATCH:
        return
    entry = reading.call.entry("batch_shape")
    if entry is None:
        message = "enzyme.batch needs batch_shape, the sizes of the batch, such as `batch_shape = array<i64: 2>`"
        yield error(CODE, reading.call.name_span, message, *callee_note(reading))
        return
    text = entry.value_span.of(reading.call.operation.tree.tokens.text).decode("utf-8", "replace")
    is_list = text.startswith("[")
    if reading.sizes is None or is_list is not (entry.braces is Braces.BARE):
        message = f"batch_shape is a list of 64 bit integers, here written as `{_written(entry, '2, 3')}`"
        yield error(CODE, entry.value_span, message, fixes=_fixes(entry, text))
        return
    small = [size for size in reading.sizes if size < 1]
    if small:
        yield error(CODE, entry.value_span, f"a size of a batch is at least 1, not {small[0]}")


def _fixes(entry: Entry, text: str) -> tuple[Fix, ...]:
    match = _NUMBERS.fullmatch(text)
    if match is None:
        return ()
    written = _written(entry, ", ".join(match[1].replace(",", " ").split()))
    return (Fix(f"Write {written}", EditSet([Edit(entry.value_span, written.encode())])),)


def _written(entry: Entry, sizes: str) -> str:
    return f"[{sizes}]" if entry.braces is Braces.BARE else f"array<i64: {sizes}>"
