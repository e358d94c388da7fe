"""Generated operations, what the engine makes of them, and what we say; a developer's script.

    python -m tests.differential [--cases 10000] [--seed 1] [--engine-path DIR] [--show 20] [--only NUMBER]
                                 [--careless] [--fixes] [--actions]

Prints how often we agree, and the smallest case of each class in which we do not. `--careless` takes operations that are
right by the convention, and does not look at what engines can do: so the warnings of their limits are measured. `--fixes`
applies all certain fixes to each case and asks the engine about what comes of it; `--actions` each refactoring to each
case that nothing is wrong with.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from tests.differential import actions, generate
from tests.differential.compare import Compared, Side, Tally, compare
from tests.differential.fixes import Mended, mend
from tests.differential.oracle import Kind, Oracle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.differential.operations import Case

_CHUNK = 1_000
_VARYING = re.compile(r"'[^']*'|\([^()]*\)|\d+")


async def _run(arguments: argparse.Namespace) -> int:
    make = actions.case if arguments.actions else generate.careless if arguments.careless else generate.case
    numbers = range(arguments.cases) if arguments.only is None else (arguments.only,)
    cases = [make(arguments.seed, number) for number in numbers]
    async with await Oracle.open(arguments.engine_path) as oracle:
        print(f"engine {oracle.version}, {oracle.spelling} spelling, seed {arguments.seed}")
        if arguments.only is not None:
            print(cases[0].text(oracle.spelling))
        run = _actions if arguments.actions else _fixes if arguments.fixes else _compare
        return await run(oracle, cases, arguments.show)


async def _compare(oracle: Oracle, cases: list[Case], show: int) -> int:
    started, tally = time.perf_counter(), Tally()
    for first in range(0, len(cases), _CHUNK):
        tally.take(await compare(oracle, cases[first : first + _CHUNK]))
    seconds = time.perf_counter() - started
    print(f"{tally.cases} cases in {seconds:.1f} s, {seconds / max(tally.cases, 1) * 1000:.1f} ms each")
    for kind in Kind:
        print(f"{tally.kinds[kind]:8} {kind.value}")
    for side in Side:
        known = sum(one.side is side and bool(one.reason) for one in tally.differences)
        print(f"{tally.sides[side]:8} {side.value} ({tally.share(side):.3%}), {known} of them explained")
    for code, kinds in sorted(tally.warned.items()):
        print(f"{kinds.total():8} warnings {code}, and the engine does it all the same in {kinds[Kind.GOOD]}")
    _show(tally.differences, show, lambda case: case.text(oracle.spelling))
    return 1 if tally.unexplained else 0


async def _fixes(oracle: Oracle, cases: list[Case], show: int) -> int:
    mendings = await mend(oracle, cases)
    for mended in Mended:
        print(f"{mendings.counts[mended]:8} {mended.value}")
    for code, counts in sorted(mendings.by_code.items()):
        print(f"{code:24} {', '.join(f'{count} {mended.name.lower()}' for mended, count in counts.most_common())}")
    for one in mendings.bad[:show]:
        print(f"\n== {one.mended.value}: case {one.case.number}: {', '.join(one.case.changes)}\n   engine: {one.found}")
        print(f"{one.case.text(oracle.spelling)}\n-- fixed:\n{one.text}")
    return 1 if mendings.bad else 0


async def _actions(oracle: Oracle, cases: list[Case], show: int) -> int:
    tally = await actions.try_all(oracle, cases)
    print(f"{tally.cases} cases with nothing wrong")
    for (kind, made), count in sorted(tally.counts.items(), key=lambda item: (item[0][0], item[0][1].name)):
        print(f"{count:8} {kind}: {made.value}")
    reasons = Counter[str]()
    for reason, count in tally.reasons.items():
        reasons[_VARYING.sub("#", reason)] += count
    for reason, count in reasons.most_common():
        print(f"{count:8} disabled: {reason}")
    for one in tally.bad[:show]:
        print(f"\n== {one.made.value}: case {one.case.number}: {one.action.kind} {one.action.id}\n   {one.why}")
        print(f"{one.before}\n-- made:\n{one.after}")
    return 1 if tally.bad else 0


def _show(differences: list[Compared], most: int, text_of: Callable[[Case], str]) -> None:
    classes: defaultdict[str, list[Compared]] = defaultdict(list)
    for one in differences:
        words = str(one.found) if one.side is Side.MISS else ", ".join(sorted({ours.code for ours in one.ours}))
        name = f"{one.side.value}: {one.case.operation.name}: {_VARYING.sub('#', words)[:100]}"
        classes[f"{name} ({one.reason or 'UNEXPLAINED'})"].append(one)
    for name, members in sorted(classes.items(), key=lambda item: -len(item[1]))[:most]:
        smallest = min(members, key=lambda one: len(text_of(one.case)))
        print(
            f"\n== {len(members)} x {name}\n   case {smallest.case.number}: {', '.join(smallest.case.changes) or 'right'}"
        )
        print(f"   engine: {smallest.found}")
        for ours in smallest.ours:
            print(f"   ours: {ours.severity.name.lower()}[{ours.code}]: {ours.message}")
        print(text_of(smallest.case))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine-path", default="", help="a folder that holds enzyme_ad")
    parser.add_argument("--show", type=int, default=20, help="how many classes of differences to print")
    parser.add_argument("--only", type=int, help="the number of the one case to look at")
    parser.add_argument("--careless", action="store_true", help="right operations, also beyond what engines can do")
    parser.add_argument("--fixes", action="store_true", help="apply the certain fixes, and ask about what comes of it")
    parser.add_argument("--actions", action="store_true", help="apply the refactorings, and ask about what comes of it")
    return asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
