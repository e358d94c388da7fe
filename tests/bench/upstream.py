"""Holds upstream MLIR's verdict against that of the real Enzyme over a folder of .mlir files, and says where they differ.

    python -m tests.bench.upstream FOLDER [--mutants 3000] [--seed 1] [--misses 20]

Each `// -----` section is converted as a whole to what each engine reads, and both are asked whether it is valid. Those
that have operations, types or attributes of dialects that upstream MLIR does not know are counted and left out. With
`--mutants`, as many spoiled texts are made of the sections that both accept, and of our own examples, and held as well:
the outcome, and the line of the first error. A developer's script: it takes files that are not part of the project.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from enzyme_lsp.dialect.ops import OPS
from enzyme_lsp.engines.api import Outcome
from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.settings import EngineSettings
from tests import mutants
from tests.dialect.test_ops import module
from tests.samples import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutants import Heard

_UNKNOWN: Final = re.compile(r"unregistered|Dialect `")
OWN: Final = tuple(module(op, op.example_in(strict=strict)).encode() for op in OPS.values() for strict in (False, True))
"""Each operation of the dialect in a module of its own, in both spellings."""


@dataclass(slots=True)
class Tally:
    """What was seen: counts, a line for each difference, and the texts that both accept."""

    counts: Counter[str] = field(default_factory=Counter[str])
    misses: list[str] = field(default_factory=list[str])
    valid: list[bytes] = field(default_factory=list[bytes])
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))


class Bench:
    """The two engines."""

    def __init__(self) -> None:
        self.real, self.upstream = (
            Pool.create(EngineSettings(kind=kind, workers=2, deadline_s=60)) for kind in ("enzyme-ad", "upstream")
        )

    async def close(self) -> None:
        await self.real.close()
        await self.upstream.close()

    async def hold(self, texts: Iterator[tuple[str, bytes]], tally: Tally) -> None:
        """Ask about each text, which is called by the name beside it."""
        for name, text in texts:
            snapshot = mutants.opened(text)
            tally.counts["sections"] += 1
            start = time.perf_counter()
            one = await mutants.heard(self.upstream, snapshot, 0)
            tally.seconds["upstream"] += time.perf_counter() - start
            if one.outcome is Outcome.REJECTED and _UNKNOWN.search(one.words):
                tally.counts["of dialects that upstream does not know"] += 1
                continue
            start = time.perf_counter()
            other = await mutants.heard(self.real, snapshot, 0)
            tally.seconds["enzyme-ad"] += time.perf_counter() - start
            what = _difference(one, other)
            tally.counts[what or one.outcome.value] += 1
            if what:
                tally.misses.append(f"{what}: {name}: {_told(one)} / {_told(other)}")
            elif one.outcome is Outcome.ACCEPTED:
                tally.valid.append(text)

    async def hold_mutants(self, texts: list[bytes], number: int, seed: int, tally: Tally) -> None:
        """The same of `number` mutants of the texts, also of where the first error is."""
        chance = Random(seed)
        for at in range(number):
            mutant = mutants.mutant(texts[at % len(texts)], chance)
            if mutant is None:
                continue
            snapshot = mutants.opened(mutant.text)
            one, other = await asyncio.gather(
                mutants.heard(self.upstream, snapshot, 0), mutants.heard(self.real, snapshot, 0)
            )
            what = _difference(one, other)
            if not what and one.outcome is Outcome.REJECTED:
                what = "" if one.line0 == other.line0 else "rejected on other lines"
                tally.counts["rejected on the same line"] += not what
                tally.counts["of these in the same words"] += not what and one.words == other.words
            elif not what:
                tally.counts[one.outcome.value] += 1
            if what:
                tally.counts[what] += 1
                line0 = mutant.text.count(b"\n", 0, mutant.at)
                line = mutant.text.split(b"\n")[line0].decode("utf-8", "replace").strip()[:120]
                tally.misses.append(f"{what}: {mutant.sort}: {line0 + 1}: {line}: {_told(one)} / {_told(other)}")


def _difference(one: Heard, other: Heard) -> str:
    return "" if one.outcome is other.outcome else f"{one.outcome.value} by upstream, {other.outcome.value} else"


def _told(heard: Heard) -> str:
    return f"{heard.line0 + 1}: {heard.words[:160]}" if heard.words else heard.outcome.value


def _sections(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*.mlir")):
        for number, text in enumerate(mutants.sections(mutants.opened(path.read_bytes()))):
            yield f"{path.relative_to(folder)}, section {number}", text


async def run(folder: Path, number: int, seed: int) -> Iterator[tuple[str, Tally]]:
    """What the sections of a folder show, and what mutants of them do."""
    bench = Bench()
    whole, own, spoiled = Tally(), Tally(), Tally()
    try:
        await bench.hold(_sections(folder), whole)
        if number:
            ours = [*OWN, *(text for data in SAMPLES for text in mutants.sections(mutants.opened(data)))]
            await bench.hold((("ours", text) for text in ours), own)
            # Every second one is of ours, which have all operations of the dialect.
            half = number // 2
            await bench.hold_mutants(whole.valid, number - half, seed, spoiled)
            await bench.hold_mutants(own.valid, half, seed, spoiled)
    finally:
        await bench.close()
    return iter((("sections", whole), ("mutants", spoiled)))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mutants", type=int, default=0, metavar="N", help="spoiled texts to hold")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", type=int, default=20, help="how many differences to print")
    arguments = parser.parse_args()
    for title, tally in asyncio.run(run(arguments.folder, arguments.mutants, arguments.seed)):
        print(title)
        for name, spent in tally.seconds.items():
            print(f"{spent:8.2f} s {name}")
        for name, count in sorted(tally.counts.items()):
            print(f"{count:8} {name}")
        for line in tally.misses[: arguments.misses]:
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
