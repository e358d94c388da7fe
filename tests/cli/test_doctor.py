"""`doctor`: it really asks, and says what to do when nobody answers."""

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp import __version__
from enzyme_lsp.cli.main import main
from tests.engines import plain_opt, scripted

if TYPE_CHECKING:
    from pathlib import Path


def configured(folder: Path, **engine: object) -> list[str]:
    path = folder / "settings.json"
    path.write_text(json.dumps({"engine": engine}))
    return ["--config", str(path)]


def test_without_a_compiler_it_ends_with_1_and_says_what_still_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["doctor", "--engine-path", str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert f"enzyme-lsp {__version__}\n" in shown
    assert "no engine answers: engine.path: " in shown
    assert "What still works: syntax errors" in shown


def test_a_compiler_that_takes_everything_is_not_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    options = configured(tmp_path, kind="command", command=[*scripted.command(spelling="classic")])
    assert main(["doctor", *options]) == 1
    shown = capsys.readouterr().out
    assert "a derivative of nothing accepted in " in shown
    assert "this should have been rejected" in shown


def test_the_log_is_for_those_who_ask_for_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    options = configured(tmp_path, kind="command", command=[*scripted.command(start="fail")])
    assert main(["doctor", *options]) == 1
    assert capsys.readouterr().err == ""
    settings = json.loads((tmp_path / "settings.json").read_text())
    (tmp_path / "settings.json").write_text(json.dumps({**settings, "log": {"level": "debug"}}))
    assert main(["doctor", *options]) == 1
    assert " WARNING enzyme_lsp.engines.supervisor: " in capsys.readouterr().err


def test_the_report_can_be_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    options = configured(tmp_path, kind="command", command=[*scripted.command(spelling="none")])
    assert main(["doctor", "--json", *options]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["version"] == __version__
    assert report["packages"]["pygls"]
    assert [(trial["name"], trial["outcome"]) for trial in report["engine"]["trials"]] == [
        ("a sum", "accepted"),
        ("a sum of unlike types", "accepted"),
    ]


@pytest.mark.engine
def test_the_default_compiler_is_well(classic: object, capsys: pytest.CaptureFixture[str]):
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "spelling                classic\n" in shown
    assert "does not reference a valid global funcOp" in shown
    assert shown.endswith("\nall is well\n")


def answers(report: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    return {one["files"]: (one["verifies"], one["differentiates"], one["by"]) for one in report["answers"]}


def test_every_engine_that_is_meant_is_asked_and_which_files_it_has_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gpu").mkdir()
    (tmp_path / "gpu" / "a.mlir").write_text("")
    (tmp_path / "b.mlir").write_text("")
    program = shlex.join([sys.executable, plain_opt.__file__])
    rules = [f"gpu: {program}", "old: none", "new: no-such-opt"]
    options = configured(tmp_path, kind="command", command=[*scripted.command(spelling="none")], files=rules)
    assert main(["doctor", "--json", *options, "gpu", "b.mlir"]) == 1
    report = json.loads(capsys.readouterr().out)
    found = answers(report)
    small = found["gpu"][0]
    assert small.endswith(" 23.0.0git")
    assert found[""][0] == found["b.mlir"][0] == "scripted 1"
    assert found["gpu/a.mlir"] == (small, found["gpu"][1], f"engine.files: gpu: {program}")
    assert (found["old"][0], found["new"][0]) == ("", "")
    by = {one["by"][0]: one["state"] for one in report["engines"] if one["by"]}
    assert by == {
        "engine.kind": "ready",
        f"engine.files: gpu: {program}": "ready",
        "engine.files: new: no-such-opt": "absent",
    }
    assert main(["doctor", *options, "gpu"]) == 1
    shown = capsys.readouterr().out
    assert "no engine answers for engine.files: new: no-such-opt: engine.program or engine.files: there is no" in shown
    assert "  old                     no engine, by engine.files: old: none" in shown
    assert shown.endswith("\nnot all engines are well\n")


@pytest.mark.engine
def test_which_engine_answers_what(
    classic: object, upstream: object, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    del classic, upstream
    assert main(["doctor", "--json", *configured(tmp_path, kind="upstream")]) == 0
    report = json.loads(capsys.readouterr().out)
    (base,) = report["answers"]
    assert base["verifies"] == base["lowers"] == base["converts_bytecode"] == base["runs_machine_code"]
    assert base["verifies"].startswith("mlir ")
    assert base["differentiates"].startswith("enzyme-ad ")
    assert [one["by"] for one in report["engines"]] == [["engine.kind"], []]


@pytest.mark.engine
def test_the_strict_compiler_is_asked_in_its_own_spelling(strict: object, capsys: pytest.CaptureFixture[str]):
    assert main(["doctor", "--json", "--engine-path", os.environ["ENZYME_LSP_TEST_STRICT"]]) == 0
    assert json.loads(capsys.readouterr().out)["engine"]["spelling"] == "strict"
