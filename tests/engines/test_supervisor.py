"""A worker that misbehaves in every way we could think of, made to by the scripted engine."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.engines.api import Outcome, Place, State
from enzyme_lsp.engines.pool import Pool
from enzyme_lsp.engines.supervisor import Patience
from enzyme_lsp.settings import EngineSettings
from tests.engines.harness import acting

if TYPE_CHECKING:
    from pathlib import Path

QUICK = Patience(pauses_s=(0.01, 0.02), retry_s=0.0)
STUBBORN = Patience(pauses_s=(0.01, 0.02), retry_s=1000.0)


@pytest.mark.parametrize(
    ("directive", "detail", "repeatable"),
    [
        ("segfault", "SIGSEGV", True),
        ("abort", "SIGABRT", True),
        ("trap", "SIGTRAP", True),
        ("exit 0", "exit status 0", True),
        ("exit 1", "exit status 1", True),
        ("kill", "SIGKILL", False),
        ("terminate", "SIGTERM", False),
    ],
)
async def test_any_end_is_a_crash(directive: str, detail: str, *, repeatable: bool) -> None:
    async with acting() as engine:
        answer = await engine.ask(f"// scripted: {directive}")
        assert answer.outcome is Outcome.CRASHED
        assert answer.detail == detail
        assert answer.repeatable is repeatable
        assert (await engine.ask("")).outcome is Outcome.ACCEPTED


async def test_the_last_words_of_a_crash_are_heard() -> None:
    async with acting() as engine:
        answer = await engine.ask(
            '// scripted: say loc("-":1:2): error: first\n'
            "// scripted: say  type does not have an interface: f80\n"
            "// scripted: say  #0 0x00007f in frame\n"
            "// scripted: exit 1\n"
        )
        assert answer.detail == (
            'exit status 1; last words: loc("-":1:2): error: first type does not have an interface: f80'
        )
        assert answer.problems[0].place == Place(1, 2)


async def test_an_exception_in_the_host_is_a_crash_with_its_name() -> None:
    async with acting() as engine:
        answer = await engine.ask("// scripted: raise no engine does that")
        assert answer.outcome is Outcome.CRASHED
        assert answer.detail.endswith("RuntimeError: no engine does that")


async def test_each_answer_has_its_own_diagnostics() -> None:
    async with acting() as engine:
        first = await engine.ask('// scripted: say loc("-":1:2): warning: first')
        second = await engine.ask('// scripted: say loc("-":1:2): warning: second')
        third = await engine.ask("")
        assert [problem.message for problem in first.problems] == ["first"]
        assert [problem.message for problem in second.problems] == ["second"]
        assert third.problems == ()


async def test_what_goes_to_stdout_does_not_touch_the_wire() -> None:
    async with acting() as engine:
        answer = await engine.ask("// scripted: print loc(unknown): remark: printed by LLVM")
        assert answer.outcome is Outcome.ACCEPTED
        assert [problem.message for problem in answer.problems] == ["printed by LLVM"]


async def test_a_rejection_without_a_diagnostic_says_what_the_call_said() -> None:
    async with acting() as engine:
        answer = await engine.ask("// scripted: error INTERNAL: it is so")
        assert answer.outcome is Outcome.REJECTED
        assert [(problem.message, problem.place) for problem in answer.problems] == [("it is so", None)]


async def test_a_flood_on_stderr_does_not_block() -> None:
    async with acting() as engine:
        answer = await engine.ask('// scripted: flood 40\n// scripted: say loc("-":7:1): warning: at last')
        assert answer.outcome is Outcome.ACCEPTED
        assert answer.problems[-1].message == "at last"


async def test_an_endless_flood_fills_no_disk() -> None:
    async with acting() as engine:
        answer = await engine.ask("// scripted: flood 300")
        assert answer.outcome is Outcome.CRASHED


@pytest.mark.parametrize("directive", ["hang", "sleep"])
async def test_a_hang_ends_at_the_deadline(directive: str) -> None:
    async with acting(settings=EngineSettings(deadline_s=0.1)) as engine:
        answer = await engine.ask(f"// scripted: {directive}")
        assert answer.outcome is Outcome.TIMED_OUT
        assert (await engine.ask("")).outcome is Outcome.ACCEPTED


async def test_a_large_text_comes_back_whole() -> None:
    async with acting() as engine:
        text = "é" * 10_000_000
        assert (await engine.ask(text, "pass")).output == f"pass\n{text}"


async def test_a_large_answer_that_nobody_wants_is_no_trouble() -> None:
    async with acting(settings=EngineSettings(deadline_s=0.01)) as engine:
        await engine.pool.ready()
        answer = await engine.ask(b" " * 50_000_000, "pass")
        assert answer.outcome is Outcome.TIMED_OUT


async def test_a_worker_that_dies_idle_is_replaced() -> None:
    async with acting() as engine:
        await engine.ask("")
        (before,) = engine.pids
        os.kill(before, signal.SIGKILL)
        await engine.until_state(State.RESTARTING)
        await engine.until_state(State.READY)
        assert engine.pids != (before,)


async def test_a_worker_found_dead_is_replaced_before_it_is_asked() -> None:
    async with acting() as engine:
        await engine.ask("")
        (before,) = engine.pids
        os.kill(before, signal.SIGKILL)
        answer = await engine.ask("new")
        # Whether the death or the request is noticed first is up to the system.
        assert answer.outcome in (Outcome.ACCEPTED, Outcome.CRASHED)
        assert (await engine.ask("newer")).outcome is Outcome.ACCEPTED


async def test_a_start_is_tried_again(tmp_path: Path) -> None:
    async with acting(start="exit 3", log=tmp_path / "log", times=2, patience=STUBBORN) as engine:
        assert (await engine.ask("")).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("start", "reason", "attempts"),
    [
        ("exit 3", "exit status 3", 3),
        ("segfault", "SIGSEGV", 3),
        ("fail", "RuntimeError: told to fail", 1),
        ("allocate 99999", "the memory limit of 4096 MB (engine.memoryMb) was reached: MemoryError: ", 1),
    ],
)
async def test_gives_up_on_an_engine_that_does_not_start(
    tmp_path: Path, start: str, reason: str, attempts: int
) -> None:
    log = tmp_path / "log"
    async with acting(start=start, log=log, patience=STUBBORN) as engine:
        answer = await engine.ask("")
        assert answer.outcome is Outcome.UNAVAILABLE
        assert answer.detail == f"scripted does not start: {reason}"
        assert engine.pool.status.state is State.FAILED
        assert (await engine.ask("")).outcome is Outcome.UNAVAILABLE
        assert len(log.read_text().splitlines()) == attempts


async def test_tries_again_on_demand_after_a_pause(tmp_path: Path) -> None:
    async with acting(start="exit 3", log=tmp_path / "log", times=3, patience=QUICK) as engine:
        assert (await engine.ask("")).outcome is Outcome.UNAVAILABLE
        assert (await engine.ask("")).outcome is Outcome.ACCEPTED


async def test_a_start_that_hangs_ends_at_its_deadline() -> None:
    settings = EngineSettings(start_deadline_s=0.2)
    async with acting(start="hang", settings=settings) as engine:
        assert (await engine.pool.ready()).message == "scripted does not start: no answer in 0.2 s"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (("/nonexistent/engine",), "/nonexistent/engine cannot be run: [Errno 2] "),
        ((sys.executable, "-c", "print('hello' * 10)"), "is no worker of ours: a frame begins with "),
        ((sys.executable, "-c", "print('hello')"), "exit status 0"),
    ],
)
async def test_a_command_that_is_no_worker_is_told(command: tuple[str, ...], reason: str) -> None:
    pool = Pool.create(EngineSettings(kind="command", command=command))
    try:
        status = await pool.ready()
        assert status.state is State.FAILED
        assert reason in status.message
    finally:
        await pool.close()


async def test_closing_answers_what_is_under_way() -> None:
    async with acting(workers=2) as engine:
        asking = [engine.asking(f"// scripted: hang\n// {number}") for number in range(4)]
        await engine.until_state(State.BUSY)
        await engine.pool.close()
        answers = await asyncio.gather(*asking)
        assert {answer.outcome for answer in answers} == {Outcome.UNAVAILABLE}
        assert (await engine.ask("")).outcome is Outcome.UNAVAILABLE


@pytest.mark.parametrize("start", ["hang", "exit 1", ""])
async def test_closing_ends_a_start(start: str) -> None:
    async with acting(start=start) as engine:
        asking = engine.asking("")
        await engine.until_state(State.STARTING)
        await engine.pool.close()
        assert (await asking).outcome is Outcome.UNAVAILABLE


async def test_closing_is_fine_at_any_moment() -> None:
    chance = random.Random(1)
    for _ in range(15):
        async with acting(workers=2) as engine:
            asking = [engine.asking(f"// scripted: delay 0.001\n// {number}") for number in range(50)]
            await asyncio.wait(asking, timeout=chance.uniform(0, 0.15))
            await engine.pool.close()
            outcomes = {answer.outcome for answer in await asyncio.gather(*asking)}
            assert outcomes <= {Outcome.ACCEPTED, Outcome.UNAVAILABLE}
            assert engine.states[-1] is State.CLOSED
            assert not engine.pids
