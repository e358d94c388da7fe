"""Several engines at once: which settings mean the same one, and that each is a world of its own."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.engines.api import Outcome, Request, State
from enzyme_lsp.engines.engines import Engines
from enzyme_lsp.engines.enzyme import client as enzyme
from enzyme_lsp.engines.interpreters import Missing
from enzyme_lsp.engines.supervisor import Launch
from enzyme_lsp.engines.upstream import client as upstream
from enzyme_lsp.settings import EngineSettings
from tests.engines import scripted
from tests.engines.harness import VALID

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SCRIPTED = EngineSettings(kind="command", command=scripted.command(), workers=1)
OTHER = replace(SCRIPTED, command=scripted.command(spelling="strict"))
MISSING = EngineSettings(kind="program", program=("no-such-opt",))


@asynccontextmanager
async def opened() -> AsyncGenerator[Engines]:
    engines = Engines()
    try:
        yield engines
    finally:
        await engines.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (EngineSettings(), EngineSettings(program=("mlir-opt",), command=("x",))),
        (EngineSettings(kind="upstream"), EngineSettings(kind="upstream", path="/p", program=("mlir-opt",))),
        (EngineSettings(kind="program", program=("a",)), EngineSettings(kind="program", program=("a",), python="p")),
        (EngineSettings(kind="none", workers=3), EngineSettings(kind="none", python="p")),
        (EngineSettings(enabled=False), EngineSettings(enabled=False, kind="upstream")),
    ],
)
async def test_what_says_nothing_about_an_engine_makes_no_other(one: EngineSettings, other: EngineSettings) -> None:
    async with opened() as engines:
        assert engines.of(one) is engines.of(other)


@pytest.mark.parametrize(
    "other",
    [
        EngineSettings(kind="enzyme-ad"),
        EngineSettings(kind="upstream"),
        EngineSettings(python="p"),
        EngineSettings(path="/p"),
        EngineSettings(memory_mb=100),
        EngineSettings(enabled=False),
    ],
)
async def test_another_engine_has_another_pool(other: EngineSettings) -> None:
    async with opened() as engines:
        assert engines.of(EngineSettings()) is not engines.of(other)


async def test_equal_questions_of_the_same_engine_are_answered_once() -> None:
    async with opened() as engines:
        answer = await engines.of(SCRIPTED).run(Request(VALID))
        assert engines.of(replace(SCRIPTED, python="p")).cached(Request(VALID)) is answer


async def test_a_missing_and_a_dying_engine_cost_another_nothing() -> None:
    async with opened() as engines:
        missing, dying, well = await asyncio.gather(
            engines.of(MISSING).run(Request(VALID)),
            engines.of(OTHER).run(Request(b"// scripted: segfault")),
            engines.of(SCRIPTED).run(Request(VALID)),
        )
        assert missing.outcome is Outcome.UNAVAILABLE
        assert dying.outcome is Outcome.CRASHED
        assert well.outcome is Outcome.ACCEPTED
        assert engines.of(SCRIPTED).status.state is State.READY


async def test_what_is_not_meant_any_more_is_closed() -> None:
    async with opened() as engines:
        kept, closed = engines.of(SCRIPTED), engines.of(OTHER)
        await asyncio.gather(kept.run(Request(VALID)), closed.run(Request(VALID)))
        engines.keep([SCRIPTED])
        assert engines.pools == (kept,)
        await engines.close()
        assert kept.pids == closed.pids == ()
        assert closed.status.state is State.CLOSED


async def test_what_was_asked_a_moment_ago_is_kept() -> None:
    async with opened() as engines:
        pool = engines.of(SCRIPTED)
        await pool.run(Request(VALID))
        engines.keep([], idle_s=60)
        assert engines.pools == (pool,)
        await asyncio.sleep(0.02)
        engines.keep([], idle_s=0.01)
        assert engines.pools == ()


async def test_what_works_is_not_idle() -> None:
    async with opened() as engines:
        pool = engines.of(SCRIPTED)
        asked = asyncio.create_task(pool.run(Request(b"// scripted: delay 0.2")))
        await asyncio.sleep(0.05)
        engines.keep([], idle_s=0.01)
        assert (await asked).outcome is Outcome.ACCEPTED


async def test_what_differentiates_in_the_place_of_what_cannot() -> None:
    verifies = replace(SCRIPTED, command=scripted.command(spelling="none"))
    async with opened() as engines:
        able = engines.of(SCRIPTED)
        assert await engines.differentiating(SCRIPTED) is able
        assert await engines.differentiating(MISSING) is engines.of(MISSING)
        # Of an enzyme-ad that is not there nothing is to be had.
        elsewhere = replace(verifies, python="/nonexistent/python", path="/nonexistent")
        assert await engines.differentiating(elsewhere) is engines.of(elsewhere)


async def test_auto_shares_the_enzyme_ad_that_it_has_found(classic: object) -> None:
    del classic
    async with opened() as engines:
        auto = engines.of(EngineSettings(workers=1))
        await auto.ready()
        assert engines.of(EngineSettings(kind="enzyme-ad", workers=1)) is auto
        assert engines.pools == (auto,)
        engines.keep([EngineSettings(kind="enzyme-ad", workers=1)])
        assert engines.pools == (auto,)
        upstream = EngineSettings(kind="upstream", workers=1)
        if (await engines.of(upstream).ready()).state is State.READY:
            assert await engines.differentiating(EngineSettings(workers=1).of_kind("upstream")) is auto


async def test_auto_shares_the_upstream_that_it_has_found(upstream: object, monkeypatch: pytest.MonkeyPatch) -> None:
    del upstream

    async def find(_: EngineSettings) -> Missing:
        return Missing("it is not there")

    monkeypatch.setattr(enzyme, "find", find)
    async with opened() as engines:
        auto = engines.of(EngineSettings(workers=1))
        await auto.ready()
        assert engines.of(EngineSettings(workers=1).of_kind("upstream")) is auto
        assert await engines.differentiating(EngineSettings(workers=1).of_kind("upstream")) is auto


async def test_a_python_that_is_named_for_one_engine_may_have_no_other(classic: object) -> None:
    del classic
    async with opened() as engines:
        status = await engines.of(EngineSettings(kind="upstream", python=sys.executable).of_kind("enzyme-ad")).ready()
        assert status.state is State.READY


@pytest.mark.parametrize("start", ["fail", "exit 1"])
async def test_auto_is_upstream_where_enzyme_ad_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch, start: str) -> None:
    _find(monkeypatch, Launch("enzyme-ad", scripted.command(start=start)), Launch("mlir", scripted.command()))
    async with opened() as engines:
        auto = engines.of(EngineSettings(workers=2))
        answers = await asyncio.gather(*(auto.run(Request(VALID + bytes([10] * count))) for count in range(4)))
        assert [answer.outcome for answer in answers] == [Outcome.ACCEPTED] * 4
        assert str((await auto.ready()).identity) == "scripted 1"


async def test_where_upstream_is_not_there_either_it_is_told_why_enzyme_ad_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _find(monkeypatch, Launch("enzyme-ad", scripted.command(start="fail")), Missing("it is not there"))
    async with opened() as engines:
        auto = engines.of(EngineSettings(workers=2))
        answer = await auto.run(Request(VALID))
        assert (answer.outcome, answer.detail) == (
            Outcome.UNAVAILABLE,
            "enzyme-ad does not start: RuntimeError: told to fail",
        )
        assert (await auto.ready()).state is State.FAILED


def _find(monkeypatch: pytest.MonkeyPatch, enzyme_ad: Launch | Missing, mlir: Launch | Missing) -> None:
    async def found(_: EngineSettings, *, what: Launch | Missing) -> Launch | Missing:
        return what

    monkeypatch.setattr(enzyme, "find", partial(found, what=enzyme_ad))
    monkeypatch.setattr(upstream, "find", partial(found, what=mlir))
