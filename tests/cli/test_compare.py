"""`check --compare-engines`: who is asked, what counts as a difference, how it is told, and the exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.cli import compare as compare_engines
from enzyme_lsp.cli.main import main
from enzyme_lsp.engines import interpreters
from enzyme_lsp.settings import EngineSettings
from enzyme_lsp.verification.verdict import Verdict
from enzyme_lsp.verification.verifier import Verifier
from tests.cli.command import Ended, ended
from tests.engines import scripted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from enzyme_lsp.workspace.snapshot import Snapshot

RIGHT = "func.func @f(%x: f64) -> f64 {\n  return %x : f64\n}\n"
WRONG = "func.func @f(%x: f64) -> f64 {\n  %0 = arith.mulf %x, : f64\n  return %0 : f64\n}\n"
STRICT = """\
func.func @square(%x: f64) -> f64 {
  %0 = arith.mulf %x, %x : f64
  return %0 : f64
}
func.func @d(%x: f64, %dr: f64) -> f64 {
  %0 = enzyme.autodiff @square(%x, %dr) <
    activity = [#enzyme.activity<enzyme_active>],
    ret_activity = [#enzyme.activity<enzyme_activenoneed>]
  > : (f64, f64) -> f64
  return %0 : f64
}
"""
UNKNOWN_CALLEE = STRICT.replace("autodiff @square", "autodiff @nobody")
REFUSED = "func.func @f() {\n  scripted.error\n  return\n}\n"
OTHER_DIALECT = "func.func @f(%x: tensor<2xf64>) {\n  %0 = stablehlo.add %x, %x : tensor<2xf64>\n  return\n}\n"
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def compare(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*argv: str) -> Ended:
        return ended(capsys, "check", "--compare-engines", *argv)

    return run


@pytest.fixture
def real(classic: object, upstream: object) -> None:
    """Both packages are there. Their versions are in what is told."""


def write(name: str, text: str) -> str:
    Path(name).write_text(text)
    return name


def two(monkeypatch: pytest.MonkeyPatch, **engine: Any) -> None:
    """Make two scripted engines those of this machine; the one called "deaf" accepts everything."""
    other = EngineSettings(kind="command", command=scripted.command(name="deaf", deaf="yes"))
    obedient = replace(EngineSettings(kind="command", command=scripted.command()), **engine)

    def candidates(_: EngineSettings) -> Iterator[EngineSettings]:
        yield from (obedient, other)

    monkeypatch.setattr(compare_engines, "_candidates", candidates)


def test_every_engine_is_asked_in_its_own_spelling(compare: Any, strict: object, real: None):
    write("a.mlir", f"{STRICT}\n// -----\n{UNKNOWN_CALLEE}")
    write("b.mlir", f"{WRONG}// -----\n{RIGHT}// -----\n{OTHER_DIALECT}")
    ended = compare("--engine-path", os.environ["ENZYME_LSP_TEST_STRICT"], ".")
    assert ended == Ended(
        1,
        """\
warning[engines-differ]: this section is accepted by mlir 22.1.8 and is refused by enzyme-ad 0.0.16 and enzyme-ad 0.0.15
  --> a.mlir:19:8
   |
19 |   %0 = enzyme.autodiff @nobody(%x, %dr) <
   |        ^^^^^^^^^^^^^^^
note: enzyme-ad 0.0.16: 'enzyme.autodiff' op 'nobody' does not reference a valid global funcOp
  --> a.mlir:19:8
   |
19 |   %0 = enzyme.autodiff @nobody(%x, %dr) <
   |        ^^^^^^^^^^^^^^^
note: enzyme-ad 0.0.15: 'enzyme.autodiff' op 'nobody' does not reference a valid global funcOp
  --> a.mlir:19:8
   |
19 |   %0 = enzyme.autodiff @nobody(%x, %dr) <
   |        ^^^^^^^^^^^^^^^

enzyme-ad 0.0.16, enzyme-ad 0.0.15 and mlir 22.1.8 differ on 1 of 5 sections in 2 files
""",
        "",
    )


def test_json_has_what_each_says(compare: Any, real: None):
    ended = compare(
        "--format", "json", write("a.mlir", f"// \N{GRINNING FACE}\n{UNKNOWN_CALLEE}// -----\n{OTHER_DIALECT}")
    )
    assert ended.code == 1
    assert json.loads(ended.out) == {
        "engines": [
            {"label": "enzyme-ad 0.0.15", "name": "enzyme-ad", "version": "0.0.15", "spelling": "classic"},
            {"label": "mlir 22.1.8", "name": "mlir", "version": "22.1.8", "spelling": "generic"},
        ],
        "isCanceled": False,
        "files": 1,
        "sections": 1,
        "differences": [
            {
                "kind": "verdict",
                "file": "a.mlir",
                "section": 0,
                "position": {"line": 6, "character": 7},
                "opinions": [
                    {
                        "engine": "enzyme-ad 0.0.15",
                        "verdict": "invalid",
                        "detail": "",
                        "errors": [
                            {
                                "position": {"line": 6, "character": 7},
                                "message": "'enzyme.autodiff' op 'nobody' does not reference a valid global funcOp",
                                "notes": [],
                            }
                        ],
                    },
                    {"engine": "mlir 22.1.8", "verdict": "valid", "detail": "", "errors": []},
                ],
            }
        ],
        "notCompared": [
            {
                "file": "a.mlir",
                "section": 1,
                "position": {"line": 12, "character": 8},
                "opinions": [
                    {"engine": "enzyme-ad 0.0.15", "verdict": "valid", "detail": "", "errors": []},
                    {
                        "engine": "mlir 22.1.8",
                        "verdict": "not judged",
                        "detail": "it does not know the dialect stablehlo",
                        "errors": [],
                    },
                ],
            }
        ],
    }


def test_engines_that_agree_end_with_0(compare: Any, monkeypatch: pytest.MonkeyPatch):
    two(monkeypatch)
    write("a.mlir", RIGHT)
    write("b.mlir", f"{RIGHT}// -----\n{RIGHT}")
    assert compare(".") == Ended(0, "scripted 1 and deaf 1 agree on 3 sections in 2 files\n", "")


def test_formats_for_services_have_the_differences(compare: Any, monkeypatch: pytest.MonkeyPatch):
    two(monkeypatch)
    write("a.mlir", REFUSED)
    assert compare("--format", "github", "a.mlir").out == (
        "::warning file=a.mlir,line=2,endLine=2,col=3,endColumn=17,title=engines-differ"
        "::this section is accepted by deaf 1 and is refused by scripted 1"
        "%0Anote: scripted 1: custom op 'scripted.error' is unknown (line 2)\n"
    )
    (run,) = json.loads(compare("--format", "sarif", "a.mlir").out)["runs"]
    assert [(one["ruleId"], one["level"]) for one in run["results"]] == [("engines-differ", "warning")]
    assert run["tool"]["extensions"] == [{"name": "scripted 1 and deaf 1"}]


def test_a_crash_and_a_deadline_are_what_an_engine_says(compare: Any, monkeypatch: pytest.MonkeyPatch):
    two(monkeypatch, deadline_s=0.3)
    crash = write("crash.mlir", f"// scripted: abort\n{RIGHT}")
    slow = write("slow.mlir", f"// scripted: sleep\n{RIGHT}")
    ended = compare(crash, slow)
    assert (ended.code, ended.err) == (1, "")
    assert "this section is accepted by deaf 1 and crashes scripted 1\n" in ended.out
    assert "this section is accepted by deaf 1 and gets no answer in time from scripted 1\n" in ended.out
    assert ended.out.endswith("scripted 1 and deaf 1 differ on 2 of 2 sections in 2 files\n")


def test_programs_that_the_settings_name_for_some_files_are_engines_too():
    files = ("gpu/**: one-opt --flag", "a/**: two-opt", "b/**: one-opt --flag", "c/**: upstream")
    settings = EngineSettings(program=("two-opt",), path="folder", files=files)
    found = list(compare_engines._candidates(settings))  # pyright: ignore[reportPrivateUsage]
    assert [(one.kind, one.program) for one in found if one.kind == "program"] == [
        ("program", ("two-opt",)),
        ("program", ("one-opt", "--flag")),
    ]
    assert [(one.kind, one.path) for one in found if one.kind == "enzyme-ad"] == [
        ("enzyme-ad", "folder"),
        ("enzyme-ad", ""),
    ]


def test_one_engine_is_not_enough(compare: Any, monkeypatch: pytest.MonkeyPatch):
    two(monkeypatch, command=scripted.command(start="fail"))
    ended = compare(write("a.mlir", RIGHT))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("enzyme-lsp: comparing takes two engines, and there is only deaf 1: ")
    assert ended.err.count("\n") == 1


def test_with_no_engine_it_is_said_what_to_install(compare: Any, monkeypatch: pytest.MonkeyPatch):
    def nowhere(_: str) -> None: ...

    monkeypatch.setattr(interpreters.shutil, "which", nowhere)
    ended = compare(write("a.mlir", RIGHT))
    assert ended == Ended(
        2,
        "",
        "enzyme-lsp: comparing takes two engines, and there is none: enzyme-ad is not installed; install it with"
        ' `pip install "enzyme-lsp[enzyme]"` on Python 3.11, or set `engine.python`; upstream MLIR is not installed;'
        ' install its bindings with `pip install "enzyme-lsp[mlir]"`, or set `engine.python` to a Python that has them\n',
    )


def test_engines_of_one_name_are_told_apart(compare: Any, monkeypatch: pytest.MonkeyPatch):
    two(monkeypatch, command=scripted.command(name="deaf"))
    ended = compare(write("a.mlir", REFUSED))
    assert f"is accepted by deaf 1 ({scripted.command()[0]} " in ended.out
    assert ended.out.splitlines()[0].endswith("deaf=yes) and is refused by deaf 1")


@pytest.mark.parametrize("option", ["--fix", "--deep", "--no-deep", "--no-engine", "--explain=engines-differ"])
def test_what_else_check_does_does_not_go_together_with_it(compare: Any, option: str):
    ended = compare(option, write("a.mlir", RIGHT))
    name = option.partition("=")[0]
    assert ended == Ended(2, "", f"enzyme-lsp: --compare-engines does not go together with {name}\n")


def test_it_needs_a_file(compare: Any):
    assert compare().err == "enzyme-lsp: --compare-engines needs a file or a folder, or - for standard input\n"


def test_a_file_that_cannot_be_read_ends_with_2_and_a_bug_too(compare: Any, monkeypatch: pytest.MonkeyPatch):
    two(monkeypatch)
    write("a.mlir", RIGHT)
    os.symlink("nowhere", "gone.mlir")
    ended = compare(".")
    assert ended.code == 2
    assert ended.out == "scripted 1 and deaf 1 agree on 1 section in 1 file\n"
    assert ended.err == "enzyme-lsp: cannot read gone.mlir: No such file or directory\n"

    async def broken(self: Verifier, snapshot: Snapshot) -> Verdict:
        raise KeyError("what went wrong")

    monkeypatch.setattr(Verifier, "full", broken)
    ended = compare("a.mlir")
    assert ended.code == 2
    assert ended.err.startswith("enzyme-lsp: a.mlir: a bug in enzyme-lsp, please report it\nTraceback")


def test_an_engine_that_gives_up_is_told_with_the_file(compare: Any, monkeypatch: pytest.MonkeyPatch):
    two(monkeypatch)

    async def troubled(self: Verifier, snapshot: Snapshot) -> Verdict:
        return Verdict(None, trouble="the engine is tired")

    monkeypatch.setattr(Verifier, "full", troubled)
    ended = compare(write("a.mlir", RIGHT))
    assert ended.code == 2
    assert ended.out.startswith("nothing in 1 file was judged by two of scripted 1 and deaf 1\n")
    assert "enzyme-lsp: a.mlir: not fully compared: scripted 1: the engine is tired" in ended.err


def test_an_interrupt_ends_with_what_was_compared(folder: Path):
    # In a process of its own, since it is interrupted as a terminal does.
    write("a.mlir", RIGHT)
    write("b.mlir", f"// scripted: sleep\n{RIGHT}")
    program = f"import sys; from tests.cli import test_compare; sys.exit(test_compare.interrupted({str(folder)!r}))"
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    told = json.loads(out)
    assert (told["isCanceled"], told["files"], told["differences"]) == (True, 1, [])


def interrupted(folder: str) -> int:
    """Compare, and get what Ctrl-C sends as soon as the first file has been compared and the second waits."""
    os.chdir(folder)
    with pytest.MonkeyPatch.context() as patch:
        two(patch)
        tell = compare_engines._tell  # pyright: ignore[reportPrivateUsage]

        def told(*arguments: Any) -> None:
            tell(*arguments)
            os.kill(os.getpid(), signal.SIGINT)

        patch.setattr(compare_engines, "_tell", told)
        return main(["check", "--compare-engines", "--format=json", "a.mlir", "b.mlir"])
