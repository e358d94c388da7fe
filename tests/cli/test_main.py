"""The command line itself: what is understood, what is refused, and how it ends."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from enzyme_lsp import __version__
from enzyme_lsp.cli.main import main

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize(
    "argv",
    [
        ["check"],
        ["check", "nope.mlir"],
        ["check", "--no-engine", "--format", "xml", "-"],
        ["check", "--form", "json", "-"],
        ["check", "--config", "nope.json", "-"],
        ["check", "--explain", "no-such-code"],
        ["doctor", "examples"],
        ["probe"],
        ["lower", "file.mlir"],
        ["--stdi"],
    ],
)
def test_misuse_ends_with_2_and_a_sentence(
    argv: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "enzyme-lsp" in shown.err


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"enzyme-lsp {__version__}\n"


def test_help_lists_the_commands_and_no_others(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert re.findall(r"^    (\w+)", shown, re.MULTILINE) == [
        *("serve", "check", "differentiate", "lower", "convert", "gradcheck", "doctor", "probe")
    ]


@pytest.mark.parametrize("argv", [[], ["--stdio"], ["serve"], ["serve", "--stdio"]])
def test_an_editor_may_start_the_server_in_any_of_these_ways(argv: list[str]):
    done = run(*argv, text=message('{"jsonrpc": "2.0", "method": "exit"}'))
    # `exit` without `shutdown` before it: the protocol asks for 1.
    assert (done.returncode, done.stdout) == (1, "")


def test_the_package_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "enzyme_lsp", "--version"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout == f"enzyme-lsp {__version__}\n"


def test_a_reader_that_has_seen_enough_is_no_error():
    command = f"{sys.executable} -m enzyme_lsp check --no-engine --format json {EXAMPLES} | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("[\n", "")


def test_a_terminal_that_cannot_say_a_character_gets_its_escape(tmp_path: Path):
    (tmp_path / "a.mlir").write_text("%é = 漢\n")
    done = subprocess.run(
        [sys.executable, "-m", "enzyme_lsp", "check", "--no-engine", "a.mlir"],
        cwd=tmp_path,
        env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert r"1 | %\xe9 = \u6f22" in done.stdout
    assert done.stderr == ""


def run(*argv: str, text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "enzyme_lsp", *argv], input=text, capture_output=True, text=True, check=False, timeout=60
    )


def message(body: str) -> str:
    return f"Content-Length: {len(body)}\r\n\r\n{body}"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_output_that_cannot_be_written_ends_with_2():
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "enzyme_lsp", "check", "--no-engine", str(EXAMPLES)]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr.decode().startswith("enzyme-lsp: cannot write the output: ")
    assert b"Traceback" not in ended.stderr


CLOSED = "enzyme-lsp: cannot write the output: Bad file descriptor\n"


@pytest.mark.parametrize(
    ("command", "code", "out", "err"),
    [
        ("check --no-engine --format json EXAMPLES >&-", 2, "", CLOSED),
        ("differentiate EXAMPLES/reverse_scalar.mlir --function product --mode reverse >&-", 2, "", CLOSED),
        ("--version >&-", 2, "", CLOSED),
        ("check --no-engine - <&-", 2, "no problems in 0 files, checked without an engine\n", None),
        ("check --no-engine - 0> /dev/null", 2, "no problems in 0 files, checked without an engine\n", None),
        ("check --no-engine nope.mlir 2>&-", 2, "", ""),
    ],
)
def test_a_stream_that_is_closed_ends_with_a_sentence(command: str, code: int, out: str, err: str | None):
    line = f"{sys.executable} -m enzyme_lsp {command.replace('EXAMPLES', str(EXAMPLES))}"
    ended = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (code, out)
    assert "Traceback" not in ended.stderr
    assert err is None or ended.stderr == err


def test_the_working_folder_may_be_gone(tmp_path: Path):
    command = f"cd {tmp_path} && rmdir {tmp_path} && {sys.executable} -m enzyme_lsp check --no-engine - < /dev/null"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert ended.stderr == ""
    assert (ended.returncode, ended.stdout) == (0, "no problems in 1 file, checked without an engine\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_what_cannot_be_told_does_not_change_the_exit_code():
    line = f"{sys.executable} -m enzyme_lsp check --no-engine nope.mlir 2> /dev/full"
    ended = subprocess.run(["sh", "-c", line], capture_output=True, check=False, timeout=60)
    assert ended.returncode == 2


def test_a_name_is_shown_and_not_obeyed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "\x1b[2Jgone\n.mlir").symlink_to("nowhere")
    assert main(["check", "--no-engine", str(tmp_path)]) == 2
    shown = capsys.readouterr().err
    assert "\x1b" not in shown
    assert "gone" in shown
