"""Times the aids for a reader on texts of 1 MB, in processor time: on a text just opened and parsed, and after a keystroke.

    python -m tests.bench.aids [--megabytes 1]

One text has many functions, every third of which is differentiated; the other is a single function. The budget is
100 ms; what parses the text first is not counted.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from typing import TYPE_CHECKING, Final

from enzyme_lsp.features import folding, formatting, rename, selection, semantic_tokens
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.server.tokens import TokenStore
from enzyme_lsp.settings import Settings
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.syntax.mentions import symbol_mentions
from enzyme_lsp.syntax.scopes import names
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit
from enzyme_lsp.text.span import Span
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from enzyme_lsp.workspace.snapshot import Snapshot

ROUNDS: Final = 5
FUNCTION: Final = """\
// Squares and adds.
// CHECK-LABEL: @f{0}
func.func @f{0}(%a: f64, %b: f64) -> f64 {{
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %0 = arith.mulf %a, %b : f64
  %1 = scf.for %i = %c0 to %c16 step %c16 iter_args(%acc = %0) -> (f64) {{
    %v = arith.mulf %acc, %b {{
      fastmath = #arith.fastmath<none>
    }} : f64
    scf.yield %v : f64
  }}
  %2 = arith.addf %1, %a : f64
  return %2 : f64
}}
"""
DERIVATIVE: Final = """\
func.func @d{0}(%a: f64, %b: f64) -> f64 {{
  %0 = enzyme.fwddiff @f{0}(%a, %b, %b) {{
    activity = [#enzyme<activity enzyme_dup>, #enzyme<activity enzyme_const>],
    ret_activity = [#enzyme<activity enzyme_dupnoneed>]
  }} : (f64, f64, f64) -> f64
  return %0 : f64
}}
"""


def many_functions(size: int) -> bytes:
    parts, length, number = list[str](), 0, 0
    while length < size:
        part = FUNCTION.format(number) + (DERIVATIVE.format(number) if number % 3 == 0 else "")
        parts.append(part)
        length += len(part)
        number += 1
    return "".join(parts).encode()


def one_function(size: int) -> bytes:
    lines = [f"  %v{at + 1} = arith.mulf %v{at}, %x : f64 // {at}\n" for at in range(size // 48)]
    return f"func.func @f(%x: f64, %v0: f64) -> f64 {{\n{''.join(lines)}  return %v7 : f64\n}}\n".encode()


def _renamed(new_name: str) -> Callable[[Snapshot, int], object]:
    def ask(snapshot: Snapshot, offset: int) -> object:
        try:
            return rename.rename(snapshot, offset, new_name)
        except RefusedError as refusal:
            return refusal

    return ask


STORE: Final = TokenStore()
AIDS: Final[dict[str, Callable[[Snapshot, int], object]]] = {
    "tokens, all": lambda snapshot, _: STORE.full(snapshot, "utf-16"),
    "tokens, 60 lines": lambda snapshot, at: semantic_tokens.semantic_tokens(snapshot, Span(at, at + 2_000)),
    "folding": lambda snapshot, _: folding.folding(snapshot),
    "selection": selection.selection,
    "rename to a new name": _renamed("never_seen"),
    "rename to a name in use": _renamed("c0"),
    "formatting, all": lambda snapshot, _: formatting.formatted(snapshot, None, 4, insert_spaces=True),
    "formatting, 60 lines": lambda snapshot, at: formatting.formatted(
        snapshot, Span(at, at + 2_000), 4, insert_spaces=True
    ),
    "formatting while typing": lambda snapshot, at: formatting.on_type(snapshot, at, "\n"),
}


def spent_ms(ask: Callable[[Snapshot, int], object], snapshot: Snapshot, offset: int) -> float:
    start = time.process_time()
    ask(snapshot, offset)
    return (time.process_time() - start) * 1000


def parsed(snapshot: Snapshot) -> Snapshot:
    """With all that is known of its pieces before somebody asks."""
    for piece in snapshot.layout.pieces:
        _ = piece.fact(names), piece.fact(symbol_mentions)
    return snapshot


def measure(data: bytes, place: bytes) -> None:
    at = data.index(place, len(data) // 2)
    start = time.process_time()
    Layout.of(data)
    print(f"{(time.process_time() - start) * 1000:10.1f}             cutting the text, for comparison")
    workspace = Workspace(Settings())
    snapshot = parsed(workspace.open(Document.of("untitled:any", data)))
    first = {name: spent_ms(ask, snapshot, at) for name, ask in AIDS.items()}
    later: dict[str, list[float]] = {name: [] for name in AIDS}
    for number in range(ROUNDS):
        edit = Edit(Span(at + 1, at + 1 + number), b"x" * (number + 1))
        snapshot = parsed(workspace.change(snapshot.document.edited(edit, version=number + 2), [edit]))
        for name, ask in AIDS.items():
            later[name].append(spent_ms(ask, snapshot, at))
    for name, times in later.items():
        print(f"{first[name]:10.1f} {statistics.median(times):10.1f}  {name}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megabytes", type=float, default=1)
    size = int(parser.parse_args().megabytes * 1_000_000)
    for title, data, place in (
        ("many functions", many_functions(size), b"%0"),
        ("one function", one_function(size), b"%v"),
    ):
        print(f"{title}, {len(data) / 1e6:.2f} MB\n     first      later  ms")
        measure(data, place)
    return 0


if __name__ == "__main__":
    sys.exit(main())
