"""`enzyme-lsp lower`: what files become, pass by pass, in a terminal; must not know how anything is lowered."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from enzyme_lsp import log
from enzyme_lsp.cli import files, options, reading
from enzyme_lsp.cli.misuse import complain, misuse
from enzyme_lsp.engines.api import NOBODY, Outcome
from enzyme_lsp.engines.engines import Engines
from enzyme_lsp.lowering import wish
from enzyme_lsp.lowering.carry_out import carried_out, pool_of
from enzyme_lsp.lowering.difference import difference
from enzyme_lsp.lowering.mistakes import mistakes
from enzyme_lsp.lowering.passes import Passes
from enzyme_lsp.lowering.reduce import Reproducer, reduced
from enzyme_lsp.lowering.wish import NotLoweredError, Order, Wish

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.lowering.lower import Lowered, Target
    from enzyme_lsp.lowering.pipeline import Problem
    from enzyme_lsp.workspace.snapshot import Snapshot


def run(arguments: Namespace) -> int:
    """Exit code 0 when all of it was lowered, 1 when a pass failed, 2 on misuse and without an engine."""
    path = files.one(arguments.path, "one file is lowered at a time")
    settings = options.settings_from(arguments)
    log.set_up(settings.log)
    try:
        snapshot = reading.snapshot(path, settings)
    except files.UnreadableError as error:
        complain(str(error))
        return 2
    orders = _orders(snapshot, arguments)
    found = asyncio.run(_lowered(snapshot, orders))
    for one in _mistakes(orders, found) if arguments.pipeline else ():
        complain(f"the pipeline at character {one.span.start + 1}: {one.message}")
    text = "\n// -----\n\n".join(_text(one, arguments) for one in found)
    if arguments.output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        try:
            files.write(arguments.output, text.encode("utf-8", "surrogatepass"))
        except files.UnwritableError as error:
            complain(str(error))
            return 2
    for one in found:
        _report(one, snapshot, files.shown(path))
    if arguments.reproducer is not None and not _write_reproducer(snapshot, orders, found, arguments.reproducer):
        return 2
    if arguments.timing:
        _print_times(found)
    return 0 if all(one.outcome is Outcome.ACCEPTED for one in found) else 1


def _orders(snapshot: Snapshot, arguments: Namespace) -> list[Order]:
    """What is to be lowered. A pipeline on the command line is the user's own."""
    asked = Wish(preset=arguments.preset or "", pipeline=arguments.pipeline or "", run_line=arguments.run_line)
    try:
        made = wish.order(snapshot, asked, is_trusted=True)
        targets = _targets(snapshot, arguments.function)
    except NotLoweredError as error:
        misuse(str(error))
    return [replace(made, target=target) for target in targets]


def _mistakes(orders: Sequence[Order], found: Sequence[Lowered]) -> tuple[Problem, ...]:
    """What is wrong with the pipeline, by the passes of the engine that has run it."""
    if not orders or not found:
        return ()
    return mistakes(orders[0].pipeline, Passes(found[0].engine.catalogue))


def _targets(snapshot: Snapshot, function: str | None) -> list[Target]:
    """The sections that hold something, or all symbols of a name."""
    if function is None:
        return wish.sections(snapshot)
    wish.target_of(snapshot, Wish(symbol=function))
    return wish.symbols_named(snapshot, function.removeprefix("@"))


async def _lowered(snapshot: Snapshot, orders: Sequence[Order]) -> list[Lowered]:
    engines = Engines()
    try:
        status = await engines.of(snapshot.settings.engine).ready()
        if not status.answers:
            misuse(f"no engine answers: {status.message}")
        found = [await carried_out(engines, snapshot, one) for one in orders]
        for other in dict.fromkeys(one.engine for one in found if one.engine not in (status.identity, NOBODY)):
            complain(f"lowered with {other}, since {status.identity} lacks a pass of the pipeline")
        return found
    finally:
        await engines.close()


def _write_reproducer(snapshot: Snapshot, orders: Sequence[Order], lowered: Sequence[Lowered], path: str) -> bool:
    """Write the smallest module that crashes the engine; whether the file could be written."""
    found = asyncio.run(_reproducer(snapshot, orders, lowered))
    if found is None:
        complain("nothing crashes the engine, so there is no reproducer")
        return True
    try:
        files.write(path, found.file())
    except files.UnwritableError as error:
        complain(str(error))
        return False
    complain(f"{path} crashes the engine as well, found in {found.tries} tries: {found.command.replace('%s', path)}")
    return True


async def _reproducer(snapshot: Snapshot, orders: Sequence[Order], lowered: Sequence[Lowered]) -> Reproducer | None:
    engines = Engines()
    try:
        for order, one in zip(orders, lowered, strict=True):
            pool = await pool_of(engines, snapshot, one.engine)
            if (found := await reduced(pool, snapshot, order)) is not None:
                return found
        return None
    finally:
        await engines.close()


def _text(found: Lowered, arguments: Namespace) -> str:
    """What is printed of one lowering."""
    stages = [stage for stage in found.stages if stage.changed]
    if arguments.diff:
        shown = stages if arguments.stages else [*stages[:1], *stages[1:][-1:]]
        return "".join(difference(before, after).text for before, after in pairwise(shown))
    if arguments.stages:
        return "\n".join(f"// ----- {stage.name} ----- //\n{stage.text}" for stage in stages)
    return found.stages[-1].text if found.stages and found.outcome is Outcome.ACCEPTED else ""


def _report(found: Lowered, snapshot: Snapshot, name: str) -> None:
    """What the engine said, and why there is no more."""
    for line in _said(found, snapshot, name):
        complain(line)
    if found.failed:
        after = f" after {found.stages[-1].name}" if len(found.stages) > 1 else ""
        crashed = "crashes the engine" if found.outcome is Outcome.CRASHED else "failed"
        complain(f"{name}: {found.failed} {crashed}{after}; --stages shows what came before")


def _said(found: Lowered, snapshot: Snapshot, name: str) -> Iterator[str]:
    for finding in found.findings:
        place = name
        if finding.offset is not None:
            line0, column = snapshot.document.lines.position(finding.offset, "utf-32")
            place = f"{name}:{line0 + 1}:{column + 1}"
        yield f"{place}: {finding.problem.severity}: {' '.join(finding.problem.message.split())}"
    if not found.findings and found.outcome is not Outcome.ACCEPTED:
        yield f"{name}: not lowered: {found.detail or found.outcome.value}"


def _print_times(found: Sequence[Lowered]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("pass")
    table.add_column("ms", justify="right")
    table.add_column("")
    for one in found:
        for stage in one.stages[1:]:
            table.add_row(stage.name, f"{stage.seconds * 1000:.1f}", "" if stage.changed else "nothing changed")
    Console(stderr=True, soft_wrap=True).print(table)
