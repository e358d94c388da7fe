"""Our own messages on the wire, and the files that are made of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from enzyme_lsp.server import protocol_pages
from tests.engines import scripted
from tests.server.connection import NO_ENGINE, Connection, Message

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
REQUEST_FAILED, INVALID_PARAMS = -32803, -32602
SCRIPTED: Any = {**NO_ENGINE, "engine": {"kind": "command", "command": scripted.command(), "workers": 1}}


@pytest.mark.parametrize(
    ("path", "generate"),
    [("schemas/protocol.schema.json", protocol_pages.json_schema), ("docs/protocol.md", protocol_pages.markdown)],
    ids=["schema", "page"],
)
def test_the_committed_files_are_current(path: str, generate: Callable[[], str]) -> None:
    file = ROOT / path
    if os.environ.get("UPDATE_EXPECT"):
        file.write_text(generate(), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == generate(), "run again with UPDATE_EXPECT=1"


def place(line: int, character: int, uri: str = "untitled:1") -> Message:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


async def test_the_generic_form_of_an_operation(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    text = 'func.func private @f( // scripted: generic "func.func"() ({}) : () -> () loc("-":1:1)\n)\n'
    connection.open(text)
    answer = await connection.request("enzyme/genericForm", place(0, 3))
    assert answer["result"] == {"text": '"func.func"() ({}) : () -> ()'}


async def test_without_an_engine_the_generic_form_is_refused_with_the_reason(connection: Connection) -> None:
    await connection.initialize()
    connection.open("func.func private @f()\n")
    error = (await connection.request("enzyme/genericForm", place(0, 3)))["error"]
    assert (error["code"], error["message"]) == (REQUEST_FAILED, 'no engine is used, since `engine.kind` is "none"')


@pytest.mark.parametrize(
    "params", [None, 7, {}, {"textDocument": 1, "position": {}}, place(0, 0, "untitled:2")], ids=str
)
async def test_what_is_no_place_in_an_open_document_is_refused(connection: Connection, params: object) -> None:
    await connection.initialize()
    connection.open("func.func private @f()\n")
    assert (await connection.request("enzyme/genericForm", params))["error"]["code"] == INVALID_PARAMS
