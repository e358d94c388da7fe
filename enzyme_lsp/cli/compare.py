"""`enzyme-lsp check --compare-engines`: what the engines of a machine say of files, where that is not the same.

Every engine is asked about every section, in the spelling that it reads. A crash, a deadline that passed and a dialect
that is not known are what an engine says, and no errors of ours; an interrupt ends with what has been compared so far.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from enzyme_lsp import engine_files, log
from enzyme_lsp.checks import engines_differ
from enzyme_lsp.checks.engines_differ import Difference, Judgement, Opinion, listed
from enzyme_lsp.cli import files, options, reading, several, visible
from enzyme_lsp.cli.misuse import complain, misuse
from enzyme_lsp.cli.reports import REPORTS, Checked, JsonObject, Report, counted
from enzyme_lsp.engines.interpreters import Missing
from enzyme_lsp.engines.pool import Pool, find
from enzyme_lsp.verification.verifier import Verifier
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from enzyme_lsp.engines.api import Identity
    from enzyme_lsp.settings import EngineSettings, Settings
    from enzyme_lsp.text.document import Document
    from enzyme_lsp.workspace.snapshot import Snapshot


def run(arguments: Namespace) -> int:
    """Exit code 0 when the engines agree, 1 when they differ, 2 on misuse, with fewer than two engines, and when a file
    or an engine could not be asked at all.
    """
    # Engines are compared in what all of them do, which is to verify.
    others = {
        "--explain": arguments.explain is not None,
        "--fix": arguments.fix,
        "--deep": arguments.deep is True,
        "--no-deep": arguments.deep is False,
        "--no-engine": arguments.engine is False,
    }
    for option, is_given in others.items():
        if is_given:
            misuse(f"--compare-engines does not go together with {option}")
    if not arguments.paths:
        misuse("--compare-engines needs a file or a folder, or - for standard input")
    settings = options.settings_from(arguments)
    log.set_up(settings.log)
    paths = files.named(arguments.paths)
    found = _Found()
    asyncio.run(_compare(paths, settings, found, arguments.format))
    if found.untold:
        return 2
    return 1 if found.differences else 0


@dataclass(slots=True)
class _Judge:
    """An engine of the machine."""

    label: str
    identity: Identity
    pool: Pool


@dataclass(slots=True)
class _Compared:
    """One file, with the opinions on each of its sections that holds something."""

    name: str
    snapshot: Snapshot
    opinions: dict[int, list[Opinion]]
    trouble: str
    """Why an engine did not say all; empty when each did."""


@dataclass(slots=True)
class _Found:
    """What has been seen so far, without the texts: there may be thousands of files."""

    files: int = 0
    sections: int = 0
    differing: int = 0
    differences: list[JsonObject] = field(default_factory=list[JsonObject])
    apart: list[JsonObject] = field(default_factory=list[JsonObject])
    """Sections that fewer than two engines judged."""
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """How often which engine did not judge one of these, and why."""
    untold: int = 0
    """Files that could not be read, or about which an engine could not be asked."""
    is_canceled: bool = False

    def add(self, compared: _Compared) -> list[Difference]:
        """Count a file; gives its differences."""
        self.files += 1
        here: list[Difference] = []
        for number, opinions in compared.opinions.items():
            if not engines_differ.is_compared(opinions):
                start = compared.snapshot.sections[number].span.start
                self.apart.append(_json_place(compared, number, start, opinions))
                self.reasons.update((one.engine, one.detail) for one in opinions if one.judgement is Judgement.NONE)
                continue
            self.sections += 1
            new = list(engines_differ.differences(compared.snapshot, number, opinions))
            self.differing += bool(new)
            here += new
        self.differences += [
            {"kind": one.kind, **_json_place(compared, one.number, one.offset, one.opinions)} for one in here
        ]
        return here


async def _compare(paths: Sequence[str], settings: Settings, found: _Found, form: str) -> None:
    async with AsyncExitStack() as closing:
        judges = await _judges(settings.engine, closing)
        await _with(judges, paths, settings, found, form)


async def _with(judges: Sequence[_Judge], paths: Sequence[str], settings: Settings, found: _Found, form: str) -> None:
    report = None if form == "json" else REPORTS[form]()
    at_once = asyncio.Semaphore(2 * settings.engine.workers)
    projects = options.ProjectSettings(settings)
    tasks = {path: asyncio.create_task(_file(path, projects.of(path), judges, at_once)) for path in paths}
    try:
        async with aclosing(several.each(tasks)) as results:
            async for compared in results:
                if compared is None:
                    found.untold += 1
                    continue
                _tell(report, compared, found.add(compared))
                if compared.trouble:
                    complain(f"{compared.name}: not fully compared: {compared.trouble}")
                    found.untold += 1
    except asyncio.CancelledError:
        found.is_canceled = True
        raise
    finally:
        _end(report, form, judges, found)


async def _file(path: str, settings: Settings, judges: Sequence[_Judge], at_once: asyncio.Semaphore) -> _Compared:
    async with at_once:
        document = await asyncio.to_thread(reading.document, path, settings)
        snapshot = Workspace(settings).open(document)
        verdicts = await asyncio.gather(*(Verifier(judge.pool).full(snapshot) for judge in judges))
        pairs = [(judge.label, verdict) for judge, verdict in zip(judges, verdicts, strict=True)]
        opinions = {
            number: [engines_differ.opinion(snapshot, label, verdict, number) for label, verdict in pairs]
            for number in engines_differ.judged(snapshot)
        }
        trouble = "; ".join(f"{label}: {verdict.trouble}" for label, verdict in pairs if verdict.trouble)
        return _Compared(files.shown(path), snapshot, opinions, trouble)


# The engines of the machine.


async def _judges(settings: EngineSettings, closing: AsyncExitStack) -> list[_Judge]:
    """All engines that answer, which `closing` closes. Ends the program where there are fewer than two."""
    pools: dict[tuple[str, ...], Pool] = {}
    missing: list[str] = []
    for candidate in _candidates(replace(settings, enabled=True)):
        launch = await find(candidate)
        if isinstance(launch, Missing):
            missing.append(launch.reason)
            continue
        # A package in two interpreters is one engine; of programs there may be several with one name.
        key = launch.argv if candidate.kind in ("program", "command") else (launch.name,)
        if key not in pools:
            pools[key] = Pool.create(candidate)
            closing.push_async_callback(pools[key].close)
    statuses = await asyncio.gather(*(pool.ready() for pool in pools.values()))
    judges: list[_Judge] = []
    for (key, pool), status in zip(pools.items(), statuses, strict=True):
        if not status.answers or status.identity is None:
            missing.append(status.message)
            continue
        label = str(status.identity)
        if any(judge.label == label for judge in judges):
            label += f" ({' '.join(key)})"
        judges.append(_Judge(label, status.identity, pool))
    if len(judges) < 2:
        there = f"there is only {judges[0].label}" if judges else "there is none"
        misuse(f"comparing takes two engines, and {there}: {'; '.join(dict.fromkeys(missing))}")
    return judges


def _candidates(settings: EngineSettings) -> Iterator[EngineSettings]:
    """What may be there: the packages where the settings name them and where they are without, and the programs."""
    for kind in ("enzyme-ad", "upstream"):
        yield replace(settings, kind=kind)
        if settings.path or settings.python:
            yield replace(settings, kind=kind, path="", python="")
    of_files = [engine_files.read(rule).program for rule in settings.files]
    for program in dict.fromkeys((settings.program, *of_files)):
        if program:
            yield settings.of_kind("program", program)
    if settings.command:
        yield replace(settings, kind="command")


# What is told.


def _tell(report: Report | None, compared: _Compared, here: Sequence[Difference]) -> None:
    """A file's differences, in the formats that know diagnostics."""
    if report is not None:
        shown = tuple(engines_differ.diagnostic(compared.snapshot, one) for one in here)
        report.add(Checked(compared.name, compared.snapshot.document, shown, compared.trouble))


def _end(report: Report | None, form: str, judges: Sequence[_Judge], found: _Found) -> None:
    if report is None:
        print(json.dumps(_json(judges, found), indent=2))
    elif form == "text":
        for line in _summary(judges, found):
            print(visible.line(line))
    else:
        report.end(listed(judge.label for judge in judges))


def _summary(judges: Sequence[_Judge], found: _Found) -> Iterator[str]:
    names = listed(judge.label for judge in judges)
    where = counted(found.files, "file")
    if found.is_canceled:
        yield "interrupted; so far:"
    if not found.sections:
        yield f"nothing in {where} was judged by two of {names}"
    elif found.differing:
        yield f"{names} differ on {found.differing} of {counted(found.sections, 'section')} in {where}"
    else:
        yield f"{names} agree on {counted(found.sections, 'section')} in {where}"
    if found.sections and found.apart:
        yield f"not compared: {counted(len(found.apart), 'section')}"
    for (engine, detail), count in sorted(found.reasons.items()):
        yield f"  {engine} does not judge {counted(count, 'section')}: {detail}"


def _json(judges: Sequence[_Judge], found: _Found) -> JsonObject:
    """The object that docs/checks.md describes."""
    return {
        "engines": [
            {
                "label": judge.label,
                "name": judge.identity.name,
                "version": judge.identity.version,
                "spelling": judge.identity.spelling,
            }
            for judge in judges
        ],
        "isCanceled": found.is_canceled,
        "files": found.files,
        "sections": found.sections,
        "differences": found.differences,
        "notCompared": found.apart,
    }


def _json_place(compared: _Compared, number: int, offset: int, opinions: Sequence[Opinion]) -> JsonObject:
    document = compared.snapshot.document
    return {
        "file": compared.name,
        "section": number,
        "position": _json_position(document, offset),
        "opinions": [_json_opinion(document, one) for one in opinions],
    }


def _json_opinion(document: Document, one: Opinion) -> JsonObject:
    errors = [
        {
            "position": _json_position(document, error.offset),
            "message": error.message,
            "notes": [
                {"message": message, **({} if at is None else {"position": _json_position(document, at)})}
                for message, at in error.notes
            ],
        }
        for error in one.errors
    ]
    return {"engine": one.engine, "verdict": one.judgement.value, "detail": one.detail, "errors": errors}


def _json_position(document: Document, offset: int) -> JsonObject:
    place = document.lines.position(offset, "utf-16")
    return {"line": place.line0, "character": place.column}
