"""`enzyme-lsp doctor`: which engines are there, whether each answers, and which answers what; not how one is run."""

from __future__ import annotations

import asyncio
import json
import platform
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from enzyme_lsp import __version__, engine_files, log
from enzyme_lsp.cli import files, options, trials, visible
from enzyme_lsp.engines.engines import Engines, engine
from enzyme_lsp.engines.interpreters import Missing
from enzyme_lsp.engines.upstream import client as upstream

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping, Sequence

    from enzyme_lsp.cli.trials import EngineReport
    from enzyme_lsp.settings import EngineSettings, Settings

PACKAGES = ("pygls", "lsprotocol", "rich", "enzyme-ad", "xtc-mlir-python-bindings")


def run(arguments: Namespace) -> int:
    """Exit code 0 when the engines that the settings mean answer, and rightly; else 1."""
    settings = options.settings_from(arguments)
    log.set_up(settings.log)
    report = asyncio.run(_examined(settings, files.named(arguments.paths)))
    if arguments.json:
        print(json.dumps(asdict(report), indent=2))
    else:
        _print(report)
    return 0 if report.is_well else 1


@dataclass(frozen=True, slots=True)
class Answers:
    """Which engine answers what of some files: a name each, or empty for nobody."""

    files: str
    """A pattern or a path; empty for all that have no engine of their own."""
    by: str
    """The setting that says so."""
    verifies: str
    differentiates: str
    lowers: str
    converts_bytecode: str
    runs_machine_code: str


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """Everything, as `--json` prints it."""

    version: str
    python: str
    executable: str
    platform: str
    packages: dict[str, str | None]
    """None for one that this interpreter does not have; the engine may be in another interpreter."""
    engine: EngineReport
    """That of all files that have no other."""
    engines: tuple[EngineReport, ...]
    """All that settings mean or that are installed."""
    answers: tuple[Answers, ...]

    @property
    def is_well(self) -> bool:
        """Whether all engines are that settings mean, and that of all other files, which has to be there."""
        return self.engine.is_well and all(one.is_well for one in self.engines if one.by)


async def _examined(settings: Settings, paths: Sequence[str]) -> DoctorReport:
    engines = Engines()
    try:
        meant = list(_meant(settings, paths))
        reports = await trials.reports(engines, [(by, one) for _, by, one in meant if by == BASE or one.is_wanted])
        beside = [await upstream.find_converter(settings.engine), await upstream.find_machine(settings.engine)]
        names = ["" if isinstance(one, Missing) else one.name.rpartition(" of ")[2] for one in beside]
        return DoctorReport(
            version=__version__,
            python=platform.python_version(),
            executable=sys.executable,
            platform=platform.platform(),
            packages={name: _installed(name) for name in PACKAGES},
            engine=next(iter(reports.values())),
            engines=tuple({id(one): one for one in reports.values()}.values()),
            answers=tuple(_answers(reports, *one, *names) for one in meant),
        )
    finally:
        await engines.close()


BASE = "engine.kind"


def _meant(settings: Settings, paths: Sequence[str]) -> Iterator[tuple[str, str, EngineSettings]]:
    """Which engine which files have, and by which setting."""
    own = settings.engine
    yield "", BASE, own
    for text in own.files if own.enabled else ():
        rule = engine_files.read(text)
        yield rule.pattern, f"engine.files: {rule}", own.of_kind(rule.kind, rule.program)
    projects = options.ProjectSettings(settings)
    for path in paths:
        found = projects.of(path).engine
        absolute = str(Path(path).absolute())
        rule = None if path == files.STDIN else engine_files.first(own.files, absolute, [str(Path.cwd())])
        by = BASE if engine(found) == engine(own) else "the project file"
        yield path, by if rule is None else f"engine.files: {rule}", found


def _answers(
    reports: Mapping[EngineSettings, EngineReport],
    pattern: str,
    by: str,
    settings: EngineSettings,
    converter: str,
    machine: str,
) -> Answers:
    own = reports.get(engine(settings))
    # As `Engines.differentiating` has it.
    other = reports.get(engine(settings.of_kind("enzyme-ad"))) if settings.kind != "auto" else None
    differentiates = next((one.label for one in (own, other) if own and one and one.can_differentiate), "")
    label = own.label if own else ""
    return Answers(pattern, by, label, differentiates, label, converter, machine)


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _print(report: DoctorReport) -> None:
    console = Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
    console.print(Text(f"enzyme-lsp {report.version}", "bold"))
    _row(console, "Python", f"{report.python}, {report.executable}")
    _row(console, "platform", report.platform)
    for name, version in report.packages.items():
        _row(console, name.removeprefix("xtc-"), version or "not installed for this Python")
    for one in report.engines:
        console.print()
        _print_engine(console, one, is_default=one is report.engine)
    _print_answers(console, report)
    if not report.engine.trials:
        return
    verdict = ("all is well", "bold green") if report.is_well else ("not all engines are well", "bold red")
    console.print(Text.assemble("\n", verdict))


def _print_engine(console: Console, one: EngineReport, *, is_default: bool) -> None:
    if not one.trials:
        whose = "" if is_default else f" for {', '.join(one.by)}"
        console.print(Text.assemble((f"no engine answers{whose}", "bold red"), f": {visible.line(one.message)}"))
        if is_default:
            console.print(WITHOUT)
        return
    console.print(Text(one.label, "bold"))
    _row(console, "used by", "; ".join(one.by) or "no setting, but installed")
    _row(console, "started", f"in {one.start_s:.1f} s")
    _row(console, "spelling", one.spelling)
    for trial in one.trials:
        words = f': "{visible.line(trial.words)}"' if trial.words else ""
        _row(console, trial.name, f"{trial.outcome} in {trial.ms:.1f} ms{words}")
        if not trial.is_well:
            console.print(Text(f"  this should have been {trial.wanted}", "bold red"))
    if one.lack:
        console.print(Text.assemble("  what it cannot do: ", (visible.line(one.lack), "yellow")))


def _print_answers(console: Console, report: DoctorReport) -> None:
    """Which engine answers what, and then what is otherwise for some files."""
    base, *others = report.answers
    console.print(Text("\nwhich engine answers what", "bold"))
    _row(console, "verifies", base.verifies or "nobody")
    _row(console, "differentiates", base.differentiates or "nobody")
    _row(console, "lowers", base.lowers or "nobody")
    _row(console, "converts bytecode", base.converts_bytecode or "nobody")
    _row(console, "runs machine code", base.runs_machine_code or "nobody")
    for one in others:
        differentiates = one.differentiates if one.differentiates != one.verifies else ""
        also = f"; {differentiates} differentiates" if differentiates else ""
        _row(console, one.files, f"{one.verifies or 'no engine'}, by {one.by}{also}")


WITHOUT = """\

What still works: syntax errors and the checks of enzyme-lsp itself, in every editor and on the command line.
What does not: everything that only a compiler knows, such as undeclared values and wrong types.
On this command line the settings are options: --engine-python for engine.python, --engine-path for engine.path."""


def _row(console: Console, name: str, value: str) -> None:
    console.print(Text.assemble((f"  {visible.line(name):<24}", "dim"), visible.line(value)))
