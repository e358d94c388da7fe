"""An attribute of a derivative call is given once.

The parser refuses a name that stands twice in one dictionary; of one that stands in two, one is ignored.

    func.func @square(%x: f64) -> f64 {
      %y = arith.mulf %x, %x : f64
      return %y : f64
    }
    func.func @d(%x: f64, %dx: f64) -> f64 {
      %0 = enzyme.fwddiff @square(%x, %dx) {
        activity = [#enzyme<activity enzyme_dup>],
        ret_activity = [#enzyme<activity enzyme_dupnoneed>],
        width = 1, width = 1
      //^^^^^ note: width is given here first
        //         ^^^^^ error[duplicate-attribute]: width is given again
      } : (f64, f64) -> f64
      return %0 : f64
    }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks import rewriting
from enzyme_lsp.checks.diagnostic import Note, error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.checks.diagnostic import Diagnostic
    from enzyme_lsp.dialect.calls import Entry
    from enzyme_lsp.workspace.readings import Reading

CODE = "duplicate-attribute"


def check_call(reading: Reading) -> Iterator[Diagnostic]:
    first: dict[str, Entry] = {}
    text = reading.call.operation.tree.tokens.text
    for entry in reading.call.entries:
        known = first.setdefault(entry.key, entry)
        if known is entry:
            continue
        note = Note(f"{entry.key} is given here first", known.key_span)
        is_same = known.value_span.of(text).split() == entry.value_span.of(text).split()
        fixes = rewriting.entry_removed(reading, entry, f"Remove this {entry.key}", certain=is_same)
        yield error(CODE, entry.key_span, f"{entry.key} is given again", note, fixes=fixes)
