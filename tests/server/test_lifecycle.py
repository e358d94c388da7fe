"""From the first message to the last, and messages that are none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

from enzyme_lsp import __version__
from enzyme_lsp.server import server

if TYPE_CHECKING:
    from tests.server.connection import Connection

INVALID_REQUEST, INVALID_PARAMS, PARSE_ERROR, METHOD_NOT_FOUND = -32600, -32602, -32700, -32601
NOT_INITIALIZED = -32002


async def test_the_server_says_its_name_version_and_how_texts_are_synchronized(connection: Connection) -> None:
    result = await connection.initialize()
    assert result["serverInfo"] == {"name": "enzyme-lsp", "version": __version__}
    sync = result["capabilities"]["textDocumentSync"]
    assert (sync["openClose"], sync["change"], sync["save"]) == (True, 2, True)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-32", "utf-8", "utf-16"], "utf-32"),
        (["ebcdic", "utf-16"], "utf-16"),
        (["ebcdic"], "utf-16"),
    ],
)
async def test_the_client_chooses_the_position_encoding(
    connection: Connection, offered: list[str] | None, chosen: str
) -> None:
    general = {} if offered is None else {"positionEncodings": offered}
    result = await connection.initialize(general=general)
    assert result["capabilities"]["positionEncoding"] == chosen
    assert connection.server.session.client.encoding == chosen


async def test_a_strange_root_does_not_matter(connection: Connection) -> None:
    folders = [{"uri": "http://[bad", "name": ""}]
    strange = {"rootUri": "http://[bad", "rootPath": "\0", "workspaceFolders": folders}
    answer = await connection.request("initialize", {"processId": None, "capabilities": {}, **strange})
    assert "result" in answer


async def test_a_request_before_initialize_is_refused_and_a_notification_dropped(connection: Connection) -> None:
    connection.open("module {}")
    answer = await connection.request("textDocument/diagnostic", {"textDocument": {"uri": "untitled:1"}})
    assert answer["error"]["code"] == NOT_INITIALIZED
    await connection.initialize()
    assert connection.text() is None


async def test_initialize_comes_once(connection: Connection) -> None:
    await connection.initialize()
    answer = await connection.request("initialize", {"processId": None, "capabilities": {}})
    assert answer["error"]["code"] == INVALID_REQUEST


async def test_after_shutdown_requests_are_refused_and_exit_is_success(connection: Connection) -> None:
    await connection.initialize()
    answer = await connection.request("shutdown", None)
    assert answer["result"] is None
    answer = await connection.request("textDocument/diagnostic", {"textDocument": {"uri": "untitled:1"}})
    assert answer["error"]["code"] == INVALID_REQUEST
    connection.notify("exit", None)
    assert connection.server.protocol.exit_code == 0


async def test_exit_without_shutdown_is_a_failure(connection: Connection) -> None:
    await connection.initialize()
    connection.notify("exit", None)
    assert connection.server.protocol.exit_code == 1


async def test_exit_may_come_first(connection: Connection) -> None:
    connection.notify("exit", None)
    assert connection.server.protocol.exit_code == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", PARSE_ERROR),
        (b"\xff\xfe\xfd", PARSE_ERROR),
        (b"[" * 100_000, PARSE_ERROR),
        (b"[]", INVALID_REQUEST),
        (b"7", INVALID_REQUEST),
        (b'{"id": 1, "method": "shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc": "1.0", "id": 1, "method": "shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1, "method": 3}', INVALID_REQUEST),
    ],
)
async def test_what_is_no_message_is_answered_without_an_id(connection: Connection, body: bytes, code: int) -> None:
    await connection.initialize()
    connection.raw(body)
    answer = await connection.answer(None)
    assert (answer["id"], answer["error"]["code"]) == (None, code)
    assert "result" in await connection.request("shutdown", None)


async def test_a_malformed_request_is_told_what_is_wrong(connection: Connection) -> None:
    await connection.initialize(textDocument={"diagnostic": {}})
    answer = await connection.request("textDocument/diagnostic", {"textDocument": {}})
    assert answer["error"]["code"] == INVALID_PARAMS
    assert "uri" in answer["error"]["message"]
    answer = await connection.request("textDocument/diagnostic", 3)
    assert answer["error"]["code"] == INVALID_PARAMS


@pytest.mark.parametrize(
    "message",
    [
        {"method": "textDocument/didOpen", "params": {"textDocument": {}}},
        {"method": "initialized", "params": {}},
        {"method": "shutdown", "result": None},
        {"method": "shutdown", "error": {"code": 1, "message": "no"}},
    ],
)
async def test_what_is_half_a_request_is_answered(connection: Connection, message: dict[str, object]) -> None:
    await connection.initialize()
    connection.send(id="a", **message)
    assert (await connection.answer("a"))["error"]["code"] in (INVALID_REQUEST, INVALID_PARAMS)


async def test_malformed_and_unknown_notifications_are_ignored(connection: Connection) -> None:
    await connection.initialize()
    connection.notify("textDocument/didOpen", {"textDocument": {"uri": 3}})
    connection.notify("textDocument/didChange", None)
    connection.notify("$/unknown", {"a": [1]})
    connection.notify("workspace/unknown", None)
    connection.send(id="nobody asked", result=None)
    connection.send(id=17, error={"code": 1, "message": "no"})
    connection.notify("$/cancelRequest", {"id": 99})
    connection.notify("$/cancelRequest", {"id": {}})
    connection.notify("$/setTrace", {"value": "verbose"})
    answer = await connection.request("unknown/method", {"a": 1})
    assert answer["error"]["code"] == METHOD_NOT_FOUND


async def test_a_fault_in_a_notification_is_logged_and_the_server_goes_on(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await connection.initialize()
    monkeypatch.delattr("enzyme_lsp.server.decode.document")
    connection.open("x")
    assert "did_open" in caplog.text
    assert "AttributeError" in caplog.text
    monkeypatch.undo()
    connection.open("x")
    assert connection.text() == "x"
    assert not [each for each in connection.received if each.get("method") == "window/showMessage"]


async def test_texts_of_notebooks_are_not_kept(connection: Connection) -> None:
    await connection.initialize()
    connection.notify("notebookDocument/didClose", {"notebookDocument": {"uri": "n:1"}, "cellTextDocuments": []})
    assert "result" in await connection.request("shutdown", None)


def test_a_server_that_is_canceled_by_no_signal_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def close(self) -> None:
            pass

    async def canceled(*_: object) -> int:
        raise asyncio.CancelledError

    monkeypatch.setattr(server.Stdio, "claim", lambda: cast("Any", Silent()))
    monkeypatch.setattr(server.Server, "run", canceled)
    with pytest.raises(asyncio.CancelledError):
        server.serve()
