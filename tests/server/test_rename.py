"""Rename on the wire: what is offered, the edit for one version, and the reason when there is none."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from enzyme_lsp.features import rename
from enzyme_lsp.server.routes import ROUTES
from tests.server.connection import NO_ENGINE, Connection, insertion, replacement

if TYPE_CHECKING:
    from enzyme_lsp.text.edit import EditSet
    from enzyme_lsp.workspace.snapshot import Snapshot
    from tests.server.connection import Message

REQUEST_FAILED, CONTENT_MODIFIED, INVALID_PARAMS = -32803, -32801, -32602

TEXT = """\
func.func @f(%x: f64) -> f64 { // CHECK: @f
  %s = "😀"(%x, %x) : (f64, f64) -> f64
  return %s : f64
}
"""
DOCUMENT = {"uri": "untitled:1"}
PREPARES: Any = {"textDocument": {"rename": {"prepareSupport": True}}}


def edit(*change: Any) -> Message:
    made = replacement(*change)
    return {"range": made["range"], "newText": made["text"]}


def at(line: int, character: int, **more: object) -> Message:
    return {"textDocument": DOCUMENT, "position": {"line": line, "character": character}, **more}


async def test_it_is_offered(connection: Connection):
    capabilities = (await connection.initialize(**PREPARES))["capabilities"]
    assert capabilities["renameProvider"] == {"prepareProvider": True}


async def test_a_client_that_does_not_ask_first(connection: Connection):
    capabilities = (await connection.initialize())["capabilities"]
    assert capabilities["renameProvider"] is True


async def test_the_name_is_told_without_its_mark(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    answer = await connection.request("textDocument/prepareRename", at(0, 13))
    assert answer["result"] == {"range": edit(0, 14, 0, 15, "")["range"], "placeholder": "x"}


async def test_where_there_is_no_name(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    answer = await connection.request("textDocument/prepareRename", at(0, 2))
    assert answer["error"] == {"code": REQUEST_FAILED, "message": "There is no name here that can be changed"}


async def test_the_edit_is_for_one_version(connection: Connection):
    await connection.initialize(workspace={"workspaceEdit": {"documentChanges": True}})
    connection.open(TEXT, version=7)
    answer = await connection.request("textDocument/rename", at(0, 14, newName="%input"))
    # The emoji takes two units of UTF-16.
    edits = [edit(0, 14, 0, 15, "input"), edit(1, 13, 1, 14, "input"), edit(1, 17, 1, 18, "input")]
    assert answer["result"] == {"documentChanges": [{"textDocument": {**DOCUMENT, "version": 7}, "edits": edits}]}


async def test_the_edit_for_an_older_client(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    answer = await connection.request("textDocument/rename", at(2, 9, newName="sum"))
    assert answer["result"] == {"changes": {DOCUMENT["uri"]: [edit(1, 3, 1, 4, "sum"), edit(2, 10, 2, 11, "sum")]}}


async def test_a_name_that_is_taken(connection: Connection):
    await connection.initialize()
    connection.open(TEXT)
    answer = await connection.request("textDocument/rename", at(2, 9, newName="x"))
    message = "%x is defined already in line 1, where %s can be seen too"
    assert answer["error"] == {"code": REQUEST_FAILED, "message": message}


async def test_directives_are_a_setting(connection: Connection):
    await connection.initialize(settings={**NO_ENGINE, "rename": {"checkLines": True}})
    connection.open(TEXT)
    answer = await connection.request("textDocument/rename", at(0, 11, newName="g"))
    assert answer["result"]["changes"][DOCUMENT["uri"]] == [edit(0, 11, 0, 12, "g"), edit(0, 42, 0, 43, "g")]


async def test_a_text_that_changes_meanwhile():
    may_go_on, has_begun = threading.Event(), threading.Event()

    def waiting(snapshot: Snapshot, offset: int, new_name: str) -> EditSet:
        has_begun.set()
        may_go_on.wait(5)
        return rename.rename(snapshot, offset, new_name)

    routes = [replace(one, feature=waiting) if one.method == lsp.TEXT_DOCUMENT_RENAME else one for one in ROUTES]
    connection = Connection(routes)
    await connection.initialize()
    connection.open(TEXT)
    number = connection.ask("textDocument/rename", at(2, 9, newName="sum"))
    await asyncio.to_thread(has_begun.wait, 5)
    connection.change(insertion(0, 0, "// new\n"))
    may_go_on.set()
    assert (await connection.answer(number))["error"]["code"] == CONTENT_MODIFIED
    await connection.close()


async def test_a_document_that_is_not_open(connection: Connection):
    await connection.initialize()
    answer = await connection.request("textDocument/rename", at(0, 0, newName="x"))
    assert answer["error"]["code"] == INVALID_PARAMS
