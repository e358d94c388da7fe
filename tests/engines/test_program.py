"""A program of the mlir-opt family as an engine: what it has, what it reads, and what it says."""

from __future__ import annotations

import sys

import pytest

from enzyme_lsp.engines.api import EngineNote, EngineProblem, Outcome, Place, Request, State
from enzyme_lsp.engines.program import listing
from enzyme_lsp.settings import EngineSettings
from tests.engines import opt_stand_in
from tests.engines.harness import opened

PROGRAM = EngineSettings(kind="program", program=(sys.executable, opt_stand_in.__file__))


async def test_it_says_who_it_is_and_what_it_reads() -> None:
    async with opened(PROGRAM) as engine:
        identity = (await engine.pool.ready()).identity
        assert identity is not None
        assert (identity.version, identity.spelling, identity.lack) == ("23.0.0git", "classic", "")
        assert identity.name.startswith("python")


async def test_diagnostics_have_places_and_notes() -> None:
    async with opened(PROGRAM) as engine:
        answer = await engine.ask("  %r = enzyme.fwddiff @nobody(%x) {}\n")
        assert answer.outcome is Outcome.REJECTED
        assert answer.problems == (
            EngineProblem(
                "error",
                "'enzyme.fwddiff' op 'nobody' does not reference a valid global funcOp",
                Place(2, 8),
                (EngineNote('see current operation: %0 = "enzyme.fwddiff"(%arg0)', Place(2, 8)),),
            ),
        )


async def test_each_element_runs_on_what_the_one_before_printed() -> None:
    async with opened(PROGRAM) as engine:
        answer = await engine.pool.run(Request(b"text", elements=("canonicalize", "enzyme"), is_trusted=True))
        assert [one.text for one in answer.prints] == [
            'text loc("-":1:1)\n',
            # A place in what it was given is none in the text.
            '// --pass-pipeline=builtin.module(canonicalize)\ntext loc("-":1:1) loc("<stdin>":1:1)\n',
            '// --pass-pipeline=builtin.module(enzyme)\n// --pass-pipeline=builtin.module(canonicalize)\ntext loc("-":1:1)'
            + ' loc("<stdin>":1:1)' * 2
            + "\n",
        ]


async def test_a_pass_that_fails_leaves_the_prints_before_it() -> None:
    async with opened(PROGRAM) as engine:
        answer = await engine.pool.run(Request(b"math.tan", elements=("enzyme", "canonicalize"), is_trusted=True))
        assert (answer.outcome, len(answer.prints)) == (Outcome.REJECTED, 1)
        assert answer.problems[0].message.startswith("could not compute the adjoint for this operation")


async def test_a_crash_is_one_of_the_engine() -> None:
    async with opened(PROGRAM) as engine:
        answer = await engine.pool.run(Request(b"crash", "enzyme"))
        assert (answer.outcome, answer.detail) == (Outcome.CRASHED, "SIGSEGV")
        assert (await engine.ask("text")).outcome is Outcome.ACCEPTED


async def test_what_is_not_trusted_is_held_against_the_list() -> None:
    async with opened(PROGRAM) as engine:
        answer = await engine.pool.run(Request(b"text", elements=("some-pass-of-mine",)))
        assert answer.outcome is Outcome.REJECTED
        assert "some-pass-of-mine" in answer.problems[0].message


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ((), '`engine.kind` is "program"; set `engine.program` to one'),
        (("/nonexistent/opt",), "engine.program or engine.files: there is no program /nonexistent/opt"),
    ],
)
async def test_there_is_none(program: tuple[str, ...], words: str) -> None:
    async with opened(EngineSettings(kind="program", program=program)) as engine:
        status = await engine.pool.ready()
        assert status.state is State.ABSENT
        assert words in status.message


async def test_another_program() -> None:
    async with opened(EngineSettings(kind="program", program=(sys.executable, "-c", "print('hello')"))) as engine:
        status = await engine.pool.ready()
        assert status.state is State.FAILED
        assert "it is no program as mlir-opt is: its --help has no option --pass-pipeline" in status.message


def test_passes_and_their_options_are_listed():
    found = listing.read(opt_stand_in.HELP)
    assert found.options == {"mlir-print-debuginfo", "pass-pipeline", "verify-each"}
    assert list(found.passes) == ["canonicalize", "enzyme", "sparsifier"]
    assert found.passes["canonicalize"].meaning == "Canonicalize operations"
    assert found.passes["canonicalize"].options == {"max-iterations": "long", "region-simplify": "disabled|normal"}
    assert found.passes["enzyme"].options == {"postpasses": "string"}
