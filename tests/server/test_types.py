"""Types that the engine tells, on the wire: asked for in pauses, and shown again when there are new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.engines import scripted
from tests.server.connection import Connection, insertion, replacement

if TYPE_CHECKING:
    from tests.server.connection import Message

DOCUMENT = {"uri": "untitled:1"}
ALL = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
SCRIPTED: Any = {
    "engine": {"kind": "command", "command": scripted.command(), "workers": 1},
    "diagnostics": {"debounceMs": 0, "idleMs": 0},
}
REAL: Any = {"diagnostics": {"debounceMs": 0, "idleMs": 0}}
CAN: Any = {"workspace": {"inlayHint": {"refreshSupport": True}}}
TEXT = """\
func.func @f(%x: f64) {
  // scripted: generic %0 = "test.a"() : () -> i7 loc("-":3:8)
  %a = test.a %x
  return
}
"""


async def hints(connection: Connection) -> list[tuple[str, str]]:
    found = (await connection.request("textDocument/inlayHint", {"textDocument": DOCUMENT, "range": ALL}))["result"]
    return [(one["label"], one["tooltip"]) for one in found]


def refreshes(connection: Connection) -> list[Message]:
    return [one for one in connection.received if one.get("method") == "workspace/inlayHint/refresh"]


async def test_in_a_pause_types_come_and_the_client_asks_again(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED, **CAN)
    connection.open(TEXT)
    await connection.quiet()
    await connection.until(lambda: len(refreshes(connection)) == 1)
    connection.send(id=refreshes(connection)[0]["id"], result=None)
    assert await hints(connection) == [(": i7", "i7, from scripted 1")]


async def test_an_edit_elsewhere_keeps_them_and_asks_for_no_refresh(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED, **CAN)
    connection.open(TEXT)
    await connection.until(lambda: len(refreshes(connection)) == 1)
    connection.send(id=refreshes(connection)[0]["id"], result=None)
    connection.change(insertion(5, 0, "// more\n"))
    assert await hints(connection) == [(": i7", "i7, from scripted 1")]
    await connection.quiet()
    assert len(refreshes(connection)) == 1


async def test_while_the_text_is_broken_the_last_ones_are_marked(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    await connection.quiet()
    connection.change(replacement(3, 0, 3, 0, "  scripted.error\n"))
    await connection.quiet()
    assert await hints(connection) == [(": i7", "i7, from scripted 1, from before the last edits")]


async def test_a_client_that_cannot_is_not_asked(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    await connection.quiet()
    assert not refreshes(connection)


async def test_switched_off_there_are_none(connection: Connection) -> None:
    await connection.initialize(settings={**SCRIPTED, "hints": {"types": False}}, **CAN)
    connection.open(TEXT)
    await connection.quiet()
    assert await hints(connection) == []
    assert not refreshes(connection)


async def test_a_closed_document_is_forgotten(connection: Connection) -> None:
    await connection.initialize(settings=SCRIPTED)
    connection.open(TEXT)
    await connection.quiet()
    connection.notify("textDocument/didClose", {"textDocument": DOCUMENT})
    connection.open(TEXT.replace("test.a %x", "test.a %x, scripted.error"))
    await connection.quiet()
    assert await hints(connection) == []


@pytest.mark.usefixtures("classic")
async def test_with_the_real_engine(connection: Connection) -> None:
    await connection.initialize(settings=REAL)
    connection.open("func.func @f(%x: f64) -> i1 {\n  %b = arith.cmpf olt, %x, %x : f64\n  return %b : i1\n}\n")
    await connection.quiet()
    assert await hints(connection) == [(": i1", "i1, from enzyme-ad 0.0.15")]
