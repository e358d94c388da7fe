"""What every engine does when it is asked for the module after each element of a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.engines.api import Outcome, Request
from enzyme_lsp.settings import EngineSettings
from tests.engines import scripted
from tests.engines.harness import VALID, opened

if TYPE_CHECKING:
    from tests.engines.harness import Subject

SCRIPTED = EngineSettings(kind="command", command=scripted.command(), workers=1, deadline_s=2, memory_mb=512)


def asked(*elements: str, text: str | bytes = VALID, is_trusted: bool = False) -> Request:
    data = text.encode() if isinstance(text, str) else text
    return Request(data, elements=elements, is_trusted=is_trusted)


async def test_prints_before_and_after_each_element(subject: Subject) -> None:
    elements = ("canonicalize", "cse") if subject.name != "scripted" else ("pass a", "pass b")
    async with opened(subject.settings) as engine:
        answer = await engine.pool.run(asked(*elements))
        assert answer.outcome is Outcome.ACCEPTED
        assert len(answer.prints) == 3
        assert all("func.func @f(" in one.text for one in answer.prints)
        assert all(one.seconds >= 0 for one in answer.prints)
        assert (await engine.pool.run(asked())).outcome is Outcome.ACCEPTED


async def test_a_text_that_is_wrong_has_no_prints(subject: Subject) -> None:
    async with opened(subject.settings) as engine:
        answer = await engine.pool.run(asked("delay 0", text="module {\n  scripted.error\n}\n"))
        assert (answer.outcome, answer.prints) == (Outcome.REJECTED, ())


async def test_requests_of_one_text_are_told_apart() -> None:
    keys = {
        asked("a,b").key,
        asked("a", "b").key,
        asked("a", "b", is_trusted=True).key,
        asked("ab").key,
        asked().key,
        Request(VALID.encode() if isinstance(VALID, str) else VALID, "a,b").key,
    }
    assert len(keys) == 6


async def test_an_element_that_fails_leaves_the_prints_before_it() -> None:
    async with opened(SCRIPTED) as engine:
        answer = await engine.pool.run(asked("pass a", "bad", "pass b"))
        assert answer.outcome is Outcome.REJECTED
        assert [one.text.startswith("// a") for one in answer.prints] == [False, True]
        assert [one.message for one in answer.problems] == ["this pass fails"]


async def test_prints_that_are_the_same_are_sent_once() -> None:
    async with opened(SCRIPTED) as engine:
        answer = await engine.pool.run(asked("delay 0", "delay 0"))
        assert [one.text for one in answer.prints] == [answer.prints[0].text] * 3
        assert answer.prints[0].text is answer.prints[2].text


@pytest.mark.parametrize(
    ("element", "outcome"),
    [
        ("kill", Outcome.CRASHED),
        ("segfault", Outcome.CRASHED),
        ("hang", Outcome.TIMED_OUT),
        ("allocate 2000", Outcome.CRASHED),
        ("raise a bug", Outcome.CRASHED),
    ],
)
async def test_a_worker_that_ends_in_the_middle_costs_one_answer(element: str, outcome: Outcome) -> None:
    async with opened(SCRIPTED) as engine:
        answer = await engine.pool.run(asked("pass a", element, "pass b"))
        assert (answer.outcome, answer.prints) == (outcome, ())
        assert answer.detail
        assert (await engine.pool.run(asked("pass a"))).outcome is Outcome.ACCEPTED


async def test_what_is_trusted_reaches_the_worker() -> None:
    async with opened(SCRIPTED) as engine:
        assert (await engine.pool.run(asked("trusted"))).outcome is Outcome.REJECTED
        assert (await engine.pool.run(asked("trusted", is_trusted=True))).outcome is Outcome.ACCEPTED
