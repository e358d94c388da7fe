"""What every engine does, whichever it is: one suite over all that are here."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.engines.api import Outcome, Place, Request, State
from tests.engines.harness import VALID, opened

if TYPE_CHECKING:
    from enzyme_lsp.engines.api import Answer
    from tests.engines.harness import Subject

# Each does the same to a real engine and, by its first line, to the scripted one.
CRASHING = "// scripted: segfault\nfunc.func @f() attributes {a = " + "[" * 1_000_000 + "]" * 1_000_000 + "} {return}"
SLOW = (
    "// scripted: hang\nfunc.func @slow(%x: f64) {\n"
    + "".join(f"  %y{i} = arith.mulf %x, %x : f64\n" for i in range(100_000))
    + "  return\n}\n"
)
# Copied several times on its way, each time in one piece: so it is an allocation that fails, and says so.
GREEDY = "// scripted: allocate 200\n//" + " " * 80_000_000


GENERIC = b"""\
func.func @f() -> i32 {
  %0 = "arith.constant"() {value = 1 : i32} : () -> i32 loc("-":7:8)
  return %0 : i32
}
"""


def resident_kb(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def rejected_at(answer: Answer) -> Place | None:
    assert answer.outcome is Outcome.REJECTED
    assert answer.problems[0].severity == "error"
    return answer.problems[0].place


async def test_loads_and_says_who_it_is(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        status = await engine.pool.ready()
        assert status.state is State.READY
        assert status.identity is not None
        assert status.identity.name == subject.name
        assert status.identity.spelling == subject.spelling
        assert status.message == f"{status.identity} is ready"


async def test_accepts_a_valid_module(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        answer = await engine.ask(VALID)
        assert answer.outcome is Outcome.ACCEPTED
        assert answer.problems == ()
        assert answer.output is None
        assert answer.engine == engine.pool.status.identity


async def test_accepts_a_derivative_in_its_spelling(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        assert (await engine.ask(subject.fwddiff)).outcome is Outcome.ACCEPTED


async def test_accepts_an_empty_text(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        assert (await engine.ask("")).outcome is Outcome.ACCEPTED


async def test_rejects_with_a_place(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        assert rejected_at(await engine.ask("module {\n  scripted.error\n}\n")) == Place(2, 3)


async def test_prints_the_module_after_a_pipeline(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        answer = await engine.ask(VALID, "canonicalize")
        assert answer.outcome is Outcome.ACCEPTED
        assert answer.output is not None
        assert "func.func @f(" in answer.output


async def test_prints_the_generic_form_with_places(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        answer = await engine.pool.run(Request(GENERIC, generic=True))
        assert answer.outcome is Outcome.ACCEPTED
        assert '"arith.constant"()' in (answer.output or "")
        assert 'loc("-":7:8)' in (answer.output or "")
        assert (await engine.ask(GENERIC)).output is None


async def test_prints_the_generic_form_after_a_pipeline(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        answer = await engine.pool.run(Request(GENERIC, "canonicalize", generic=True))
        assert answer.outcome is Outcome.ACCEPTED
        assert '"arith.constant"()' in (answer.output or "")


async def test_rejects_in_generic_form_as_else(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        text = b"module {\n  scripted.error\n}\n"
        assert rejected_at(await engine.pool.run(Request(text, generic=True))) == Place(2, 3)


async def test_rejects_a_bad_pipeline(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        place = rejected_at(await engine.ask(VALID, "bad"))
        assert place == Place(1, 1, "MLIR Textual PassPipeline Parser")


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("é漢😀".encode(), id="beyond ASCII"),
        pytest.param(b"\xff\xfe\xc3\xed\xa0\x80", id="invalid UTF-8"),
        pytest.param(b"a\0b\0", id="NUL"),
    ],
)
async def test_counts_columns_in_bytes(subject: Subject, before: bytes) -> None:
    async with opened(subject.settings) as engine:
        line = b'"builtin.module"() ({}) {a = "%s"} : () -> () ' % before
        assert rejected_at(await engine.ask(line + b"scripted.error")) == Place(1, len(line) + 1)


async def test_does_not_stop_at_a_nul(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        assert rejected_at(await engine.ask(b"// \0\n\0scripted.error")) == Place(2, 2)


async def test_a_crash_costs_one_answer(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        answers = await asyncio.gather(*(engine.ask(text) for text in (VALID, CRASHING, VALID + b" ")))
        outcomes = [answer.outcome for answer in answers]
        assert outcomes == [Outcome.ACCEPTED, Outcome.CRASHED, Outcome.ACCEPTED]
        assert answers[1].detail == "SIGSEGV"
        assert answers[1].engine == answers[0].engine


async def test_a_crash_is_remembered(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        first = await engine.ask(CRASHING)
        assert await engine.ask(CRASHING) is first


async def test_a_deadline_ends_a_request(subject: Subject) -> None:
    async with opened(subject.settings, deadline_s=subject.quick_s) as engine:
        slow = SLOW * round(subject.quick_s / 0.05)
        answer = await engine.ask(slow)
        assert answer.outcome is Outcome.TIMED_OUT
        assert answer.detail == f"no answer in {subject.quick_s:g} s"
        assert engine.pool.cached(Request(slow.encode())) is None
        assert (await engine.ask(VALID)).outcome is Outcome.ACCEPTED


async def test_a_canceled_request_is_stopped(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        asking = engine.asking(SLOW + SLOW)
        await engine.until_state(State.BUSY)
        before = engine.pids
        asking.cancel()
        await engine.until_state(State.RESTARTING)
        assert (await engine.ask(VALID)).outcome is Outcome.ACCEPTED
        assert engine.pids != before
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_equal_requests_are_answered_once(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        answers = await asyncio.gather(*(engine.ask(VALID) for _ in range(10)))
        assert all(answer is answers[0] for answer in answers)
        assert engine.states.count(State.BUSY) == 1
        assert await engine.ask(VALID) is answers[0]
        assert engine.pool.cached(Request(VALID)) is answers[0]
        assert engine.pool.cached(Request(VALID, "cse")) is None


async def test_a_limit_on_memory_ends_a_request(subject: Subject) -> None:
    async with opened(subject.settings, memory_mb=subject.small_memory_mb) as engine:
        answer = await engine.ask(GREEDY)
        assert answer.outcome is Outcome.CRASHED
        assert answer.detail.startswith(
            f"the memory limit of {subject.small_memory_mb} MB (engine.memoryMb) was reached"
        )
        assert (await engine.ask(VALID)).outcome is Outcome.ACCEPTED


async def test_says_what_it_does(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        await engine.ask(VALID)
        await engine.ask(CRASHING)
        await engine.until_state(State.READY)
    assert engine.states == [
        *(State.STARTING, State.READY, State.BUSY, State.READY),
        *(State.BUSY, State.RESTARTING, State.READY, State.CLOSED),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_does_not_grow(subject: Subject) -> None:
    async with opened(subject.settings, cache_entries=0) as engine:

        async def resident_kb_after(requests: int) -> int:
            for number in range(requests):
                answer = await engine.ask(b"%s// %d\n" % (VALID, number), "canonicalize")
                assert answer.outcome is Outcome.ACCEPTED
            (pid,) = engine.pids
            return resident_kb(pid)

        before = await resident_kb_after(subject.many // 2)
        assert await resident_kb_after(subject.many * 3 // 2) < before + 4096


async def test_two_pools_do_not_meet(subject: Subject) -> None:
    async with opened(subject.settings) as one, opened(subject.settings) as other:
        texts = [b"\n" * count + b"scripted.error" for count in range(50)]
        answers = await asyncio.gather(*(engine.ask(text) for text in texts for engine in (one, other)))
        lines = [place.line for answer in answers if (place := rejected_at(answer))]
        assert lines == [count + 1 for count in range(50) for _ in range(2)]
        assert not set(one.pids) & set(other.pids)


async def test_every_request_is_answered_once_while_workers_are_killed(subject: Subject) -> None:
    chance = random.Random(1)
    async with opened(subject.settings, workers=2) as engine:
        asked = [
            engine.asking(b"// scripted: delay 0.002\n%s// %d" % (VALID, number)) for number in range(subject.many)
        ]
        kills = 0
        while not all(task.done() for task in asked):
            await asyncio.wait(asked, timeout=chance.uniform(0.001, 0.02))
            for pid in engine.pids:
                if kills < 10 and chance.random() < 0.5:
                    # It may have ended without our having been told.
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, chance.choice([signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM]))
                        kills += 1
        outcomes = [task.result().outcome for task in asked]
        assert outcomes.count(Outcome.ACCEPTED) + outcomes.count(Outcome.CRASHED) == subject.many
        assert outcomes.count(Outcome.CRASHED) <= kills
        assert kills
