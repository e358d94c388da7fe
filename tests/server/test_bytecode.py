"""Bytecode on the wire: files of it as text, and open texts as that, by the requests of upstream's server."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.engines import scripted
from tests.server.connection import NO_ENGINE, Connection, Message

if TYPE_CHECKING:
    from pathlib import Path

REQUEST_FAILED, INVALID_PARAMS = -32803, -32602
SCRIPTED: Any = {**NO_ENGINE, "engine": {"kind": "command", "command": scripted.command(), "workers": 1}}
TEXT = """\
module {
  func.func @square(%arg0: f64) -> f64 {
    %0 = arith.mulf %arg0, %arg0 : f64
    return %0 : f64
  }
  func.func @d(%arg0: f64, %arg1: f64) -> f64 {
    %0 = enzyme.autodiff @square(%arg0, %arg1) {activity = [#enzyme<activity enzyme_active>], ret_activity = [#enzyme<activity enzyme_activenoneed>]} : (f64, f64) -> f64
    return %0 : f64
  }
}
"""


async def saved(connection: Connection, uri: str = "untitled:1") -> bytes:
    answer = await connection.request("mlir/convertToBytecode", {"uri": uri})
    assert list(answer.get("result", answer)) == ["output"], answer
    return base64.b64decode(answer["result"]["output"], validate=True)


async def opened(connection: Connection, uri: str) -> str:
    answer = await connection.request("mlir/convertFromBytecode", {"uri": uri})
    assert list(answer.get("result", answer)) == ["output"], answer
    return answer["result"]["output"]


async def refused(connection: Connection, method: str, uri: str) -> str:
    answer: Message = await connection.request(method, {"uri": uri})
    error: Any = answer["error"]
    assert error["code"] == REQUEST_FAILED
    return error["message"]


@pytest.mark.usefixtures("upstream")
async def test_a_text_is_saved_and_opened_again(connection: Connection, tmp_path: Path) -> None:
    await connection.initialize()
    connection.open(TEXT)
    data = await saved(connection)
    assert data[:4] == b"ML\xefR"
    file = tmp_path / "a b.mlirbc"
    file.write_bytes(data)
    text = await opened(connection, file.as_uri())
    assert "loc(" not in text
    shown = file.as_uri().replace("file://", "mlir.bytecode-mlir:")
    assert await opened(connection, shown) == text
    connection.open(text, uri=shown)
    assert await saved(connection, shown) == data


@pytest.mark.usefixtures("upstream")
async def test_the_text_that_is_saved_is_that_of_the_request(connection: Connection) -> None:
    await connection.initialize()
    connection.open(TEXT)
    asked = connection.ask("mlir/convertToBytecode", {"uri": "untitled:1"})
    connection.change({"text": "func.func private @other()"})
    assert "result" in await connection.answer(asked)


async def test_a_file_of_text_is_given_as_it_is(connection: Connection, tmp_path: Path) -> None:
    await connection.initialize()
    file = tmp_path / "a.mlirbc"
    for text in ("", "func.func @broken(\n", "// ünïcode\r\n"):
        file.write_bytes(text.encode())
        assert await opened(connection, file.as_uri()) == text


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\x7fELF\x00", b"ML\xef"])
async def test_a_file_that_is_neither(connection: Connection, tmp_path: Path, data: bytes) -> None:
    await connection.initialize()
    file = tmp_path / "a.mlirbc"
    file.write_bytes(data)
    message = await refused(connection, "mlir/convertFromBytecode", file.as_uri())
    assert message == "a.mlirbc is neither MLIR bytecode, which begins with ML\\xEFR, nor text"


async def test_a_file_that_is_too_large_is_not_cut(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connection.initialize()
    monkeypatch.setattr("enzyme_lsp.lowering.bytecode.MOST_BYTES", 10)
    file = tmp_path / "a.mlirbc"
    file.write_bytes(b"// 8901234")
    assert await opened(connection, file.as_uri()) == "// 8901234"
    file.write_bytes(b"// 89012345")
    message = await refused(connection, "mlir/convertFromBytecode", file.as_uri())
    assert message == "a.mlirbc is not opened: it has more than 128 MB, which is the most that is converted"


async def test_what_is_no_file(connection: Connection, tmp_path: Path) -> None:
    await connection.initialize()
    os.mkfifo(tmp_path / "pipe")
    for uri, message in (
        ((tmp_path / "none").as_uri(), f"{tmp_path}/none is no file"),
        (tmp_path.as_uri(), f"{tmp_path} is no file"),
        ((tmp_path / "pipe").as_uri(), f"{tmp_path}/pipe is no file"),
        ("untitled:1", "untitled:1 is no file"),
        ("mlir.bytecode-mlir:///none", "/none is no file"),
        ("mlir.bytecode-mlir:none", "mlir.bytecode-mlir:none is no file"),
        ("", " is no file"),
    ):
        assert await refused(connection, "mlir/convertFromBytecode", uri) == message


async def test_a_document_is_its_path(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open("module {}\n", uri="mlir.bytecode-mlir:/a%20b.mlirbc")
    for uri in ("mlir.bytecode-mlir:///a b.mlirbc", "file:///a%20b.mlirbc", "mlir.bytecode-mlir:/a%20b.mlirbc"):
        assert await saved(connection, uri) == b"ML\xefRmodule {}\n"


async def test_a_document_that_shows_bytecode_is_like_any_other(connection: Connection) -> None:
    await connection.initialize()
    uri = "mlir.bytecode-mlir:/a.mlirbc"
    connection.open("func.func private @f(\n", uri=uri)
    report = await connection.notification("textDocument/publishDiagnostics")
    assert (report["uri"], [said["code"] for said in report["diagnostics"]]) == (uri, ["unclosed-bracket"])
    answer = await connection.request(
        "textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 2}}
    )
    assert answer["result"] is not None


async def test_a_document_that_is_not_open(connection: Connection) -> None:
    await connection.initialize()
    message = await refused(connection, "mlir/convertToBytecode", "file:///a.mlirbc")
    assert message == "file:///a.mlirbc is not open"


@pytest.mark.parametrize("method", ["mlir/convertFromBytecode", "mlir/convertToBytecode"])
@pytest.mark.parametrize("params", [{}, {"uri": 1}, {"uri": None}])
async def test_what_is_no_question(connection: Connection, method: str, params: object) -> None:
    await connection.initialize()
    answer = await connection.request(method, params)
    assert answer["error"]["code"] == INVALID_PARAMS


async def test_what_cannot_be_converted(connection: Connection, tmp_path: Path) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open("// -----\nmodule {}\n// -----\nmodule {}\n")
    message = await refused(connection, "mlir/convertToBytecode", "untitled:1")
    assert message.startswith("1 is not made bytecode: bytecode holds one module")
    file = tmp_path / "a.mlirbc"
    file.write_bytes(b"ML\xefR// scripted: segfault\n")
    message = await refused(connection, "mlir/convertFromBytecode", file.as_uri())
    assert message == "a.mlirbc is not opened: scripted 1 crashes on it: SIGSEGV"
    file.write_bytes(b"ML\xefRmodule {}\n")
    assert await opened(connection, file.as_uri()) == "module {}\n"


@pytest.mark.parametrize("mark", ["ML\ufffdR", "ML\xefR"])
async def test_a_client_that_takes_bytecode_for_text(connection: Connection, mark: str) -> None:
    await connection.initialize()
    connection.open(f'{mark}\x06MLIR22.1.8\x00\x01"(%{{\x02\n@[) func.func @f(', uri="file:///a.mlirbc")
    (said,) = (await connection.notification("textDocument/publishDiagnostics"))["diagnostics"]
    assert said["code"] == "bytecode"
    assert said["range"] == {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 4}}
    for method in ("textDocument/documentSymbol", "textDocument/semanticTokens/full", "textDocument/foldingRange"):
        await connection.request(method, {"textDocument": {"uri": "file:///a.mlirbc"}})
    connection.change({"text": "func.func private @f(\n"}, uri="file:///a.mlirbc", version=2)
    await connection.notification(
        "textDocument/publishDiagnostics",
        where=lambda params: [said["code"] for said in params["diagnostics"]] == ["unclosed-bracket"],
    )
