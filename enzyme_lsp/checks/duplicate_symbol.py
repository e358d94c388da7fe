"""A module defines each symbol once.

MLIR refuses the second definition of a name in one module. Sections between `// -----` lines and nested modules have
names of their own.

    func.func private @square(f64) -> f64
    //                ^^^^^^^ note: the first @square is defined here
    func.func private @square(f32) -> f32
    //                ^^^^^^^ error[duplicate-symbol]: @square is defined twice in this module
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Diagnostic, Note, error
from enzyme_lsp.workspace.snapshot import Snapshot, top_definition

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "duplicate-symbol"


def check(snapshot: Snapshot) -> Iterator[Diagnostic]:
    for scope in snapshot.scopes.scopes:
        for name, pieces in scope.symbols.items():
            if len(pieces) < 2:
                continue
            places = [
                defined[0].span.shifted(snapshot.offset(index))
                for index in pieces
                if (defined := snapshot.layout.pieces[index].fact(top_definition)) is not None
            ]
            for place in places[1:]:
                note = Note(f"the first @{name} is defined here", places[0])
                times = "twice" if len(places) == 2 else f"{len(places)} times"
                yield error(CODE, place, f"@{name} is defined {times} in this module", note)
