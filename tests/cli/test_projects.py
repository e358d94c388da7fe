"""Project files in a terminal: `check` and `lower` follow the nearest one above each file."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.cli import options
from enzyme_lsp.cli.main import main
from tests.engines import scripted

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a file that is wrong in a folder of its own, and one beside it."""
    (tmp_path / "sub").mkdir()
    for name in ("a.mlir", "sub/b.mlir"):
        (tmp_path / name).write_text("func.func @f() {\n")
    return tmp_path


def test_check_follows_the_nearest_file(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "sub" / "enzyme-lsp.toml").write_text("[diagnostics]\nenabled = false\n")
    assert main(["check", "--no-engine", str(folder)]) == 1
    out = capsys.readouterr().out
    assert "a.mlir" in out
    assert "b.mlir" not in out


def test_what_the_command_line_says_wins_though_it_be_the_default(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "enzyme-lsp.toml").write_text("[diagnostics]\nenabled = false\n")
    config = folder / "config.json"
    config.write_text('{"diagnostics.enabled": true}')
    assert main(["check", "--no-engine", "--config", str(config), str(folder)]) == 1
    assert "b.mlir" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("is_deep", "project", "deep"), [(True, "off", "pause"), (False, "pause", "off"), (False, "save", "off")]
)
def test_deep_on_the_command_line_wins(folder: Path, project: str, deep: str, *, is_deep: bool):
    (folder / "enzyme-lsp.toml").write_text(f'[diagnostics]\ndeep = "{project}"\n')
    arguments = Namespace(config=None, engine=None, engine_python=None, engine_path=None, deep=is_deep)
    own = options.settings_from(arguments)
    assert options.ProjectSettings(own).of(str(folder / "a.mlir")).diagnostics.deep == deep


def test_what_is_wrong_with_a_file_is_told_once(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "enzyme-lsp.toml").write_text("[engine]\ncommand = ['sh']\n[hints]\ntyps = true\n")
    main(["check", "--no-engine", str(folder)])
    said = [line for line in capsys.readouterr().err.splitlines() if "enzyme-lsp.toml" in line]
    assert [line.partition("enzyme-lsp.toml:")[2] for line in said] == [
        (
            "2: a project file may not have engine.command: which programs run, and what they may use of the machine, "
            "is for its user to say"
        ),
        "4: there is no setting hints.typs; did you mean hints.types?",
    ]


def test_lower_knows_the_pipelines_of_a_project_and_does_not_trust_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "enzyme-lsp.toml").write_text('lowering.pipelines = ["mine: pass a", "theirs: trusted"]\n')
    (tmp_path / "a.mlir").write_text("func.func private @f()\n")
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"engine": {"kind": "command", "command": scripted.command()}}))
    ask = ["lower", str(tmp_path / "a.mlir"), "--config", str(config), "--preset"]
    assert main([*ask, "mine"]) == 0
    assert capsys.readouterr().out == "// a\nfunc.func private @f()\n"
    assert main([*ask, "theirs"]) == 1
    assert "trusted is not run for this text" in capsys.readouterr().err
