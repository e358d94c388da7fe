"""Lowers every differentiation op of a folder of .mlir files as the server does, and says what came of each.

    python -m tests.bench.deep FOLDER [--engine-path DIR] [--words 200]

A developer's script: it takes files that are not part of the project.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.features.diagnostics import diagnostics
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.verification.deep import DeepVerifier
from enzyme_lsp.verification.verifier import Verifier
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot


class Tally:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.words: list[str] = []
        self.milliseconds: list[float] = []


async def hold(folder: Path, settings: EngineSettings) -> Tally:
    """Every differentiation op below `folder`."""
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
    calls = list(snapshot.derivative_calls())
    if not calls:
        return
    verdict = await Verifier(pool).full(snapshot)
    tally.counts["ops"] += len(calls)
    errors = [one.span for one in diagnostics(snapshot, verdict) if one.severity is Severity.ERROR]
    verifier = DeepVerifier(pool)
    began = time.perf_counter()
    async for _ in verifier.judge(snapshot, errors):
        tally.milliseconds.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
    known = verifier.known(snapshot)
    rest = len(calls) - len(known.judgements) - len(known.unasked)
    tally.counts["ops not asked about: an error of ours, or an inner op that is refused"] += rest
    for one in known.unasked:
        tally.counts[f"ops not asked about: {one.reason}"] += 1
    for one in known.judgements:
        remedied = ", accepted by another pipeline" if one.remedy else ""
        tally.counts[f"{one.call.op.name} {one.outcome.value}{remedied}"] += 1
        if not one.is_clean:
            at = snapshot.document.lines.position(one.span.start, "utf-8").line0 + 1
            said = [f"{problem.message[:160]!r} at {problem.offset}" for problem in one.problems]
            tally.words.append(f"{snapshot.uri}:{at}: {one.outcome.value}{remedied}: {one.detail[:200]!r} {said}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine-path", default="", help="a folder that holds enzyme_ad")
    parser.add_argument("--words", type=int, default=20, help="how many refusals to print")
    arguments = parser.parse_args()
    tally = asyncio.run(hold(arguments.folder, EngineSettings(path=arguments.engine_path, deadline_s=60)))
    for name, count in sorted(tally.counts.items()):
        print(f"{count:8} {name}")
    if tally.milliseconds:
        spread = sorted(tally.milliseconds)
        print(f"{statistics.median(spread):8.2f} ms for an op, half of them; {spread[-1]:.2f} ms the longest")
    for line in tally.words[: arguments.words]:
        print(line)


if __name__ == "__main__":
    main()
