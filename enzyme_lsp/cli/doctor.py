"""`enzyme-lsp doctor`: what is installed and whether the engine answers; must not know how it is run."""

from __future__ import annotations

import asyncio
import json
import platform
import sys
import time
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from enzyme_lsp import __version__, log
from enzyme_lsp.cli import options, visible
from enzyme_lsp.engines.api import Answer, Outcome, Request, Spelling, State, Status
from enzyme_lsp.engines.pool import Lane, Pool

if TYPE_CHECKING:
    from argparse import Namespace

    from enzyme_lsp.settings import Settings

PACKAGES = ("pygls", "lsprotocol", "rich", "enzyme-ad", "xtc-mlir-python-bindings")


def run(arguments: Namespace) -> int:
    """Exit code 0 when the engine answers, and rightly; else 1."""
    settings = options.settings_from(arguments)
    log.set_up(settings.log)
    report = asyncio.run(_examined(settings))
    if arguments.json:
        print(json.dumps(asdict(report), indent=2))
    else:
        _print(report)
    return 0 if report.engine.is_well else 1


@dataclass(frozen=True, slots=True)
class Trial:
    """One request, and what came of it."""

    name: str
    wanted: str
    outcome: str
    is_well: bool
    ms: float
    words: str
    """The engine's first words."""


@dataclass(frozen=True, slots=True)
class EngineReport:
    """The engine."""

    is_well: bool
    state: str
    name: str
    version: str
    spelling: str
    start_s: float
    message: str
    trials: tuple[Trial, ...]
    lack: str = ""
    """What it cannot do, and what to do about it."""


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


@dataclass(frozen=True, slots=True)
class _Probe:
    name: str
    wanted: Outcome
    text: str


async def _examined(settings: Settings) -> DoctorReport:
    return DoctorReport(
        version=__version__,
        python=platform.python_version(),
        executable=sys.executable,
        platform=platform.platform(),
        packages={name: _installed(name) for name in PACKAGES},
        engine=await _engine(settings),
    )


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


async def _engine(settings: Settings) -> EngineReport:
    pool = Pool.create(settings.engine)
    try:
        started = time.perf_counter()
        status = await pool.ready()
        start_s = time.perf_counter() - started
        identity = status.identity
        if status.state not in (State.READY, State.BUSY) or identity is None:
            return _no_engine(status)
        probes = _probes(identity.spelling)
        trials = [
            _trial(probe, await pool.run(Request(probe.text.encode()), lane=Lane.INTERACTIVE)) for probe in probes
        ]
        is_well = all(trial.is_well for trial in trials)
        return EngineReport(
            is_well,
            status.state.value,
            identity.name,
            identity.version,
            identity.spelling,
            start_s,
            message="",
            trials=tuple(trials),
            lack=identity.lack,
        )
    finally:
        await pool.close()


def _no_engine(status: Status) -> EngineReport:
    return EngineReport(
        is_well=False,
        state=status.state.value,
        name="",
        version="",
        spelling="none",
        start_s=0,
        message=status.message,
        trials=(),
    )


def _trial(probe: _Probe, answer: Answer) -> Trial:
    words = answer.problems[0].message if answer.problems else answer.detail
    is_well = answer.outcome is probe.wanted
    return Trial(probe.name, probe.wanted.value, answer.outcome.value, is_well, answer.seconds * 1000, words)


_ATTRIBUTES: dict[Spelling, str] = {
    "classic": "{activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]}",
    "strict": "<activity = [#enzyme.activity<enzyme_active>], ret_activity = [#enzyme.activity<enzyme_activenoneed>]>",
}


_GRADIENT = """\
func.func @f(%x: f64) -> f64 {
  %g = "enzyme.init"() : () -> !enzyme.Gradient<f64>
  %y = "enzyme.get"(%value) : (!enzyme.Gradient<f64>) -> f64
  return %y : f64
}
"""


def _probes(spelling: Spelling) -> tuple[_Probe, ...]:
    right, wrong = (
        _Probe("a sum", Outcome.ACCEPTED, _function("arith.addf %x, %x : f64")),
        _Probe("a sum of unlike types", Outcome.REJECTED, _function("arith.addf %x, %x : f32")),
    )
    if spelling == "generic":
        return (
            right,
            wrong,
            _Probe("a gradient", Outcome.ACCEPTED, _GRADIENT.replace("%value", "%g")),
            _Probe("a gradient of a number", Outcome.REJECTED, _GRADIENT.replace("%value", "%x")),
        )
    attributes = _ATTRIBUTES.get(spelling)
    if attributes is None:
        return right, wrong
    declared = "func.func private @square(f64) -> f64\n"
    call = f"enzyme.autodiff @{{}}(%x, %x) {attributes} : (f64, f64) -> f64"
    return (
        _Probe("a derivative", Outcome.ACCEPTED, declared + _function(call.replace("{}", "square"))),
        _Probe("a derivative of nothing", Outcome.REJECTED, declared + _function(call.replace("{}", "nobody"))),
    )


def _function(operation: str) -> str:
    return f"func.func @f(%x: f64) -> f64 {{\n  %y = {operation}\n  return %y : f64\n}}\n"


def _print(report: DoctorReport) -> None:
    console = Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
    console.print(Text(f"enzyme-lsp {report.version}", "bold"))
    _row(console, "Python", f"{report.python}, {report.executable}")
    _row(console, "platform", report.platform)
    for name, version in report.packages.items():
        _row(console, name.removeprefix("xtc-"), version or "not installed for this Python")
    console.print()
    engine = report.engine
    if not engine.trials:
        console.print(Text.assemble(("no engine answers", "bold red"), f": {visible.line(engine.message)}"))
        console.print(WITHOUT)
        return
    console.print(Text(f"{engine.name} {engine.version}".rstrip(), "bold"))
    _row(console, "started", f"in {engine.start_s:.1f} s")
    _row(console, "spelling", engine.spelling)
    for trial in engine.trials:
        words = f': "{visible.line(trial.words)}"' if trial.words else ""
        _row(console, trial.name, f"{trial.outcome} in {trial.ms:.1f} ms{words}")
        if not trial.is_well:
            console.print(Text(f"  this should have been {trial.wanted}", "bold red"))
    if engine.lack:
        console.print(Text.assemble("\n", ("what it cannot do", "bold yellow"), f": {visible.line(engine.lack)}"))
    verdict = ("all is well", "bold green") if engine.is_well else ("the engine answers wrongly", "bold red")
    console.print(Text.assemble("\n", verdict))


WITHOUT = """\

What still works: syntax errors and the checks of enzyme-lsp itself, in every editor and on the command line.
What does not: everything that only a compiler knows, such as undeclared values and wrong types.
On this command line the settings are options: --engine-python for engine.python, --engine-path for engine.path."""


def _row(console: Console, name: str, value: str) -> None:
    console.print(Text.assemble((f"  {name:<24}", "dim"), visible.line(value)))
