"""Holds upstream MLIR's verdict against that of the real Enzyme over a folder of .mlir files, and says where they differ.

    python -m tests.bench.upstream FOLDER [--misses 20]

Each `// -----` section is converted as a whole to what each engine reads, and both are asked whether it is valid. Those
that have operations, types or attributes of dialects that upstream MLIR does not know are counted and left out. A
developer's script: it takes files that are not part of the project.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane, Pool
from enzyme_lsp.settings import EngineSettings, Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.verification import modules
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Answer
    from enzyme_lsp.workspace.snapshot import Snapshot

_UNKNOWN = re.compile(r"unregistered|Dialect `")


async def hold(folder: Path) -> tuple[Counter[str], list[str]]:
    """Counts of what was seen, and a line for each section of which the engines say different things."""
    counts, misses = Counter[str](), list[str]()
    real, upstream = (
        Pool.create(EngineSettings(kind=kind, workers=1, deadline_s=60)) for kind in ("enzyme-ad", "upstream")
    )
    workspace, seconds = Workspace(Settings()), defaultdict[str, float](float)
    try:
        for path in sorted(folder.rglob("*.mlir")):
            snapshot = workspace.open(Document.of(path.relative_to(folder).as_posix(), path.read_bytes()))
            for number, section in enumerate(snapshot.sections):
                if not section.span.of(snapshot.document.data).strip():
                    continue
                counts["sections"] += 1
                start = time.perf_counter()
                one = await _asked(upstream, snapshot, number)
                seconds["upstream"] += time.perf_counter() - start
                if one.outcome is Outcome.REJECTED and _UNKNOWN.search(one.problems[0].message):
                    counts["of dialects that upstream does not know"] += 1
                    continue
                start = time.perf_counter()
                other = await _asked(real, snapshot, number)
                seconds["enzyme-ad"] += time.perf_counter() - start
                is_same = one.outcome is other.outcome
                what = one.outcome.value if is_same else f"{one.outcome.value} by upstream, {other.outcome.value} else"
                counts[what] += 1
                if not is_same:
                    line = snapshot.document.lines.position(section.span.start, "utf-8").line0
                    misses.append(f"{what}: {snapshot.uri}:{line + 1}: {_words(one)}{_words(other)}")
            workspace.close(snapshot.uri)
    finally:
        await real.close()
        await upstream.close()
    for name, spent in seconds.items():
        print(f"{spent:8.2f} s {name}")
    return counts, misses


async def _asked(pool: Pool, snapshot: Snapshot, number: int) -> Answer:
    spelling = (await pool.ready()).spelling
    module = modules.whole(snapshot, snapshot.sections[number], frozenset(), spelling)
    return await pool.run(Request(module.text), lane=Lane.BACKGROUND)


def _words(answer: Answer) -> str:
    place = answer.problems[0].place if answer.problems else None
    at = f"{place.line}:{place.column}: " if place else ""
    return at + " ".join(answer.problems[0].message.split())[:200] if answer.problems else answer.detail


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misses", type=int, default=20, help="how many differences to print")
    arguments = parser.parse_args()
    counts, misses = asyncio.run(hold(arguments.folder))
    for name, count in sorted(counts.items()):
        print(f"{count:8} {name}")
    for line in misses[: arguments.misses]:
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
