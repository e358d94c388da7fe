"""Asks for the types of all values of a folder of .mlir files as the server does, and says what came and how long it took.

    python -m tests.bench.value_types FOLDER [--engine-path DIR] [--values 20]

A value counts when the text gives it no type and the engine accepts its piece. A developer's script: it takes files that
are not part of the project.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.verification.value_types import TypeFinder, untyped
from enzyme_lsp.verification.verifier import Verifier
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot


class Tally:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.untold: list[str] = []
        self.milliseconds: list[float] = []


async def hold(folder: Path, settings: EngineSettings) -> Tally:
    """Every piece of every file below `folder`."""
    tally, pool = Tally(), Pool.create(settings)
    try:
        status = await pool.ready()
        print(f"engine: {status.identity or status.message}")
        for path in sorted(folder.rglob("*.mlir")):
            document = Document.of(path.relative_to(folder).as_posix(), path.read_bytes())
            await _hold_file(Workspace(Settings(engine=settings)).open(document), pool, tally)
    finally:
        await pool.close()
    return tally


async def _hold_file(snapshot: Snapshot, pool: Pool, tally: Tally) -> None:
    verdict, finder = await Verifier(pool).full(snapshot), TypeFinder(pool)
    for piece in snapshot.layout.pieces:
        piece.fact(untyped)  # The first parse of the file is not what is measured.
    began = time.perf_counter()
    async for _ in finder.find(snapshot, verdict):
        now = time.perf_counter()
        tally.milliseconds.append((now - began) * 1000)
        began = now
    known = finder.known(snapshot)
    for index in sorted(verdict.proven):
        told = known.of(snapshot, index).types
        piece = snapshot.layout.pieces[index]
        for definition in piece.fact(untyped):
            kind = "told" if definition.token in told else "untold"
            tally.counts[kind] += 1
            if kind == "untold":
                line = snapshot.line_of(index, piece.tree.tokens.starts[definition.token])
                tally.untold.append(f"{snapshot.uri}:{line}: {piece.tree.tokens.word(definition.token).decode()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine-path", default="")
    parser.add_argument("--values", type=int, default=20, help="how many values without an answer are listed")
    arguments = parser.parse_args()
    tally = asyncio.run(hold(arguments.folder, EngineSettings(path=arguments.engine_path)))
    print(f"values without a type: {tally.counts['told']} told, {tally.counts['untold']} not")
    if len(tally.milliseconds) > 1:
        percentile = statistics.quantiles(tally.milliseconds, n=20)[-1]
        median = statistics.median(tally.milliseconds)
        print(f"{len(tally.milliseconds)} pieces, milliseconds: median {median:.1f}, 95% {percentile:.1f}, ", end="")
        print(f"longest {max(tally.milliseconds):.0f}")
    print("\n".join(tally.untold[: arguments.values]))


if __name__ == "__main__":
    main()
