"""Holds our diagnostics against the engine's verdict over a folder of .mlir files, and says where they differ.

    python -m tests.bench.corpus FOLDER [--engine-path DIR] [--kind upstream] [--misses 20]

For each `// -----` section the engine is asked about the text, converted as a whole to the spelling that it reads. A
section that it accepts must get no error from us, as a whole and piece by piece; one that it rejects must get an error
on the line that it names, unregistered dialects and what only another release reads excepted. A developer's script: it
takes files that are not part of the project.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.checks.diagnostic import Diagnostic, Severity
from enzyme_lsp.dialect import spelling
from enzyme_lsp.engines.api import EngineProblem, Outcome, Request
from enzyme_lsp.engines.pool import Lane, Pool
from enzyme_lsp.features.diagnostics import diagnostics
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.syntax.layout import Layout
from enzyme_lsp.text.document import Document
from enzyme_lsp.text.edit import Edit, EditSet
from enzyme_lsp.verification.verifier import Verifier
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Identity
    from enzyme_lsp.workspace.snapshot import Snapshot


class Tally:
    """Counts of what was seen, and a line for each section that is not as it should be."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.misses: list[str] = []
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def miss(self, kind: str, snapshot: Snapshot, line0: int, words: str) -> None:
        self.counts[kind] += 1
        self.misses.append(f"{kind}: {snapshot.uri}:{line0 + 1}: {words}")


async def hold(folder: Path, settings: EngineSettings) -> Tally:
    """Every section of every file below `folder`."""
    tally = Tally()
    pool = Pool.create(settings)
    workspace, verifier = Workspace(Settings(engine=settings)), Verifier(pool)
    try:
        status = await pool.ready()
        print(f"engine: {status.identity or status.message}")
        for path in sorted(folder.rglob("*.mlir")):
            snapshot = workspace.open(Document.of(path.relative_to(folder).as_posix(), path.read_bytes()))
            await _hold_file(snapshot, pool, verifier, tally)
            workspace.close(snapshot.uri)
            verifier.forget(snapshot.uri)
    finally:
        await pool.close()
    return tally


async def _hold_file(snapshot: Snapshot, pool: Pool, verifier: Verifier, tally: Tally) -> None:
    tally.counts["files"] += 1
    start = time.perf_counter()
    verdict = await verifier.full(snapshot)
    found = diagnostics(snapshot, verdict)
    tally.seconds["ours"] += time.perf_counter() - start
    start = time.perf_counter()
    alone = await verifier.by_pieces(snapshot)
    tally.seconds["by pieces"] += time.perf_counter() - start
    for section in snapshot.sections:
        text = section.span.of(snapshot.document.data)
        if not text.strip():
            continue
        tally.counts["sections"] += 1
        first_line0 = snapshot.document.lines.position(section.span.start, "utf-8").line0
        start = time.perf_counter()
        answer = await pool.run(Request(_converted(text, verdict.engine)), lane=Lane.BACKGROUND)
        tally.seconds["engine alone"] += time.perf_counter() - start
        mine = [one for one in found if section.span.start <= one.span.start <= section.span.end]
        if answer.outcome is Outcome.ACCEPTED:
            tally.counts["accepted"] += 1
            for one in mine:
                if one.severity is Severity.ERROR:
                    tally.miss("false error", snapshot, _line0(snapshot, one), f"{one.code}: {one.message}")
            for index in range(section.first, section.last):
                if index in alone and alone[index].outcome is Outcome.REJECTED:
                    words = alone[index].findings[0].problem.message
                    line0 = snapshot.document.lines.position(snapshot.offset(index), "utf-8").line0
                    tally.miss("piece differs from whole", snapshot, line0, words)
                if index in alone and alone[index].outcome is None:
                    tally.counts["pieces that cannot be sent alone"] += 1
                tally.counts["pieces"] += index in alone
        elif answer.outcome is Outcome.REJECTED:
            _hold_rejected(snapshot, first_line0, answer.problems[0], mine, tally)
        else:
            tally.counts[answer.outcome.value] += 1


def _converted(text: bytes, engine: Identity | None) -> bytes:
    if engine is None or engine.spelling == "none":
        return text
    layout, edits = Layout.of(text), list[Edit]()
    for start, piece in zip(layout.starts, layout.pieces, strict=True):
        edits += [spelling.shifted(edit, start) for edit in spelling.converted(piece, engine.spelling).edits]
    return EditSet(edits).apply(text)


def _hold_rejected(
    snapshot: Snapshot, first_line0: int, problem: EngineProblem, mine: list[Diagnostic], tally: Tally
) -> None:
    message = problem.message
    tally.counts["rejected"] += 1
    if "unregistered" in message or message.startswith("Dialect `"):
        tally.counts["rejected for an unregistered dialect"] += 1
        if not any(one.code == "unregistered-dialect" for one in mine):
            tally.miss("no word of the dialect", snapshot, first_line0, message)
        for one in mine:
            if one.severity is Severity.ERROR:
                tally.counts["error beside an unregistered dialect"] += 1
                tally.misses.append(f"look: {snapshot.uri}:{_line0(snapshot, one) + 1}: {one.code}: {one.message}")
        return
    line0 = first_line0 + (problem.place.line if problem.place else 1) - 1
    if any(one.severity is Severity.ERROR and _line0(snapshot, one) == line0 for one in mine):
        tally.counts["rejected, and an error on that line"] += 1
    elif any(one.code == "other-spelling" and _line0(snapshot, one) == line0 for one in mine):
        tally.counts["rejected, and an information on that line that another release reads it"] += 1
    else:
        tally.miss("missed", snapshot, line0, message)


def _line0(snapshot: Snapshot, one: Diagnostic) -> int:
    return snapshot.document.lines.position(one.span.start, "utf-8").line0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine-path", default="", help="a folder that holds enzyme_ad")
    parser.add_argument("--kind", default="auto", choices=("auto", "enzyme-ad", "upstream"), help="which engine")
    parser.add_argument("--misses", type=int, default=20, help="how many differences to print")
    arguments = parser.parse_args()
    tally = asyncio.run(
        hold(arguments.folder, EngineSettings(kind=arguments.kind, path=arguments.engine_path, deadline_s=60))
    )
    for name, count in sorted(tally.counts.items()):
        print(f"{count:8} {name}")
    for name, seconds in tally.seconds.items():
        print(f"{seconds:8.2f} s {name}")
    for line in tally.misses[: arguments.misses]:
        print(line)
    wrong = ("false error", "missed", "piece differs from whole", "no word of the dialect")
    return 1 if any(tally.counts[name] for name in wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
