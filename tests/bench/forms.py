"""Converts the operations of a folder of .mlir files to generic form and back, and says how many came back the same.

    python -m tests.bench.forms FOLDER [--engine-path DIR] [--inner] [--refusals 20]

Each top-level operation that the engine accepts is put in generic form, and what that makes in custom form again, as the
code actions do it: every step is held by the engine to mean the same. With `--inner` each operation inside functions is
converted too, alone. A developer's script: it takes files that are not part of the project.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.features.actions import forms
from enzyme_lsp.features.answers import RefusedError
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.syntax.piece import PieceKind
from enzyme_lsp.syntax.tokens import Kind
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.span import Span
from enzyme_lsp.verification.asking import Asker, after
from enzyme_lsp.verification.verifier import Verifier
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from enzyme_lsp.syntax.nodes import Operation
    from enzyme_lsp.text.edit import EditSet
    from enzyme_lsp.workspace.snapshot import Snapshot


class Tally:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.refusals: list[str] = []
        self.seconds = 0.0


async def hold(folder: Path, only: str, settings: EngineSettings, *, inner: bool) -> Tally:
    """Every operation of every file below `folder`."""
    tally, pool = Tally(), Pool.create(settings)
    try:
        status = await pool.ready()
        print(f"engine: {status.identity or status.message}")
        for path in sorted(folder.rglob(only)):
            document = Document.of(path.relative_to(folder).as_posix(), path.read_bytes())
            snapshot = Workspace(Settings(engine=settings)).open(document)
            verdict = await Verifier(pool).full(snapshot)
            for index in sorted(verdict.proven):
                piece = snapshot.layout.pieces[index]
                if piece.kind is PieceKind.ITEM:
                    chosen = list(piece.tree.walk()) if inner else piece.tree.operations
                    for operation in chosen:
                        await _hold_operation(Asker(pool), snapshot, index, operation, tally)
    finally:
        await pool.close()
    return tally


async def _hold_operation(asker: Asker, snapshot: Snapshot, index: int, operation: Operation, tally: Tally) -> None:
    there = "custom" if operation.is_generic else "generic"
    back = "generic" if operation.is_generic else "custom"
    line = snapshot.line_of(index, operation.span.start)
    began = time.perf_counter()
    way = there
    try:
        edits = await asker.run(forms.converted(snapshot, index, operation, there))
        tally.counts[f"to {there}"] += 1
        _count_names(snapshot, index, operation, edits, tally)
        edited = after(snapshot, edits)
        start = edits.edits[-1].span.start + sum(edit.delta for edit in edits.edits[:-1])
        new = edits.edits[-1].new
        comments = len(new) - len(new.lstrip())
        while new[comments:].startswith(b"//"):
            comments = new.index(b"\n", comments) + 1
            comments += len(new[comments:]) - len(new[comments:].lstrip())
        found = forms.convertible(edited, Span(start + comments, start + comments))
        if found is None:
            raise RefusedError("the operation is not found again")
        way = back
        await asker.run(forms.converted(edited, *found, back))
        tally.counts["and back"] += 1
    except RefusedError as refusal:
        tally.counts["refused"] += 1
        tally.refusals.append(f"{snapshot.uri}:{line}: {operation.name} to {way}: {refusal}")
    tally.seconds += time.perf_counter() - began


def _count_names(snapshot: Snapshot, index: int, operation: Operation, edits: EditSet, tally: Tally) -> None:
    """Values in what was made that have no name in the text."""
    tokens = snapshot.layout.pieces[index].tree.tokens
    named = {tokens.word(i) for i in range(len(tokens)) if tokens.kinds[i] == Kind.VALUE}
    made = Document.of("", edits.edits[-1].new)
    new = Workspace(Settings()).open(made).layout.pieces
    words = {
        piece.tree.tokens.word(i)
        for piece in new
        for i in range(len(piece.tree.tokens))
        if piece.tree.tokens.kinds[i] == Kind.VALUE
    }
    tally.counts["values"] += len(words)
    tally.counts["values with a new name"] += len(words - named)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine-path", default="")
    parser.add_argument("--inner", action="store_true")
    parser.add_argument("--only", default="*.mlir", help="which files")
    parser.add_argument("--refusals", type=int, default=20, help="how many refusals are listed")
    arguments = parser.parse_args()
    tally = asyncio.run(
        hold(arguments.folder, arguments.only, EngineSettings(path=arguments.engine_path), inner=arguments.inner)
    )
    for name, count in sorted(tally.counts.items()):
        print(f"{name}: {count}")
    print(f"{tally.seconds:.0f} s")
    reasons = Counter(one.partition(": ")[2].partition(": ")[2][:100] for one in tally.refusals)
    for reason, count in reasons.most_common(30):
        print(f"{count:6} {reason}")
    print("\n".join(tally.refusals[: arguments.refusals]))


if __name__ == "__main__":
    main()
