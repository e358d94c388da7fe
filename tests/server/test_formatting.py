"""Formatting on the wire: what is offered, columns in the client's units, and CR LF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.server.connection import insertion, replacement

if TYPE_CHECKING:
    from tests.server.connection import Connection, Message

INVALID_PARAMS = -32602

TEXT = """\
func.func @f() {
    "test.a"() {s = "😀"}: () -> ()\r
return }
"""
DOCUMENT = {"uri": "untitled:1"}
OPTIONS = {"tabSize": 4, "insertSpaces": True}


def edit(*change: Any) -> Message:
    made = replacement(*change)
    return {"range": made["range"], "newText": made["text"]}


async def test_it_is_offered(connection: Connection):
    capabilities = (await connection.initialize())["capabilities"]
    assert capabilities["documentFormattingProvider"] is True
    assert capabilities["documentRangeFormattingProvider"] is True
    assert capabilities["documentOnTypeFormattingProvider"] == {
        "firstTriggerCharacter": "}",
        "moreTriggerCharacter": ["\n"],
    }


async def test_a_document(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    params = {"textDocument": DOCUMENT, "options": OPTIONS}
    answer = await connection.request("textDocument/formatting", params)
    # The emoji takes two units of UTF-16.
    assert answer["result"] == [edit(1, 0, 1, 4, "  "), edit(1, 25, 1, 25, " "), edit(2, 0, 2, 0, "  ")]


async def test_a_document_with_tabs(connection: Connection):
    await connection.initialize(general={"positionEncodings": ["utf-8"]})
    connection.open(TEXT)
    params = {"textDocument": DOCUMENT, "options": {"tabSize": 4, "insertSpaces": False}}
    answer = await connection.request("textDocument/formatting", params)
    assert answer["result"] == [edit(1, 0, 1, 4, "\t"), edit(1, 27, 1, 27, " "), edit(2, 0, 2, 0, "\t")]


async def test_a_range(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    lines = {"start": {"line": 2, "character": 0}, "end": {"line": 3, "character": 0}}
    params = {"textDocument": DOCUMENT, "range": lines, "options": OPTIONS}
    answer = await connection.request("textDocument/rangeFormatting", params)
    assert answer["result"] == [edit(2, 0, 2, 0, "  ")]


async def test_a_brace_and_a_line_end_that_are_typed(connection: Connection):
    await connection.initialize()
    connection.open('func.func @f() {\n  "test.a"() : () -> ()')
    connection.change(insertion(1, 23, "\n"))
    params = {"textDocument": DOCUMENT, "position": {"line": 2, "character": 0}, "ch": "\n", "options": OPTIONS}
    answer = await connection.request("textDocument/onTypeFormatting", params)
    assert answer["result"] == [edit(2, 0, 2, 0, "  ")]
    connection.change(insertion(2, 0, "  }"), version=3)
    params = {"textDocument": DOCUMENT, "position": {"line": 2, "character": 3}, "ch": "}", "options": OPTIONS}
    answer = await connection.request("textDocument/onTypeFormatting", params)
    assert answer["result"] == [edit(2, 0, 2, 2, "")]


async def test_a_document_that_is_not_open(connection: Connection):
    await connection.initialize()
    params = {"textDocument": DOCUMENT, "options": OPTIONS}
    answer = await connection.request("textDocument/formatting", params)
    assert answer["error"]["code"] == INVALID_PARAMS
