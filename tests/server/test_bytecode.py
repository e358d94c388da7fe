"""Bytecode on the wire: files of it as text, and open texts as that, by the requests of upstream's server."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.connection import Connection, Message

if TYPE_CHECKING:
    from pathlib import Path

REQUEST_FAILED, INVALID_PARAMS = -32803, -32602
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
"""  # noqa: E501 - As it is printed.


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
    print(text)
    assert "loc(" not in text
    shown = file.as_uri().replace("file://", "mlir.bytecode-mlir:")
    assert await opened(connection, shown) == text
    connection.open(text, uri=shown)
    assert await saved(connection, shown) == data
