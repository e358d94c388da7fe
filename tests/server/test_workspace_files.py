"""Files that are not open, on the wire: symbols and calls across them, their changes, and the work that is shown."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.server import indexing
from tests.server.connection import NO_ENGINE, Connection, Message, insertion

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

WATCHES: Any = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
SHOWS: Any = {"window": {"workDoneProgress": True}}


@asynccontextmanager
async def in_folders(
    *folders: str, root: str | None = None, settings: object = NO_ENGINE, **capabilities: object
) -> AsyncGenerator[Connection]:
    """A client whose workspace has these folders."""
    connection = Connection()
    parameters: Message = {"processId": None, "capabilities": capabilities, "initializationOptions": settings}
    if folders:
        parameters["workspaceFolders"] = [{"uri": uri, "name": "folder"} for uri in folders]
    answer = await connection.request("initialize", {**parameters, "rootUri": root})
    assert "error" not in answer
    connection.notify("initialized", {})
    yield connection
    await connection.close()
    assert not connection.server.session.indexing._thread.is_alive()  # pyright: ignore[reportPrivateUsage]


async def symbols(connection: Connection, query: str = "") -> list[Message]:
    return (await connection.request("workspace/symbol", {"query": query}))["result"]


async def until_found(connection: Connection, *names: str) -> list[Message]:
    """Wait until these are all the symbols of the workspace."""
    async with asyncio.timeout(5):
        found = await symbols(connection)
        while sorted(one["name"] for one in found) != sorted(names):
            await asyncio.sleep(0.005)
            found = await symbols(connection)
    return found


BEFORE_H = '"a.b"() {x = "😀"} : () -> () func.func '


def units(text: str) -> int:
    """The columns that a text takes."""
    return len(text.encode("utf-16-le")) // 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.mlir").write_text('func.func private @f(f64) -> f64\nmemref.global @g : memref<1xf32> loc("😀")\n')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "é b.mlir").write_text(f"{BEFORE_H}@h() {{ return }}\n")
    return tmp_path


async def test_symbols_of_files_that_are_not_open(folder: Path):
    async with in_folders(folder.as_uri()) as connection:
        found = await until_found(connection, "f", "g", "h")
    by_name = {one["name"]: one for one in found}
    assert by_name["f"] == {
        "name": "f",
        "kind": 12,
        "containerName": "(f64) -> f64",
        "location": {
            "uri": f"{folder.as_uri()}/a.mlir",
            "range": {"start": {"line": 0, "character": 18}, "end": {"line": 0, "character": 20}},
        },
    }
    assert (by_name["g"]["kind"], by_name["g"]["containerName"]) == (13, "memref.global")
    assert by_name["h"]["location"]["uri"] == f"{folder.as_uri()}/sub/%C3%A9%20b.mlir"
    assert by_name["h"]["location"]["range"]["start"]["character"] == units(BEFORE_H)


async def test_the_root_is_a_folder_and_no_root_is_none(folder: Path):
    async with in_folders(root=folder.as_uri()) as connection:
        await until_found(connection, "f", "g", "h")
    async with in_folders() as connection:
        connection.open("func.func private @open()")
        await until_found(connection, "open")


async def test_the_client_is_asked_to_watch_if_it_can(folder: Path):
    async with in_folders(folder.as_uri(), **WATCHES) as connection:
        asked = await connection.find(lambda message: message.get("method") == "client/registerCapability")
        (registration,) = asked["params"]["registrations"]
        assert registration["method"] == "workspace/didChangeWatchedFiles"
        globs = [{"globPattern": "**/*.mlir"}, {"globPattern": "**/enzyme-lsp.toml"}]
        assert registration["registerOptions"] == {"watchers": globs}
        connection.send(id=asked["id"], result=None)
        await until_found(connection, "f", "g", "h")

        (folder / "new.mlir").write_text("func.func private @new()")
        (folder / "a.mlir").unlink()
        changes = [
            {"uri": f"{folder.as_uri()}/{name}", "type": kind} for name, kind in (("new.mlir", 1), ("a.mlir", 3))
        ]
        connection.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        await until_found(connection, "new", "h")
    async with in_folders(folder.as_uri()) as connection:
        await until_found(connection, "new", "h")
        assert not [message for message in connection.received if "register" in message.get("method", "")]


async def test_a_client_that_refuses_to_watch(folder: Path, caplog: pytest.LogCaptureFixture):
    async with in_folders(folder.as_uri(), **WATCHES) as connection:
        asked = await connection.find(lambda message: message.get("method") == "client/registerCapability")
        connection.send(id=asked["id"], error={"code": -32601, "message": "no"})
        await until_found(connection, "f", "g", "h")
    assert "refused" in caplog.text


async def test_an_open_document_is_found_as_it_stands_and_a_closed_one_as_its_file(folder: Path):
    uri = f"{folder.as_uri()}/a.mlir"
    async with in_folders(folder.as_uri()) as connection:
        await until_found(connection, "f", "g", "h")
        connection.open("func.func private @typed()", uri=uri)
        await until_found(connection, "typed", "h")
        connection.change(insertion(0, 0, "func.func private @more()\n"), uri=uri)
        await until_found(connection, "typed", "more", "h")
        connection.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        await until_found(connection, "f", "g", "h")


async def test_folders_come_and_go(folder: Path):
    sub = {"uri": f"{folder.as_uri()}/sub", "name": "sub"}
    whole = {"uri": folder.as_uri(), "name": "whole"}
    async with in_folders(sub["uri"]) as connection:
        await until_found(connection, "h")
        for added, removed, names in (([whole], [sub], "fgh"), ([sub], [whole], "h"), ([], [sub, whole], "")):
            event = {"event": {"added": added, "removed": removed}}
            connection.notify("workspace/didChangeWorkspaceFolders", event)
            await until_found(connection, *names)


async def test_the_settings_say_how_many_files(folder: Path):
    async with in_folders(folder.as_uri()) as connection:
        await until_found(connection, "f", "g", "h")
        for most, names in ((1, "fg"), (0, ""), (9, "fgh")):
            settings = {"enzyme-lsp": {**NO_ENGINE, "workspace": {"maxFiles": most}}}
            connection.notify("workspace/didChangeConfiguration", {"settings": settings})
            await until_found(connection, *names)
        settings = {"enzyme-lsp": {**NO_ENGINE, "workspace": {"maxFiles": 1}}}
        connection.notify("workspace/didChangeConfiguration", {"settings": settings})
        (folder / "sub" / "c.mlir").touch()
        connection.notify(
            "workspace/didChangeWatchedFiles",
            {"changes": [{"uri": f"{folder.as_uri()}/sub/c.mlir", "type": 1}]},
        )
        said = await connection.notification("window/logMessage")
        assert said["message"].startswith("Only the first 1 .mlir files")


async def of_kind(connection: Connection, kind: str) -> Message:
    """The value of the first progress message of that kind."""
    found = await connection.notification("$/progress", where=lambda params: params["value"]["kind"] == kind)
    return found["value"]


async def test_work_that_takes_longer_is_shown(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(indexing, "_SHOWN_AFTER_S", 0.01)
    monkeypatch.setattr(indexing, "_HOLD_S", 0.2)
    async with in_folders(folder.as_uri(), **SHOWS) as connection:
        connection.open("func.func private @open()")  # The user types.
        asked = await connection.find(lambda message: message.get("method") == "window/workDoneProgress/create")
        connection.send(id=asked["id"], result=None)
        begun = await of_kind(connection, "begin")
        assert begun == {
            "kind": "begin",
            "title": "Reading .mlir files for their symbols",
            "cancellable": True,
            "percentage": 0,
        }
        assert (await of_kind(connection, "report"))["percentage"] in range(101)
        assert (await of_kind(connection, "end"))["message"].endswith("symbols")
        await until_found(connection, "f", "g", "h", "open")
        tokens = {each["params"]["token"] for each in connection.received if each.get("method") == "$/progress"}
        assert tokens == {asked["params"]["token"]}


async def test_work_that_the_user_cancels(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(indexing, "_SHOWN_AFTER_S", 0.01)
    monkeypatch.setattr(indexing, "_HOLD_S", 60.0)
    async with in_folders(folder.as_uri(), **SHOWS) as connection:
        connection.open("func.func private @open()")
        asked = await connection.find(lambda message: message.get("method") == "window/workDoneProgress/create")
        connection.send(id=asked["id"], result=None)
        await of_kind(connection, "begin")
        for token in ("another", asked["params"]["token"]):
            assert connection.server.session.library.is_busy
            connection.notify("window/workDoneProgress/cancel", {"token": token})
        await of_kind(connection, "end")
        assert not connection.server.session.library.is_busy


@pytest.mark.parametrize("capabilities", [{}, SHOWS], ids=["cannot", "refuses"])
async def test_a_client_that_shows_no_progress(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, object]
):
    monkeypatch.setattr(indexing, "_SHOWN_AFTER_S", 0.0)
    monkeypatch.setattr(indexing, "_HOLD_S", 0.05)
    async with in_folders(folder.as_uri(), root=None, **capabilities) as connection:
        connection.open("func.func private @open()")
        if capabilities:
            asked = await connection.find(lambda message: message.get("method") == "window/workDoneProgress/create")
            connection.send(id=asked["id"], error={"code": -32601, "message": "no"})
        await until_found(connection, "f", "g", "h", "open")
        assert not [message for message in connection.received if message.get("method") == "$/progress"]


async def test_a_file_that_breaks_the_reader_is_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    real = indexing.Indexing._step  # pyright: ignore[reportPrivateUsage]
    broken = iter([True])

    def step(self: indexing.Indexing, library: Any) -> bool:
        if next(broken, False):
            monkeypatch.setattr(library, "step", lambda: 1 // 0)
            done = real(self, library)
            monkeypatch.undo()
            return done
        return real(self, library)

    monkeypatch.setattr(indexing.Indexing, "_step", step)
    async with in_folders(folder.as_uri()) as connection:
        await until_found(connection, "f", "g", "h")
    assert "was left out" in caplog.text


async def test_the_end_does_not_wait_for_files(tmp_path: Path):
    for number in range(300):
        (tmp_path / f"{number}.mlir").write_text("func.func private @f()\n" * 500)
    async with in_folders(tmp_path.as_uri()) as connection:
        await connection.until(lambda: len(connection.server.session.library) > 0)
        session = connection.server.session
        assert session.library.is_busy
        async with asyncio.timeout(1):
            await session.indexing.close()
        assert not session.library.is_busy
        assert len(session.library) < 300 * 500


CALLS = """\
func.func private @square(f64) -> f64
func.func @main(%x: f64) -> f64 {
  %0 = enzyme.autodiff @square(%x, %x) {note = "😀", activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
  "a.b"() {x = "😀"} : () -> () %1 = func.call @main(%x) : (f64) -> f64
  return %0 : f64
}
"""


async def test_calls_on_the_wire(tmp_path: Path):
    (tmp_path / "square.mlir").write_text("func.func @square(%x: f64) -> f64 {\n  return %x : f64\n}\n")
    uri = f"{tmp_path.as_uri()}/main.mlir"
    async with in_folders(tmp_path.as_uri()) as connection:
        await until_found(connection, "square")
        connection.open(CALLS, uri=uri)
        place = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 12}}
        (main,) = (await connection.request("textDocument/prepareCallHierarchy", place))["result"]
        assert (main["name"], main["kind"], main["uri"], main["detail"]) == ("main", 12, uri, "(f64) -> f64")
        assert main["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 5, "character": 1}}
        assert main["selectionRange"] == {"start": {"line": 1, "character": 10}, "end": {"line": 1, "character": 15}}

        square, itself = (await connection.request("callHierarchy/outgoingCalls", {"item": main}))["result"]
        assert square["to"]["uri"] == f"{tmp_path.as_uri()}/square.mlir"
        assert square["to"]["detail"] == "differentiated in reverse mode by enzyme.autodiff: (f64) -> f64"
        assert [each["start"]["line"] for each in square["fromRanges"]] == [2]
        column = units(CALLS.splitlines()[3].partition("@main")[0])
        (place_of_itself,) = itself["fromRanges"]
        assert place_of_itself == {
            "start": {"line": 3, "character": column},
            "end": {"line": 3, "character": column + len("@main")},
        }
        asked = {"item": {**square["to"], "data": None}}
        (back,) = (await connection.request("callHierarchy/incomingCalls", asked))["result"]
        assert back["from"]["name"] == "main"
        assert back["from"]["detail"] == "differentiates it in reverse mode with enzyme.autodiff: (f64) -> f64"
        assert back["fromRanges"] == square["fromRanges"]

        nothing = {**place, "position": {"line": 1, "character": 17}}
        assert (await connection.request("textDocument/prepareCallHierarchy", nothing))["result"] is None
        others: list[object] = [None, [], {"start": "x"}, {"start": -(10**30)}]
        for data in others:
            asked = {"item": {**main, "name": "gone", "data": data}}
            assert (await connection.request("callHierarchy/incomingCalls", asked))["result"] == []
        closed = {**place, "textDocument": {"uri": "untitled:2"}}
        assert (await connection.request("textDocument/prepareCallHierarchy", closed))["error"]["code"] == -32602
