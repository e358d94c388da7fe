"""Which files the command line means."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from enzyme_lsp.cli import files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.mlir", "a.mlir", "deep/er/c.mlir", "deep/notes.txt", ".git/d.mlir", "empty/x.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("module {}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_means_the_mlir_files_below_it_in_order(folder: Path):
    assert files.named(["."]) == ["a.mlir", "b.mlir", "deep/er/c.mlir"]


def test_a_file_is_taken_whatever_its_name(folder: Path):
    assert files.named(["deep/notes.txt"]) == ["deep/notes.txt"]


def test_a_file_named_twice_is_taken_once_where_it_is_named_first(folder: Path):
    assert files.named(["b.mlir", "./", "./b.mlir", "-"]) == ["b.mlir", "a.mlir", "deep/er/c.mlir", "-"]


def test_a_path_upwards_stays_as_it_is(folder: Path):
    assert files.named(["deep/../a.mlir"]) == ["deep/../a.mlir"]


@pytest.mark.parametrize(
    ("path", "sentence"),
    [("nope.mlir", "no such file or folder: nope.mlir"), ("empty", "no .mlir file in empty")],
)
def test_what_names_no_file_is_misuse(folder: Path, path: str, sentence: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        files.named(["a.mlir", path])
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"enzyme-lsp: {sentence}\n"


def test_a_file_is_read_as_bytes(folder: Path):
    Path("bytes.mlir").write_bytes(b"\xff\r\n")
    document = files.read("bytes.mlir")
    assert document.data == b"\xff\r\n"
    assert document.uri == (folder / "bytes.mlir").as_uri()


def test_pipes_and_hidden_files_are_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "a.mlir").write_text("")
    (tmp_path / ".#a.mlir").symlink_to("user@machine:1")
    os.mkfifo(tmp_path / "pipe.mlir")
    for name, target in (("piped", "pipe.mlir"), ("endless", "/dev/zero"), ("lost", "nowhere")):
        (tmp_path / f"{name}.mlir").symlink_to(target)
    assert files.named([str(tmp_path)]) == [str(tmp_path / "a.mlir"), str(tmp_path / "lost.mlir")]
    with pytest.raises(SystemExit) as stopped:
        files.named([str(tmp_path / "pipe.mlir")])
    assert stopped.value.code == 2
    assert "is no file" in capsys.readouterr().err
