"""The queue: who is served first, what is shared, and what becomes of a request that nobody waits for."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from enzyme_lsp.engines.api import Outcome, Request, State
from enzyme_lsp.engines.interpreters import Missing
from enzyme_lsp.engines.pool import Lane, Pool, find
from enzyme_lsp.engines.supervisor import Launch, Patience
from enzyme_lsp.settings import EngineSettings
from tests.engines import scripted
from tests.engines.harness import acting

HANG = "// scripted: sleep\n"


async def test_nothing_starts_before_it_is_needed() -> None:
    async with acting() as engine:
        assert engine.pool.status.state is State.STARTING
        assert engine.pool.cached(Request(b"")) is None
        assert not engine.pids


async def test_interactive_requests_pass_queued_background_ones() -> None:
    async with acting() as engine:
        order: list[str] = []

        async def ask(name: str, lane: Lane) -> None:
            await engine.ask(name, lane=lane)
            order.append(name)

        background = [asyncio.create_task(ask(f"background {n}", Lane.BACKGROUND)) for n in range(3)]
        await engine.until_state(State.BUSY)
        await ask("interactive", Lane.INTERACTIVE)
        await asyncio.gather(*background)
        assert order == ["background 0", "interactive", "background 1", "background 2"]


async def test_an_interactive_request_does_not_wait_for_background_ones_that_run() -> None:
    async with acting(workers=2) as engine:
        background = [engine.asking(HANG + f"// {n}", lane=Lane.BACKGROUND) for n in range(3)]
        await engine.until_state(State.BUSY)
        assert (await engine.ask("interactive")).outcome is Outcome.ACCEPTED
        assert not any(task.done() for task in background)
        assert len(engine.pids) == 2


async def test_background_requests_alone_need_one_worker_of_two() -> None:
    async with acting(workers=2) as engine:
        await asyncio.gather(*(engine.ask(f"{n}", lane=Lane.BACKGROUND) for n in range(20)))
        assert len(engine.pids) == 1


async def test_a_second_worker_starts_when_the_first_is_busy() -> None:
    async with acting(workers=2) as engine:
        asking = engine.asking(HANG)
        await engine.until_state(State.BUSY)
        assert len(engine.pids) == 1
        assert (await engine.ask("")).outcome is Outcome.ACCEPTED
        assert len(engine.pids) == 2
        asking.cancel()


async def test_a_background_request_that_a_person_waits_for_is_no_background_one() -> None:
    async with acting(workers=2) as engine:
        first = engine.asking(HANG, lane=Lane.BACKGROUND)
        await engine.until_state(State.BUSY)
        second = engine.asking("text", lane=Lane.BACKGROUND)
        assert await engine.ask("text") is await second
        assert not first.done()


async def test_one_of_two_who_wait_may_leave() -> None:
    async with acting() as engine:
        one, other = engine.asking("// scripted: delay 0.05"), engine.asking("// scripted: delay 0.05")
        await engine.until_state(State.BUSY)
        one.cancel()
        assert (await other).outcome is Outcome.ACCEPTED
        assert State.RESTARTING not in engine.states
        assert one.cancelled()


async def test_a_queued_request_that_nobody_waits_for_is_dropped() -> None:
    async with acting() as engine:
        first = engine.asking("// scripted: delay 0.05")
        dropped = engine.asking("dropped")
        await engine.until_state(State.BUSY)
        dropped.cancel()
        await first
        assert engine.pool.cached(Request(b"dropped")) is None
        assert engine.states.count(State.BUSY) == 1


async def test_a_running_request_that_nobody_waits_for_may_end_within_the_grace() -> None:
    async with acting() as engine:
        request = Request(b"// scripted: delay 0.02")
        asking = asyncio.create_task(engine.pool.run(request))
        await engine.until_state(State.BUSY)
        asking.cancel()
        await engine.until_state(State.READY)
        assert State.RESTARTING not in engine.states
        answer = await engine.pool.run(request)
        assert engine.pool.cached(request) is answer
        assert engine.states.count(State.BUSY) == 1


async def test_a_request_made_again_within_the_grace_is_joined() -> None:
    async with acting() as engine:
        text = "// scripted: delay 0.4"
        asking = engine.asking(text)
        await engine.until_state(State.BUSY)
        asking.cancel()
        await asyncio.wait((asking,))
        assert (await engine.ask(text)).outcome is Outcome.ACCEPTED
        assert engine.states.count(State.BUSY) == 1


async def test_a_request_made_again_after_a_kill_is_run_again() -> None:
    async with acting() as engine:
        asking = engine.asking(HANG)
        await engine.until_state(State.BUSY)
        asking.cancel()
        await engine.until_state(State.RESTARTING)
        again = engine.asking(HANG)
        await engine.until_state(State.BUSY)
        assert not again.done()
        again.cancel()


async def test_crashes_of_one_worker_do_not_disturb_the_other() -> None:
    async with acting(workers=2) as engine:
        texts = [f"// scripted: {'exit 1' if n % 4 == 0 else 'delay 0'}\n// {n}" for n in range(40)]
        answers = await asyncio.gather(*map(engine.ask, texts))
        expected = [Outcome.CRASHED if n % 4 == 0 else Outcome.ACCEPTED for n in range(40)]
        assert [answer.outcome for answer in answers] == expected


async def test_only_answers_that_would_come_again_are_kept() -> None:
    async with acting(settings=EngineSettings(deadline_s=0.1)) as engine:
        for text, is_kept in (
            ("ok", True),
            ("// scripted: exit 1", True),
            ("// scripted: kill", False),
            (HANG, False),
        ):
            answer = await engine.ask(text)
            assert engine.pool.cached(Request(text.encode())) is (answer if is_kept else None)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (EngineSettings(enabled=False), "engine.enabled"),
        (EngineSettings(kind="none"), "engine.kind"),
        (EngineSettings(kind="command"), "engine.command"),
    ],
)
async def test_an_engine_that_is_switched_off_is_absent(settings: EngineSettings, reason: str) -> None:
    pool = Pool.create(settings)
    answer = await pool.run(Request(b""))
    assert answer.outcome is Outcome.UNAVAILABLE
    assert reason in answer.detail
    assert pool.status.state is State.ABSENT
    await pool.close()


async def test_an_engine_installed_later_is_found() -> None:
    found: list[Launch | Missing] = [Missing("install it"), Launch("scripted", scripted.command())]

    async def find() -> Launch | Missing:
        return found.pop(0)

    pool = Pool(EngineSettings(), find=find, patience=Patience(retry_s=0))
    assert (await pool.run(Request(b""))).detail == "install it"
    assert (await pool.ready()).state is State.READY
    await pool.close()


async def test_an_absent_engine_is_not_looked_for_at_every_request() -> None:
    looked = 0

    async def find() -> Missing:
        nonlocal looked
        looked += 1
        return Missing("install it")

    pool = Pool(EngineSettings(), find=find)
    answers = await asyncio.gather(*(pool.run(Request(b"%d" % n)) for n in range(10)))
    answers.append(await pool.run(Request(b"last")))
    assert {answer.detail for answer in answers} == {"install it"}
    assert looked == 1
    await pool.close()


async def test_a_bug_in_the_search_is_an_answer_too() -> None:
    async def find() -> Missing:
        raise RuntimeError("a bug")

    pool = Pool(EngineSettings(), find=find)
    assert (await pool.run(Request(b""))).detail == "looking for the engine failed: a bug"
    await pool.close()


async def test_closing_before_anything_began_is_fine() -> None:
    pool = Pool.create(replace(EngineSettings(), kind="none"))
    await pool.close()
    await pool.close()
    assert (await pool.ready()).state is State.CLOSED


@pytest.mark.parametrize(
    ("settings", "real", "instead", "expected"),
    [
        (EngineSettings(), Launch("enzyme-ad", ()), Launch("mlir", ()), "enzyme-ad"),
        (EngineSettings(), Missing("no Enzyme"), Launch("mlir", ()), "mlir"),
        (EngineSettings(), Missing("no Enzyme"), Missing("no MLIR"), "no Enzyme"),
        # Whoever names a folder wants what is in it.
        (EngineSettings(path="/there"), Missing("nothing is there"), Launch("mlir", ()), "nothing is there"),
        (EngineSettings(kind="enzyme-ad"), Missing("no Enzyme"), Launch("mlir", ()), "no Enzyme"),
        (EngineSettings(kind="upstream"), Launch("enzyme-ad", ()), Missing("no MLIR"), "no MLIR"),
    ],
)
async def test_the_first_engine_that_is_there(
    settings: EngineSettings,
    real: Launch | Missing,
    instead: Launch | Missing,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def find_real(_: EngineSettings) -> Launch | Missing:
        return real

    async def find_instead(_: EngineSettings) -> Launch | Missing:
        return instead

    monkeypatch.setattr("enzyme_lsp.engines.enzyme.client.find", find_real)
    monkeypatch.setattr("enzyme_lsp.engines.upstream.client.find", find_instead)
    found = await find(settings)
    assert (found.reason if isinstance(found, Missing) else found.name) == expected
