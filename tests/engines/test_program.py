"""Enzyme's own programs as engines, by their stand-in: what they have, what they read, and what they say."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from enzyme_lsp.engines.api import EngineProblem, Outcome, Place, Request, State
from enzyme_lsp.engines.program import listing
from enzyme_lsp.settings import EngineSettings
from tests.engines import opt_stand_in
from tests.engines.harness import opened

if TYPE_CHECKING:
    from pathlib import Path

RECORDED: Final[dict[str, Any]] = json.loads(opt_stand_in.RECORDING.read_text())


def case(release: str, name: str) -> dict[str, Any]:
    return next(one for one in RECORDED["messages"][release] if one["name"] == name)


@pytest.fixture(params=[pytest.param(name, id=name) for name in opt_stand_in.NAMES])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> EngineSettings:
    """One that gives all stages in one run, and one that cannot."""
    path = opt_stand_in.installed(tmp_path, request.param, "0.0.15")
    return EngineSettings(kind="program", program=(str(path),))


def lowering(of: dict[str, Any]) -> Request:
    return Request(of["text"].encode(), elements=tuple(of["elements"]), is_trusted=True)


@pytest.mark.parametrize(("release", "spelling"), [("0.0.15", "classic"), ("0.0.16", "strict")])
async def test_it_says_who_it_is_and_what_it_has(tmp_path: Path, release: str, spelling: str) -> None:
    path = opt_stand_in.installed(tmp_path, "enzymexlamlir-opt", release)
    async with opened(EngineSettings(kind="program", program=(str(path),))) as engine:
        identity = (await engine.pool.ready()).identity
    assert identity is not None
    assert (identity.name, identity.version) == ("enzymexlamlir-opt", "22.1.8")
    assert (identity.spelling, identity.lack) == (spelling, "")
    assert identity.catalogue is not None
    assert "enzyme" in identity.catalogue.dialects
    assert identity.catalogue.passes["canonicalize"].meaning == "Canonicalize operations"
    assert identity.catalogue.passes["canonicalize"].options["max-iterations"] == "int"
    assert identity.catalogue.passes["enzyme"].options["postpasses"] == "text"
    assert identity.catalogue.passes["enzyme"].options["dataflow"] == "bool"


async def test_what_it_says_of_texts(tmp_path: Path) -> None:
    path = opt_stand_in.installed(tmp_path, "enzymexlamlir-opt", "0.0.15")
    async with opened(EngineSettings(kind="program", program=(str(path),))) as engine:
        callee = case("0.0.15", "unknown callee")
        answer = await engine.ask(callee["text"])
        assert answer.outcome is Outcome.REJECTED
        assert answer.problems == (EngineProblem("error", callee["problems"][0][1], Place(7, 8)),)
        activity = case("0.0.15", "no activity")
        answer = await engine.ask(activity["text"])
        assert [[one.severity, one.message] for one in answer.problems] == [one[:2] for one in activity["problems"]]
        # What is not trusted is held against the list.
        answer = await engine.pool.run(Request(b"text", elements=("some-pass-of-mine",)))
        assert answer.outcome is Outcome.REJECTED
        assert "some-pass-of-mine" in answer.problems[0].message


async def test_stages_are_those_of_the_bindings(program: EngineSettings) -> None:
    async with opened(program) as engine:
        of = case("0.0.15", "stages")
        answer = await engine.pool.run(lowering(of))
        assert answer.outcome is Outcome.ACCEPTED
        assert [one.text.rstrip() for one in answer.prints] == [one.rstrip() for one in of["prints"]]
        answer = await engine.ask(of["text"], ",".join(of["elements"]))
        assert (answer.output or "").rstrip() == of["prints"][-1].rstrip()
        # A pass that fails leaves those before it.
        answer = await engine.pool.run(lowering(case("0.0.15", "no derivative")))
        assert (answer.outcome, len(answer.prints)) == (Outcome.REJECTED, 2)
        assert answer.problems[0].message.startswith("could not compute the adjoint for this operation")
        answer = await engine.pool.run(lowering({**of, "elements": ["canonicalize", "nosuch-pass"]}))
        assert (answer.outcome, answer.prints) == (Outcome.REJECTED, ())
        assert [one.message for one in answer.problems] == [
            "'nosuch-pass' does not refer to a registered pass or pass pipeline"
        ]


async def test_a_crash_leaves_the_stages_before_it(program: EngineSettings) -> None:
    of = case("0.0.15", "of a declaration")
    async with opened(program) as engine:
        answer = await engine.pool.run(lowering(of))
        assert (answer.outcome, answer.detail, answer.repeatable) == (Outcome.CRASHED, of["signal"], True)
        assert [one.text.rstrip() for one in answer.prints] == [one.rstrip() for one in of["prints"]]
        # The worker lives on.
        assert engine.states.count(State.RESTARTING) == 0
        assert await engine.pool.run(lowering(of)) is answer
        # Without stages it is as any engine's.
        answer = await engine.pool.run(Request(of["text"].encode(), ",".join(of["elements"])))
        assert (answer.outcome, answer.detail) == (Outcome.CRASHED, of["signal"])


async def test_there_is_none() -> None:
    async with opened(EngineSettings(kind="program", program=())) as engine:
        status = await engine.pool.ready()
        assert status.state is State.ABSENT
        assert status.message.startswith('`engine.kind` is "program"; set `engine.program` to one')


async def test_another_program() -> None:
    async with opened(EngineSettings(kind="program", program=(sys.executable, "-c", "print('hello')"))) as engine:
        status = await engine.pool.ready()
        assert status.state is State.FAILED
        assert "it is no program as mlir-opt is: its --help has no option --pass-pipeline" in status.message


def test_words_that_an_option_can_be_are_listed():
    found = listing.read(opt_stand_in.help_of("enzymexlamlir-opt", "0.0.16", RECORDED))
    assert found.passes["canonicalize"].options["region-simplify"] == "disabled|normal|aggressive"
    assert found.passes["affine-loop-fusion"].options["mode"] == "greedy|producer|sibling"
    assert found.passes["composite-fixed-point-pass"].meanings["pipeline"] == "Composite pass inner pipeline"
