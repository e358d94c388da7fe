"""The crawl: which files are found, and why others are not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.workspace import crawl, paths
from enzyme_lsp.workspace.crawl import Skipped, SkippedError

if TYPE_CHECKING:
    from pathlib import Path


def walked(folder: Path) -> tuple[list[str], list[Skipped]]:
    """The files found below a folder, relative to it, and what was skipped."""
    found = [one for step in crawl.walk(str(folder)) for one in step]
    files = [os.path.relpath(one, folder) for one in found if isinstance(one, str)]
    return files, [one for one in found if isinstance(one, Skipped)]


def test_mlir_files_in_order(tmp_path: Path):
    for name in ("b.mlir", "a.mlir", "c.txt", ".hidden.mlir", "sub/d.mlir", "sub/deep/e.mlir", ".git/f.mlir"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.mlir").mkdir()
    assert walked(tmp_path) == (["a.mlir", "b.mlir", "sub/d.mlir", "sub/deep/e.mlir"], [])


def test_a_folder_with_more_entries_than_one_step_looks_at(tmp_path: Path):
    names = {f"f{number}.mlir" for number in range(600)}
    for name in names:
        (tmp_path / name).touch()
    steps = [*crawl.walk(str(tmp_path))]
    assert len(steps) == 3
    assert set(walked(tmp_path)[0]) == names


def test_links_to_folders_are_left_out_and_links_to_files_are_not(tmp_path: Path):
    (tmp_path / "a.mlir").touch()
    os.symlink(tmp_path, tmp_path / "loop")
    os.symlink(tmp_path / "a.mlir", tmp_path / "b.mlir")
    files, skipped = walked(tmp_path)
    assert files == ["a.mlir", "b.mlir"]
    assert skipped == [Skipped(str(tmp_path / "loop"), "is a link to a folder")]


def test_a_folder_that_cannot_be_listed(tmp_path: Path):
    assert walked(tmp_path / "missing") == (
        [],
        [Skipped(str(tmp_path / "missing"), "cannot be read: No such file or directory")],
    )


def reason(path: Path) -> str:
    try:
        crawl.stamp(str(path))
        crawl.read(str(path))
    except SkippedError as error:
        return str(error)
    pytest.fail("it is read")


def test_what_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(crawl, "LONGEST", 1 << 20)
    (tmp_path / "huge.mlir").write_bytes(b" " * ((1 << 20) + 1))
    (tmp_path / "code.mlir").write_bytes(b"ML\xefR\x01")
    os.symlink(tmp_path / "self.mlir", tmp_path / "self.mlir")
    os.symlink(tmp_path / "nothing", tmp_path / "dangling.mlir")
    os.mkfifo(tmp_path / "pipe.mlir")
    assert reason(tmp_path / "huge.mlir") == "has 1 MB; files up to 1 MB are read"
    assert reason(tmp_path / "code.mlir") == "is MLIR's bytecode, not text"
    assert reason(tmp_path / "self.mlir").startswith("cannot be read: Too many levels of symbolic links")
    assert reason(tmp_path / "dangling.mlir") == "cannot be read: No such file or directory"
    assert reason(tmp_path / "pipe.mlir") == "is no file"
    assert "null" in reason(tmp_path / "a\0b.mlir")


def test_a_file_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a.mlir").write_bytes(b" " * 100)
    monkeypatch.setattr(crawl, "LONGEST", 99)
    with pytest.raises(SkippedError, match="has more than"):
        crawl.read(str(tmp_path / "a.mlir"))
    monkeypatch.setattr(crawl, "LONGEST", 100)
    assert len(crawl.read(str(tmp_path / "a.mlir"))) == 100


def test_a_stamp_changes_with_the_file(tmp_path: Path):
    file = tmp_path / "a.mlir"
    file.write_bytes(b"1")
    first = crawl.stamp(str(file))
    assert crawl.stamp(str(file)) == first
    file.write_bytes(b"12")
    assert crawl.stamp(str(file)) != first


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b.mlir", "/a/b.mlir"),
        ("FILE:///a/../c%20d%25.mlir", "/c d%.mlir"),
        ("file://host/a", "/a"),
        ("file:///%C3%A9%FF", os.fsdecode(b"/\xc3\xa9\xff")),
        ("file:///a%00b", None),
        ("file:a", None),
        ("untitled:1", None),
        ("", None),
        ("file:///a#b", None),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="paths of other systems")
def test_paths_of_uris(uri: str, path: str | None):
    assert paths.path(uri) == path
    assert paths.key(uri) == (uri if path is None else path)


@pytest.mark.skipif(os.name == "nt", reason="paths of other systems")
def test_the_uri_of_a_file_is_spelled_as_its_folder():
    file = os.fsdecode(b"/my files/a/\xc3\xa9 %\xff.mlir")
    uri = paths.uri_below("file:///my%20files/", "/my files", file)
    assert uri == "file:///my%20files/a/%C3%A9%20%25%FF.mlir"
    assert paths.path(uri) == file


def test_what_is_below_a_folder():
    assert paths.is_below("/", "/a")
    assert paths.is_below("/a", "/a/b")
    assert not paths.is_below("/a", "/ab")
    assert not paths.is_below("/a", "/a")
    assert crawl.is_hidden("/a", "/a/.b/c.mlir")
    assert not crawl.is_hidden("/.a", "/.a/b/c.mlir")
