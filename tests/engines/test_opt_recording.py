"""What the stand-in of Enzyme's programs has recorded is what the real ones say, and it says that in their form."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest

from enzyme_lsp.engines import problems
from enzyme_lsp.engines.program import listing
from tests.engines import opt_stand_in, record_opt
from tests.engines.harness import Subject

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM: Final = os.environ.get("ENZYME_LSP_TEST_PROGRAM", "") or shutil.which("mlir-opt-22") or ""
RECORDED: Final[dict[str, Any]] = json.loads(opt_stand_in.RECORDING.read_text())
SAID: Final[dict[str, Any]] = RECORDED["command line"]["said"]


@pytest.mark.engine
@pytest.mark.parametrize("release", record_opt.RELEASES)
def test_enzyme_says_what_is_recorded(release: str) -> None:
    if reason := Subject("enzyme-ad", record_opt.RELEASES[release], "classic", 0).absence():
        pytest.skip(reason)

    def lasting(case: dict[str, Any]) -> dict[str, Any]:
        # A crash corrupts memory, so that the signal may be another one.
        return {**case, "signal": ""}

    recorded = RECORDED["messages"][release]
    assert [*map(lasting, record_opt.messages(release))] == [*map(lasting, recorded)]


@pytest.mark.skipif(not PROGRAM, reason="there is no mlir-opt")
def test_mlir_opt_does_what_is_recorded() -> None:
    found = record_opt.command_line(PROGRAM)
    if found["version"] != RECORDED["command line"]["version"]:
        pytest.skip("it is of another release")
    assert found == RECORDED["command line"]


@pytest.mark.parametrize("name", ["a text that is none", "in the middle", "a type", "a dialect"])
def test_diagnostics_are_in_the_form_of_the_real_one(name: str) -> None:
    _, text = record_opt.COMMANDS[name]
    said: str = SAID[name]["said"]
    found = problems.parse(said.encode())
    written = [
        [one.severity, one.message, *((one.place.line, one.place.column) if one.place else (0, 0))] for one in found
    ]
    # The note about all dialects that there are is not one of Enzyme's bindings.
    said = said.partition("<stdin>:2:2: note:")[0].replace("'mine.op' \n", "'mine.op'\n")
    assert opt_stand_in.written(written, text) == said


def test_prints_and_pipelines_are_in_the_form_of_the_real_one(tmp_path: Path) -> None:
    program = str(opt_stand_in.installed(tmp_path, "enzymexlamlir-opt", "0.0.15"))
    stages = next(case for case in RECORDED["messages"]["0.0.15"] if case["name"] == "stages")
    marks = [f"{opt_stand_in.MARKER}{{name=one-{number} pipeline=}}" for number in range(4)]
    marked = ",".join(part for pair in zip(marks, [*stages["elements"], ""], strict=True) for part in pair if part)
    arguments = (f"--pass-pipeline=builtin.module({marked})", f"--mlir-print-ir-after={opt_stand_in.MARKER}")
    folder = tmp_path / "prints"
    folder.mkdir()
    found = record_opt.said(program, (*arguments, "--mlir-print-ir-tree-dir=FOLDER"), stages["text"])
    path, print_ = next(iter(SAID["marked"]["files"].items()))
    head = print_.partition("\n")[0]
    assert list(found["files"]) == [path.replace("0_", f"{number}_") for number in range(4)]
    for number, written in enumerate(found["files"].values()):
        assert written.partition("\n")[0] == head.replace("After one", f"After one-{number}")
        assert written.endswith("\n\n\n") == print_.endswith("\n\n\n")
    text = record_opt.COMMANDS["a pass that is none"][1]
    found = record_opt.said(program, record_opt.COMMANDS["a pass that is none"][0], text)
    assert found == SAID["a pass that is none"]


@pytest.mark.parametrize("name", opt_stand_in.NAMES)
def test_it_lists_passes_in_the_form_of_the_real_one(name: str) -> None:
    real = listing.read("\n".join(RECORDED["command line"]["help"]))
    found = listing.read(opt_stand_in.help_of(name, "0.0.16", RECORDED))
    assert found.options == real.options
    own: dict[str, dict[str, str]] = RECORDED["passes"]["0.0.16"]
    assert {*real.passes} - {*found.passes} == {"enzymemlir-opt": {opt_stand_in.MARKER}}.get(name, set())
    assert {*found.passes} - {*real.passes} <= {*own}
    assert "enzyme" in found.passes
    assert ("enzyme-hlo-opt" in found.passes) == (name == "enzymexlamlir-opt")
    assert set(found.passes["enzyme-wrap"].options) == {one for one in own["enzyme-wrap"] if one[0] != "{"}


def test_what_is_not_recorded_is_refused(tmp_path: Path) -> None:
    program = opt_stand_in.installed(tmp_path, "enzymemlir-opt", "0.0.15")
    done = subprocess.run([program], input=b"module { }", capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (
        opt_stand_in.UNKNOWN,
        b"error: the stand-in has no recording of this\n",
    )
