"""`enzyme-lsp differentiate`: where the text goes, what is refused with which exit code, and that files stay whole."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

F = """\
func.func @f(%x: f64, %y: f64) -> f64 {
  %z = arith.mulf %x, %y : f64
  return %z : f64
}
"""
GRADIENT = """
func.func @grad_f(%x: f64, %y: f64, %dr: f64) -> (f64, f64) {
  %0:2 = enzyme.autodiff @f(%x, %y, %dr) {
    activity = [#enzyme<activity enzyme_active>, #enzyme<activity enzyme_active>],
    ret_activity = [#enzyme<activity enzyme_activenoneed>]
  } : (f64, f64, f64) -> (f64, f64)
  return %0#0, %0#1 : f64, f64
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("f.mlir").write_text(F)
    return tmp_path


@pytest.fixture
def differentiate(capsysbinary: pytest.CaptureFixture[bytes]) -> Callable[..., tuple[int, str, str]]:
    def run(*argv: str) -> tuple[int, str, str]:
        try:
            code = main(["differentiate", *argv])
        except SystemExit as misuse:
            code = int(misuse.code or 0)
        shown = capsysbinary.readouterr()
        return code, shown.out.decode(), shown.err.decode()

    return run


REVERSE = ("--function", "f", "--mode", "reverse")


def test_the_text_goes_to_standard_output(differentiate: Any):
    assert differentiate("f.mlir", *REVERSE) == (0, F + GRADIENT, "")
    assert differentiate("f.mlir", *REVERSE, "-o", "-") == (0, F + GRADIENT, "")
    assert Path("f.mlir").read_text() == F


def test_standard_input(differentiate: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(F.encode())))
    assert differentiate("-", *REVERSE) == (0, F + GRADIENT, "")
    code, out, err = differentiate("-", *REVERSE, "--in-place")
    assert (code, out, err) == (2, "", "enzyme-lsp: --in-place changes a file, and standard input is none\n")


def test_the_file_itself(differentiate: Any):
    Path("f.mlir").chmod(0o640)
    assert differentiate("f.mlir", *REVERSE, "--in-place") == (0, "", "")
    assert Path("f.mlir").read_text() == F + GRADIENT
    assert os.stat("f.mlir").st_mode & 0o777 == 0o640


def test_another_file(differentiate: Any):
    assert differentiate("f.mlir", *REVERSE, "-o", "new.mlir") == (0, "", "")
    assert Path("new.mlir").read_text() == F + GRADIENT
    assert Path("f.mlir").read_text() == F
    Path("new.mlir").write_text("old")
    assert differentiate("f.mlir", *REVERSE, "-o", "new.mlir") == (0, "", "")
    assert Path("new.mlir").read_text() == F + GRADIENT
    assert sorted(os.listdir()) == ["f.mlir", "new.mlir"]
    code, _, err = differentiate("f.mlir", *REVERSE, "-o", "missing/new.mlir")
    assert (code, err) == (2, "enzyme-lsp: cannot write missing/new.mlir: No such file or directory\n")


def test_the_difference_can_be_applied(differentiate: Any):
    Path("f.mlir").write_text(F[:-1])
    code, out, err = differentiate("f.mlir", *REVERSE, "--diff")
    assert (code, err) == (0, "")
    assert out.startswith("--- f.mlir\n+++ f.mlir\n@@ ")
    body = out.replace("\n\\ No newline at end of file\n", "").splitlines(keepends=True)[3:]
    assert "".join(line[1:] for line in body if line[0] in " -") == F[:-1]
    assert "".join(line[1:] for line in body if line[0] in " +") == (F + GRADIENT)[:-1]
    assert Path("f.mlir").read_text() == F[:-1]


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_bytes_that_are_no_text_and_line_ends_stay(differentiate: Any, ends: str):
    before = b"\xef\xbb\xbf// \xff\xfe" + f"\n{F}".replace("\n", ends).encode()
    Path("f.mlir").write_bytes(before)
    assert differentiate("f.mlir", *REVERSE, "--in-place")[0] == 0
    after = Path("f.mlir").read_bytes()
    assert after == before + GRADIENT.replace("\n", ends).encode()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--mode", "reverse", "--primal"), "func.func @value_and_grad_f(%x: f64, %y: f64, %dr: f64) -> (f64, f64, f64) {"),
        (("--mode", "reverse", "--width", "3"), "func.func @grads_f(%x: f64, %y: f64, %dr: tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>) {"),
        (("--mode", "reverse", "--activity", "const, enzyme_active"), "func.func @grad_f(%x: f64, %y: f64, %dr: f64) -> f64 {"),
        (("--mode", "forward"), "func.func @jvp_f(%x: f64, %dx: f64, %y: f64, %dy: f64) -> (f64, f64) {"),
        (("--mode", "forward", "--no-primal"), "func.func @jvp_f(%x: f64, %dx: f64, %y: f64, %dy: f64) -> f64 {"),
        (("--mode", "forward", "--activity", "dup,const"), "func.func @jvp_f(%x: f64, %dx: f64, %y: f64) -> (f64, f64) {"),
        (("--mode", "forward", "--width", "4"), "func.func @jvps_f(%x: f64, %dx: tensor<4xf64>, %y: f64, %dy: tensor<4xf64>) -> (f64, tensor<4xf64>) {"),
        (("--mode", "jacobian"), "func.func @jacobian_f(%x: f64, %y: f64) -> (f64, f64) {"),
        (("--mode", "jacobian", "--activity", "active,const"), "func.func @jacobian_f(%x: f64, %y: f64) -> f64 {"),
        (("--mode", "hvp"), "func.func @hvp_f(%x: f64, %vx: f64, %y: f64, %vy: f64, %dr: f64) -> (f64, f64) {"),
        (("--mode", "hvp", "--activity", "active,const"), "func.func @hvp_f(%x: f64, %vx: f64, %y: f64, %dr: f64) -> f64 {"),
        (("--mode", "batch"), "func.func @batched_f(%x: tensor<2xf64>, %y: tensor<2xf64>) -> tensor<2xf64> {"),
        (("--mode", "batch", "--width", "5"), "func.func @batched_f(%x: tensor<5xf64>, %y: tensor<5xf64>) -> tensor<5xf64> {"),
    ],
)  # fmt: skip
def test_modes_and_what_can_be_said_of_them(differentiate: Any, options: tuple[str, ...], line: str):
    code, out, err = differentiate("f.mlir", "--function", "@f", *options)
    assert (code, err) == (0, "")
    assert line in out.splitlines()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--mode", "forward", "--activity", "active,dup"), "enzyme_active is for reverse mode: in forward mode argument 0 (%x) is enzyme_dup, with its tangent behind it, or enzyme_const"),
        (("--mode", "reverse", "--activity", "dup,active"), "the gradient of argument 0 (%x) is lost: enzyme_dup adds it to a shadow in memory, and f64 is a value"),
        (("--mode", "reverse", "--activity", "const,const"), "@f is constant with these activities"),
    ],
)  # fmt: skip
def test_what_has_no_derivative(differentiate: Any, options: tuple[str, ...], reason: str):
    before = os.stat("f.mlir").st_mtime_ns
    assert differentiate("f.mlir", "--function", "f", *options, "--in-place") == (1, "", f"enzyme-lsp: {reason}\n")
    assert (Path("f.mlir").read_text(), os.stat("f.mlir").st_mtime_ns) == (F, before)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("f.mlir", "--function", "g", "--mode", "reverse"), "there is no function @g in f.mlir"),
        (("f.mlir", "--function", "ff", "--mode", "reverse"), "there is no function @ff in f.mlir; did you mean @f?"),
        (("f.mlir", "--function", "f", "--line", "2", "--mode", "reverse"), "functions are called @f at the lines 1; say which with --line"),
        (("f.mlir", *REVERSE, "--activity", "active"), "--activity has 1 words, and @f has 2 arguments"),
        (("f.mlir", *REVERSE, "--activity", "active,actve"), "there is no activity 'actve'; there are: active, dup, const, dupnoneed, activenoneed, constnoneed"),
        (("f.mlir", *REVERSE, "--width", "0"), "--width is a number from 1 to 4294967295"),
        (("f.mlir", "--function", "f", "--mode", "jacobian", "--width", "2"), "--mode jacobian has no --width"),
        (("f.mlir", "--function", "f", "--mode", "batch", "--activity", "dup,dup"), "--mode batch has no --activity"),
        (("f.mlir", "--function", "f", "--mode", "hvp", "--primal"), "--mode hvp has no --primal"),
        ((".", *REVERSE), ". is a folder, and a function is in a file"),
        (("nowhere.mlir", *REVERSE), "no such file or folder: nowhere.mlir"),
    ],
)  # fmt: skip
def test_misuse(differentiate: Any, argv: tuple[str, ...], words: str):
    assert differentiate(*argv) == (2, "", f"enzyme-lsp: {words}\n")


def test_the_spelling_can_be_chosen(differentiate: Any):
    code, out, err = differentiate("f.mlir", *REVERSE, "--spelling", "strict")
    assert (code, err) == (0, "")
    assert "enzyme.autodiff @f(%x, %y, %dr) <\n    activity = [#enzyme.activity<enzyme_active>" in out


def test_of_several_functions_of_one_name_one_is_chosen_by_its_line(differentiate: Any):
    Path("f.mlir").write_text(f"{F}// -----\n{F}")
    code, _, err = differentiate("f.mlir", *REVERSE)
    assert (code, err) == (2, "enzyme-lsp: functions are called @f at the lines 1, 6; say which with --line\n")
    assert differentiate("f.mlir", *REVERSE, "--line", "6") == (0, f"{F}// -----\n{F}{GRADIENT}", "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write any file")
def test_a_file_that_cannot_be_written_stays(differentiate: Any):
    Path("f.mlir").chmod(0o444)
    code, _, err = differentiate("f.mlir", *REVERSE, "--in-place")
    assert (code, err) == (2, "enzyme-lsp: cannot write f.mlir: Permission denied\n")
    assert Path("f.mlir").read_text() == F


def test_a_file_that_cannot_be_read(differentiate: Any, monkeypatch: pytest.MonkeyPatch):
    def refuse(_: Path) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert differentiate("f.mlir", *REVERSE) == (2, "", "enzyme-lsp: cannot read f.mlir: Input/output error\n")
