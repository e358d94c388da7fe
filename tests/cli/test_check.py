"""`check` as a whole: which files, which engine, what is said where, and the exit code."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.checks.diagnostic import OURS
from enzyme_lsp.cli import files
from enzyme_lsp.cli.main import main
from enzyme_lsp.verification.verdict import Verdict
from enzyme_lsp.verification.verifier import Verifier
from tests.cli.command import Ended
from tests.engines import scripted

if TYPE_CHECKING:
    from enzyme_lsp.workspace.snapshot import Snapshot

RIGHT = "func.func @f(%x: f64) -> f64 {\n  return %x : f64\n}\n"
WRONG = "func.func @f(%x: f64) -> f64 {\n  %0 = arith.mulf %x, : f64\n  return %0 : f64\n}\n"
REFUSED = "func.func @f() {\n  scripted.error\n  return\n}\n"
DEEP = """\
func.func @f(%x: f64) -> f64 {
  // scripted: lowering error no rule
  return %x : f64
}
func.func @d(%x: f64, %dx: f64) -> f64 {
  %0 = enzyme.autodiff @f(%x, %dx) {
    activity = [#enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64) -> f64
  return %0 : f64
}
"""
SLOW = f"// scripted: sleep\n{RIGHT}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*argv: str) -> Ended:
        code = main(["check", *argv])
        shown = capsys.readouterr()
        return Ended(code, shown.out, shown.err)

    return run


def write(name: str, text: str | bytes) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def scripted_engine(**engine: object) -> list[str]:
    """Options for the scripted engine."""
    settings = {"engine": {"kind": "command", "command": [*scripted.command()], **engine}}
    return ["--config", write("settings.json", json.dumps(settings))]


def test_a_right_file_ends_with_0(check: Any):
    ended = check("--no-engine", write("right.mlir", RIGHT))
    assert ended == Ended(0, "no problems in 1 file, checked without an engine\n", "")


def test_a_wrong_file_ends_with_1(check: Any):
    ended = check("--no-engine", write("wrong.mlir", WRONG), write("right.mlir", RIGHT))
    assert ended.code == 1
    assert ended.out.startswith("error[missing-element]: ")
    assert "\n --> wrong.mlir:2:21\n" in ended.out
    assert ended.out.endswith("\n1 error in 1 of 2 files, checked without an engine\n")
    assert ended.err == ""


def test_a_warning_is_no_error(check: Any):
    write("unknown.mlir", '"made.up"() : () -> ()\n')
    settings = write("settings.json", json.dumps({"diagnostics": {"unregisteredDialects": "information"}}))
    assert check("--config", settings, "--no-engine", "unknown.mlir").code == 0


def test_standard_input_is_a_file(check: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(WRONG.encode())))
    ended = check("--no-engine", "-")
    assert ended.code == 1
    assert " --> <stdin>:2:21\n" in ended.out


def test_files_are_reported_in_order_however_long_each_takes(check: Any):
    write("a.mlir", f"// scripted: delay 0.3\n{REFUSED}")
    for name in "bcdefgh":
        write(f"{name}.mlir", REFUSED)
    ended = check(*scripted_engine(), "--format", "json", ".")
    assert [found["file"] for found in json.loads(ended.out)] == [f"{name}.mlir" for name in "abcdefgh"]


def test_any_bytes_can_be_checked(check: Any):
    assert check("--no-engine", write("bytes.mlir", bytes(range(256)))).code == 1


def test_a_missing_engine_is_said_once_and_the_rest_goes_on(check: Any):
    write("one.mlir", WRONG)
    write("two.mlir", WRONG)
    ended = check("--engine-path", "nowhere", "--format", "json", ".")
    assert ended.code == 1
    assert len(json.loads(ended.out)) == 2
    assert ended.err.startswith("enzyme-lsp: checked without an engine: engine.path: nowhere ")
    assert ended.err.count("\n") == 1


def test_doing_without_an_engine_by_choice_is_no_complaint(check: Any):
    settings = write("settings.json", json.dumps({"engine": {"kind": "none"}}))
    ended = check("--config", settings, write("right.mlir", RIGHT))
    assert ended == Ended(0, "no problems in 1 file, checked without an engine\n", "")


def test_the_log_is_for_those_who_ask_for_it(check: Any):
    write("right.mlir", RIGHT)
    options = scripted_engine(command=[*scripted.command(start="exit 3")])
    ended = check(*options, "right.mlir")
    reason = f"{scripted.command()[0]} does not start: exit status 3"
    assert ended.err == f"enzyme-lsp: checked without an engine: {reason}\n"
    settings = json.loads(Path("settings.json").read_text())
    write("settings.json", json.dumps({**settings, "log.level": "warning"}))
    ended = check(*options, "right.mlir")
    (*logged, complaint) = ended.err.splitlines()
    assert complaint.startswith("enzyme-lsp: checked without an engine: ")
    assert len(logged) == 3
    assert all(" WARNING enzyme_lsp.engines.supervisor: " in line for line in logged)


def test_an_engine_that_is_demanded_and_missing_is_misuse(check: Any, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        check("--engine", "--engine-path", "nowhere", write("right.mlir", RIGHT))
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("enzyme-lsp: no engine answers: engine.path: nowhere ")


def test_what_the_engine_says_is_reported_with_its_name(check: Any):
    write("refused.mlir", REFUSED)
    ended = check(*scripted_engine(), "--format", "json", "refused.mlir")
    (found,) = json.loads(ended.out)
    assert (ended.code, found["severity"], found["range"]["start"]["line"]) == (1, 1, 1)
    assert found["source"] != "enzyme-lsp"


def test_an_engine_without_an_answer_is_said_for_the_file(check: Any):
    write("right.mlir", RIGHT)
    write("slow.mlir", SLOW)
    ended = check(*scripted_engine(deadlineS=0.2), ".")
    assert ended.code == 0
    assert "warning[engine-timeout]" in ended.out


def test_ops_are_lowered_unless_that_is_not_wanted(check: Any):
    write("deep.mlir", DEEP)
    ended = check(*scripted_engine(), "deep.mlir")
    assert ended.code == 1
    assert ended.out.startswith("error[derivative-refused]: scripted 1 cannot lower this enzyme.autodiff: no rule")
    assert check(*scripted_engine(), "--no-deep", "deep.mlir").code == 0
    settings = json.loads(Path("settings.json").read_text())
    write("off.json", json.dumps({**settings, "diagnostics.deep": "off"}))
    assert check("--config", "off.json", "deep.mlir").code == 0
    assert check("--config", "off.json", "--deep", "deep.mlir").code == 1
    # An op with an error of ours is not lowered: the error comes first.
    write("wrong.mlir", DEEP.replace("[#enzyme<activity enzyme_active>]", "[]"))
    assert "derivative-refused" not in check(*scripted_engine(), "wrong.mlir").out


def test_what_keeps_the_engine_from_answering_is_said_with_the_file(check: Any, monkeypatch: pytest.MonkeyPatch):
    async def troubled(self: Verifier, snapshot: Snapshot) -> Verdict:
        return Verdict(None, trouble="the engine is tired")

    monkeypatch.setattr(Verifier, "full", troubled)
    ended = check(*scripted_engine(), write("right.mlir", RIGHT))
    assert (ended.code, ended.err) == (0, "enzyme-lsp: right.mlir: not fully checked: the engine is tired\n")


def test_a_bug_costs_one_file_and_is_told(check: Any, monkeypatch: pytest.MonkeyPatch):
    async def broken(self: Verifier, snapshot: Snapshot) -> Verdict:
        if snapshot.uri.endswith("/bug.mlir"):
            raise KeyError("what went wrong")
        return Verdict(None)

    monkeypatch.setattr(Verifier, "full", broken)
    write("bug.mlir", RIGHT)
    ended = check(*scripted_engine(), write("wrong.mlir", WRONG), "bug.mlir")
    assert ended.code == 2
    assert "1 error in 1 file" in ended.out
    assert ended.err.startswith("enzyme-lsp: bug.mlir: a bug in enzyme-lsp, please report it\nTraceback")
    assert "what went wrong" in ended.err


def test_settings_come_from_a_file_and_options_win(check: Any):
    write("right.mlir", RIGHT)
    settings = {"engine": {"path": "nowhere", "enabled": False, "pathh": ""}, "diagnostics": {"enabled": 1}}
    write("settings.json", json.dumps(settings))
    ended = check("--config", "settings.json", "right.mlir")
    assert ended.err.splitlines() == [
        "enzyme-lsp: settings.json: There is no setting engine.pathh. Did you mean engine.path?",
        "enzyme-lsp: settings.json: The setting diagnostics.enabled must be true or false, not 1.",
    ]
    ended = check("--config", "settings.json", "--engine-path", "elsewhere", "right.mlir")
    assert "elsewhere" not in ended.err  # Still switched off.


@pytest.mark.parametrize("text", ["{", "\xff", pytest.param("[" * 99_999, id="deep")])
def test_settings_that_are_no_json_are_misuse(check: Any, text: str, capsys: pytest.CaptureFixture[str]):
    write("settings.json", text.encode("latin-1"))
    with pytest.raises(SystemExit) as ended:
        check("--config", "settings.json", write("right.mlir", RIGHT))
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("enzyme-lsp: settings.json is not JSON: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_must_not_be_read_ends_with_2(check: Any):
    Path(write("secret.mlir", RIGHT)).chmod(0)
    unreadable(check("--no-engine", write("wrong.mlir", WRONG), "secret.mlir"), "secret.mlir: Permission denied")


def test_a_file_that_vanishes_ends_with_2_when_the_others_are_done(check: Any, monkeypatch: pytest.MonkeyPatch):
    write("wrong.mlir", WRONG)
    write("gone.mlir", RIGHT)
    named = files.named

    def then_gone(paths: list[str]) -> list[str]:
        found = named(paths)
        Path("gone.mlir").unlink()
        return found

    monkeypatch.setattr(files, "named", then_gone)
    unreadable(check("--no-engine", "."), "gone.mlir: No such file or directory")


def unreadable(ended: Ended, reason: str) -> None:
    assert ended.code == 2
    assert ended.err == f"enzyme-lsp: cannot read {reason}\n"
    assert "1 error in 1 file" in ended.out


def test_a_code_is_explained(check: Any):
    ended = check("--explain", "unknown-callee")
    assert ended.code == 0
    assert ended.out.startswith("## unknown-callee\n")


def test_an_unknown_code_gets_a_suggestion(check: Any, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        check("--explain", "unknown-calee")
    assert capsys.readouterr().err == "enzyme-lsp: there is no code unknown-calee; did you mean unknown-callee?\n"


@pytest.mark.engine
@pytest.mark.parametrize(
    ("name", "problems"),
    [
        ("reverse_scalar", []),
        ("forward_scalar", []),
        ("memref_loop", []),
        ("tensor", []),
        ("vector_mode", []),
        ("batch", []),
        ("wrong/activity_count", ["10 activity-count"]),
        ("wrong/callee_is_no_function", ["6 callee-not-a-function"]),
        ("wrong/misspelt_activity", ["10 unknown-activity"]),
        ("wrong/sections", ["19 unknown-callee"]),
        ("wrong/several_functions", ["9 missing-element", "15 enzyme-ad", "19 enzyme-ad"]),
        ("wrong/unknown_callee", ["9 unknown-callee"]),
        ("wrong/unregistered_dialect", ["5 enzyme-ad", "7 enzyme-ad"]),
    ],
)
def test_the_examples_show_what_they_say(check: Any, classic: object, name: str, problems: list[str]):
    ended = check("--format", "json", str(EXAMPLES / f"{name}.mlir"))
    # Of the compiler's words only the line: how they are put is tested where it is done.
    assert [
        f"{found['range']['start']['line'] + 1} {found['code'] if found['source'] == OURS else found['source']}"
        for found in json.loads(ended.out)
    ] == problems
    assert ended.err == ""


EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
