"""`enzyme-lsp check`: the problems of files, for people and for other programs; must not know how they are found."""

from __future__ import annotations

import asyncio
import difflib
import sys
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from rich.console import Console
from rich.markdown import Markdown

from enzyme_lsp import log
from enzyme_lsp.checks import pages
from enzyme_lsp.checks.diagnostic import Severity
from enzyme_lsp.cli import compare, files, fixing, options, reading, several
from enzyme_lsp.cli.fixing import Fixed
from enzyme_lsp.cli.misuse import complain, misuse
from enzyme_lsp.cli.reports import REPORTS, Checked, Report, counted
from enzyme_lsp.engines.engines import Engines
from enzyme_lsp.features import diagnostics
from enzyme_lsp.verification.deep import DeepVerifier, has_derivatives
from enzyme_lsp.verification.verifier import Verifier
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from enzyme_lsp.engines.pool import Pool
    from enzyme_lsp.settings import EngineSettings, Settings


def run(arguments: Namespace) -> int:
    """Exit code 0 without errors, 1 with errors, 2 when a file could not be checked at all."""
    if arguments.compare_engines:
        return compare.run(arguments)
    if arguments.explain is not None:
        return _explain(arguments.explain)
    if not arguments.paths:
        misuse("check needs a file or a folder, or - for standard input")
    if arguments.fix and files.STDIN in arguments.paths:
        misuse("--fix changes files, and standard input is none")
    settings = options.settings_from(arguments)
    log.set_up(settings.log)
    paths = files.named(arguments.paths)
    report = REPORTS[arguments.format]()
    read = _read_fixed if arguments.fix else _read
    totals = asyncio.run(_check(paths, settings, report, read, is_engine_demanded=bool(arguments.engine)))
    if totals.unchecked:
        return 2
    return 1 if totals.errors else 0


@dataclass(slots=True)
class _Totals:
    errors: int = 0
    unchecked: int = 0
    """Files that could not be read or written, or that showed a bug."""


_Reader: TypeAlias = "Callable[[str, Settings], Fixed]"


async def _check(
    paths: Sequence[str], settings: Settings, report: Report, read: _Reader, *, is_engine_demanded: bool
) -> _Totals:
    totals = _Totals()
    engines = Engines()
    try:
        projects = options.ProjectSettings(settings)
        of_files = {path: projects.of(path) for path in paths}
        names = await _answering(engines, [one.engine for one in of_files.values()], is_demanded=is_engine_demanded)
        # Enough at once to keep every engine process busy while we compute, and no more open in memory.
        at_once = {pool: asyncio.Semaphore(2 * settings.engine.workers) for pool in engines.pools}
        tasks: dict[str, asyncio.Task[Checked]] = {}
        for path, own in of_files.items():
            pool = engines.of(own.engine)
            work = _checked(path, own, read, engines if pool in names else None, at_once[pool])
            tasks[path] = asyncio.create_task(work)
        async with aclosing(several.each(tasks)) as found:
            async for checked in found:
                if checked is None:
                    totals.unchecked += 1
                    continue
                if checked.fixed or checked.obstacle:
                    sys.stdout.flush()  # Or a terminal that shows both streams would mix up the order.
                if checked.fixed:
                    complain(f"{checked.name}: fixed {counted(checked.fixed, 'problem')}")
                if checked.obstacle:
                    complain(f"not fixed: {checked.obstacle}")
                    totals.unchecked += 1
                report.add(checked)
                totals.errors += sum(each.severity is Severity.ERROR for each in checked.diagnostics)
                if checked.trouble:
                    sys.stdout.flush()
                    complain(f"{checked.name}: not fully checked: {checked.trouble}")
        report.end(", ".join(dict.fromkeys(names.values())))
        return totals
    finally:
        await engines.close()


async def _answering(engines: Engines, wanted: Sequence[EngineSettings], *, is_demanded: bool) -> dict[Pool, str]:
    """The names of the engines of some files that answer; of the others it is said what is missing."""
    files_of = Counter(engines.of(one) for one in wanted)
    statuses = dict(zip(files_of, await asyncio.gather(*(pool.ready() for pool in files_of)), strict=True))
    unwanted = {engines.of(one) for one in wanted if not one.is_wanted}
    found: dict[Pool, str] = {}
    for pool, status in statuses.items():
        if status.answers:
            found[pool] = str(status.identity or "an engine")
        elif is_demanded and (pool not in unwanted or unwanted.issuperset(statuses)):
            misuse(f"no engine answers: {status.message}")
        elif pool not in unwanted:
            some = f"{counted(files_of[pool], 'file')} " if len(files_of) > 1 else ""
            complain(f"{some}checked without an engine: {status.message}")
    return found


def _read(path: str, settings: Settings) -> Fixed:
    return Fixed(reading.document(path, settings))


def _read_fixed(path: str, settings: Settings) -> Fixed:
    return fixing.fix(path, reading.document(path, settings), settings)


async def _checked(
    path: str, settings: Settings, read: _Reader, engines: Engines | None, at_once: asyncio.Semaphore
) -> Checked:
    # In threads, reading and our own checks do not delay the engine's answers for other files.
    async with at_once:
        fixed = await asyncio.to_thread(read, path, settings)
        snapshot = Workspace(settings).open(fixed.document)
        # A verifier learns, and keeps what it knows of each file; one for each file forgets it in time, and what
        # is said of a file does not depend on those before it.
        verdict = None if engines is None else await Verifier(engines.of(settings.engine)).full(snapshot)
        found = await asyncio.to_thread(diagnostics.diagnostics, snapshot, verdict)
        is_deep = settings.diagnostics.deep != "off" and verdict is not None and not verdict.trouble
        if engines is not None and is_deep and has_derivatives(snapshot):
            deep = DeepVerifier(await engines.differentiating(settings.engine))
            errors = [one.span for one in found if one.severity is Severity.ERROR]
            steps = [None async for _ in deep.judge(snapshot, errors)]
            if steps:
                found = await asyncio.to_thread(diagnostics.diagnostics, snapshot, verdict, deep.known(snapshot))
        trouble = verdict.trouble if verdict is not None else ""
        return Checked(files.shown(path), fixed.document, found, trouble, fixed.count, fixed.obstacle)


def _explain(code: str) -> int:
    page = pages.BY_CODE.get(code)
    if page is None:
        close = difflib.get_close_matches(code, pages.BY_CODE, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(pages.BY_CODE)}"
        misuse(f"there is no code {code}; {hint}")
    if sys.stdout.isatty():
        Console().print(Markdown(page.markdown))
    else:
        print(page.markdown)
    return 0
