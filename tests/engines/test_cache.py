"""What the cache keeps and what it forgets."""

from __future__ import annotations

from dataclasses import replace

from enzyme_lsp.engines.api import Answer, EngineNote, EngineProblem, Identity, Outcome, Request, unavailable
from enzyme_lsp.engines.cache import Cache

ENGINE = Identity("engine", "1", "classic")
ANSWER = Answer(Outcome.ACCEPTED, (), None, "", ENGINE, 0.1)


def test_keys_are_equal_for_equal_content_only() -> None:
    requests = [
        Request(b"a"),
        Request(b"a", "b"),
        Request(b"b", "a"),
        Request(b"ba"),
        Request(b"", "ba"),
        Request(b""),
        Request(b"a", generic=True),
        Request(b"a", "b", generic=True),
    ]
    assert len({request.key for request in requests}) == len(requests)
    assert Request(b"a", "b").key == Request(b"a", "b").key


def test_the_least_recently_used_goes_first() -> None:
    cache = Cache(entries=2)
    one, two, three = (Request(text) for text in (b"1", b"2", b"3"))
    cache.put(one, ANSWER)
    cache.put(two, ANSWER)
    cache.get(ENGINE, one)
    cache.put(three, ANSWER)
    assert cache.get(ENGINE, one) is ANSWER
    assert cache.get(ENGINE, two) is None
    assert cache.get(ENGINE, three) is ANSWER


def test_another_engine_is_not_answered_for() -> None:
    cache = Cache(entries=2)
    cache.put(Request(b""), ANSWER)
    assert cache.get(replace(ENGINE, version="2"), Request(b"")) is None


def test_large_outputs_are_bounded_together() -> None:
    cache = Cache(entries=100, characters=10)
    for number in range(5):
        cache.put(Request(b"%d" % number), replace(ANSWER, output="1234"))
    assert len(cache) == 2
    cache.put(Request(b"4"), replace(ANSWER, output="12"))
    cache.put(Request(b"5"), replace(ANSWER, output="1234"))
    assert len(cache) == 3
    cache.put(Request(b"too large"), replace(ANSWER, output="x" * 11))
    assert len(cache) == 3


def test_what_is_said_counts_as_what_is_printed_does() -> None:
    cache = Cache(entries=100, characters=10)
    problem = EngineProblem("error", "1234", notes=(EngineNote("56"),))
    for number in range(3):
        cache.put(Request(b"%d" % number), replace(ANSWER, problems=(problem,)))
    assert len(cache) == 1
    cache.put(Request(b"too large"), replace(ANSWER, problems=(problem, problem)))
    cache.put(Request(b"too large"), replace(ANSWER, detail="x" * 11))
    assert len(cache) == 1


def test_nothing_is_kept_that_might_change() -> None:
    cache = Cache(entries=2)
    cache.put(Request(b""), unavailable("no engine"))
    assert len(cache) == 0


def test_no_entries_keep_nothing() -> None:
    cache = Cache(entries=0)
    cache.put(Request(b""), ANSWER)
    assert len(cache) == 0
