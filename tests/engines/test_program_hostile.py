"""Programs that are none of the mlir-opt family, or behave badly: one clear sentence each, and no harm done."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.engines.api import EngineNote, EngineProblem, Outcome, Place, Request, State
from enzyme_lsp.engines.interpreters import Missing
from enzyme_lsp.engines.program import client
from enzyme_lsp.settings import EngineSettings
from tests.engines.harness import opened

if TYPE_CHECKING:
    from pathlib import Path

    from enzyme_lsp.engines.api import Answer

_HELP = "  --mlir-print-debuginfo - Print debug info\n  --pass-pipeline=<string> - The passes\n"
_SCRIPT = """\
#!/bin/sh
case "$*" in
--help) {helped} ;;
--version) {version} ;;
*) {body} ;;
esac
"""


@dataclass(frozen=True)
class Opt:
    """A script that passes for a program of the family, where nothing else is said."""

    path: Path

    def says(self, body: str, *, helped: str = "", version: str = "echo LLVM version 1.2") -> Opt:
        listing = self.path.with_suffix(".help")
        listing.write_text(_HELP)
        self.path.write_text(_SCRIPT.format(helped=helped or f"cat {listing}", version=version, body=body))
        self.path.chmod(0o755)
        return self

    async def asked(self, text: str = "module {}", **changes: object) -> Answer:
        async with opened(self.settings, **changes) as engine:
            return await engine.ask(text)

    async def refusal(self, **changes: object) -> str:
        """Why it is no engine."""
        async with opened(self.settings, **changes) as engine:
            status = await engine.pool.ready()
            assert status.state in (State.FAILED, State.ABSENT)
            return status.message

    @property
    def settings(self) -> EngineSettings:
        return EngineSettings(kind="program", program=(str(self.path),))


@pytest.fixture
def opt(tmp_path: Path) -> Opt:
    return Opt(tmp_path / "my-opt")


async def test_it_prints_garbage(opt: Opt) -> None:
    answer = await opt.says(r"printf '\377\376\000\033[31m garbage\n\nmore of it \377\n' >&2; exit 3").asked()
    assert answer.outcome is Outcome.REJECTED
    (problem,) = answer.problems
    assert problem.place is None
    assert problem.message == "my-opt ended with exit status 3 and said more of it \ufffd"


async def test_it_prints_much_garbage(opt: Opt) -> None:
    answer = await opt.says("head -c 100000 /dev/urandom >&2; exit 3").asked()
    (problem,) = answer.problems
    assert problem.message.startswith("my-opt ended with exit status 3 and said ")
    assert len(problem.message) < 500


async def test_it_says_something_of_no_form(opt: Opt) -> None:
    answer = await opt.says("echo 'Too few arguments to autodiff op'; echo 'so many: 3' >&2; exit 1").asked()
    assert [one.message for one in answer.problems] == ["so many: 3"]


async def test_it_says_nothing(opt: Opt) -> None:
    answer = await opt.says("exit 3").asked()
    assert [one.message for one in answer.problems] == ["my-opt ended with exit status 3 and said nothing"]


async def test_it_prints_without_end(opt: Opt) -> None:
    answer = await opt.says("yes").asked()
    assert answer.outcome is Outcome.REJECTED
    (problem,) = answer.problems
    assert problem.message == f"{opt.path} printed more than 256 MB, and was stopped"


async def test_it_sleeps(opt: Opt) -> None:
    answer = await opt.says('case "$*" in *info*) sleep 60 ;; esac').asked(deadline_s=0.5)
    assert (answer.outcome, answer.detail) == (Outcome.TIMED_OUT, "no answer in 0.5 s")


async def test_it_sleeps_when_it_is_asked_what_it_has(opt: Opt) -> None:
    opt.says("exit 0", helped="sleep 60")
    assert await opt.refusal(start_deadline_s=0.5) == "my-opt does not start: no answer in 0.5 s"


async def test_it_leaves_children_behind(opt: Opt, tmp_path: Path) -> None:
    mark = tmp_path / "child"
    opt.says(f'case "$*" in *info*) sleep 60 & echo $! > {mark} ;; esac; echo text')
    answer = await opt.asked()
    assert answer.outcome is Outcome.ACCEPTED
    for _ in range(200):
        if not _runs(int(mark.read_text())):
            return
        await asyncio.sleep(0.02)
    pytest.fail("what the program started runs on")


def _runs(number: int) -> bool:
    try:
        with open(f"/proc/{number}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_it_ends_well_and_says_errors(opt: Opt) -> None:
    opt.says("case \"$*\" in *info*) echo '<stdin>:1:8: error: no such thing' >&2 ;; esac")
    answer = await opt.asked()
    assert answer.outcome is Outcome.REJECTED
    assert answer.problems == (EngineProblem("error", "no such thing", Place(1, 8)),)


async def test_it_ends_well_and_warns(opt: Opt) -> None:
    opt.says("case \"$*\" in *info*) echo '<stdin>:1:8: warning: no such thing' >&2 ;; esac")
    answer = await opt.asked()
    assert answer.outcome is Outcome.ACCEPTED
    assert answer.problems == (EngineProblem("warning", "no such thing", Place(1, 8)),)


@pytest.mark.parametrize(
    ("helped", "words"),
    [
        ("exit 2", "its --help ended with exit status 2 and said nothing"),
        (
            "echo 'unknown option --help' >&2; exit 2",
            "its --help ended with exit status 2 and said unknown option --help",
        ),
        ("echo hello", "its --help has no option --pass-pipeline"),
        ("kill -SEGV $$", "its --help ended with SIGSEGV and said nothing"),
    ],
)
async def test_it_does_not_say_what_it_has(opt: Opt, helped: str, words: str) -> None:
    message = await opt.says("exit 0", helped=helped).refusal()
    assert message == f"my-opt does not start: it is no program as mlir-opt is: {words}"


async def test_it_has_no_version(opt: Opt) -> None:
    async with opened(opt.says("exit 0", version="exit 1").settings) as engine:
        identity = (await engine.pool.ready()).identity
        assert identity is not None
        assert str(identity) == "my-opt"


async def test_it_is_no_program(opt: Opt, tmp_path: Path) -> None:
    async def reason(path: Path) -> str:
        found = await client.find(EngineSettings(kind="program", program=(str(path),)))
        assert isinstance(found, Missing)
        return found.reason.partition(": ")[2]

    assert await reason(opt.path) == f"there is no program {opt.path}"
    opt.path.write_text("text")
    assert await reason(opt.path) == f"{opt.path} is a file that may not be run; `chmod +x` changes that"
    assert await reason(tmp_path) == f"{tmp_path} is a folder, and the program in it must be named"


async def test_it_is_of_another_machine(opt: Opt) -> None:
    opt.path.write_bytes(b"\x7fELFnothing that any system runs")
    opt.path.chmod(0o755)
    assert await opt.refusal() == f"my-opt does not start: {opt.path} cannot be run: Exec format error"


async def test_it_disappears_and_comes_back(opt: Opt) -> None:
    async with opened(opt.says("exit 0").settings) as engine:
        assert (await engine.ask("module {}")).outcome is Outcome.ACCEPTED
        opt.path.unlink()
        gone = await engine.ask("module {} // 1")
        assert (gone.outcome, gone.repeatable) == (Outcome.UNAVAILABLE, False)
        assert (
            gone.detail == f"my-opt 1.2 does not answer any more: {opt.path} cannot be run: No such file or directory"
        )
        await engine.until_state(State.FAILED)
        assert engine.pool.status.message.startswith("my-opt 1.2 does not start: ")


async def test_its_name_is_of_any_bytes(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/my \xff\n'opt")
    opt = Opt(tmp_path / "my-opt").says("exit 3")
    os.rename(opt.path, path)
    async with opened(EngineSettings(kind="program", program=(path,))) as engine:
        answer = await engine.ask("module {}")
        assert "ended with exit status 3 and said nothing" in answer.problems[0].message
        assert engine.pool.status.message.encode()


async def test_diagnostics_in_every_form(opt: Opt, tmp_path: Path) -> None:
    printed = tmp_path / "printed"
    printed.write_bytes(
        b"<stdin>:1:8: error: 'a.b' op is not right\n"
        b"module { a.b }\n"
        b"         ^\n"
        b"<stdin>:1:8: note: see current operation: \n"
        b'"a.b"() ({\n'
        b'  "c.d"() : () -> ()\n'
        b"}) : () -> ()\n"
        b"<stdin>:1:2: warning: one line\n"
        b"and another\n"
        b"<unknown>:0: remark: nowhere\n"
        b'<unknown>:0: error: loc("name (of"): named\n'
        b'<unknown>:0: note: loc(callsite("a" at "b")): called\n'
        b"/tmp/x: y/z 1.mlir:3:4: error: in another file \xff\n"
        b"error: of the program itself\n"
    )
    answer = await opt.says(f'case "$*" in *info*) cat {printed} >&2; exit 1 ;; esac').asked()
    assert answer.problems == (
        EngineProblem(
            "error",
            "'a.b' op is not right",
            Place(1, 8),
            (EngineNote('see current operation:\n"a.b"() ({\n  "c.d"() : () -> ()\n}) : () -> ()', Place(1, 8)),),
        ),
        EngineProblem("warning", "one line\nand another", Place(1, 2)),
        EngineProblem("remark", "nowhere"),
        EngineProblem("error", "named", None, (EngineNote("called"),)),
        EngineProblem("error", "in another file \ufffd", Place(3, 4, "/tmp/x: y/z 1.mlir")),
        EngineProblem("error", "of the program itself"),
    )


async def test_a_pipeline_that_no_program_can_be_told(opt: Opt) -> None:
    async with opened(opt.says("exit 0").settings) as engine:
        for pipeline, words in (
            ("a\0b", "a pipeline with a NUL in it is none"),
            ("a," * 200_000, "the pipeline is too long for a command line"),
        ):
            answer = await engine.pool.run(Request(b"module {}", pipeline))
            assert answer.outcome is Outcome.REJECTED
            assert [one.message for one in answer.problems] == [words]
        assert (await engine.ask("module {}")).outcome is Outcome.ACCEPTED


async def test_text_that_is_no_utf_8_comes_through(opt: Opt) -> None:
    answer = await opt.says("cat").asked()
    assert answer.outcome is Outcome.ACCEPTED
    async with opened(opt.says(r"printf 'a \377 b'").settings) as engine:
        answer = await engine.ask(b"\xff\xfe", "cse")
        assert answer.output == "a \ufffd b"


@pytest.mark.skipif(sys.platform != "linux", reason="uses limits of Linux")
async def test_it_takes_all_memory(opt: Opt) -> None:
    opt.says(f"case \"$*\" in *info*) exec {sys.executable} -S -c 'x = bytearray(10**9)' ;; esac")
    answer = await opt.asked(memory_mb=300)
    assert answer.outcome is Outcome.REJECTED
    # From 3.13 on Python quotes the line too.
    assert [one.message.splitlines()[-1] for one in answer.problems] == ["MemoryError"]
