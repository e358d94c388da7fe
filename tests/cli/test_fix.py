"""`check --fix`: what happens to the files, and what is said of it."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.cli import files, fixing
from enzyme_lsp.cli.main import main
from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable

SURPLUS = """\
func.func @f(%a: f64) -> f64 { return %a : f64 }
func.func @d(%x: f64, %dr: f64) -> f64 {
  %0 = enzyme.autodiff @f(%x, %dr) {activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_const>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
  return %0 : f64
}
"""
FIXED = SURPLUS.replace(", #enzyme<activity enzyme_const>", "")
BROKEN = f"{SURPLUS}func.func @g(%x: f64) -> f64 {{\n  return %x, : f64\n}}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def fix(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(*argv: str) -> tuple[int, str, str]:
        code = main(["check", "--no-engine", "--fix", *argv])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def write(name: str, text: str | bytes) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def unwritten(path: str, old: str | bytes, obstacle: str, ended: tuple[int, str, str]) -> None:
    """The file is as it was, its problem is reported, and so is what kept it from being fixed."""
    code, out, err = ended
    assert (code, err) == (2, f"enzyme-lsp: not fixed: {obstacle}\n")
    assert "error[activity-count]" in out
    assert Path(path).read_bytes() == (old if isinstance(old, bytes) else old.encode())
    assert os.listdir(Path(path).parent) == [Path(path).name]


def test_files_are_fixed_and_what_is_left_is_reported(fix: Any):
    write("a.mlir", SURPLUS)
    write("b.mlir", BROKEN)
    write("c.mlir", FIXED)
    code, out, err = fix(".")
    assert (code, err) == (1, "enzyme-lsp: a.mlir: fixed 1 problem\nenzyme-lsp: b.mlir: fixed 1 problem\n")
    assert out.startswith("error[missing-element]: ")
    assert out.endswith("\n1 error in 1 of 3 files, checked without an engine\n")
    assert [Path(name).read_text() for name in ("a.mlir", "b.mlir", "c.mlir")] == [
        FIXED,
        BROKEN.replace(SURPLUS, FIXED),
        FIXED,
    ]
    assert fix("a.mlir") == (0, "no problems in 1 file, checked without an engine\n", "")


def test_a_file_without_fixes_is_not_written(fix: Any):
    Path(write("right.mlir", FIXED)).chmod(0o444)
    os.utime("right.mlir", (1, 1))
    before = os.stat("right.mlir")
    assert fix("right.mlir")[0] == 0
    after = os.stat("right.mlir")
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_without_the_option_nothing_is_written_and_it_is_recommended(capsys: pytest.CaptureFixture[str]):
    assert main(["check", "--no-engine", write("a.mlir", SURPLUS)]) == 1
    assert Path("a.mlir").read_text() == SURPLUS
    summary = "1 error in 1 file, checked without an engine\n1 of them can be fixed with --fix\n"
    assert capsys.readouterr().out.endswith(summary)


@pytest.mark.parametrize(
    "mark_and_ends",
    [(b"", "\n"), (b"\xef\xbb\xbf", "\n"), (b"", "\r\n"), (b"\xef\xbb\xbf", "\r\n")],
    ids=["plain", "mark", "crlf", "both"],
)
def test_byte_order_mark_line_ends_and_mode_stay(fix: Any, mark_and_ends: tuple[bytes, str]):
    mark, ends = mark_and_ends
    Path(write("a.mlir", mark + SURPLUS.replace("\n", ends).encode())).chmod(0o640)
    assert fix("a.mlir")[0] == 0
    assert Path("a.mlir").read_bytes() == mark + FIXED.replace("\n", ends).encode()
    assert os.stat("a.mlir").st_mode & 0o777 == 0o640


def test_a_link_leads_where_it_led(fix: Any):
    write("deep/real.mlir", SURPLUS)
    Path("link.mlir").symlink_to("deep/real.mlir")
    assert fix("link.mlir")[0] == 0
    assert Path("link.mlir").is_symlink()
    assert Path("deep/real.mlir").read_text() == FIXED


def test_what_is_no_utf_8_is_not_touched(fix: Any):
    text = SURPLUS.encode() + b"// caf\xe9\n"
    obstacle = f"a.mlir is not UTF-8 at byte {text.index(bytes([0xE9]))}"
    unwritten(write("a.mlir", text), text, obstacle, fix("a.mlir"))


def test_a_file_that_changes_meanwhile_is_not_touched(fix: Any, monkeypatch: pytest.MonkeyPatch):
    newer = f"// newer\n{SURPLUS}"
    fix_all = fixing.fix_all

    def while_an_editor_saves(snapshot: Any) -> Any:
        write("a.mlir", newer)
        return fix_all(snapshot)

    monkeypatch.setattr(fixing, "fix_all", while_an_editor_saves)
    unwritten(write("a.mlir", SURPLUS), newer, "a.mlir has changed meanwhile", fix("a.mlir"))


def test_a_file_that_vanishes_meanwhile_is_not_made_again(fix: Any, monkeypatch: pytest.MonkeyPatch):
    fix_all = fixing.fix_all

    def while_it_is_deleted(snapshot: Any) -> Any:
        Path("a.mlir").unlink()
        return fix_all(snapshot)

    monkeypatch.setattr(fixing, "fix_all", while_it_is_deleted)
    code, _, err = fix(write("a.mlir", SURPLUS))
    assert code == 2
    assert err.startswith("enzyme-lsp: not fixed: cannot write a.mlir: ")
    assert os.listdir() == []


def test_a_write_that_fails_leaves_the_file(fix: Any, monkeypatch: pytest.MonkeyPatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    obstacle = "cannot write a.mlir: No space left on device"
    unwritten(write("a.mlir", SURPLUS), SURPLUS, obstacle, fix("a.mlir"))


def test_a_file_that_must_not_be_written_is_not_replaced(fix: Any, monkeypatch: pytest.MonkeyPatch):
    # Root may write everything, so the system's answer is given here.
    def refused(_: object, mode: int) -> bool:
        return mode != os.W_OK

    monkeypatch.setattr(os, "access", refused)
    obstacle = "cannot write a.mlir: Permission denied"
    unwritten(write("a.mlir", SURPLUS), SURPLUS, obstacle, fix("a.mlir"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_in_a_folder_that_must_not_be_written_stays(fix: Any):
    write("closed/a.mlir", SURPLUS)
    Path("closed").chmod(0o555)
    try:
        unwritten("closed/a.mlir", SURPLUS, "cannot write closed/a.mlir: Permission denied", fix("closed"))
    finally:
        Path("closed").chmod(0o755)


def test_standard_input_cannot_be_fixed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SURPLUS.encode())))
    with pytest.raises(SystemExit) as ended:
        main(["check", "--fix", write("a.mlir", SURPLUS), "-"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == "enzyme-lsp: --fix changes files, and standard input is none\n"
    assert Path("a.mlir").read_text() == SURPLUS


def test_reports_for_programs_stay_whole(fix: Any):
    code, out, err = fix("--format", "json", write("b.mlir", BROKEN))
    assert (code, err) == (1, "enzyme-lsp: b.mlir: fixed 1 problem\n")
    assert [found["code"] for found in json.loads(out)] == ["missing-element"]


def test_a_bug_in_a_check_leaves_the_file(fix: Any, monkeypatch: pytest.MonkeyPatch):
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(fixing, "fix_all", broken)
    code, _, err = fix(write("a.mlir", SURPLUS))
    assert code == 2
    assert err.startswith("enzyme-lsp: a.mlir: a bug in enzyme-lsp, please report it\n")
    assert Path("a.mlir").read_text() == SURPLUS


def test_what_is_left_has_its_places_in_the_fixed_text():
    document = Document.of("file:///a.mlir", write("a.mlir", SURPLUS) and SURPLUS)
    fixed = fixing.fix("a.mlir", document, Settings())
    assert (fixed.document.data.decode(), fixed.document.uri, fixed.count) == (FIXED, document.uri, 1)


def test_a_hidden_copy_is_not_left_behind(folder: Path):
    files.replace(write("a.mlir", "old"), b"old", b"new")
    assert [path.name for path in folder.iterdir()] == ["a.mlir"]
    assert Path("a.mlir").read_bytes() == b"new"
