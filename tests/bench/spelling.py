"""Converts a folder of .mlir files to the other spelling and back, and asks both engines what they make of it.

    python -m tests.bench.spelling FOLDER --strict-path DIR [--misses 20]

For each `// -----` section: to strict and back must be the same bytes. One that the classic engine accepts must be
accepted by the strict one when it is converted, unless other dialects have changed too; and what the strict engine
prints of it must be the same operations of Enzyme's, go to classic and back, and be accepted there. A developer's
script: it takes files that are not part of the project.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.engines.pool import Lane, Pool
from enzyme_lsp.settings import EngineSettings
from enzyme_lsp.syntax.layout import Layout
from tests.spellings import as_sent, converted

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Answer

_LOCATION = re.compile(r" loc\([^\n]*?\)(?=\n|,|\))")
_STRICTNESS = re.compile(r"strict properties|missing required attribute|^expected '<'$")


class Held:
    """Counts of what was seen, and a line for each section that is not as it should be."""

    def __init__(self, classic: Pool, strict: Pool) -> None:
        self.classic, self.strict = classic, strict
        self.counts: Counter[str] = Counter()
        self.misses: list[str] = []

    def miss(self, kind: str, place: str, words: str) -> None:
        self.counts[kind] += 1
        self.misses.append(f"{kind}: {place}: {words}")

    async def section(self, text: bytes, place: str) -> None:
        strict, left, edits = converted(text, "strict")
        self.counts["sections"] += 1
        if not edits and not left:
            return
        self.counts["sections with something of Enzyme's that differs"] += 1
        for one in left:
            self.counts[f"left, since {one.reason}"] += 1
        if converted(strict, "classic")[0] != text and converted(text, "classic")[0] == text:
            self.miss("not the same when it came back", place, "")
        here = await _asked(self.classic, text)
        if here.outcome is not Outcome.ACCEPTED:
            self.counts["refused by the classic engine"] += 1
            return
        there = await _asked(self.strict, as_sent(text, "strict"))
        if there.outcome is not Outcome.ACCEPTED:
            message = there.problems[0].message if there.problems else there.detail
            if _STRICTNESS.search(message):
                self.counts["refused by the strict engine for another dialect"] += 1
            else:
                self.miss("refused by the strict engine", place, message)
            return
        self.counts["accepted by both engines"] += 1
        if not left:
            await self.printed(here, there, place)

    async def printed(self, here: Answer, there: Answer, place: str) -> None:
        """What the engines print of a section that both accept."""
        text = (there.output or "").encode()
        classic, left, _ = converted(text, "classic")
        if left or converted(classic, "strict")[0] != text:
            self.miss("printed strict is not the same when it came back", place, "")
        back = await _asked(self.classic, classic)
        if back.outcome is not Outcome.ACCEPTED:
            words = back.problems[0].message if back.problems else back.detail
            self.miss("printed strict is refused by the classic engine", place, words)
        # The engines print attributes in different orders.
        again = await _asked(self.strict, converted((here.output or "").encode(), "strict")[0])
        if _operations(again) != _operations(there):
            self.miss("the engines print other operations", place, "")
        self.counts["printed alike by both engines"] += _operations(again) == _operations(there)


async def _asked(pool: Pool, text: bytes) -> Answer:
    return await pool.run(Request(text, "print{stdout=false}"), lane=Lane.BACKGROUND)


def _operations(answer: Answer) -> list[str]:
    return [line.strip() for line in _LOCATION.sub("", answer.output or "").split("\n") if "enzyme." in line]


async def hold(folder: Path, strict_path: str) -> Held:
    """Every section of every file below `folder`."""
    pools = [Pool.create(EngineSettings(path=path, workers=1, deadline_s=60)) for path in ("", strict_path)]
    held = Held(*pools)
    try:
        for pool in pools:
            print(f"engine: {(await pool.ready()).identity}")
        for path in sorted(folder.rglob("*.mlir")):
            data = path.read_bytes()
            for number, section in enumerate(Layout.of(data).sections):
                await held.section(section.span.of(data), f"{path.relative_to(folder)} section {number}")
    finally:
        for pool in pools:
            await pool.close()
    return held


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--strict-path", required=True, help="a folder that holds the enzyme_ad that reads strict")
    parser.add_argument("--misses", type=int, default=20, help="how many differences to print")
    arguments = parser.parse_args()
    held = asyncio.run(hold(arguments.folder, arguments.strict_path))
    for name, count in sorted(held.counts.items()):
        print(f"{count:8} {name}")
    for line in held.misses[: arguments.misses]:
        print(line)
    return 1 if held.misses else 0


if __name__ == "__main__":
    sys.exit(main())
