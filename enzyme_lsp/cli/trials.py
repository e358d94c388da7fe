"""Trials: the engines of a machine are asked whether they answer, and rightly; must not know how any of them is run."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from enzyme_lsp.engines.api import Answer, Outcome, Request, Spelling, Status
from enzyme_lsp.engines.engines import engine
from enzyme_lsp.engines.interpreters import Missing
from enzyme_lsp.engines.pool import Lane, find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from enzyme_lsp.engines.engines import Engines
    from enzyme_lsp.engines.pool import Pool
    from enzyme_lsp.settings import EngineSettings


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
    """An engine."""

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
    by: tuple[str, ...] = ()
    """The settings that mean it; none for one that is only installed."""

    @property
    def label(self) -> str:
        """What it is called; empty for one that does not answer."""
        return f"{self.name} {self.version}".strip()

    @property
    def can_differentiate(self) -> bool:
        """Whether it has Enzyme's passes."""
        return self.spelling in ("classic", "strict")


async def reports(engines: Engines, meant: Sequence[tuple[str, EngineSettings]]) -> dict[EngineSettings, EngineReport]:
    """The engines that settings mean, each with a word for the setting, and the others that are installed.

    By the settings, as `engines.engine` has them; those that mean the same engine have the same report.
    """
    found: dict[EngineSettings, Pool] = {}
    commands: dict[tuple[str, ...], Pool] = {}
    words: dict[Pool, dict[str, None]] = {}
    for word, settings in meant:
        pool = await _pool(engines, settings, commands)
        found[engine(settings)] = pool or engines.of(settings)
        words.setdefault(found[engine(settings)], {})[word] = None
    for kind in ("enzyme-ad", "upstream"):
        settings = replace(meant[0][1], enabled=True).of_kind(kind)
        if (pool := await _pool(engines, settings, commands)) is not None:
            found.setdefault(engine(settings), pool)
            words.setdefault(pool, {})
    made = await asyncio.gather(*(_report(pool, tuple(by)) for pool, by in words.items()))
    of_pools = dict(zip(words, made, strict=True))
    return {settings: of_pools[pool] for settings, pool in found.items()}


async def _pool(engines: Engines, settings: EngineSettings, commands: dict[tuple[str, ...], Pool]) -> Pool | None:
    """The pool of an engine, the first of those that are started by the same command; None where it is missing."""
    launch = await find(settings)
    return None if isinstance(launch, Missing) else commands.setdefault(launch.argv, engines.of(settings))


async def _report(pool: Pool, by: tuple[str, ...]) -> EngineReport:
    started = time.perf_counter()
    status = await pool.ready()
    start_s = time.perf_counter() - started
    identity = status.identity
    if not status.answers or identity is None:
        return _no_engine(status, by)
    trials = [
        _trial(probe, await pool.run(Request(probe.text.encode()), lane=Lane.INTERACTIVE))
        for probe in _probes(identity.spelling)
    ]
    return EngineReport(
        all(trial.is_well for trial in trials),
        status.state.value,
        identity.name,
        identity.version,
        identity.spelling,
        start_s,
        message="",
        trials=tuple(trials),
        lack=identity.lack,
        by=by,
    )


def _no_engine(status: Status, by: tuple[str, ...]) -> EngineReport:
    return EngineReport(
        is_well=False,
        state=status.state.value,
        name="",
        version="",
        spelling="none",
        start_s=0,
        message=status.message,
        trials=(),
        by=by,
    )


@dataclass(frozen=True, slots=True)
class _Probe:
    name: str
    wanted: Outcome
    text: str


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
