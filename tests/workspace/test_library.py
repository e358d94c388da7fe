"""The library: files and open documents, and all that may happen to them; no thread, `step` is called by hand."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.settings import Settings
from enzyme_lsp.text.document import Document
from enzyme_lsp.workspace import library as module
from enzyme_lsp.workspace.file_symbols import file_symbols
from enzyme_lsp.workspace.library import Library
from enzyme_lsp.workspace.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


class World:
    """A folder, the documents that are open, and a library of both."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = Workspace(Settings())
        self.said: list[str] = []
        self.library = Library(self.workspace, self.said.append)
        self.library.is_watched = True

    def write(self, name: str, *symbols: str) -> str:
        """A file that declares some symbols; gives its URI."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text(*symbols))
        return file.as_uri()

    def enter(self, most: int = 100) -> None:
        """The folder is the workspace, and all of it is read."""
        self.library.set_folders([self.folder.as_uri()], most)
        self.finish()

    def finish(self) -> None:
        while self.library.step():
            pass
        assert not self.library.is_busy
        assert (self.library.progress.done, self.library.progress.total) == (0, 0)

    def open(self, uri: str, *symbols: str) -> None:
        self.workspace.open(Document.of(uri, text(*symbols)))

    def close(self, uri: str) -> None:
        self.workspace.close(uri)
        self.library.closed(uri)

    @property
    def symbols(self) -> dict[str, str]:
        """The names that are found, each with the name of its file."""
        found = self.library.search("", 1_000)
        return {one.name: os.path.basename(self.library.uri(one.file)) for one in found}


def text(*symbols: str) -> str:
    return "".join(f"func.func private @{name}()\n" for name in symbols)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_files_are_found_and_read(world: World):
    world.write("a.mlir", "f", "g")
    world.write("sub/b.mlir", "h")
    world.write(".hidden/c.mlir", "no")
    world.enter()
    assert world.symbols == {"f": "a.mlir", "g": "a.mlir", "h": "b.mlir"}
    (h,) = world.library.named("h")
    assert world.library.uri(h.file) == (world.folder / "sub/b.mlir").as_uri()
    assert world.library.named("no") == []


def test_answers_come_while_files_are_being_read(world: World):
    world.write("a.mlir", "f")
    world.write("b.mlir", "g")
    world.library.set_folders([world.folder.as_uri()], 100)
    seen: list[int] = []
    while world.library.step():
        seen.append(len(world.symbols))
        assert world.library.progress.done <= world.library.progress.total
    assert seen == sorted(seen)
    assert set(seen) == {0, 1, 2}


def test_an_open_document_answers_and_not_its_file(world: World):
    uri = world.write("a.mlir", "on_disk")
    world.enter()
    world.open(uri, "typed")
    assert world.symbols == {"typed": "a.mlir"}
    world.library.changed(uri)
    world.finish()
    assert world.symbols == {"typed": "a.mlir"}
    world.open(uri, "typed", "more")
    assert set(world.symbols) == {"typed", "more"}
    world.close(uri)
    world.finish()
    assert world.symbols == {"on_disk": "a.mlir"}


def test_a_document_that_was_open_before_its_folder_was_read(world: World):
    uri = world.write("a.mlir", "on_disk")
    world.open(uri, "typed")
    world.enter()
    assert world.symbols == {"typed": "a.mlir"}
    world.close(uri)
    world.finish()
    assert world.symbols == {"on_disk": "a.mlir"}


def test_documents_that_are_no_files_of_the_workspace(world: World, tmp_path_factory: pytest.TempPathFactory):
    outside = tmp_path_factory.mktemp("outside") / "b.mlir"
    outside.write_text(text("g"))
    world.open("untitled:Untitled-1", "f")
    world.open(outside.as_uri(), "g")
    world.enter()
    assert world.symbols == {"f": "untitled:Untitled-1", "g": "b.mlir"}
    world.close("untitled:Untitled-1")
    world.close(outside.as_uri())
    world.finish()
    assert world.symbols == {}


def test_files_that_change(world: World):
    uri = world.write("a.mlir", "f")
    world.enter()
    world.write("a.mlir", "f", "added")
    added = world.write("b.mlir", "g")
    world.library.changed(uri)
    world.library.changed(added)
    world.finish()
    assert set(world.symbols) == {"f", "added", "g"}
    (world.folder / "b.mlir").unlink()
    assert set(world.symbols) == {"f", "added"}, "a file that is gone is not shown, whoever tells of it"
    world.library.changed(added)
    world.finish()
    assert len(world.library) == 2


def test_a_client_that_tells_of_other_files(world: World):
    world.enter()
    for name in ("a.txt", ".git/a.mlir", ".a.mlir"):
        world.library.changed(world.write(name, "f"))
    world.library.changed("untitled:1")
    world.library.changed("file:///somewhere/else.mlir")
    assert not world.library.is_busy


def test_nobody_tells_of_changes(world: World, monkeypatch: pytest.MonkeyPatch):
    world.library.is_watched = False
    world.write("a.mlir", "f")
    world.write("b.mlir", "g")
    world.enter()
    world.write("c.mlir", "new")
    (world.folder / "b.mlir").unlink()
    world.write("a.mlir", "f", "added")
    assert set(world.symbols) == {"f"}
    assert world.library.is_busy, "a file that was shown has changed"
    world.finish()
    assert set(world.symbols) == {"f", "added"}
    monkeypatch.setattr(module, "_LOOK_AGAIN_S", 0.0)
    assert "new" not in world.symbols
    world.finish()
    assert set(world.symbols) == {"f", "added", "new"}


def test_folders_that_come_and_go(world: World):
    world.write("one/a.mlir", "f")
    uri = world.write("two/b.mlir", "g")
    world.write("two/sub/c.mlir", "h")
    one, two = ((world.folder / name).as_uri() for name in ("one", "two"))
    for folders, symbols in (
        ([one], {"f"}),
        ([one, two], {"f", "g", "h"}),
        ([two, f"{two}/sub/"], {"g", "h"}),
        ([f"{two}/sub"], {"h"}),
        (["untitled:folder"], set[str]()),
        ([two], {"g", "h"}),
    ):
        world.library.set_folders(folders, 100)
        world.finish()
        assert set(world.symbols) == symbols
    world.open(uri, "typed")
    world.library.set_folders([], 100)
    world.finish()
    assert set(world.symbols) == {"typed"}


def test_more_files_than_are_read(world: World):
    for number in range(5):
        world.write(f"{number}.mlir", f"f{number}")
    world.enter(most=3)
    assert set(world.symbols) == {"f0", "f1", "f2"}
    (said,) = world.said
    assert said.startswith("Only the first 3 .mlir files of the workspace are searched for symbols")
    world.library.set_folders([world.folder.as_uri()], 1)
    world.finish()
    assert set(world.symbols) == {"f0"}
    world.enter(most=9)
    assert set(world.symbols) == {"f0", "f1", "f2", "f3", "f4"}
    world.enter(most=0)
    assert world.symbols == {}
    assert len(world.said) == 1


def test_a_file_beyond_those_that_are_read_is_found_while_it_is_open(world: World):
    world.write("a.mlir", "f")
    uri = world.write("b.mlir", "g")
    world.enter(most=1)
    world.open(uri, "g")
    assert set(world.symbols) == {"f", "g"}
    world.close(uri)
    world.finish()
    assert set(world.symbols) == {"f"}


def test_more_symbols_than_are_kept(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_MOST_SYMBOLS", 2)
    world.write("a.mlir", "f", "g", "h")
    world.write("b.mlir", "i")
    world.enter()
    assert set(world.symbols) == {"f", "g", "h"}
    assert world.said[0].startswith("Only the .mlir files of the workspace with the first 2 symbols are")


@pytest.mark.usefixtures("logged")
def test_what_is_left_out_is_logged_once(world: World, caplog: pytest.LogCaptureFixture):
    os.symlink(world.folder, world.folder / "loop")
    (world.folder / "code.mlir").write_bytes(b"ML\xefR")
    with caplog.at_level(logging.INFO, "enzyme_lsp"):
        world.enter()
        world.enter(most=99)
    assert sorted(caplog.messages) == [
        f"not searched for symbols: {world.folder / 'code.mlir'} is MLIR's bytecode, not text",
        f"not searched for symbols: {world.folder / 'loop'} is a link to a folder",
    ]


def test_work_that_is_dropped(world: World):
    uri = world.write("a.mlir", "f")
    world.library.set_folders([world.folder.as_uri()], 100)
    world.library.stop()
    assert not world.library.step()
    assert world.symbols == {}
    world.library.changed(uri)
    world.finish()
    assert set(world.symbols) == {"f"}


def test_a_file_that_is_opened_while_it_is_read(world: World, monkeypatch: pytest.MonkeyPatch):
    uri = world.write("a.mlir", "on_disk")

    def opening(data: bytes, breathe: object) -> object:
        world.open(uri, "typed")
        assert set(world.symbols) == {"typed"}
        return file_symbols(data)

    monkeypatch.setattr(module, "file_symbols", opening)
    world.enter()
    assert set(world.symbols) == {"typed"}


def test_there_are_pauses_in_long_files(world: World):
    world.write("long.mlir", *(f"f{number}" for number in range(1_000)))
    world.write("short.mlir", "f")
    (world.folder / "unusual.mlir").write_text("  " + text(*(f"g{number}" for number in range(1_000))))
    world.library.set_folders([world.folder.as_uri()], 100)
    breaths: list[int] = []
    while world.library.step(lambda: breaths.append(len(world.library))):
        pass
    assert 30 < len(breaths) < 50


def test_snapshots(world: World):
    uri = world.write("a.mlir", "f")
    first = world.library.snapshot(uri)
    assert first is not None
    assert first.document.data == text("f").encode()
    assert world.library.snapshot(uri) is first
    world.write("a.mlir", "f", "longer")
    assert world.library.snapshot(uri) is not first
    world.open(uri, "typed")
    assert world.library.snapshot(uri) is world.workspace.get(uri)
    assert world.library.snapshot(f"{uri}x") is None
    assert world.library.snapshot("untitled:1") is None


def test_few_snapshots_of_closed_files_are_kept(world: World):
    uris = [world.write(f"{number}.mlir", "f") for number in range(20)]
    first = world.library.snapshot(uris[0])
    for uri in uris:
        world.library.snapshot(uri)
    assert len(world.library._snapshots) == module.KEPT_SNAPSHOTS  # pyright: ignore[reportPrivateUsage]
    assert world.library.snapshot(uris[0]) is not first
