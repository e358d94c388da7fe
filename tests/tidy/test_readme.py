"""README and CONTRIBUTING are true: every command in them is in the table below, and those that can be run are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from enzyme_lsp.lowering.project import troubles
from enzyme_lsp.workspace import project

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
EDITORS = ROOT / "docs" / "editors.md"
BIN = Path(sys.executable).parent

RUNS = {
    "enzyme-lsp check examples": 1,
    "enzyme-lsp check --explain activity-count": 0,
    "enzyme-lsp check - < examples/reverse_scalar.mlir": 0,
    "enzyme-lsp differentiate examples/reverse_scalar.mlir --function product --mode reverse --diff": 0,
    "enzyme-lsp check --format json examples": 1,
    "enzyme-lsp check --format github examples": 1,
    "enzyme-lsp check --format sarif examples": 1,
    "enzyme-lsp probe examples": 0,
}
"""Run here as they stand, with the exit code that they promise."""

NEEDS_ENGINE = {
    "enzyme-lsp doctor": 0,
    "enzyme-lsp gradcheck examples/reverse_scalar.mlir": 0,
    "enzyme-lsp gradcheck examples/reverse_scalar.mlir --function product --at x=1.5 --full --format json": 0,
    "enzyme-lsp lower examples/reverse_scalar.mlir": 0,
    "enzyme-lsp lower examples/reverse_scalar.mlir --preset llvm --function product --timing": 0,
    "enzyme-lsp lower examples/reverse_scalar.mlir --pipeline enzyme,canonicalize --stages --diff": 0,
}
"""The same, where the engine is installed."""

TESTED_ELSEWHERE = {
    "enzyme-lsp check --fix examples": "tests/cli/test_fix.py, on other files: it would change these",
    "enzyme-lsp convert examples/reverse_scalar.mlir -o reverse_scalar.mlirbc": "tests/cli/test_convert.py: it writes",
    "enzyme-lsp check --compare-engines examples": "tests/cli/test_compare.py, with engines of its own",
    "make demo": "test_the_demo_runs below",
    "make test": "this is it",
    "make test ARGS='tests/cli -x'": "this is it, with other arguments",
    "make test-editors": "another part of .ci/run, which takes real editors",
    "make update": "only what it would run, in test_update_runs_the_tests_with_the_switch below: it rewrites this clone",
    "pip install '.[enzyme]'": "the set-up of `make test` installs just this; tests/tidy/test_package.py looks inside",
}


def commands() -> list[str]:
    blocks = [block for page in PAGES for block in _fenced(page, "sh")]
    return [line for block in blocks for line in block.splitlines() if line]


def test_every_command_is_tested():
    assert set(commands()) == {*RUNS, *NEEDS_ENGINE, *TESTED_ELSEWHERE}


@pytest.mark.parametrize(("command", "code"), RUNS.items())
def test_a_command_does_what_it_promises(command: str, code: int):
    assert _run(command).returncode == code


@pytest.mark.parametrize(("command", "code"), NEEDS_ENGINE.items())
def test_a_command_that_needs_the_engine_does_what_it_promises(command: str, code: int, classic: object):
    assert _run(command).returncode == code


def test_the_demo_runs():
    if Path(sys.prefix) != ROOT / ".venv":
        pytest.skip("the demo would set up another environment than the one that runs these tests")
    done = _run("make demo")
    assert done.returncode == 0, done.stderr
    assert "examples/wrong/unknown_callee.mlir:9:25" in done.stdout
    assert "textDocument/publishDiagnostics" in done.stdout


def test_update_runs_the_tests_with_the_switch():
    # tests/test_fixture.py and tests/test_settings.py say what the switch does.
    done = _run("make --dry-run update ARGS=-x")
    assert (done.returncode, done.stdout) == (0, "UPDATE_EXPECT=1 sh .ci/test.sh -x\n")


def test_links_lead_somewhere():
    for page in [*PAGES, EDITORS]:
        for target in re.findall(r"\]\((?!https://)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_settings_for_editors_are_well_formed():
    zed, sublime = (json.loads(text) for text in _fenced(EDITORS, "json"))
    assert zed["lsp"]["enzyme-lsp"]["binary"]["path"] == "enzyme-lsp"
    assert sublime["clients"]["enzyme-lsp"]["command"] == ["enzyme-lsp"]
    (helix,) = _fenced(EDITORS, "toml")
    assert tomllib.loads(helix)["language-server"]["enzyme-lsp"] == {"command": "enzyme-lsp"}
    (kakoune,) = _fenced(EDITORS, "kak")
    server = kakoune.partition("lsp_servers %{")[2].partition("}")[0]
    assert list(tomllib.loads(server)) == ["enzyme-lsp"]


def test_the_project_file_of_the_readme_is_well_formed():
    (own,) = _fenced(ROOT / "README.md", "toml")
    assert troubles(project.parse("enzyme-lsp.toml", own.encode())) == []


def _fenced(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def _run(command: str) -> subprocess.CompletedProcess[str]:
    # A `make` inside `make test` must not take over its flags.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    environment = {**inherited, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        command, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
