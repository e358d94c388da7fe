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
from enzyme_lsp.dialect import convention
from enzyme_lsp.dialect.calls import Braces
from enzyme_lsp.dialect.convention import Mode
from enzyme_lsp.syntax.types import TypeKind
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.text.span import Span

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
        yield error(CODE, reading.call.name_span, message, *callee_note(reading), fixes=_missing(reading))
        return
    text = entry.value_span.of(reading.call.operation.tree.tokens.text).decode("utf-8", "replace")
    is_list = text.startswith("[")
    if reading.sizes is None or is_list is not (entry.braces is Braces.BARE):
        message = f"batch_shape is a list of 64 bit integers, here written as `{_written(entry, '2, 3')}`"
        match = _NUMBERS.fullmatch(text)
        meant = _meant(reading) if match is None else ", ".join(match[1].replace(",", " ").split())
        yield error(CODE, entry.value_span, message, fixes=_fixes(entry, meant))
        return
    small = [size for size in reading.sizes if size < 1]
    if small:
        message = f"a size of a batch is at least 1, not {small[0]}"
        yield error(CODE, entry.value_span, message, fixes=_fixes(entry, _meant(reading)))


def _meant(reading: Reading) -> str | None:
    """The sizes that all operands have in front of the types of the callee's arguments."""
    if reading.function is None or reading.operands is None:
        return None
    found: set[tuple[int | None, ...] | None] = set()
    for written, taken in zip(reading.operands, reading.function.arguments, strict=False):
        count = len(taken.shape) if taken.kind is TypeKind.TENSOR else 0
        sizes = written.type.shape[: len(written.type.shape) - count] if written.type is not None else ()
        found.add(sizes if written.type is not None and written.type == convention.batched(taken, sizes) else None)
    sizes = found.pop() if len(found) == 1 else None
    if sizes is None or len(reading.operands) != len(reading.function.arguments):
        return None
    return ", ".join(map(str, sizes)) if all(size is not None and size > 0 for size in sizes) else None


def _fixes(entry: Entry, sizes: str | None) -> tuple[Fix, ...]:
    if sizes is None:
        return ()
    written = _written(entry, sizes)
    return (Fix(f"Write {written}", EditSet([Edit(entry.value_span, written.encode())])),)


def _missing(reading: Reading) -> tuple[Fix, ...]:
    """The attribute where there is none at all. Which spelling is meant the text does not tell."""
    call, sizes = reading.call, _meant(reading)
    if sizes is None or call.entries or call.operation.is_generic or call.operands_inside is None:
        return ()
    behind = call.operands_inside.end + 1
    written = (f"{{batch_shape = array<i64{': ' if sizes else ''}{sizes}>}}", f"<batch_shape = [{sizes}]>")
    return tuple(
        Fix(f"Write {one}", EditSet([Edit(Span(behind, behind), f" {one}".encode())]), is_certain=False)
        for one in written
    )


def _written(entry: Entry, sizes: str) -> str:
    return f"[{sizes}]" if entry.braces is Braces.BARE else f"array<i64{': ' if sizes else ''}{sizes}>"
